from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.db import connection
from django.test import Client as Web
from django.urls import reverse

from clients.demo.builders import NOW, SESAME, make_client, make_owner, make_practice, make_therapist
from clients.inviting import (
    INVITATION,
    SIGN_IN,
    AddressTaken,
    AlreadyInside,
    LinkExpired,
    LinkRefused,
    LinkUnknown,
    LinkUsed,
    NoAddress,
    accept_invitation,
    digest_of,
    invite,
    invite_staff,
    invited_by,
    make_link,
    make_reset_link,
    open_link,
    request_sign_in_link,
    use_sign_in_link,
    use_up,
)
from clients.models import AccessLink, Client, Delivery, Role, User
from clients.reminders.addresses import is_suppressed, suppress
from tests.pages import main_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tuesday_evening() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def invited() -> Client:
    """Invited, and not in yet."""
    return make_client(with_account=False, email="ana@example.org")


def token_of(link: str) -> str:
    return link.rstrip("/").rpartition("/")[2]


def invitation_for(client: Client) -> str:
    return token_of(make_link(INVITATION, client=client, now=NOW))


def sign_in_for(user: User) -> str:
    return token_of(make_link(SIGN_IN, user=user, now=NOW))


def user_of(web: Web) -> User:
    return get_user(web)


# ---- Inviting -----------------------------------------------------------------------------------------------------


def test_invite_queues_one_letter_that_says_who_asked(invited):
    therapist = make_therapist()

    delivery = invite(invited, by=therapist, now=NOW)

    assert delivery.letter == Delivery.Letter.INVITATION
    assert delivery.event_id == f"invitation/{invited.uuid}/1"
    assert (delivery.client, delivery.user, delivery.status) == (invited, None, Delivery.Status.DUE)
    assert delivery.data["by"] == therapist.pk
    assert AccessLink.objects.count() == 0


def test_invite_again_is_another_letter(invited):
    therapist = make_therapist()

    invite(invited, by=therapist, now=NOW)
    again = invite(invited, by=therapist, now=NOW)

    assert again.event_id == f"invitation/{invited.uuid}/2"


def test_invite_gives_an_address_that_bounced_another_chance(invited):
    owner = make_owner(password=None)
    for address in (invited.email, owner.email):
        suppress(address, reason="bounced", now=NOW)

    request_sign_in_link(invited.email, NOW)
    assert is_suppressed(invited.email)
    invite(invited, by=make_therapist(), now=NOW)
    invite_staff(owner, by=None, now=NOW)

    assert not is_suppressed(invited.email)
    assert not is_suppressed(owner.email)


def test_invite_refuses_a_client_on_paper():
    with pytest.raises(NoAddress):
        invite(make_client(with_account=False, email=""), by=make_therapist(), now=NOW)


def test_invite_refuses_who_has_been_inside(web, invited):
    web.post(reverse("welcome", args=[invitation_for(invited)]))
    invited.refresh_from_db()

    with pytest.raises(AlreadyInside):
        invite(invited, by=make_therapist(), now=NOW)


def test_invite_refuses_an_address_of_the_team_in_any_case():
    make_therapist(email="tom@example.org")
    client = make_client(with_account=False, email="Tom@Example.org")

    with pytest.raises(AddressTaken):
        invite(client, by=make_owner(), now=NOW)
    assert Delivery.objects.count() == 0


def test_invite_writes_again_to_a_client_whose_account_was_never_used():
    client = make_client()

    assert invite(client, by=make_therapist(), now=NOW).client == client


def test_invite_staff_refuses_who_has_a_password():
    with pytest.raises(AlreadyInside):
        invite_staff(make_therapist(), by=make_owner(), now=NOW)


def test_welcome_says_who_invited(web, invited):
    make_practice(name="Rosenhof")
    invite(invited, by=make_therapist(name="Tom Tender"), now=NOW)

    page = web.get(reverse("welcome", args=[invitation_for(invited)]))

    assert "Tom Tender of Rosenhof has invited you." in page.content.decode()
    assert main_of(page.content.decode()).count("<button") == 1


def test_invited_by_is_nobody_for_the_owners_own_invitation():
    owner = make_owner(password=None)
    invite_staff(owner, by=None, now=NOW)

    assert (
        invited_by(open_link(token_of(make_link(INVITATION, user=owner, now=NOW)), INVITATION, NOW)) is None
    )


# ---- Links --------------------------------------------------------------------------------------------------------


def test_link_is_128_random_bits_kept_as_a_digest(settings, invited):
    link = make_link(INVITATION, client=invited, now=NOW)

    token = token_of(link)
    kept = AccessLink.objects.get()
    assert link == f"{settings.SITE_URL}/welcome/{token}/"
    assert re.fullmatch(r"[\w-]{22}", token)
    assert kept.digest == digest_of(token)
    assert token not in str(AccessLink.objects.values())
    assert kept.expires_at == NOW + timedelta(hours=72)


def test_link_needs_somebody_with_an_address():
    with pytest.raises(ValueError, match="address"):
        make_link(INVITATION, client=make_client(with_account=False, email=""), now=NOW)


@pytest.mark.parametrize(
    ("purpose", "hours"), [(INVITATION, 72), (SIGN_IN, 0.5)], ids=["invitation", "sign-in link"]
)
def test_link_opens_until_the_moment_it_expires(purpose, hours):
    client = make_client()
    token = token_of(make_link(purpose, client=client, user=client.user, now=NOW))
    end = NOW + timedelta(hours=hours)

    assert open_link(token, purpose, end - timedelta(seconds=1)).used_at is None
    with pytest.raises(LinkExpired):
        open_link(token, purpose, end)


def test_link_serves_its_own_purpose_only():
    client = make_client()
    invitation, sign_in = invitation_for(client), sign_in_for(client.user)

    with pytest.raises(LinkUnknown):
        open_link(invitation, SIGN_IN, NOW)
    with pytest.raises(LinkUnknown):
        open_link(sign_in, INVITATION, NOW)


def test_token_of_one_page_is_refused_on_every_other(web):
    client = make_client()
    reset = token_of(make_reset_link(client.user))
    tokens = {"welcome": invitation_for(client), "sign_in_link": sign_in_for(client.user), "reset": reset}
    uid = reset.partition("-")[0]

    def accepted(page: str, token: str) -> bool:
        if page == "reset":
            key = token if token == reset else f"{uid}-{token}"
            return web.get(f"/accounts/password/reset/key/{key}/").status_code == 302
        return web.get(reverse(page, args=[token])).status_code == 200

    opened = {(page, whose) for page in tokens for whose, token in tokens.items() if accepted(page, token)}

    assert opened == {(page, page) for page in tokens}


def test_link_dies_with_the_address_it_was_sent_to(invited):
    token = invitation_for(invited)
    Client.objects.filter(pk=invited.pk).update(email="ana.silva@example.org")

    with pytest.raises(LinkExpired):
        accept_invitation(token, NOW)


@pytest.mark.parametrize("purpose", [INVITATION, SIGN_IN])
def test_link_of_a_closed_account_opens_nothing(purpose):
    client = make_client()
    token = token_of(make_link(purpose, client=client, user=client.user, now=NOW))
    User.objects.filter(pk=client.user.pk).update(is_active=False)

    with pytest.raises(LinkExpired):
        open_link(token, purpose, NOW)


def test_sign_in_link_never_opens_for_the_team():
    therapist = make_therapist()
    client = make_client()
    stolen = sign_in_for(client.user)
    User.objects.filter(pk=client.user.pk).update(role=Role.THERAPIST)

    for token in (sign_in_for(therapist), stolen):
        with pytest.raises(LinkExpired):
            use_sign_in_link(token, NOW)


# ---- Accepting ----------------------------------------------------------------------------------------------------


def test_accept_makes_the_clients_account(invited):
    Client.objects.filter(pk=invited.pk).update(email="Ana@Example.org", language="de", zone="Europe/Lisbon")
    invited.refresh_from_db()

    user = accept_invitation(invitation_for(invited), NOW)

    invited.refresh_from_db()
    assert invited.user == user
    assert (user.email, user.role, user.name) == ("ana@example.org", Role.CLIENT, "Ana Silva")
    assert (user.language, user.zone) == ("de", "Europe/Lisbon")
    assert not user.has_usable_password()
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == ("ana@example.org", True, True)


def test_accept_uses_up_every_invitation_of_the_client(invited):
    first, second = invitation_for(invited), invitation_for(invited)

    accept_invitation(second, NOW)

    for token in (first, second):
        with pytest.raises(LinkUsed):
            accept_invitation(token, NOW)
    assert User.objects.filter(role=Role.CLIENT).count() == 1


def test_accept_leaves_the_invitations_of_others_alone(invited):
    other = make_client(name="Ben Ortiz", with_account=False)
    theirs = invitation_for(other)

    accept_invitation(invitation_for(invited), NOW)

    assert open_link(theirs, INVITATION, NOW).used_at is None


def test_accept_signs_into_the_account_that_the_client_has():
    client = make_client()

    assert accept_invitation(invitation_for(client), NOW) == client.user
    assert User.objects.filter(role=Role.CLIENT).count() == 1


def test_accept_of_a_taken_address_changes_nothing(web, invited):
    token = invitation_for(invited)
    make_client(name="Ben Ortiz", email="ana@example.org")

    page = web.post(reverse("welcome", args=[token]))

    assert page.status_code == 409
    assert "already" in page.content.decode()
    invited.refresh_from_db()
    assert invited.user is None
    assert open_link(token, INVITATION, NOW).used_at is None


def test_invitation_opens_nothing_when_care_has_ended(web, invited):
    token = invitation_for(invited)
    Client.objects.filter(pk=invited.pk).update(ended_at=NOW)

    answers = [web.get(reverse("welcome", args=[token])), web.post(reverse("welcome", args=[token]))]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert all("Your care here has ended" in answer.content.decode() for answer in answers)
    assert not any("Send me a new link" in answer.content.decode() for answer in answers)
    assert not User.objects.filter(email=invited.email).exists()


def test_two_who_opened_the_link_together_use_it_once(invited):
    token = invitation_for(invited)
    first, second = open_link(token, INVITATION, NOW), open_link(token, INVITATION, NOW)

    use_up(first, NOW)

    with pytest.raises(LinkUsed):
        use_up(second, NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("links", [1, 2], ids=["the same link", "two links of one client"])
def test_of_eight_posts_at_once_one_makes_the_account(invited, links):
    tokens = [invitation_for(invited) for _ in range(links)]
    start = threading.Barrier(8)
    ends: list[str] = []

    def post(number: int) -> None:
        start.wait()
        try:
            accept_invitation(tokens[number % links], NOW)
            ends.append("in")
        except LinkRefused as why:
            ends.append(type(why).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=post, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(ends) == ["LinkUsed"] * 7 + ["in"]
    assert User.objects.filter(role=Role.CLIENT).count() == 1


# ---- The pages ----------------------------------------------------------------------------------------------------


def test_scanner_uses_nothing_up_and_the_person_comes_in(web, invited):
    address = reverse("welcome", args=[invitation_for(invited)])

    for _ in range(10):
        assert Web().get(address).status_code == 200
        assert Web().head(address).status_code == 200
    page = web.post(address)

    assert (page.status_code, page.url) == (302, reverse("today"))
    assert user_of(web).email == "ana@example.org"


def test_sign_in_link_survives_scanners_and_signs_in_once(web):
    client = make_client()
    address = reverse("sign_in_link", args=[sign_in_for(client.user)])

    for _ in range(10):
        assert Web().get(address).status_code == 200
        assert Web().head(address).status_code == 200
    page = web.post(address)

    assert (page.status_code, page.url) == (302, reverse("today"))
    assert user_of(web) == client.user
    assert Web().post(address).status_code == 410


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("where", ["welcome", "sign_in_link"])
def test_link_that_opens_nothing_offers_another(where, method):
    client = make_client()
    purpose = INVITATION if where == "welcome" else SIGN_IN
    used, old = (token_of(make_link(purpose, client=client, user=client.user, now=NOW)) for _ in range(2))
    AccessLink.objects.filter(digest=digest_of(used)).update(used_at=NOW)
    AccessLink.objects.filter(digest=digest_of(old)).update(
        created_at=NOW - timedelta(days=9), expires_at=NOW - timedelta(days=1)
    )
    tampered = used[:-1] + ("A" if used[-1] != "A" else "B")

    for token, status in [(used, 410), (old, 410), (tampered, 404), ("x", 404), ("é%", 404)]:
        answer = getattr(Web(), method)(reverse(where, args=[token]))
        assert answer.status_code == status
        assert f'action="{reverse("sign_in")}"' in answer.content.decode()
    assert not Client.objects.exclude(pk=client.pk).exists()


def test_refused_link_leads_who_is_inside_on(web, invited):
    address = reverse("welcome", args=[invitation_for(invited)])
    web.post(address)

    again = web.get(address)

    assert again.status_code == 410
    assert f'href="{reverse("home")}"' in again.content.decode()


def test_link_pages_are_kept_by_nobody_and_told_to_nobody(web, caplog):
    client = make_client()
    token = sign_in_for(client.user)
    address = reverse("sign_in_link", args=[token])
    refused = reverse("welcome", args=[token])

    answers = [web.get(address), web.post(address), web.get(address), web.get(refused)]

    assert [answer.status_code for answer in answers] == [200, 302, 410, 404]
    for answer in answers:
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "strict-origin"
    assert token not in caplog.text


def test_link_speaks_the_language_of_its_reader(web, invited):
    Client.objects.filter(pk=invited.pk).update(language="de")

    page = web.get(reverse("welcome", args=[invitation_for(invited)]))

    assert '<html lang="de"' in page.content.decode()


def test_coming_in_begins_a_new_session(web, invited):
    web.get(reverse("account_login"))
    web.session["left"] = "over"
    web.session.save()
    before = web.session.session_key

    web.post(reverse("welcome", args=[invitation_for(invited)]))

    assert web.session.session_key != before


def test_coming_in_ends_the_session_of_whoever_was_there(web_as, invited):
    ben = make_client(name="Ben Ortiz")
    web = web_as(ben.user)

    web.post(reverse("welcome", args=[invitation_for(invited)]))

    assert user_of(web).email == "ana@example.org"
    assert web.session["account_authentication_methods"][0]["method"] == "mail_link"


def test_team_comes_in_by_a_password_never_by_the_link(web):
    owner = make_owner(password=None)
    address = reverse("welcome", args=[token_of(make_link(INVITATION, user=owner, now=NOW))])

    page = web.post(address, follow=True)
    assert not user_of(web).is_authenticated
    assert 'name="password1"' in page.content.decode()

    chosen = "seven quiet herons fly"
    web.post(page.redirect_chain[-1][0], {"password1": chosen, "password2": chosen})
    owner.refresh_from_db()
    assert owner.check_password(chosen)
    assert not user_of(web).is_authenticated
    assert Web().post(address).status_code == 410


def test_invitation_of_the_team_ends_when_there_is_a_password():
    owner = make_owner(password=None)
    token = token_of(make_link(INVITATION, user=owner, now=NOW))
    owner.set_password(SESAME)
    owner.save()

    with pytest.raises(LinkExpired):
        open_link(token, INVITATION, NOW)


# ---- Asking for a link --------------------------------------------------------------------------------------------


def test_asking_queues_a_link_for_a_client():
    client = make_client(email="ana@example.org")

    request_sign_in_link("Ana@example.org", NOW)

    delivery = Delivery.objects.get()
    assert (delivery.letter, delivery.user, delivery.client) == (Delivery.Letter.SIGN_IN, client.user, client)


def test_asking_queues_a_new_password_for_the_team():
    therapist = make_therapist(email="tom@example.org")

    request_sign_in_link("tom@example.org", NOW)

    delivery = Delivery.objects.get()
    assert (delivery.letter, delivery.user) == (Delivery.Letter.PASSWORD_RESET, therapist)


def test_asking_queues_another_invitation_for_the_invited(invited):
    invite(invited, by=make_therapist(), now=NOW)

    request_sign_in_link("ana@example.org", NOW)

    assert [delivery.letter for delivery in Delivery.objects.all()] == [Delivery.Letter.INVITATION] * 2
    assert invited_by(AccessLink(client=invited, purpose=INVITATION)).name == "Tom Therapist"


def test_asking_for_an_address_that_was_never_invited_queues_nothing(invited):
    request_sign_in_link(invited.email, NOW)
    request_sign_in_link("nobody@example.org", NOW)

    assert Delivery.objects.count() == 0


def test_asking_is_limited_for_each_address(web):
    make_client(email="ana@example.org")

    statuses = [web.post(reverse("sign_in"), {"email": "ana@example.org"}).status_code for _ in range(6)]

    assert statuses == [302] * 5 + [429]
    assert Delivery.objects.count() == 5


def test_asking_with_a_wrong_address_says_so_and_keeps_it(web):
    page = web.post(reverse("sign_in"), {"email": "ana at example"})

    assert page.status_code == 422
    assert 'value="ana at example"' in page.content.decode()
    assert 'aria-invalid="true"' in page.content.decode()


def test_sign_in_page_sends_on_who_is_inside(web_as):
    assert web_as(make_client().user).get(reverse("sign_in")).url == reverse("home")
