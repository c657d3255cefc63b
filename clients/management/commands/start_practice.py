"""A new practice: its row, its owner's account, and the letter that lets the owner in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clients.inviting import invite_staff
from clients.models import Practice, Role, User
from clients.practice import this_practice


class Command(BaseCommand):
    help = (
        "Start the practice of this installation and invite its owner by e-mail. There is one practice only."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="what clients read on every page")
        parser.add_argument("--email", required=True, help="the owner's address; the invitation goes there")
        parser.add_argument("--zone", required=True, help="time zone, such as Europe/Berlin")
        parser.add_argument("--owner-name", default="", help="who invites the clients")
        parser.add_argument("--phone", default="", help="shown wherever a client may need to call")
        parser.add_argument("--emergency-number", default="112")
        parser.add_argument("--language", default=settings.LANGUAGE_CODE, choices=dict(settings.LANGUAGES))

    def handle(self, *args: Any, **options: Any) -> None:
        if practice := this_practice():
            raise CommandError(
                f"There is a practice already: {practice.name}. It is changed in the workplace under Practice; "
                "one installation serves one practice."
            )
        practice = Practice(
            pk=Practice.ONLY,
            name=options["name"].strip(),
            zone=options["zone"],
            language=options["language"],
            phone=options["phone"],
            emergency_number=options["emergency_number"],
        )
        owner = User(
            name=options["owner_name"].strip(),
            email=options["email"].strip().lower(),
            role=Role.OWNER,
            zone=options["zone"],
            language=options["language"],
        )
        owner.set_unusable_password()
        for thing in (practice, owner):
            check(thing)
        with transaction.atomic():
            practice.save(force_insert=True)
            owner.save(force_insert=True)
            invite_staff(owner, by=None, now=timezone.now())
        self.stdout.write(
            f"{practice.name} is ready. The invitation for {owner.email} is queued and leaves as soon as the worker "
            "runs (`manage.py reminders run` sends it without one).\n"
            f"Next: open its link within {settings.INVITATION_HOURS} hours, choose a password, sign in, and set up "
            f"a second step. The workplace is at {settings.SITE_URL}/workplace/."
        )


def check(thing: Practice | User) -> None:
    """Raises CommandError with a sentence for each wrong value."""
    try:
        thing.full_clean()
    except ValidationError as error:
        wrong = (f"{field}: {' '.join(messages)}" for field, messages in error.message_dict.items())
        raise CommandError("\n".join(wrong)) from error
