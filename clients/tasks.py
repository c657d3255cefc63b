"""Celery's doors. Beat and the doorbell ring `tick`; a lost, late or doubled ring changes nothing."""

from __future__ import annotations

import logging
import threading

from celery import shared_task
from celery.signals import worker_shutting_down

from clients import exchanging
from clients.media import ring as ring_for_films
from clients.progression.apply import evaluate_days
from clients.reminders.deliver import database_now, place_of
from clients.reminders.deliver import tick as deliver_letters
from routines import media

log = logging.getLogger(__name__)
stopping = threading.Event()


@worker_shutting_down.connect
def finish_the_mail_in_hand(**kwargs: object) -> None:
    """On SIGTERM the running tick gives back what it has not begun, so that a deploy costs nobody a letter."""
    stopping.set()


@shared_task(expires=20)
def tick() -> None:
    """Plan the letters that are due, and send what is waiting. Carries no data: the rows are the truth."""
    try:
        deliver_letters(clock=database_now, stop=stopping.is_set)
    except Exception as error:  # noqa: BLE001 -- the next ring tries again; Celery would log the error's words, which may be a row
        log.error("A tick ended with %s.", place_of(error))  # noqa: TRY400 -- see above


@shared_task(expires=600)
def look_at_days() -> None:
    """Look once at the evidence of everybody whose day has begun. Days that have gone by are not made up for."""
    try:
        evaluate_days(database_now(), stop=stopping.is_set)
    except Exception as error:  # noqa: BLE001 -- as above
        log.error("Looking at the day ended with %s.", place_of(error))  # noqa: TRY400 -- see above


@shared_task(expires=20)
def prepare_films() -> None:
    """Write a film anew that waits for it, then ring for the next; what a lost ring left behind is found here too."""
    try:
        if not stopping.is_set() and media.prepare_next_film(database_now()):
            ring_for_films()
    except Exception as error:  # noqa: BLE001 -- as above
        log.error("Preparing films ended with %s.", place_of(error))  # noqa: TRY400 -- see above


@shared_task(expires=3600)
def tidy_files() -> None:
    """Remove the files that no exercise shows and no plan keeps, and collections that nobody said yes to."""
    try:
        exchanging.sweep()
        media.sweep()
    except Exception as error:  # noqa: BLE001 -- as above
        log.error("Tidying files ended with %s.", place_of(error))  # noqa: TRY400 -- see above
