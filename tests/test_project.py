"""What holds for the project as a whole."""

from __future__ import annotations

import ast
import io
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db.models import CASCADE, PROTECT, ForeignKey, ManyToManyField, OneToOneField
from django.template import engines
from django.test import override_settings

from trainandmassage.checks import refuse_unsafe_start

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
OURS = ("trainandmassage", "routines", "clients")

FIELD = re.compile(r"<(input|select|textarea)\b[^>]*>", re.I)
HIDDEN_OR_BUTTON = re.compile(r'type="(hidden|submit|button|image)"')


def test_system_checks_find_nothing() -> None:
    call_command("check", stdout=io.StringIO())


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_compiles(template: Path) -> None:
    engines["django"].from_string(template.read_text(encoding="utf-8"))


def test_fields_are_drawn_by_crispy() -> None:
    """Except inside the pack that draws them, in the search bars of the workplace, where allauth shows a value without a form, and in rows
    that repeat by the dozen: the queue's one-press forms, the ticks of a difference, the places of a sheet of paper.
    """
    drawn_by_hand = []
    for template in TEMPLATES:
        name = str(template.relative_to(ROOT / "templates"))
        if name.startswith(("practice/", "emails/")) or name in {
            "admin/_finder.html",
            "admin/_queue_act.html",
            "admin/_queue_contact.html",
            "admin/search_form.html",
            "allauth/elements/field.html",
            "clients/sheets/_grid.html",
            "clients/workplace/_difference.html",
        }:
            continue
        fields = FIELD.finditer(template.read_text(encoding="utf-8"))
        drawn_by_hand += [
            f"{name}: {field.group()}" for field in fields if not HIDDEN_OR_BUTTON.search(field.group())
        ]

    assert drawn_by_hand == [], drawn_by_hand


def test_the_demo_and_the_product_import_no_tests() -> None:
    guilty = []
    for app in OURS:
        for source in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                guilty += [str(source) for name in names if name.split(".")[0] == "tests"]

    assert guilty == []


def test_the_catalogue_cannot_look_at_people() -> None:
    """Every key from clients to the catalogue protects its row and has no name on the other side."""
    wrong = []
    for model in apps.get_app_config("clients").get_models():
        for field in model._meta.get_fields():
            if not isinstance(field, (ForeignKey, OneToOneField, ManyToManyField)):
                continue
            if field.related_model._meta.app_label != "routines":
                continue
            named = not field.remote_field.hidden
            linked = isinstance(field, ManyToManyField)  # a list of rows has no key of its own to protect
            if named or not (linked or field.remote_field.on_delete is PROTECT):
                wrong.append(f"{model.__name__}.{field.name}")
    for model in apps.get_app_config("routines").get_models():
        wrong += [
            f"{model.__name__}.{field.name}"
            for field in model._meta.get_fields()
            if isinstance(field, ForeignKey) and field.related_model._meta.app_label not in ("routines",)
        ]

    assert wrong == []


def test_no_record_of_a_person_goes_with_a_colleague() -> None:
    """Deleting an account takes no record along: who did something is protected, whose it was is the client."""
    user = apps.get_model("clients", "User")
    taken_along = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("clients").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and field.related_model is user
        and field.remote_field.on_delete is CASCADE
    ]

    assert sorted(taken_along) == ["AccessLink.user", "Delivery.user"]


UNSAFE = {
    "the demo": {"DEMO": True},
    "no second factor": {"STAFF_SECOND_FACTOR": False},
    "mail as files": {"EMAIL_BACKEND": "clients.reminders.filemail.FolderBackend"},
    "mail on the console": {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"},
    "no https": {"SITE_URL": "http://practice.example"},
    "no sender": {"DEFAULT_FROM_EMAIL": "account@localhost"},
    "the mail password in the clear": {"EMAIL_HOST": "mail.example", "EMAIL_HOST_PASSWORD": "secret"},
    "a sender in quotation marks": {"DEFAULT_FROM_EMAIL": '"Practice <practice@practice.example>"'},
    "two senders": {"DEFAULT_FROM_EMAIL": "a@practice.example, b@practice.example"},
    "a sender that cannot be written": {"DEFAULT_FROM_EMAIL": "Practice: Berlin <post@practice.example>"},
    "a sender of reminders without an address": {"REMINDER_FROM_EMAIL": "Practice"},
    "no key": {"SECRET_KEY": ""},
    "debugging": {"DEBUG": True},
    "every host name": {"ALLOWED_HOSTS": ["*"]},
    "an address that was never set": {"SITE_URL": "http://localhost:8000", "ALLOWED_HOSTS": ["localhost"]},
}
SAFE = {
    "DEBUG": False,
    "DEMO": False,
    "EMBEDDED": False,
    "STAFF_SECOND_FACTOR": True,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "SITE_URL": "https://practice.example",
    "DEFAULT_FROM_EMAIL": "account@practice.example",
    "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31536000,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    "SECURE_HSTS_PRELOAD": True,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "ALLOWED_HOSTS": ["practice.example"],
}


def deployed(**changed: object) -> None:
    with override_settings(**{**SAFE, **changed}):
        call_command("check", deploy=True, fail_level="WARNING", stdout=io.StringIO(), stderr=io.StringIO())


def test_a_well_kept_practice_passes_the_checks() -> None:
    deployed()


@pytest.mark.parametrize("unsafe", UNSAFE.values(), ids=UNSAFE)
def test_an_unsafe_practice_is_refused(unsafe: dict[str, object]) -> None:
    with pytest.raises((SystemCheckError, ImproperlyConfigured)):
        deployed(**unsafe)


@pytest.mark.parametrize("unsafe", UNSAFE.values(), ids=UNSAFE)
def test_an_unsafe_practice_does_not_start(unsafe: dict[str, object]) -> None:
    with override_settings(**{**SAFE, **unsafe}), pytest.raises((SystemExit, ImproperlyConfigured)):
        refuse_unsafe_start()


def test_a_well_kept_practice_and_a_demo_on_this_machine_start() -> None:
    with override_settings(**SAFE):
        refuse_unsafe_start()
    local = {
        "EMBEDDED": True,
        "SITE_URL": "http://localhost:8000",
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]"],
        "DEMO": True,
    }
    with override_settings(**local):
        refuse_unsafe_start()


def test_the_demo_does_not_start_where_others_reach_it() -> None:
    """On this machine's address, but not by the command that listens to this machine alone; or under another name."""
    local = {"SITE_URL": "http://localhost:8000", "ALLOWED_HOSTS": ["localhost"], "DEMO": True}
    for reachable in (
        {"EMBEDDED": False},
        {"EMBEDDED": True, "ALLOWED_HOSTS": ["localhost", "practice.example"]},
    ):
        with override_settings(**{**local, **reachable}), pytest.raises(SystemExit):
            refuse_unsafe_start()
