"""Somebody joins the practice: an account with a role, and the letter that lets them in."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clients.management.commands.start_practice import check
from clients.models import Role, User
from clients.practice import this_practice
from clients.staffing import let_in

ROLES = [role.value for role in (Role.OWNER, Role.THERAPIST, Role.OFFICE)]


class Command(BaseCommand):
    help = "Invite a colleague by e-mail: an owner, a therapist or the office."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", required=True, help="what clients and colleagues read")
        parser.add_argument("--role", required=True, choices=ROLES)

    def handle(self, *args: Any, **options: Any) -> None:
        practice = this_practice()
        if practice is None:
            raise CommandError("There is no practice yet: start it with `manage.py start_practice`.")
        who = {
            "name": options["name"].strip(),
            "email": options["email"].strip().lower(),
            "role": options["role"],
        }
        colleague = User(**who)
        colleague.set_unusable_password()
        check(colleague)
        colleague = let_in(**who, by=None, now=timezone.now())
        self.stdout.write(f"The invitation for {colleague.email} is queued.")
