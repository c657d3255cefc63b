import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trainandmassage.settings")

application = get_wsgi_application()

from trainandmassage.checks import refuse_unsafe_start  # noqa: E402 -- reads settings, so only after Django is set up

refuse_unsafe_start()
