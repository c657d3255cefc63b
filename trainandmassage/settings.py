"""One settings file; everything that differs between installations comes from the environment (see .env.example)."""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import reset_tzpath

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


def env(name: str, default: str = "") -> str:
    """The variable, or the content of the file that NAME_FILE points to, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def read_bool(name: str, value: str) -> bool:
    """1, true, yes, on are true and 0, false, no, off are false; anything else is refused."""
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")


def env_bool(name: str, default: bool) -> bool:
    value = env(name)
    return read_bool(name, value) if value else default


def env_int(name: str, default: int) -> int:
    value = env(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from error


def env_list(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("VAR_DIR", str(BASE_DIR / ".var")))

# ---- Django -------------------------------------------------------------------------------------------------------

DEBUG = env_bool("DEBUG", False)
DEMO = env_bool("DEMO", False)
EMBEDDED = env_bool("EMBEDDED", False)  # `practice.py run` listens to this machine alone, and says so
SECURE = env_bool("SECURE", True)
STAFF_SECOND_FACTOR = env_bool("STAFF_SECOND_FACTOR", True)
SECRET_KEY = env("SECRET_KEY")
SITE_URL = env("SITE_URL", "http://localhost:8000").rstrip("/")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", urlsplit(SITE_URL).hostname or "localhost")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "trainandmassage.apps.WorkplaceConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "crispy_forms",
    "csp",
    "routines",
    "clients",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clients.middleware.NulMiddleware",
    "routines.middleware.FigureMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clients.middleware.KeptByNobodyMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "clients.middleware.PersonMiddleware",
    "clients.middleware.StaffSecondFactorMiddleware",
    "clients.middleware.OnlySentMiddleware",
]

ROOT_URLCONF = "trainandmassage.urls"
WSGI_APPLICATION = "trainandmassage.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clients.context.practice",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "trainandmassage.ui"],
        },
    }
]

DATABASES = {
    "default": dj_database_url.parse(
        env("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}"), conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # IMMEDIATE takes the write lock at BEGIN: with the default, reading and then writing fails at once under load.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = 0
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_URL = env("CACHE_URL")
CACHES = {
    # Rate limits and one-time codes are counted here, so every process must share it.
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CACHE_URL}
        if CACHE_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
    )
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
# Where nginx serves MEDIA_ROOT with `internal`, as "/protected/": it then sends the files that a page let pass
MEDIA_ACCEL = env("MEDIA_ACCEL")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

LANGUAGE_CODE = env("LANGUAGE_CODE", "en")
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "trainandmassage.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
# Zone rules from the tzdata package alone: one version on every machine, and reminders know which one they were planned with.
reset_tzpath(to=())

# ---- Accounts -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "clients.User"
AUTHENTICATION_BACKENDS = ["clients.accounts.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("name", "email")},
    },
    {"NAME": "clients.passwords.RoleMinimumLengthValidator"},
    {"NAME": "clients.passwords.PracticeWordsValidator"},
    {"NAME": "clients.passwords.UsualPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "clients.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
# Added to allauth's own. `key` is the address that was typed, known or not.
ACCOUNT_RATE_LIMITS = {"sign_in_link": "20/m/ip,5/5m/key", "access_link": "30/m/ip"}
ACCOUNT_FORMS = {
    "login": "clients.forms.accounts.LoginForm",
    "reauthenticate": "clients.forms.accounts.ReauthenticateForm",
    "change_password": "clients.forms.accounts.ChangePasswordForm",
    "set_password": "clients.forms.accounts.SetPasswordForm",
    "reset_password": "clients.forms.accounts.ResetPasswordForm",
    "reset_password_from_key": "clients.forms.accounts.ResetPasswordKeyForm",
}
MFA_ADAPTER = "clients.accounts.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Train and Massage"
# An address is unconfirmed here only until its owner comes in by a letter: nobody can sign up with another's.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "clients.forms.accounts.AuthenticateForm",
    "reauthenticate": "clients.forms.accounts.ReauthenticateByCodeForm",
    "activate_totp": "clients.forms.accounts.ActivateTOTPForm",
    "add_webauthn": "clients.forms.accounts.AddPasskeyForm",
    "edit_webauthn": "clients.forms.accounts.EditPasskeyForm",
}
PASSWORD_RESET_TIMEOUT = 60 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXIES", 0)

INVITATION_HOURS = 72
SIGN_IN_LINK_MINUTES = 30

CRISPY_ALLOWED_TEMPLATE_PACKS = "practice"
CRISPY_TEMPLATE_PACK = "practice"
CRISPY_FAIL_SILENTLY = False

# ---- Security -----------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 24 * 3600
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# ---- Mail ---------------------------------------------------------------------------------------------------------

MAIL_DIR = VAR_DIR / "mail"


UNREADABLE = "EMAIL_URL cannot be read. In a password write / ? # [ as %2F %3F %23 %5B."


def mail_settings(url: str) -> dict[str, object]:
    """smtp://user:password@host:port?tls=1 (or ?ssl=1), or file:///folder for mails as files."""
    try:
        parts = urlsplit(url)
        port = parts.port or 25
    except ValueError:  # whose words repeat a part of the password
        raise ImproperlyConfigured(UNREADABLE) from None
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "clients.reminders.filemail.FolderBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme != "smtp":
        raise ImproperlyConfigured("EMAIL_URL must begin with smtp:// or file://.")
    if parts.fragment or parts.path not in ("", "/"):
        raise ImproperlyConfigured(UNREADABLE)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    query = dict(asked)
    repeated = len(asked) > len(query)
    tls, ssl = (read_bool(f"{name} of EMAIL_URL", query.pop(name, "0")) for name in ("tls", "ssl"))
    if query or repeated or (tls and ssl):
        raise ImproperlyConfigured("EMAIL_URL takes either tls=1 or ssl=1, and nothing else after the ?.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


EMAIL_FILE_PATH = ""  # the folder of mails that are files; empty where they leave by SMTP
globals().update(mail_settings(env("EMAIL_URL", f"file://{MAIL_DIR}")))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("FROM_EMAIL", "account@localhost")
# Planned letters have a sender of their own, so that complaints about them cannot hurt sign-in mail.
REMINDER_FROM_EMAIL = env("REMINDER_FROM_EMAIL", DEFAULT_FROM_EMAIL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ---- Celery -------------------------------------------------------------------------------------------------------

BROKER_DIR = VAR_DIR / "broker"
CELERY_BROKER_URL = env("BROKER_URL", "filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.3,
    }
else:
    # A request that rings the doorbell must not wait for a broker that is down; worker and beat go on trying by themselves.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 1, "interval_start": 0, "interval_step": 0.2}
    if CELERY_BROKER_URL.startswith("redis"):
        CELERY_BROKER_TRANSPORT_OPTIONS["socket_connect_timeout"] = 2
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: a broker may be away for a night
CELERY_ENABLE_UTC = True
CELERY_TASK_TIME_LIMIT = 90
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TICK_SECONDS = env_int("TICK_SECONDS", 20)

# ---- Logs: who did what, never what anybody wrote ---------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "trainandmassage.logs.WordlessErrors",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "filters": {"hide_tokens": {"()": "trainandmassage.logs.HideTokens"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["hide_tokens"]}
    },
    "loggers": {
        # It names the passkey of everybody who signs in
        "fido2": {"level": "WARNING"},
        # Celery sets the level of the root by its own --loglevel; what we have to say is no matter of that
        "clients": {"level": env("LOG_LEVEL", "INFO")},
    },
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", "INFO")},
}
