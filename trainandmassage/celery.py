"""The Celery app. Celery is an alarm clock: it rings `tick`; what is due stands in our own tables."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init
from kombu.transport import TRANSPORT_ALIASES

# What filesystem:// in BROKER_URL means here
TRANSPORT_ALIASES["filesystem"] = "trainandmassage.filebroker:Transport"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trainandmassage.settings")

FILES_EVERY = 24 * 3600  # seconds
DAYS_EVERY = 600  # seconds: somewhere a day begins every quarter of an hour

app = Celery("trainandmassage")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["clients"])


@app.on_after_finalize.connect
def set_beat_schedule(sender: Celery, **kwargs: object) -> None:
    """In code. A ring that nobody took in time is dropped: the next one does its work."""
    seconds = sender.conf.tick_seconds
    sender.conf.beat_schedule = {
        "tick": {"task": "clients.tasks.tick", "schedule": seconds, "options": {"expires": seconds}},
        "days": {
            "task": "clients.tasks.look_at_days",
            "schedule": DAYS_EVERY,
            "options": {"expires": DAYS_EVERY},
        },
        "films": {
            "task": "clients.tasks.prepare_films",
            "schedule": seconds,
            "options": {"expires": seconds},
        },
        "files": {"task": "clients.tasks.tidy_files", "schedule": FILES_EVERY, "options": {"expires": 3600}},
    }


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**kwargs: object) -> None:
    """As the web server does."""
    from trainandmassage import checks  # noqa: PLC0415 -- this module is read before Django is set up

    checks.refuse_unsafe_start()
