"""The front page: who needs somebody, and everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client as Web
from django.urls import reverse

from clients.attention.look import look
from clients.dashboard import Line, count_in_need, todays_people
from clients.demo import builders
from clients.demo.builders import NOW
from clients.models import Client, Delivery, Message, SafetyBlock, User
from clients.recording import start_session, stop
from routines.models import ExerciseTag

pytestmark = pytest.mark.usefixtures("clock")


PAGE = 22


def write(client: Client) -> Message:
    return Message.objects.create(
        client=client, by=client.user, from_client=True, text="How often?", at=NOW, key=uuid4()
    )


def lose_letter(client: Client, **fields: Any) -> Delivery:
    at = NOW - timedelta(hours=2)
    values = {
        "letter": "plan_changed", "event_id": uuid4().hex, "due_at": at, "status": "failed", "reason": "no_such_address",
    }  # fmt: skip
    return Delivery.objects.create(client=client, not_after=NOW, **values | fields)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def needs(user: User) -> list[tuple[str, str]]:
    """The lines of the queue as this person reads them, after a look at everybody."""
    look(dict.fromkeys(Client.objects.all(), NOW))
    return [
        (line.kind, row.person.client.name) for row in todays_people(user, NOW).rows for line in row.lines
    ]


def lines(user: User) -> list[Line]:
    look(dict.fromkeys(Client.objects.all(), NOW))
    return [line for row in todays_people(user, NOW).rows for line in row.lines]


def test_first_day_leads_to_the_first_client(web_as: Callable[..., Web], adam: User) -> None:
    html = web_as(adam).get(reverse("admin:index")).content.decode()

    assert "Nobody needs you right now" in html
    assert "No client yet" in html
    assert reverse("admin:clients_client_add") in html


def test_whoever_told_nothing_is_not_called_fine(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    html = web_as(adam).get(reverse("admin:index")).content.decode()

    assert "Nobody needs you right now" in html
    assert "1 without anything open" in html
    assert "on track" not in html


def test_page_greets_by_the_clock_of_the_practice(web_as: Callable[..., Web], adam: User) -> None:
    assert "Good evening, Adam" in web_as(adam).get(reverse("admin:index")).content.decode()


def test_block_comes_first_with_the_way_to_record_the_contact(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam)
    builders.screen(ana, yes=["fever_unwell"])

    html = web_as(adam).get(reverse("admin:index")).content.decode()

    assert needs(adam) == [("block", "Ana Silva")]
    assert "One person needs you" in html
    assert f'action="{reverse("admin:client_queue", args=[ana.pk, "contact"])}"' in html
    assert f'name="block" value="{ana.blocks.get().pk}"' in html


def test_stop_is_a_need_until_somebody_has_spoken(
    web_as: Callable[..., Web], adam: User, berta: User, office: User, ana: Client
) -> None:
    builders.assign(ana, by=adam)
    builders.screen(ana)
    session = start_session(ana, number=1, key="start", now=NOW)
    stop(session, None, choice="other", key="stop", now=NOW - timedelta(minutes=1))
    web = web_as(adam)

    (line,) = lines(adam)
    assert (line.kind, line.reason) == ("stop", "Something is wrong")
    assert line.evidence.startswith("Something else, ")
    assert line.aside is None
    assert needs(berta) == needs(office) == []

    contact = reverse("admin:client_queue", args=[ana.pk, "contact"])
    assert f'action="{contact}"' in web.get(reverse("admin:index")).content.decode()
    web.post(contact, {"channel": "phone", "note": "Only a cramp."})

    assert needs(adam) == []


def test_step_that_waits_for_a_tick_is_a_need(adam: User, ana: Client) -> None:
    builders.tag(ana, "osteoporosis")
    builders.assign(ana, by=adam)
    assert needs(adam) == [("care", "Ana Silva")]

    for each in lines(adam):
        assert "wait" in each.reason
        assert each.evidence == "Osteoporosis or a fragility fracture"


def test_step_of_a_locked_phase_does_not_wait_yet(adam: User, ana: Client) -> None:
    assignment = builders.assign(ana, by=adam)
    by_phase = [
        set(
            ExerciseTag.objects.filter(
                rule="care", tag__scope="whole_person", exercise__in=phase.steps.values("exercise")
            ).values_list("tag__slug", flat=True)
        )
        for phase in assignment.phases.all()
    ]
    builders.tag(ana, min(by_phase[1] - by_phase[0]))

    assert needs(adam) == []


@pytest.mark.parametrize(
    ("days", "expected"), [(3, []), (4, [("silent", "Ana Silva")]), (9, [("silent", "Ana Silva")])]
)
def test_silence_counts_from_the_last_session_or_the_start(
    adam: User, ana: Client, days: int, expected: list[tuple[str, str]]
) -> None:
    builders.assign(ana, by=adam, now=NOW - timedelta(days=days))

    assert needs(adam) == expected


def test_last_session_ends_the_silence(adam: User, ana: Client) -> None:
    builders.assign(ana, by=adam, now=NOW - timedelta(days=9))
    builders.bulk_sessions(ana, 1)

    assert needs(adam) == []


def test_pause_is_not_silence(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    assignment = builders.assign(ana, by=adam, now=NOW - timedelta(days=9))
    url = reverse("admin:client_assignment", args=[ana.pk, assignment.pk, "pause"])
    web_as(adam).post(url, {"reason": "Holidays."})

    assert needs(adam) == []


def test_paper_is_silent_by_nature(adam: User) -> None:
    paper = builders.make_client(name="Paper", therapist=adam, with_account=False, email="")
    builders.assign(paper, by=adam, now=NOW - timedelta(days=9))

    assert needs(adam) == []


def test_invitation_that_nobody_opened_is_a_need(web_as: Callable[..., Web], adam: User) -> None:
    gerda = builders.make_client(name="Gerda", therapist=adam, with_account=False)
    web = web_as(adam)
    web.post(reverse("admin:client_invite", args=[gerda.pk]))

    html = web.get(reverse("admin:index")).content.decode()

    assert needs(adam) == [("invitation", "Gerda")]
    assert f'action="{reverse("admin:client_invite", args=[gerda.pk])}"' in html


def test_message_is_a_need_until_it_was_read(adam: User, office: User, ana: Client) -> None:
    message = write(ana)

    assert needs(adam) == [("unread", "Ana Silva")]
    assert needs(office) == []

    Message.objects.filter(pk=message.pk).update(seen_at=NOW)

    assert needs(adam) == []


def test_lost_letter_is_a_need_until_one_arrives(adam: User, office: User, ana: Client) -> None:
    lose_letter(ana)

    (line,) = lines(office)
    assert (line.kind, line.reason) == ("mail", "Mail does not arrive")
    assert line.evidence == "The mail server does not know the address, 10 Mar, 17:00"
    assert needs(adam) == [("mail", "Ana Silva")]

    Delivery.objects.create(
        client=ana,
        letter="plan_changed",
        event_id="arrived",
        due_at=NOW,
        not_after=NOW,
        status="sent",
        sent_at=NOW,
    )

    assert needs(adam) == needs(office) == []


@pytest.mark.parametrize(
    "other",
    [
        {"letter": "safety_alert"},
        {"due_at": NOW - timedelta(days=15)},
        {"reason": "done_today", "status": "skipped"},
    ],
)
def test_letters_to_others_of_long_ago_or_not_needed_are_no_need(
    adam: User, ana: Client, other: dict[str, Any]
) -> None:
    lose_letter(ana, **other)

    assert needs(adam) == []


def test_all_reasons_of_one_client_stand_in_one_row_the_most_urgent_first(adam: User, ana: Client) -> None:
    builders.tag(ana, "osteoporosis", valid_from=NOW.date() - timedelta(days=9))
    builders.assign(ana, by=adam, now=NOW - timedelta(days=9))
    write(ana)
    lose_letter(ana)
    ben = builders.make_client(name="Aaron", therapist=adam)
    write(ben)

    assert needs(adam) == [
        ("care", "Ana Silva"),
        ("silent", "Ana Silva"),
        ("unread", "Ana Silva"),
        ("mail", "Ana Silva"),
        ("unread", "Aaron"),
    ]


def test_blocked_client_is_not_silent(adam: User, ana: Client) -> None:
    builders.assign(ana, by=adam, now=NOW - timedelta(days=9))
    SafetyBlock.objects.create(client=ana, effect="review", cause="Something", created_at=NOW)

    assert needs(adam) == [("block", "Ana Silva")]


def test_care_that_has_ended_needs_nobody(adam: User, ana: Client) -> None:
    builders.assign(ana, by=adam)
    builders.screen(ana, yes=["fever_unwell"])
    Client.objects.update(ended_at=NOW)

    assert needs(adam) == []
    assert todays_people(adam, NOW).clients == 0


def test_people_of_others_are_not_there(
    web_as: Callable[..., Web], adam: User, berta: User, carla: Client
) -> None:
    builders.assign(carla, by=berta)
    builders.screen(carla, yes=["fever_unwell"])

    assert needs(adam) == []
    assert "CANARY" not in web_as(adam).get(reverse("admin:index")).content.decode()
    assert needs(berta) == [("block", "Carla CANARY")]


def test_office_sees_invitations_only(
    web_as: Callable[..., Web], office: User, adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam)
    builders.screen(ana, yes=["fever_unwell"])

    html = web_as(office).get(reverse("admin:index")).content.decode()

    assert needs(office) == []
    assert "Ana Silva" in html
    assert "locked" not in html
    assert "Release" not in html


def test_one_person_with_two_needs_is_counted_once(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.tag(ana, "osteoporosis", valid_from=NOW.date() - timedelta(days=9))
    builders.assign(ana, by=adam, now=NOW - timedelta(days=9))
    assert needs(adam) == [("care", "Ana Silva"), ("silent", "Ana Silva")]

    today = todays_people(adam, NOW)

    assert len(today.rows) == 1
    assert (today.needy, today.calm, today.clients) == (1, 0, 1)
    assert '<span class="badge">1</span>' in web_as(adam).get(reverse("admin:index")).content.decode()


def test_everybody_comes_a_page_at_a_time(web_as: Callable[..., Web], adam: User) -> None:
    for number in range(31):
        builders.make_client(name=f"Client {number:02}", therapist=adam)
    web = web_as(adam)

    first, second = (web.get(reverse("admin:index"), {"page": page}) for page in ("1", "2"))

    assert len(first.context["people"].page.object_list) == 30
    assert [person.client.name for person in second.context["people"].page] == ["Client 30"]
    assert web.get(reverse("admin:index"), {"queue": "nonsense"}).status_code == 200
    assert web.get(reverse("admin:index"), {"page": "nonsense"}).status_code == 200


@pytest.mark.parametrize("number", [1, 3, 60])
def test_page_asks_a_fixed_number_of_queries(
    web_as: Callable[..., Web], adam: User, django_assert_num_queries: Any, number: int
) -> None:
    for n in range(number):
        client = builders.make_client(name=f"Client {n}", therapist=adam)
        builders.tag(client, "osteoporosis")
        builders.assign(client, by=adam, now=NOW - timedelta(days=9))
        SafetyBlock.objects.create(client=client, effect="review", cause="Something", created_at=NOW)
        write(client)
        lose_letter(client)
    look(dict.fromkeys(Client.objects.all(), NOW))
    web = web_as(adam)
    web.get(reverse("admin:index"))

    with django_assert_num_queries(PAGE):
        answer = web.get(reverse("admin:index"))

    assert [line.kind for line in answer.context["people"].rows[0].lines] == [
        "block",
        "care",
        "unread",
        "mail",
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_badge_of_the_rail_is_one_query(adam: User, django_assert_num_queries: Any, number: int) -> None:
    for n in range(number):
        builders.assign(builders.make_client(name=f"Client {n}", therapist=adam), now=NOW - timedelta(days=9))
    look(dict.fromkeys(Client.objects.all(), NOW))

    with django_assert_num_queries(1):
        assert count_in_need(adam, NOW) == number


# ---- The rail and the door ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("index", "Today"),
        ("clients_client_changelist", "Clients"),
        ("clients_client_add", "Clients"),
        ("clients_trainingsession_changelist", "Clients"),
        ("routines_program_changelist", "Programs"),
        ("routines_program_add", "Programs"),
        ("routines_exercise_changelist", "Exercises"),
        ("routines_muscle_changelist", "Muscles & patterns"),
        ("clients_delivery_changelist", "Letters"),
        ("clients_practice_changelist", "Practice"),
    ],
)
def test_rail_marks_the_place(web_as: Callable[..., Web], owner: User, name: str, place: str) -> None:
    rail = web_as(owner).get(reverse(f"admin:{name}")).context["workplace_nav"]

    assert [str(word) for word, _url, current, _count, _icon in rail if current] == [place]
    assert [str(word) for word, *_rest in rail] == [
        "Today", "Clients", "Programs", "Exercises", "Muscles & patterns", "Messages", "Letters", "Report", "Practice",
    ]  # fmt: skip


def test_rail_of_the_office_is_short(web_as: Callable[..., Web], office: User) -> None:
    rail = web_as(office).get(reverse("admin:index")).context["workplace_nav"]

    assert [str(word) for word, *_rest in rail] == ["Today", "Clients", "Letters"]


def test_nobody_is_sent_to_the_one_sign_in_page(web: Web) -> None:
    wanted = reverse("admin:clients_client_changelist")

    answer = web.get(wanted, follow=True)

    assert answer.redirect_chain[-1][0] == f"{reverse('account_login')}?next={wanted}"


@pytest.mark.parametrize(
    "evil", ["https://evil.example/", "//evil.example/workplace/", "javascript:alert(1)"]
)
def test_door_leads_to_no_other_house(web: Web, evil: str) -> None:
    answer = web.get(reverse("admin:login"), {"next": evil})

    assert answer["Location"] == f"{reverse('account_login')}?next={reverse('admin:index')}"


def test_client_does_not_enter(web_as: Callable[..., Web], ana: Client) -> None:
    answer = web_as(ana.user).get(reverse("admin:index"), follow=True)

    assert answer.status_code == 403


def test_own_doors_of_the_admin_lead_to_the_accounts(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)

    assert web.get(reverse("admin:login"))["Location"] == reverse("admin:index")
    assert web.post(reverse("admin:logout"))["Location"] == reverse("account_logout")
    assert web.get(reverse("admin:password_change"))["Location"] == reverse("account_change_password")
    assert web.get(reverse("admin:password_change_done"))["Location"] == reverse("account_change_password")
