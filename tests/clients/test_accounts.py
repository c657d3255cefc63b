from __future__ import annotations

import logging
import re
from collections import Counter
from io import StringIO
from typing import Any
from zoneinfo import available_timezones

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from clients.demo.builders import (
    NOW,
    SESAME,
    make_client,
    make_owner,
    make_practice,
    make_therapist,
)
from clients.inviting import invite, make_reset_link
from clients.models import Client, Delivery, Practice, Role, User
from clients.models.practice import known_zone, zone_of
from clients.reminders.deliver import tick
from trainandmassage.logs import HideTokens

pytestmark = pytest.mark.django_db


def user_of(web: Web) -> User:
    return get_user(web)


# ---- Nobody learns who is a client here (L1) ----------------------------------------------------------------------


class CountingHasher(MD5PasswordHasher):
    """Quick, and counts its work."""

    work: Counter[str] = Counter()

    def encode(self, password: str, salt: str) -> str:
        self.work["hashes"] += 1
        return super().encode(password, salt)


@pytest.fixture
def hasher(settings: Any) -> Counter[str]:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    CountingHasher.work.clear()
    return CountingHasher.work


@pytest.fixture
def addresses(hasher: Counter[str]) -> dict[str, str]:
    """What may stand behind an address. All are equally long, so that answers can be compared."""
    make_client(name="Ana Silva", email="active@example.org", password=SESAME)
    invited = make_client(name="Ida Invited", email="inside@example.org", with_account=False)
    invite(invited, by=make_owner(), now=NOW)
    closed = make_client(name="Cleo Closed", email="closed@example.org", password=SESAME)
    User.objects.filter(pk=closed.user.pk).update(is_active=False)
    return {
        "active": "active@example.org",
        "unknown": "nobody@example.org",
        "invited": "inside@example.org",
        "disabled": "closed@example.org",
        "other case": "ACTIVE@EXAMPLE.org",
    }


def answer_to(address: str, email: str, hasher: Counter[str], **typed: str) -> tuple[Any, ...]:
    """All that the sender of a form can see or measure; what they typed themselves is left out."""
    hasher.clear()
    bells = len(connection.run_on_commit)
    web = Web()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = web.post(address, {"email": email, "login": email, **typed})
    body = answer.content.decode()
    body = (
        re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)
        .replace(email, "")
        .replace(email.lower(), "")
    )
    return (
        answer.status_code,
        answer.get("Location"),
        tuple(sorted(answer.headers)),
        tuple(sorted(web.cookies)),
        body,
        len(queries),
        len(connection.run_on_commit) - bells,
        hasher["hashes"],
        len(mail.outbox),
    )


@pytest.mark.parametrize("where", ["account_login", "admin:login", "account_reset_password", "sign_in"])
def test_answer_is_the_same_whatever_is_behind_the_address(where, addresses, hasher):
    answers = {
        state: answer_to(reverse(where), email, hasher, password="wrong password")
        for state, email in addresses.items()
    }

    assert len(set(answers.values())) == 1, answers
    assert answers["active"][-1] == 0


@pytest.mark.parametrize("email", ["", "nobody", "a\0b@example.org", "x" * 400 + "@example.org"])
def test_link_for_what_is_no_address_is_refused_beside_the_field(web, email):
    answer = web.post(reverse("sign_in"), {"email": email})

    assert answer.status_code == 422
    assert answer.context["form"].errors["email"]


def test_login_costs_one_hash(addresses, hasher):
    assert answer_to(reverse("account_login"), "nobody@example.org", hasher, password="x" * 20)[-2] == 1


def test_login_of_a_closed_account_looks_like_a_wrong_password(addresses, hasher):
    right = answer_to(reverse("account_login"), addresses["disabled"], hasher, password=SESAME)
    wrong = answer_to(reverse("account_login"), addresses["disabled"], hasher, password="wrong password")

    assert right == wrong


@pytest.mark.parametrize("where", ["account_reset_password", "sign_in"])
def test_letter_is_queued_for_known_addresses_only(web, where, addresses):
    before = Delivery.objects.count()

    for email in addresses.values():
        Web().post(reverse(where), {"email": email})

    new = Delivery.objects.order_by("pk")[before:]
    assert Counter(delivery.letter for delivery in new) == {
        Delivery.Letter.SIGN_IN if where == "sign_in" else Delivery.Letter.PASSWORD_RESET: 2,
        Delivery.Letter.INVITATION: 1,
    }
    assert "example.org" not in str([delivery.data for delivery in new])


# ---- Signing in ---------------------------------------------------------------------------------------------------


def test_client_signs_in_with_a_password_and_gets_a_new_session(web):
    client = make_client(password=SESAME)
    web.get(reverse("account_login"))
    web.session["left"] = "over"
    web.session.save()
    before = web.session.session_key

    answer = web.post(reverse("account_login"), {"login": client.user.email.upper(), "password": SESAME})

    assert answer.url == reverse("home")
    assert user_of(web) == client.user
    assert web.session.session_key != before


def test_sixth_wrong_password_is_not_tried_and_the_mail_link_still_is(web):
    client = make_client(password=SESAME)

    for _ in range(5):
        web.post(reverse("account_login"), {"login": client.user.email, "password": "wrong"})
    answer = web.post(
        reverse("account_login"),
        {"login": client.user.email, "password": SESAME},
        headers={"X-Forwarded-For": "203.0.113.9"},
    )

    assert "Too many tries" in answer.content.decode()
    assert not user_of(web).is_authenticated
    assert web.post(reverse("sign_in"), {"email": client.user.email}).status_code == 302


def test_workplace_login_is_the_same_door(web):
    answer = web.post(reverse("admin:login"), {"username": "x@example.org", "password": "x"})

    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


def test_client_at_the_workplace_is_refused(web_as):
    assert web_as(make_client().user).get(reverse("admin:index"), follow=True).status_code == 403


def test_nobody_can_sign_up(web):
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert web.get("/accounts/signup/").status_code in (302, 404)


def test_login_offers_the_link_by_mail(web):
    assert f'href="{reverse("sign_in")}"' in web.get(reverse("account_login")).content.decode()


def test_signing_out_takes_a_post(web_as):
    web = web_as(make_client().user)

    web.get(reverse("account_logout"))
    assert user_of(web).is_authenticated
    web.post(reverse("account_logout"))
    assert not user_of(web).is_authenticated


OWN_PAGES = [
    "logout",
    "set_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
]


@pytest.mark.parametrize("where", OWN_PAGES)
def test_account_page_opens_for_a_client(web_as, where):
    assert (
        web_as(make_client().user)
        .get(reverse(where if where.startswith("mfa") else f"account_{where}"))
        .status_code
        == 200
    )


@pytest.mark.parametrize("where", ["today", "history", "settings", "mfa_activate_totp", "mfa_index"])
def test_page_of_a_signed_in_person_is_kept_by_nobody(web_as, where):
    assert web_as(make_client().user).get(reverse(where))["Cache-Control"] == "private, no-store"


def test_page_that_says_itself_how_long_it_is_kept_is_left_alone(web, web_as):
    own = web.get("/health/")["Cache-Control"]

    assert web_as(make_client().user).get("/health/")["Cache-Control"] == own
    assert "Cache-Control" not in web.get(reverse("sign_in"))


# ---- Passwords ----------------------------------------------------------------------------------------------------

PASSWORDS = [
    # for the team, at least 12
    ("staff", "seven quiet herons", True),
    ("staff", "a-b-c-d-e-f-g", True),
    ("staff", "qpwoeirutyal", True),
    ("staff", "Ünïcödé ist gut", True),
    ("staff", "пароль из слов", True),
    ("staff", "密码密码由十二个字符组成", True),
    ("staff", "🦊🐢🦉🐝🐌🦔🐙🦀🐋🦚🐿🦋", True),
    ("staff", "  spaces  all  over  ", True),
    ("staff", "83920175640291", True),
    ("staff", "x7#kQ9!mPz2$", True),
    ("staff", "correct horse battery staple", True),
    ("staff", "z" * 3 + "qvx" * 21, True),
    ("staff", "every massage begins with two warm hands", True),
    ("staff", "the rosenhof stands above a slow river", True),
    ("staff", "tom likes walking in heavy rain", True),
    ("staff", "x7#kQ9!mPz2", False),
    ("staff", "heron lake", False),
    ("staff", "", False),
    ("staff", "a", False),
    ("staff", "passwordpassword", False),
    ("staff", "1234567890123456", False),
    ("staff", "qwertyuiop123456", False),
    ("staff", "123456789012345", False),
    ("staff", "massagemassage", False),
    ("staff", "Massage-Therapy", False),
    ("staff", "rosenhof2026!", False),
    ("staff", "Rosenhof Rosenhof", False),
    ("staff", "rosenhof-massage-1", False),
    ("staff", "tom.tender.77", False),
    ("staff", "tomtender2026", False),
    ("staff", "Tender-Tender-Tender", False),
    ("staff", "tom.tender@example.org", False),
    # for clients, at least 8
    ("client", "heron lake", True),
    ("client", "x7#kQ9!m", True),
    ("client", "blaue Tür", True),
    ("client", "qpwoeiru", True),
    ("client", "seven quiet herons", True),
    ("client", "my knee likes the stairs", True),
    ("client", "after the massage I sleep well", True),
    ("client", "83920175", True),
    ("client", "        x", False),
    ("client", "ключ от дома", True),
    ("client", "n" + "qvx" * 30, True),
    ("client", "x7#kQ9!", False),
    ("client", "heron", False),
    ("client", "", False),
    ("client", "password", False),
    ("client", "Password", False),
    ("client", "12345678", False),
    ("client", "123456789", False),
    ("client", "iloveyou", False),
    ("client", "sunshine", False),
    ("client", "qwerty123", False),
    ("client", "massage1", False),
    ("client", "MASSAGE!!!", False),
    ("client", "rosenhof", False),
    ("client", "Rosenhof1", False),
    ("client", "ana.silva", False),
    ("client", "anasilva99", False),
    ("client", "silva-silva", False),
]


@pytest.mark.parametrize(("whose", "password", "good"), PASSWORDS)
def test_password_is_judged_by_length_and_by_how_easily_it_is_guessed(whose, password, good):
    make_practice(name="Rosenhof")
    if whose == "staff":
        user = make_therapist(name="Tom Tender", email="tom.tender@example.org")
    else:
        user = make_client(name="Ana Silva", email="ana.silva@example.org").user

    try:
        validate_password(password, user)
    except ValidationError:
        assert not good
    else:
        assert good


def test_passwords_table_is_long_enough():
    assert len(PASSWORDS) == 60


def test_client_sets_a_password_and_stays_signed_in(web_as):
    client = make_client()
    web, elsewhere = web_as(client.user), web_as(client.user)
    chosen = "seven quiet herons"

    answer = web.post(reverse("account_set_password"), {"password1": chosen, "password2": chosen})

    client.user.refresh_from_db()
    assert answer.url == reverse("mfa_index")
    assert client.user.check_password(chosen)
    assert user_of(web).is_authenticated
    assert not user_of(elsewhere).is_authenticated
    notice = Delivery.objects.get()
    assert (notice.letter, notice.user) == (Delivery.Letter.ACCOUNT_NOTICE, client.user)
    assert notice.data["text"].startswith("A password was set for your account.")
    assert chosen not in str(notice.data)
    assert len(mail.outbox) == 0


def test_wrong_new_password_is_explained_to_the_team(web_as):
    web = web_as(make_therapist())

    page = web.post(
        reverse("account_change_password"),
        {"oldpassword": SESAME, "password1": "heron lake", "password2": "heron lake"},
    )

    assert "Use at least 12 characters" in page.content.decode()


def test_notice_is_in_the_language_that_the_client_chose(web_as):
    """For themselves, on the page of their settings; the account was made when they spoke another."""
    client = make_client(language="en")
    Client.objects.filter(pk=client.pk).update(language="de")
    chosen = "sieben stille Reiher"

    web_as(client.user).post(reverse("account_set_password"), {"password1": chosen, "password2": chosen})
    tick(clock=timezone.now)

    assert Delivery.objects.get().data["text"].startswith("Für Ihr Konto wurde ein Passwort")
    assert mail.outbox[0].subject == Delivery.objects.get().data["subject"]
    assert '<html lang="de"' in mail.outbox[0].alternatives[0][0]


@pytest.mark.parametrize(("own", "start"), [("", "Ihr Passwort"), ("en", "Your password")])
def test_notice_to_the_team_is_in_their_language_or_the_practices(web_as, own, start):
    make_practice(language="de")
    therapist = make_therapist(language=own)
    chosen = "seven quiet herons fly"

    web_as(therapist).post(
        reverse("account_change_password"),
        {"oldpassword": SESAME, "password1": chosen, "password2": chosen},
    )

    assert Delivery.objects.get().data["text"].startswith(start)


def test_reset_link_sets_a_password_once_and_signs_nobody_in(web):
    client = make_client(password=SESAME)
    address = make_reset_link(client.user).partition("://")[2].partition("/")[2]
    chosen = "seven quiet herons"

    first = web.get(f"/{address}")
    assert first["Referrer-Policy"] == "strict-origin"
    web.post(first.url, {"password1": chosen, "password2": chosen})

    client.user.refresh_from_db()
    assert client.user.check_password(chosen)
    assert not user_of(web).is_authenticated
    assert "password1" not in Web().get(f"/{address}", follow=True).content.decode()


# ---- Zones and queries --------------------------------------------------------------------------------------------


def test_zone_takes_every_name_and_falls_for_none():
    odd = [
        "",
        "Mars/Olympus",
        "../etc/passwd",
        "/etc/localtime",
        "Europe",
        "x" * 5000,
        "\x00",
        "é",
        "UTC+25",
        ".",
    ]

    assert all(known_zone(name) is not None for name in available_timezones())
    assert known_zone("US/Pacific") is not None
    assert known_zone("Asia/Calcutta") is not None
    assert [known_zone(name) for name in odd] == [None] * len(odd)


def test_zone_nobody_knows_is_the_practices_and_in_the_end_utc(django_assert_num_queries):
    assert zone_of("Mars/Olympus").key == "UTC"

    practice = make_practice(zone="Europe/Lisbon")
    assert zone_of("Mars/Olympus").key == "Europe/Lisbon"
    with django_assert_num_queries(0):
        assert zone_of("US/Pacific").key == "US/Pacific"
        assert zone_of("", practice).key == "Europe/Lisbon"

    practice.zone = "Mars/Olympus"
    assert zone_of("", practice).key == "UTC"


@pytest.mark.parametrize("page", ["today", "program", "history", "settings", "mfa_index"])
@pytest.mark.parametrize("zone", ["Mars/Olympus", "Europe", "../etc/passwd", "x" * 64])
def test_page_of_a_client_in_no_known_zone_opens(web_as, zone, page):
    make_practice()
    client = make_client()
    Client.objects.filter(pk=client.pk).update(zone=zone)

    assert web_as(client.user).get(reverse(page)).status_code == 200


def test_knowing_the_client_takes_three_queries(web_as, django_assert_num_queries):
    web = web_as(make_client().user)

    with django_assert_num_queries(3):  # session, user, client
        web.get(reverse("sign_in"))


@pytest.mark.parametrize(
    ("practice", "asked", "spoken"),
    [
        ("de", "", "de"),
        ("de", "fr-FR,fr;q=0.9,*;q=0.5", "de"),
        ("de", "en-GB,en;q=0.8", "en"),
        ("en", "fr,de-AT;q=0.7", "de"),
        ("xx", "", "en"),
    ],
)
def test_page_speaks_what_the_browser_asks_for_else_the_practices_language(
    web, web_as, practice, asked, spoken
):
    make_practice(language=practice)
    blank, chosen = web_as(make_therapist(language="")), web_as(make_client(language="de").user)

    def language_for(reader):
        return reader.get(reverse("mfa_index"), follow=True, headers={"accept-language": asked})[
            "Content-Language"
        ]

    assert [language_for(reader) for reader in (web, blank, chosen)] == [spoken, spoken, "de"]


def test_language_of_the_practice_takes_no_query_of_its_own(web, django_assert_num_queries):
    make_practice(language="de")

    with django_assert_num_queries(1):  # the practice, whose name stands on the page
        web.get(reverse("sign_in"))


# ---- Logs ---------------------------------------------------------------------------------------------------------


def test_log_hides_the_tokens_of_links():
    record = logging.LogRecord(
        "django.request", logging.WARNING, "", 0, "%s: %s", ("Gone", "/welcome/4fCq0T5xJ2yq3oXo4yJp1w/"), None
    )

    HideTokens().filter(record)

    assert record.getMessage() == "Gone: /welcome/…/"


def test_log_keeps_ordinary_paths():
    record = logging.LogRecord(
        "x", logging.WARNING, "", 0, "%s %d", ("/workplace/clients/client/17/change/", 4), None
    )

    HideTokens().filter(record)

    assert record.getMessage() == "/workplace/clients/client/17/change/ 4"


# ---- Starting a practice ------------------------------------------------------------------------------------------

GIVEN = {"name": "Rosenhof", "email": "Olga@Example.org", "zone": "Europe/Berlin"}


def test_start_practice_invites_its_owner():
    out = StringIO()

    call_command("start_practice", **GIVEN, owner_name="Olga Rose", phone="+49 30 1234", stdout=out)

    practice, owner = Practice.objects.get(), User.objects.get()
    assert (practice.name, practice.zone, practice.phone) == ("Rosenhof", "Europe/Berlin", "+49 30 1234")
    assert practice.emergency_number == "112"
    assert (owner.name, owner.email, owner.role) == ("Olga Rose", "olga@example.org", Role.OWNER)
    assert not owner.has_usable_password()
    letter = Delivery.objects.get()
    assert (letter.letter, letter.user) == (Delivery.Letter.STAFF_INVITATION, owner)
    assert "Next: open its link" in out.getvalue()


def test_start_practice_refuses_a_second_one():
    make_practice(name="Lindenhof")

    with pytest.raises(CommandError, match="There is a practice already: Lindenhof"):
        call_command("start_practice", **GIVEN)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"zone": "Berlin"}, "zone"),
        ({"email": "olga"}, "email"),
        ({"name": ""}, "name"),
        ({"phone": "call"}, "phone"),
    ],
)
def test_start_practice_says_what_is_wrong_and_makes_nothing(wrong, field):
    with pytest.raises(CommandError, match=f"^{field}: "):
        call_command("start_practice", **{**GIVEN, **wrong})
    assert not Practice.objects.exists()
    assert not User.objects.exists()


def test_invite_staff_makes_a_colleague_with_a_role_and_a_letter():
    make_practice()

    call_command("invite_staff", email="Berta@example.org", name="Berta", role="therapist", stdout=StringIO())

    berta = User.objects.get()
    assert (berta.email, berta.role, berta.has_usable_password()) == (
        "berta@example.org",
        Role.THERAPIST,
        False,
    )
    assert Delivery.objects.get().user == berta


def test_invite_staff_needs_a_practice_and_an_address_of_its_own():
    with pytest.raises(CommandError, match="no practice yet"):
        call_command("invite_staff", email="berta@example.org", name="Berta", role="office")

    make_practice()
    call_command("invite_staff", email="berta@example.org", name="Berta", role="office", stdout=StringIO())
    with pytest.raises(CommandError):
        call_command("invite_staff", email="BERTA@example.org", name="Berta", role="office")
    assert User.objects.count() == 1
