"""The way back for somebody who has lost app, passkey and recovery codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from clients.accounts import end_sessions
from clients.models import User


class Command(BaseCommand):
    help = (
        "Remove somebody's second factor and sign them out everywhere. They set up a new one when they sign in. "
        "Make sure first that it is really them who ask."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["email"].strip()).first()
        if user is None:
            raise CommandError("Nobody has this address.")
        with transaction.atomic():
            removed, _by_model = Authenticator.objects.filter(user=user).delete()
            end_sessions(user)
        self.stdout.write("The second factor is removed." if removed else "There was no second factor.")
