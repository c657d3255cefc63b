from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth import get_user
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client as Web
from django.test import TestCase
from django.urls import reverse

from clients.demo.builders import (
    NOW,
    SESAME,
    make_client,
    make_office,
    make_owner,
    make_practice,
    make_therapist,
)
from clients.inviting import INVITATION, make_link, make_reset_link
from clients.models import Delivery, Role, User

pytestmark = pytest.mark.django_db

STEP = 30  # seconds for which a code holds

# Ways into the workplace. Some lead nowhere: also those must not tell what is there.
PATHS = [
    "",
    "?next=/workplace/",
    "login/",
    "logout/",
    "password_change/",
    "jsi18n/",
    "autocomplete/?app_label=clients&model_name=client&field_name=user",
    "clients/",
    "clients/client/",
    "clients/client/add/",
    "clients/client/1/change/",
    "clients/client/1/delete/",
    "clients/client/?q=a",
    "clients/delivery/",
    "clients/user/",
    "clients/practice/1/change/",
    "routines/",
    "routines/program/",
    "routines/exercise/add/",
    "r/1/1/",
    "nowhere/",
]


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """Time stands; a test moves it."""
    make_practice()
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def asked_for(settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // STEP))


def with_app(user: User) -> str:
    """Gives the user an authenticator app; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def sign_in(user: User) -> Web:
    """With the password alone."""
    web = Web()
    web.post(reverse("account_login"), {"login": user.email, "password": SESAME})
    return web


def workplace(web: Web) -> Any:
    return web.get(reverse("admin:index"))


# ---- Without it ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", PATHS)
def test_password_alone_opens_no_page_of_the_workplace(path, method):
    web = sign_in(make_owner())
    assert get_user(web).is_authenticated

    answer = getattr(web, method)(reverse("admin:index") + path)

    assert (answer.status_code, answer.url) == (302, reverse("mfa_index"))


@pytest.mark.parametrize("make", [make_owner, make_therapist, make_office])
def test_everybody_of_the_team_is_asked(make):
    assert workplace(sign_in(make())).url == reverse("mfa_index")


def test_page_says_what_is_missing():
    page = sign_in(make_therapist()).get(reverse("mfa_index")).content.decode()

    assert "One step is missing" in page
    assert "To the workplace" not in page


def test_clients_are_not_asked(web_as):
    web = web_as(make_client().user)

    assert "One step is missing" not in web.get(reverse("mfa_index")).content.decode()


def test_demo_may_do_without(settings):
    settings.STAFF_SECOND_FACTOR = False

    assert workplace(sign_in(make_owner())).status_code == 200


def test_invitation_and_reset_lead_to_the_password_and_no_further():
    owner = make_owner(password=None)
    chosen = "seven quiet herons fly"
    web = Web()

    page = web.post(
        make_link(INVITATION, user=owner, now=NOW).replace("http://localhost:8000", ""), follow=True
    )
    assert not get_user(web).is_authenticated
    web.post(page.redirect_chain[-1][0], {"password1": chosen, "password2": chosen})
    assert not get_user(web).is_authenticated
    assert workplace(web).status_code == 302

    web.post(reverse("account_login"), {"login": owner.email, "password": chosen})
    assert workplace(web).url == reverse("mfa_index")


def test_new_password_does_not_go_round_the_app():
    owner = make_owner()
    with_app(owner)
    chosen = "seven quiet herons fly"
    web = Web()
    form = web.get(make_reset_link(owner).replace("http://localhost:8000", "")).url
    web.post(form, {"password1": chosen, "password2": chosen})

    answer = web.post(reverse("account_login"), {"login": owner.email, "password": chosen})

    assert answer.url == reverse("mfa_authenticate")
    assert not get_user(web).is_authenticated


# ---- Setting it up ------------------------------------------------------------------------------------------------


class CommitsInside:
    """Lets what waits for the commit happen in the request, as it does where no test holds the transaction open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.get_response(request)


@pytest.fixture
def commits(settings: Any) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.CommitsInside"]


def set_up_app(web: Web) -> str:
    """Through the pages, as a person does; returns the secret that the app keeps."""
    page = web.get(reverse("mfa_activate_totp"))
    assert page.status_code == 200
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page.content.decode())[1]
    answer = web.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert answer.url == reverse("mfa_view_recovery_codes")
    return secret


@pytest.mark.usefixtures("commits")
def test_setting_up_an_app_right_after_signing_in_opens_the_workplace():
    owner = make_owner()
    web = sign_in(owner)

    set_up_app(web)

    codes = web.get(reverse("mfa_view_recovery_codes"))
    assert codes.status_code == 200
    assert len(re.findall(r"<li><code>", codes.content.decode())) == 10
    assert workplace(web).status_code == 200
    notice = Delivery.objects.get(letter=Delivery.Letter.ACCOUNT_NOTICE)
    assert notice.data["text"].startswith("An authenticator app was added")


@pytest.mark.usefixtures("commits")
def test_setting_up_an_app_ends_the_persons_other_sessions():
    owner = make_owner()
    here, elsewhere, therapist = sign_in(owner), sign_in(owner), sign_in(make_therapist())

    set_up_app(here)

    assert [get_user(web).is_authenticated for web in (here, elsewhere, therapist)] == [True, False, True]


@pytest.mark.usefixtures("commits")
def test_code_that_set_the_app_up_signs_nobody_in():
    owner = make_owner()
    secret = set_up_app(sign_in(owner))
    web = sign_in(owner)

    web.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert not get_user(web).is_authenticated


def test_factor_that_is_lost_is_removed_by_hand_and_set_up_anew():
    owner, therapist = make_owner(), make_therapist()
    with_app(owner)
    with_app(therapist)
    web = sign_in(owner)

    call_command("remove_second_factor", "--email", owner.email.upper(), stdout=StringIO())

    assert not get_user(web).is_authenticated
    assert list(Authenticator.objects.values_list("user", flat=True)) == [therapist.pk]
    answer = workplace(sign_in(owner))
    assert answer["Location"] == reverse("mfa_index")


def test_factor_of_nobody_is_not_removed():
    with pytest.raises(CommandError, match="Nobody has this address"):
        call_command("remove_second_factor", "--email", "nobody@example.org")


def test_wrong_code_sets_nothing_up():
    owner = make_owner()
    web = sign_in(owner)
    web.get(reverse("mfa_activate_totp"))

    page = web.post(reverse("mfa_activate_totp"), {"code": "000000"})

    assert page.status_code == 200
    assert "aria-invalid" in page.content.decode()
    assert not Authenticator.objects.exists()


def test_password_is_asked_again_when_signing_in_was_long_ago(clock):
    web = sign_in(make_owner())
    clock.shift(6 * 60)

    answer = web.get(reverse("mfa_activate_totp"))

    assert answer.url.startswith(reverse("account_reauthenticate"))


def test_factor_is_asked_before_it_is_taken_away(clock):
    owner = make_owner()
    secret = with_app(owner)
    web = sign_in(owner)
    web.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    clock.shift(STEP)

    answer = web.post(reverse("mfa_deactivate_totp"))
    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.exists()

    web.post(answer.url, {"code": code_of(secret)})
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("make", [make_owner, lambda: make_client(password=SESAME).user])
def test_password_is_no_answer_where_there_is_a_factor(make):
    user = make()
    web = sign_in(user)
    with_app(user)

    answer = web.post(reverse("account_reauthenticate"), {"password": SESAME})
    assert answer.url.startswith(reverse("mfa_reauthenticate"))

    web.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "where", ["mfa_deactivate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "mfa_index"]
)
def test_session_that_showed_none_of_the_factors_changes_none(where, method):
    """Not even right after a password: it signed in, and typed it once more, before there was a factor."""
    owner = make_owner()
    web = sign_in(owner)
    web.post(reverse("account_reauthenticate"), {"password": SESAME})
    with_app(owner)
    RecoveryCodes.activate(owner)

    answer = getattr(web, method)(reverse(where))

    assert answer.url.startswith(reverse("mfa_reauthenticate"))
    assert Authenticator.objects.count() == 2


# ---- Using it -----------------------------------------------------------------------------------------------------


def test_code_opens_the_workplace():
    owner = make_owner()
    secret = with_app(owner)
    web = sign_in(owner)
    assert not get_user(web).is_authenticated

    answer = web.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert answer.url == reverse("home")
    assert workplace(web).status_code == 200


def test_code_works_once(clock):
    owner = make_owner()
    secret = with_app(owner)
    first, second = sign_in(owner), sign_in(owner)
    code = code_of(secret)

    first.post(reverse("mfa_authenticate"), {"code": code})
    second.post(reverse("mfa_authenticate"), {"code": code})
    assert get_user(first).is_authenticated
    assert not get_user(second).is_authenticated

    clock.shift(STEP)
    second.post(reverse("mfa_authenticate"), {"code": code})
    assert not get_user(second).is_authenticated
    second.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert get_user(second).is_authenticated


def test_recovery_code_works_once():
    owner = make_owner()
    with_app(owner)
    code = RecoveryCodes.activate(owner).get_unused_codes()[0]
    first, second = sign_in(owner), sign_in(owner)

    first.post(reverse("mfa_authenticate"), {"code": code})
    second.post(reverse("mfa_authenticate"), {"code": code})

    assert workplace(first).status_code == 200
    assert not get_user(second).is_authenticated


def test_codes_are_not_guessed_for_long():
    owner = make_owner()
    secret = with_app(owner)
    web = sign_in(owner)

    for _ in range(5):
        web.post(reverse("mfa_authenticate"), {"code": "000000"})
    web.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert not get_user(web).is_authenticated


def test_session_that_showed_none_is_asked_for_the_code_and_goes_on(web_as):
    owner = make_owner()
    secret = with_app(owner)
    web = web_as(owner)
    wanted = reverse("admin:clients_delivery_changelist")

    asked = web.get(wanted)
    assert asked.url.startswith(reverse("mfa_reauthenticate"))
    answer = web.post(asked.url, {"code": code_of(secret)})

    assert answer.url == wanted
    assert web.get(wanted).status_code == 200


def test_factor_of_another_person_opens_nothing(web_as):
    """The note in the session is about one account; the next one in the same browser starts without."""
    owner, therapist = make_owner(), make_therapist()
    secret = with_app(owner)
    web = sign_in(owner)
    web.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    notes = {key: kept for key, kept in web.session.items() if key.startswith("account_authentication")}
    assert notes

    web.force_login(therapist)
    session = web.session
    session.update(notes)
    session.save()

    assert workplace(web).url == reverse("mfa_index")


def test_client_with_an_app_shows_it_after_the_link_too(web):
    client = make_client()
    secret = with_app(client.user)
    link = make_link("sign_in", user=client.user, now=NOW).replace("http://localhost:8000", "")

    answer = web.post(link)
    assert answer.url == reverse("mfa_authenticate")
    assert not get_user(web).is_authenticated

    assert web.post(reverse("mfa_authenticate"), {"code": code_of(secret)}).url == reverse("today")


def test_client_who_joins_the_team_is_asked_at_once(web_as):
    client = make_client()
    web = web_as(client.user)
    User.objects.filter(pk=client.user.pk).update(role=Role.THERAPIST)

    assert workplace(web).url == reverse("mfa_index")
