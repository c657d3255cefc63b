"""Letters by hand: the same work as the tick, and a look at why something was sent or not."""

from __future__ import annotations

import logging
import signal
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections
from django.db.models import Q

from clients.models import Delivery, ReminderSchedule
from clients.progression.apply import evaluate_days
from clients.reminders import deliver
from clients.reminders.due import Reason, why_not
from clients.reminders.fate import fate_of
from clients.reminders.schedules import Wish, occurrence_of, planned_letter, take
from routines.media import prepare_next_film
from trainandmassage.checks import refuse_unsafe_start

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Letters: send what is due (run), list who is due (due), tell one letter's fate (explain), try again (requeue)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)

        run = actions.add_parser("run", help="Plan and send, again and again, as beat and worker do.")
        run.add_argument("--once", action="store_true", help="One round, then end.")
        run.add_argument("--every", type=int, default=20, metavar="SECONDS", help="Pause between two rounds.")
        run.add_argument("--dry-run", action="store_true", help="Say what would be sent, and change nothing.")

        due = actions.add_parser("due", help="Who is due now, and why not.")
        due.add_argument("--dry-run", action="store_true", help="As without it: nothing is changed.")

        explain = actions.add_parser("explain", help="The fate of one letter.")
        explain.add_argument("letter", type=int, help="The letter's number.")
        explain.add_argument("--dry-run", action="store_true", help="As without it: nothing is changed.")

        requeue = actions.add_parser("requeue", help="Letters that were given up back to due.")
        requeue.add_argument(
            "letters", type=int, nargs="*", help="Their numbers; without any, --all is needed."
        )
        requeue.add_argument(
            "--all",
            action="store_true",
            help="Every failed or missed letter, but none whose address is unknown.",
        )
        requeue.add_argument("--dry-run", action="store_true", help="Say which, and change nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, options["action"])(options)

    def run(self, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            self.due(options)
            return
        refuse_unsafe_start()
        # A plain flag: an Event has a lock, which its own handler could find taken by what it interrupted
        stops: list[int] = []
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda number, _frame: stops.append(number))
        while True:
            try:
                tally = deliver.tick(clock=deliver.database_now, stop=lambda: bool(stops))
            except Exception as error:
                if options["once"]:
                    raise CommandError(f"This round failed: {deliver.place_of(error)}.") from error
                # Database, cache and mail server come back; whoever watches the log decides whether this one does
                log.error("This round of letters failed: %s.", deliver.place_of(error))  # noqa: TRY400 -- no words
            else:
                self.stdout.write(f"Letters: {tally}.")
                evaluate_days(deliver.database_now(), stop=lambda: bool(stops))
                prepare_next_film(deliver.database_now())
            next_round = time.monotonic() + options["every"]
            while not (stops or options["once"]) and time.monotonic() < next_round:
                time.sleep(0.1)
            if stops or options["once"]:
                return
            close_old_connections()  # one that broke is not used again

    def due(self, options: dict[str, Any]) -> None:
        """Letters that wait, and clients whose time has come but whose letter is not planned yet."""
        now = deliver.database_now()
        waiting = list(Delivery.objects.live().filter(due_at__lte=now).select_related("client__user", "user"))
        planned = Q(active=True, next_due_at__lte=now)
        for schedule in ReminderSchedule.objects.filter(planned).select_related("client__user"):
            try:
                letter, _following = take(Wish.of(schedule), occurrence_of(schedule), now)
            except Exception as error:  # noqa: BLE001 -- one person's broken row must not hide the others
                self.stdout.write(f"Reminder of client {schedule.client_id}: {type(error).__name__}")
                continue
            if letter is not None:
                waiting.append(planned_letter(schedule, Wish.of(schedule), *letter))
        wanted = 0
        for delivery in sorted(waiting, key=lambda row: row.due_at):
            try:
                reason = Reason.TOO_LATE if delivery.not_after < now else why_not(delivery)
            except Exception as error:  # noqa: BLE001 -- the same
                self.stdout.write(f"{describe(delivery)}: {type(error).__name__}")
                continue
            wanted += reason is None
            self.stdout.write(f"{describe(delivery)}: {reason.label if reason else 'to be sent'}")
        self.stdout.write(f"{len(waiting)} due, {wanted} to be sent, {len(waiting) - wanted} not.")

    def explain(self, options: dict[str, Any]) -> None:
        delivery = (
            Delivery.objects.select_related("client__user", "user").filter(pk=options["letter"]).first()
        )
        if delivery is None:
            raise CommandError(f"There is no letter {options['letter']}.")
        self.stdout.write(f"{describe(delivery)}: due {delivery.due_at:%Y-%m-%d %H:%M:%S} UTC")
        found = fate_of(delivery)
        if delivery.status == Delivery.Status.SENT and delivery.sent_at:
            fate = f"sent {delivery.sent_at:%Y-%m-%d %H:%M:%S} UTC as {delivery.provider_id}"
        elif not found.open:
            fate = f"{delivery.status}, {found.reason.label if found.reason else delivery.reason}"
        elif found.reason:
            fate = f"{delivery.status}; it will not be sent: {found.reason.label}"
        else:
            fate = f"{delivery.status}; it will be sent, not after {delivery.not_after:%Y-%m-%d %H:%M} UTC"
        trouble = f", last trouble {delivery.error_class}" if delivery.error_class else ""
        self.stdout.write(f"{fate}; {delivery.attempts} tries{trouble}.")

    def requeue(self, options: dict[str, Any]) -> None:
        now = deliver.database_now()
        letters = Delivery.objects.filter(deliver.GIVEN_UP)
        if options["letters"]:
            letters = letters.filter(pk__in=options["letters"])
        elif options["all"]:
            letters = letters.exclude(status=Delivery.Status.SKIPPED).exclude(reason=Reason.NO_SUCH_ADDRESS)
        else:
            raise CommandError("Name the letters, or give --all.")
        done = 0
        for delivery in letters.select_related("client__user", "user").order_by("pk"):
            back = (
                deliver.may_be_requeued(delivery, now)
                if options["dry_run"]
                else deliver.requeue(delivery, now=now, named=bool(options["letters"]))
            )
            done += back
            stale = "its day has gone by" if delivery.local_date else "too old; its reader asks for a new one"
            self.stdout.write(f"{describe(delivery)}: {'due again' if back else stale}")
        self.stdout.write(f"{done} due again{', had this not been a dry run' if options['dry_run'] else ''}.")


def describe(delivery: Delivery) -> str:
    """Numbers, never names: this ends in logs and terminals."""
    who = f"client {delivery.client_id}" if delivery.client_id else f"account {delivery.user_id}"
    day = f" of {delivery.local_date}" if delivery.local_date else ""
    return f"Letter {delivery.pk or '(to be planned)'} {delivery.letter}{day} to {who}"
