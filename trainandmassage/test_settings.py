"""Settings for tests: the real ones with quick hashing, mail in memory, a doorbell that nobody hears."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("SECURE", "0")
os.environ.setdefault("EMBEDDED", "1")

from trainandmassage.settings import *  # noqa: F403 -- the environment must be complete before the settings read it

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected: the finders serve each file from where it lies
STATIC_ROOT = None  # type: ignore[assignment]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]  # Django adds its test server
# The doorbell rings where nobody listens, so that letters are sent when a test says so: by `clients.reminders.deliver.tick`.
CELERY_BROKER_URL = "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
