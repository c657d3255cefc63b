"""Whether a client is in care, and who answers for them: ended, taken up again, handed over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.care import NotInCare
from clients.casefile import decisions
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import end_care, hand_over, responsibility
from clients.inviting import INVITATION, CareEnded, accept_invitation, invite, make_link
from clients.models import Assignment, CareDecision, CareTeam, Client, Delivery, PhaseTransition, User
from clients.reminders.schedules import plan_letters
from clients.screening import alert_therapists
from tests.clients.reminders.people import SEVEN, make_reminded, ring
from tests.together import together

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def decide(web: Web, client: Client, act: str, **data: Any) -> Any:
    """Opens the page, and sends what a browser would."""
    url = reverse(f"admin:client_care_{act}", args=[client.pk])
    page = web.get(url)
    held = page.context["held"] if page.status_code == 200 and act == "over" else None
    sent = {"held": str(held.pk)} if held else {}
    return web.post(url, {"reason": "All is well.", **sent, **data})


def carers(client: Client) -> list[tuple[str, bool]]:
    """Who was responsible, and whether they still are; the first one first."""
    rows = CareTeam.objects.filter(client=client, capacity="responsible").order_by("since")
    return [(row.therapist.name, row.until is None) for row in rows]


# ---- End ------------------------------------------------------------------------------------------------------------


def test_ended_care_ends_the_programs_and_says_why(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    assignment = builders.assign(ana, by=adam)
    session = builders.train(ana)

    answer = decide(web_as(adam), ana, "end")

    ana.refresh_from_db()
    assignment.refresh_from_db()
    row = PhaseTransition.objects.get(kind=PhaseTransition.Kind.ENDED)
    assert answer["Location"] == reverse("admin:client", args=[ana.pk])
    assert (ana.ended_at, assignment.ended_on) == (NOW, NOW.date())
    assert (row.assignment, row.by, row.reason) == (assignment, adam, "All is well.")
    assert list(ana.sessions.all()) == [session]
    line = next(entry for entry in decisions(ana) if entry.what == "Care ended")
    assert (line.day, line.why, line.who) == (NOW.date(), "All is well.", "Adam")


def test_page_of_ended_care_does_not_say_in_care(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    web = web_as(adam)
    decide(web, ana, "end")

    page = web.get(reverse("admin:client", args=[ana.pk])).text

    assert "care has ended" in page
    assert "Client since" in page
    assert "In care since" not in page


def test_care_ended_twice_is_one_decision(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    web = web_as(adam)

    first, second = decide(web, ana, "end"), decide(web, ana, "end")

    assert (first.status_code, second.status_code) == (302, 422)
    assert "has ended already" in second.content.decode()
    assert CareDecision.objects.count() == 1


@pytest.mark.parametrize("act", ["end", "again", "over"])
def test_no_decision_without_a_reason(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, act: str
) -> None:
    answer = decide(web_as(adam), ana, act, reason=" ", therapist=str(berta.pk))

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["reason"]
    assert not CareDecision.objects.exists()


@pytest.mark.django_db
def test_no_reminder_is_planned_or_sent_after_the_end(mailoutbox: list[Any]) -> None:
    client = make_reminded()
    by = builders.responsible(client)
    plan_letters(SEVEN)
    assert client.deliveries.filter(kind="daily", status="due").count() == 1

    end_care(client, by=by, reason="All is well.", now=SEVEN)
    ring(SEVEN)
    ring(SEVEN + timedelta(days=1))

    assert mailoutbox == []
    daily = client.deliveries.filter(kind="daily")
    assert list(daily.values_list("status", "reason")) == [("skipped", "account_closed")]


def test_invitation_opens_nothing_after_the_end(web_as: Callable[..., Web], adam: User) -> None:
    client = builders.make_client(name="Gerda", therapist=adam, with_account=False)
    web = web_as(adam)
    web.post(reverse("admin:client_invite", args=[client.pk]))
    token = make_link(INVITATION, client=client, now=NOW).rstrip("/").rpartition("/")[2]

    decide(web, client, "end")

    with pytest.raises(CareEnded):
        accept_invitation(token, NOW)
    refused = web.post(reverse("admin:client_invite", args=[client.pk]), follow=True).content.decode()
    assert "has ended already" in refused
    assert client.deliveries.count() == 1
    assert "Send again" not in refused


def test_no_program_is_given_after_the_end(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    stale = Client.objects.get(pk=ana.pk)
    decide(web_as(adam), ana, "end")

    with pytest.raises(NotInCare):
        builders.assign(stale, by=adam)

    assert not Assignment.objects.exists()
    assert reverse("admin:client_assign", args=[ana.pk]) not in (
        web_as(adam).get(reverse("admin:client", args=[ana.pk])).content.decode()
    )


def test_whoever_comes_after_the_end_of_care_reads_the_same(adam: User) -> None:
    client = builders.make_client(name="Gerda", therapist=adam, with_account=False)
    end_care(client, by=adam, reason="All is well.", now=NOW)
    client.refresh_from_db()

    acts: list[Callable[[], Any]] = [
        lambda: end_care(client, by=adam, reason="All is well.", now=NOW),
        lambda: builders.assign(client, by=adam),
        lambda: invite(client, by=adam, now=NOW),
    ]
    for act in acts:
        with pytest.raises(NotInCare, match="The care of Gerda has ended already"):
            act()


def test_client_of_ended_care_reads_so_and_starts_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam)
    builders.screen(ana)
    decide(web_as(adam), ana, "end")
    web = web_as(ana.user)

    page = web.get(reverse("today"))
    web.post(reverse("without_app", args=[1]), {"key": "k"})
    started = web.post(reverse("session_start", args=[1]), {"key": "k"}, follow=True)

    assert page.context["page"].state == "care_ended"
    assert "Your care here has ended" in page.content.decode()
    assert started.status_code == 422
    assert not ana.sessions.exists()


# ---- Again ----------------------------------------------------------------------------------------------------------


def test_care_taken_up_again_leaves_the_programs_ended(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    assignment = builders.assign(ana, by=adam)
    web = web_as(adam)
    decide(web, ana, "end")

    first, second = decide(web, ana, "again"), decide(web, ana, "again")

    ana.refresh_from_db()
    assignment.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 422)
    assert "in care already" in second.content.decode()
    assert (ana.ended_at, assignment.ended_on) == (None, NOW.date())
    assert [row.kind for row in CareDecision.objects.all()] == ["ended", "resumed"]
    assert builders.assign(ana, by=adam)


@pytest.mark.parametrize("left", [{"is_active": False}, {"role": "office"}, None])
def test_care_is_not_taken_up_again_where_nobody_of_the_team_answers(
    web_as: Callable[..., Web],
    owner: User,
    adam: User,
    berta: User,
    ana: Client,
    left: dict[str, Any] | None,
) -> None:
    web = web_as(owner)
    decide(web, ana, "end")
    if left is None:
        CareTeam.objects.filter(client=ana).update(until=NOW + timedelta(microseconds=1))
    else:
        User.objects.filter(pk=adam.pk).update(**left)
    url, over = (reverse(f"admin:client_care_{act}", args=[ana.pk]) for act in ("again", "over"))

    page, refused = web.get(url), decide(web, ana, "again")

    ana.refresh_from_db()
    assert (refused.status_code, ana.ended_at) == (422, NOW)
    assert refused.context["form"].non_field_errors() == [
        "Nobody of the team answers for Ana Silva now. Hand them over to a colleague first."
    ]
    assert [f'href="{over}"' in each.text for each in (page, refused)] == [True, True]
    decide(web, ana, "over", therapist=str(berta.pk))
    assert decide(web, ana, "again").status_code == 302
    ana.refresh_from_db()
    assert ana.ended_at is None


# ---- Over to a colleague --------------------------------------------------------------------------------------------


def test_who_works_alone_is_told_so_instead_of_asked(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    User.objects.exclude(pk=adam.pk).update(is_active=False)

    page = web_as(adam).get(reverse("admin:client_care_over", args=[ana.pk]))

    assert "Nobody else of the team" in page.text
    assert 'name="therapist"' not in page.text


def test_client_handed_over_is_seen_by_the_colleague_alone(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    answer = decide(web_as(adam), ana, "over", therapist=str(berta.pk))

    assert answer["Location"] == reverse("admin:clients_client_changelist")
    assert carers(ana) == [("Adam", False), ("Berta", True)]
    assert [list(Client.objects.visible_to(user)) for user in (adam, berta)] == [[], [ana]]
    assert "Handed over to Berta" in [entry.what for entry in decisions(ana)]


def test_handed_over_twice_by_the_owner_is_handed_over_once(
    web_as: Callable[..., Web], owner: User, adam: User, berta: User, ana: Client
) -> None:
    url = reverse("admin:client_care_over", args=[ana.pk])
    web = web_as(owner)
    data = {"held": str(web.get(url).context["held"].pk), "therapist": str(berta.pk), "reason": "Nearer."}

    first, second = web.post(url, data), web.post(url, data)
    back = web.post(url, {**data, "therapist": str(adam.pk)})

    assert (first["Location"], second.status_code) == (reverse("admin:client", args=[ana.pk]), 422)
    assert ["in the meantime" in answer.content.decode() for answer in (second, back)] == [True, True]
    assert carers(ana) == [("Adam", False), ("Berta", True)]
    assert CareDecision.objects.count() == 1


def test_colleague_who_covered_answers_from_now_on_and_covers_no_more(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    day = timedelta(days=1)
    past, now, later = [
        CareTeam.objects.create(client=ana, therapist=berta, capacity="cover", since=since, until=until)
        for since, until in [
            (NOW - 9 * day, NOW - 8 * day),
            (NOW - day, NOW + day),
            (NOW + 5 * day, NOW + 6 * day),
        ]
    ]
    third = CareTeam.objects.create(
        client=ana,
        therapist=builders.make_therapist(name="Carl"),
        capacity="cover",
        since=NOW - day,
        until=NOW + day,
    )

    decide(web_as(adam), ana, "over", therapist=str(berta.pk))

    assert list(CareTeam.objects.filter(capacity="cover").order_by("pk").values_list("pk", "until")) == [
        (past.pk, NOW - 8 * day),
        (now.pk, NOW),
        (third.pk, NOW + day),
    ]
    assert not CareTeam.objects.filter(pk=later.pk).exists()
    assert CareTeam.objects.current(NOW).get(therapist=berta).capacity == "responsible"


def alerts() -> list[tuple[str, str, str]]:
    """Reader, status and reason of each safety alert; the first one first."""
    rows = Delivery.objects.filter(letter=Delivery.Letter.SAFETY_ALERT).order_by("pk")
    return list(rows.values_list("user__name", "status", "reason"))


def test_waiting_alert_is_for_who_answers_by_now(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, mailoutbox: list[Any]
) -> None:
    alert_therapists(ana, event="stop/1", now=NOW)

    decide(web_as(adam), ana, "over", therapist=str(berta.pk))
    ring(NOW)

    assert alerts() == [("Adam", "skipped", "not_in_their_care"), ("Berta", "sent", "")]
    assert [message.to for message in mailoutbox] == [[berta.email]]


def test_open_block_alerts_who_answers_by_now_each_time(
    web_as: Callable[..., Web], owner: User, adam: User, berta: User, ana: Client
) -> None:
    builders.screen(ana, yes=["night_pain"])
    ring(NOW)
    web = web_as(owner)

    for user in (berta, adam):
        decide(web, ana, "over", therapist=str(user.pk))
        ring(NOW + timedelta(minutes=1))

    assert alerts() == [("Adam", "sent", ""), ("Berta", "sent", ""), ("Adam", "sent", "")]


def test_hand_over_alerts_nobody_once_the_block_is_lifted(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client
) -> None:
    builders.screen(ana, yes=["night_pain"])
    ring(NOW)
    builders.talk(ana)

    decide(web_as(adam), ana, "over", therapist=str(berta.pk))

    assert alerts() == [("Adam", "sent", "")]


def test_alert_is_sent_by_a_clock_that_lags_behind_the_hand_over(
    adam: User, berta: User, ana: Client
) -> None:
    builders.screen(ana, yes=["night_pain"])
    ahead = NOW + timedelta(seconds=5)

    hand_over(ana, held=responsibility(ana), to=berta, by=adam, reason="Nearer.", now=ahead)
    ring(ahead)

    assert ("Berta", "sent", "") in alerts()


@pytest.mark.parametrize("held", ["", "x", "²", "9" * 5000, "0"])
def test_responsibility_that_nobody_showed_cannot_be_handed_over(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, held: str
) -> None:
    answer = decide(web_as(adam), ana, "over", therapist=str(berta.pk), held=held)

    assert answer.status_code == 422
    assert carers(ana) == [("Adam", True)]


def test_responsibility_of_another_client_is_not_handed_over(
    web_as: Callable[..., Web], adam: User, berta: User, ana: Client, carla: Client
) -> None:
    theirs = responsibility(carla)
    assert theirs is not None

    answer = decide(web_as(adam), ana, "over", therapist=str(adam.pk), held=str(theirs.pk))

    assert answer.status_code == 422
    assert (carers(ana), carers(carla)) == ([("Adam", True)], [("Berta", True)])


@pytest.mark.parametrize("who", ["adam", "office", "client"])
def test_client_is_handed_over_to_other_therapists_only(
    web_as: Callable[..., Web], adam: User, office: User, ana: Client, who: str
) -> None:
    to = {"adam": adam, "office": office, "client": ana.user}[who]

    assert decide(web_as(adam), ana, "over", therapist=str(to.pk)).status_code == 422
    assert carers(ana) == [("Adam", True)]


def test_client_for_whom_nobody_answers_is_handed_over_by_the_owner(
    web_as: Callable[..., Web], owner: User, berta: User, ana: Client
) -> None:
    CareTeam.objects.filter(client=ana).update(until=NOW)

    decide(web_as(owner), ana, "over", therapist=str(berta.pk))

    assert carers(ana) == [("Adam", False), ("Berta", True)]


# ---- Whose decision it is -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["end", "again", "over"])
def test_care_is_decided_by_who_answers_and_the_owner(
    web_as: Callable[..., Web], owner: User, adam: User, berta: User, office: User, ana: Client, act: str
) -> None:
    covers = builders.make_therapist(name="Carl")
    CareTeam.objects.create(
        client=ana, therapist=covers, capacity="cover", since=NOW, until=NOW + timedelta(days=3)
    )
    url = reverse(f"admin:client_care_{act}", args=[ana.pk])
    users = (owner, adam, covers, office, berta)

    looked = [web_as(user).get(url).status_code for user in users]
    refused = [web_as(user).post(url, {"reason": "Mine."}).status_code for user in users[2:]]

    assert (looked, refused) == ([200, 200, 403, 403, 404], [403, 403, 404])
    assert not CareDecision.objects.exists()
    pages = [web_as(user).get(reverse("admin:client", args=[ana.pk])).content.decode() for user in users[:3]]
    assert [reverse("admin:client_care_end", args=[ana.pk]) in page for page in pages] == [True, True, False]


# ---- At the same moment ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_handed_over_to_several_at_once_has_one_who_answers() -> None:
    client = builders.make_client()
    held = responsibility(client)
    assert held is not None
    others = [builders.make_therapist(name=name) for name in ("Berta", "Carl", "Dora")]

    outcomes = together(
        lambda n: hand_over(client, held=held, to=others[n], by=held.therapist, reason="Away.", now=NOW),
        times=3,
        numbered=True,
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["CareChanged", "CareChanged", "NoneType"]
    assert CareTeam.objects.filter(client=client, until__isnull=True).count() == 1
    assert CareDecision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_program_given_while_care_ends_does_not_outlive_it() -> None:
    client = builders.make_client()
    by = builders.responsible(client)

    def press(number: int) -> Any:
        fresh = Client.objects.get(pk=client.pk)
        if number:
            return builders.assign(fresh, by=by)
        return end_care(fresh, by=by, reason="All is well.", now=NOW)

    together(press, times=2, numbered=True)

    assert not Assignment.objects.running().exists()
    assert Client.objects.get().ended_at == NOW
