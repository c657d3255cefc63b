"""The client's page: what stands on it, and the small acts that begin there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client as Web
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import end_care
from clients.models import (
    CareTick,
    Client,
    ClientTag,
    ContactRecord,
    Delivery,
    PainDiaryEntry,
    SafetyBlock,
    SkipReason,
    User,
)
from clients.planning import plan_for
from clients.recording import stop
from clients.telling import (
    Site,
    record_limb,
    record_morning,
    record_note,
    record_pain_diary,
    record_tenderness,
    report_health_change,
)
from clients.tightness import record_tightness
from routines.models import BodyArea, ConditionTag, Muscle
from tests.together import together

pytestmark = pytest.mark.usefixtures("clock")
TODAY = date(2026, 3, 10)
BALL = "smr_buttock_ball_wall"


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


TABS = [
    "client",
    "client_plan",
    "client_progress",
    "client_timeline",
    "client_records",
    "client_letters",
    "client_since",
]


def page(web: Web, client: Client, name: str = "client") -> str:
    answer = web.get(reverse(f"admin:{name}", args=[client.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def act(web: Web, name: str, client: Client, data: dict[str, Any] | None = None, *args: int) -> Any:
    return web.post(reverse(f"admin:{name}", args=[client.pk, *args]), data or {})


# ---- What stands on it ----------------------------------------------------------------------------------------------


def test_page_of_a_new_client_tells_the_next_step(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)
    html = page(web, ana)
    records = page(web, ana, "client_records")

    assert "No program yet" in html
    assert reverse("admin:client_assign", args=[ana.pk]) in html
    assert "not enough data" in html
    assert "Not answered yet" in records
    assert "Nothing recorded yet" in records
    assert "stands here, with who and why" in page(web, ana, "client_timeline")
    assert "No letter yet" in page(web, ana, "client_letters")
    assert "No program yet" in page(web, ana, "client_plan")


def test_page_shows_plan_sessions_pain_answers_and_decisions(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    assignment = builders.assign(ana, by=adam)
    builders.screen(ana, yes=["varicose"])
    builders.train(
        ana, pain_before=5, pain_after=3, skip=["stretch_inner_thigh_sitting"], reason=SkipReason.NO_TIME
    )
    builders.advance(assignment, reason="Both spots are calm.")

    web = web_as(adam)
    overview = web.get(reverse("admin:client", args=[ana.pk])).context["file"]
    records = web.get(reverse("admin:client_records", args=[ana.pk])).context["file"]

    assert "Deep ache in the right buttock" in page(web, ana)
    assert overview.plan.sheets[0].current.phase.kind == "strengthen"
    assert [part["state"] for part in overview.plan.sheets[0].rail] == ["done", "current", "ahead", "ahead"]
    line = records.sessions[0]
    assert (line.asked - line.done, line.before, line.after) == (2, 5, 3)
    assert line.skipped == ["Seated inner thigh stretch: no time"]
    assert "Both spots are calm." in page(web, ana, "client_timeline")
    assert [row.question.slug for row in records.answers] == ["varicose"]
    assert overview.pain.figures.sentence == "One number so far: 3 of 10."


def test_page_shows_what_was_told_around_the_sessions(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    day = timedelta(days=1)
    builders.assign(ana, by=adam, now=NOW - 9 * day)
    session = builders.train(ana, now=NOW - day)
    site = Site(Muscle.objects.get(slug="piriformis"), "right")
    record_tightness(session, site, "before", 6, key="one", now=NOW)
    record_tightness(session, site, "after", 4, key="two", now=NOW)
    record_limb(session, "further_up", key="three", now=NOW)
    record_note(session, "Sitting was <easier>.", key="four", now=NOW)
    record_morning(ana, TODAY - day, "sore", 4, key="five", now=NOW)
    record_tenderness(ana, site, 7, key="six", now=NOW - 7 * day)
    record_tenderness(ana, site, 5, key="seven", now=NOW)
    record_pain_diary(ana, TODAY, 3, key="eight", now=NOW)
    report_health_change(ana, key="nine", now=NOW)

    web = web_as(adam)
    html = " ".join(page(web, ana, "client_records").split())
    overview = " ".join(page(web, ana).split())

    assert 'Sore, <span class="number">4</span>' in html
    assert "Tightness, Piriformis, right: before 6, after 4" in html
    assert "Leg or arm: <b>Moved up, towards the back or neck</b>" in html
    assert "“Sitting was &lt;easier&gt;.”" in html
    assert "7 of 10 at first, 5 the last time." in page(web, ana, "client_progress")
    assert "3 on 10 Mar" in html
    assert "<b>Piriformis, right</b>: 6 → 4" in overview
    assert "something about their health has changed" in page(web, ana, "client_timeline")


def test_page_says_how_the_client_comes_in(web_as: Callable[..., Web], adam: User) -> None:
    web = web_as(adam)
    paper = builders.make_client(name="Paper", therapist=adam, with_account=False, email="")
    outside = builders.make_client(name="Outside", therapist=adam, with_account=False)
    inside = builders.make_client(name="Inside", therapist=adam)

    assert "follows on paper" in page(web, paper)
    assert "not invited" in page(web, outside)
    assert "inside" in page(web, inside)
    act(web, "client_invite", outside)
    assert "invited, waiting" in page(web, outside)
    with time_machine.travel(NOW + timedelta(hours=73)):
        assert "has run out" in page(web_as(adam), outside)


def test_private_notes_are_kept(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    act(web_as(adam), "client_notes", ana, {"notes-notes": "Dislikes the floor.", "notes-name": "Forged"})

    ana.refresh_from_db()
    assert (ana.notes, ana.name) == ("Dislikes the floor.", "Ana Silva")


def test_notes_that_a_colleague_wrote_meanwhile_are_not_written_over_unread(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)
    seen = web.get(reverse("admin:client", args=[ana.pk])).context["notes_form"]["seen"].value()
    Client.objects.filter(pk=ana.pk).update(notes="Allergic to <plaster>.")

    refused = act(web, "client_notes", ana, {"notes-notes": "Dislikes the floor.", "notes-seen": seen})
    ana.refresh_from_db()
    kept, form = ana.notes, refused.context["notes_form"]
    act(web, "client_notes", ana, {"notes-notes": "Both.", "notes-seen": form["seen"].value()})

    assert (refused.status_code, kept) == (422, "Allergic to <plaster>.")
    assert form["notes"].value() == "Dislikes the floor."
    assert "Allergic to &lt;plaster&gt;." in refused.content.decode()
    ana.refresh_from_db()
    assert ana.notes == "Both."


def test_page_asks_the_same_queries_for_3_rows_and_for_3000(
    web_as: Callable[..., Web], adam: User, ana: Client, subtests: pytest.Subtests
) -> None:
    builders.assign(ana, by=adam)
    builders.screen(ana)
    builders.examine(ana, by=adam, found=[("piriformis", "right", "tight", 7)], now=NOW - timedelta(days=40))
    web = web_as(adam)

    def queries(name: str) -> int:
        url = reverse(f"admin:{name}", args=[ana.pk])
        with CaptureQueriesContext(connection) as made:
            assert web.get(url).status_code == 200
        return len(made)

    many_rows(ana, adam, 3)
    queries(TABS[0])  # what the first request alone asks
    few = {name: queries(name) for name in TABS}
    many_rows(ana, adam, 3000, before=timedelta(days=3))

    for name in TABS:
        with subtests.test(name):
            assert queries(name) == few[name]


def many_rows(client: Client, by: User, number: int, before: timedelta = timedelta()) -> None:
    builders.bulk_sessions(client, number, now=NOW - before)
    ContactRecord.objects.bulk_create(
        ContactRecord(client=client, by=by, at=NOW - before - timedelta(days=n), note="Spoken.")
        for n in range(number)
    )
    Delivery.objects.bulk_create(
        Delivery(
            client=client,
            letter="plan_changed",
            event_id=f"plan/{number}/{n}",
            due_at=NOW,
            not_after=NOW,
            created_at=NOW,
        )
        for n in range(number)
    )
    PainDiaryEntry.objects.bulk_create(
        PainDiaryEntry(
            client=client,
            local_date=TODAY - before - timedelta(days=n),
            value=3,
            key=builders.new_key(),
            received_at=NOW,
        )
        for n in range(number)
    )


# ---- The tabs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABS)
def test_stranger_finds_no_page_of_the_client(
    web_as: Callable[..., Web], berta: User, office: User, ana: Client, name: str
) -> None:
    url = reverse(f"admin:{name}", args=[ana.pk])

    assert web_as(berta).get(url).status_code == 404
    if name != "client":
        assert web_as(office).get(url).status_code == 403


@pytest.mark.parametrize("name", TABS)
def test_page_of_ended_care_can_be_read(
    web_as: Callable[..., Web], adam: User, ana: Client, name: str
) -> None:
    builders.assign(ana, by=adam)
    builders.train(ana)
    end_care(ana, by=adam, reason="All is well.", now=NOW)

    page(web_as(adam), ana, name)


def test_head_leads_to_the_program_that_holds(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    assignment = builders.assign(ana, by=adam)
    web = web_as(adam)
    html = page(web, ana, "client_letters")

    assert "Release, day 1" in html
    assert f"#program-{assignment.pk}" in html
    for name in ("client", "client_plan"):
        assert f'id="program-{assignment.pk}"' in page(web, ana, name)
    assert 'id="contact"' in page(web, ana)


def test_each_page_of_a_client_has_a_title_of_its_own(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)
    titles = {page(web, ana, name).split("<title>")[1].split("</title>")[0] for name in TABS}

    assert len(titles) == len(TABS)
    assert "Plan · Ana Silva · Train and Massage" in titles


def test_timeline_pages_lead_to_older_lines(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    many_rows(ana, adam, 40)
    web = web_as(adam)
    url = reverse("admin:client_timeline", args=[ana.pk])

    first = web.get(url, {"kind": "safety"}).context["page"]
    answer = web.get(url, {"kind": "safety", "before": first.older})
    second = answer.context["page"]

    assert [entry.what for entry in first.lines] == ["Contact: Phone"] * 30
    assert len(second.lines) == 10
    assert max(entry.day for entry in second.lines) < min(entry.day for entry in first.lines)
    assert "The newest" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"kind": "nonsense", "before": "nonsense"},
        {"before": "9" * 300},
        {"before": "0.0.0"},
        {"before": ["1.2.3", "x"], "kind": ["letters", "nonsense"]},
    ],
)
def test_address_that_nobody_wrote_finds_a_timeline(
    web_as: Callable[..., Web], adam: User, ana: Client, query: dict[str, Any]
) -> None:
    builders.talk(ana)

    assert web_as(adam).get(reverse("admin:client_timeline", args=[ana.pk]), query).status_code == 200


# ---- A safety block and the contact that lifts it -------------------------------------------------------------------


@pytest.fixture
def block(ana: Client, adam: User) -> SafetyBlock:
    builders.assign(ana, by=adam)
    builders.screen(ana, yes=["fever_unwell"])
    return SafetyBlock.objects.get()


def test_contact_lifts_the_block(
    web_as: Callable[..., Web], adam: User, ana: Client, block: SafetyBlock
) -> None:
    web = web_as(adam)
    assert "Blocked until you have spoken" in page(web, ana)

    act(
        web, "client_contact", ana,
        {"contact-channel": "in_person", "contact-note": "Seen by her doctor, all clear.", "block": str(block.pk)},
    )  # fmt: skip

    contact = ContactRecord.objects.get()
    assert (contact.client, contact.by, contact.channel, contact.at) == (ana, adam, "in_person", NOW)
    block.refresh_from_db()
    assert (block.lifted_at, block.contact) == (NOW, contact)
    assert not plan_for(ana, TODAY).blocked


def test_contact_lifts_only_what_was_seen(
    web_as: Callable[..., Web], adam: User, ana: Client, block: SafetyBlock
) -> None:
    """A block that came while the therapist was writing stays until she has read it."""
    act(web_as(adam), "client_contact", ana, {"contact-channel": "phone", "contact-note": "All clear."})

    assert plan_for(ana, TODAY).blocked


def test_contact_without_a_word_is_refused_beside_the_field(
    web_as: Callable[..., Web], adam: User, ana: Client, block: SafetyBlock
) -> None:
    answer = act(web_as(adam), "client_contact", ana, {"contact-channel": "phone", "block": str(block.pk)})

    assert answer.status_code == 422
    assert "note" in answer.context["contact_form"].errors
    assert not ContactRecord.objects.exists()


def test_contact_sent_twice_is_one(
    web_as: Callable[..., Web], adam: User, ana: Client, block: SafetyBlock
) -> None:
    data = {"contact-channel": "phone", "contact-note": "All clear.", "block": str(block.pk)}
    web = web_as(adam)

    act(web, "client_contact", ana, data)
    act(web, "client_contact", ana, data)

    assert ContactRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_contact_sent_twice_at_once_is_one(
    web_as: Callable[..., Web], adam: User, ana: Client, block: SafetyBlock
) -> None:
    data = {"contact-channel": "phone", "contact-note": "All clear.", "block": str(block.pk)}
    webs = [web_as(adam) for _number in range(2)]
    looked = Barrier(2)

    def waits_for_the_other(execute: Any, sql: str, *args: Any) -> Any:
        """Neither writes before both have looked, unless one keeps the other out."""
        found = execute(sql, *args)
        if sql.startswith("SELECT") and "clients_safetyblock" in sql:
            with suppress(BrokenBarrierError):
                looked.wait(timeout=2)
        return found

    def press(number: int) -> int:
        with connection.execute_wrapper(waits_for_the_other):
            return act(webs[number], "client_contact", ana, data).status_code

    assert together(press, times=2, numbered=True) == [302, 302]
    assert [contact.lifts.count() for contact in ContactRecord.objects.all()] == [1]


def test_block_of_another_client_stays(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client, berta: User
) -> None:
    builders.assign(carla, by=berta)
    builders.screen(carla, yes=["fever_unwell"])
    foreign = SafetyBlock.objects.get(client=carla)

    act(
        web_as(adam), "client_contact", ana,
        {"contact-channel": "phone", "contact-note": "Forged.", "block": str(foreign.pk)},
    )  # fmt: skip

    foreign.refresh_from_db()
    assert foreign.lifted_at is None


# ---- Only with care -------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(ana: Client, adam: User) -> None:
    builders.tag(ana, "osteoporosis")
    builders.assign(ana, by=adam)


def test_tick_opens_the_step(web_as: Callable[..., Web], adam: User, ana: Client, waiting: None) -> None:
    web = web_as(adam)
    found = web.get(reverse("admin:client", args=[ana.pk])).context["file"].plan.waiting
    assert found
    html = page(web, ana)
    assert found[0].condition.rule in html

    answer = act(web, "client_care", ana, {"care-care": [each.key for each in found]})

    assert answer.status_code == 302
    assert {(tick.client, tick.tag.slug, tick.by) for tick in CareTick.objects.all()} == {
        (ana, "osteoporosis", adam)
    }
    assert web.get(reverse("admin:client", args=[ana.pk])).context["file"].plan.waiting == []


@pytest.mark.parametrize("key", ["", "999999:osteoporosis", "x", "1:nonsense"])
def test_tick_for_what_does_not_wait_is_refused(
    web_as: Callable[..., Web], adam: User, ana: Client, waiting: None, key: str
) -> None:
    answer = act(web_as(adam), "client_care", ana, {"care-care": [key]} if key else {})

    assert answer.status_code == 422
    assert "care" in answer.context["care_form"].errors
    assert not CareTick.objects.exists()


# ---- Inviting -------------------------------------------------------------------------------------------------------


def test_invitation_is_a_letter_before_it_is_a_mail(
    web_as: Callable[..., Web], adam: User, mailoutbox: list[Any]
) -> None:
    client = builders.make_client(name="Gerda", therapist=adam, with_account=False, email="gerda@example.org")

    answer = act(web_as(adam), "client_invite", client)

    assert answer["Location"] == reverse("admin:client", args=[client.pk])
    letter = Delivery.objects.get()
    assert (letter.client, letter.letter, letter.status) == (client, "invitation", "due")
    assert mailoutbox == []


@pytest.mark.parametrize(
    ("client", "words"),
    [
        ({"with_account": False, "email": ""}, "no e-mail yet"),
        ({"with_account": False, "email": "taken@example.org"}, "own address"),
    ],
)
def test_invitation_that_cannot_be_says_why(
    web_as: Callable[..., Web], adam: User, client: dict[str, Any], words: str
) -> None:
    builders.make_therapist(name="Taken", email="taken@example.org")
    person = builders.make_client(name="Gerda", therapist=adam, **client)

    answer = web_as(adam).post(reverse("admin:client_invite", args=[person.pk]), follow=True)

    assert words in answer.content.decode()
    assert not Delivery.objects.exists()


def test_somebody_inside_is_not_invited_again(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    assert ana.user is not None
    ana.user.last_login = NOW
    ana.user.save()

    answer = web_as(adam).post(reverse("admin:client_invite", args=[ana.pk]), follow=True)

    assert "inside already" in answer.content.decode()


def test_looking_at_the_address_of_an_act_does_nothing(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)
    acts = ["client_invite", "client_contact", "client_care", "client_notes"]

    assert [web.get(reverse(f"admin:{name}", args=[ana.pk])).status_code for name in acts] == [405] * 4
    assert not Delivery.objects.exists()


# ---- Conditions -----------------------------------------------------------------------------------------------------


def condition(slug: str = "blood_clot", area: str = "buttock", side: str = "right") -> dict[str, str]:
    return {
        "tag": str(ConditionTag.objects.get(slug=slug).pk),
        "area": str(BodyArea.objects.get(slug=area).pk) if area else "",
        "side": side,
    }


def test_new_condition_protects_a_running_program(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam)
    slugs = {item.step.as_was["slug"] for item in plan_for(ana, TODAY).items}
    assert BALL in slugs

    answer = act(web_as(adam), "client_conditions", ana, condition())

    assert answer.status_code == 302
    assert BALL not in {item.step.as_was["slug"] for item in plan_for(ana, TODAY).items}


def test_known_condition_is_said_beside_the_field(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    web = web_as(adam)
    act(web, "client_conditions", ana, condition())

    answer = act(web, "client_conditions", ana, condition())

    assert answer.status_code == 422
    assert "on the list already" in answer.context["form"].errors["tag"][0]
    assert ClientTag.objects.count() == 1


def test_condition_ends_yesterday(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    row = builders.tag(ana, "blood_clot", "buttock", valid_from=TODAY - timedelta(days=30))

    act(web_as(adam), "client_condition_end", ana, {}, row.pk)

    row.refresh_from_db()
    assert row.valid_to == TODAY - timedelta(days=1)


def test_condition_of_today_holds_until_tonight(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    row = builders.tag(ana, "blood_clot", "buttock")

    answer = web_as(adam).post(reverse("admin:client_condition_end", args=[ana.pk, row.pk]), follow=True)

    row.refresh_from_db()
    assert row.valid_to == TODAY
    assert "until tonight" in answer.content.decode()


def test_condition_that_has_ended_ends_once(web_as: Callable[..., Web], adam: User, ana: Client) -> None:
    row = builders.tag(ana, "blood_clot", "buttock", valid_from=TODAY, valid_to=TODAY)

    assert act(web_as(adam), "client_condition_end", ana, {}, row.pk).status_code == 404


def test_condition_of_another_client_stays(
    web_as: Callable[..., Web], adam: User, ana: Client, carla: Client
) -> None:
    row = builders.tag(carla, "blood_clot", "buttock")

    assert act(web_as(adam), "client_condition_end", ana, {}, row.pk).status_code == 404
    row.refresh_from_db()
    assert row.valid_to is None


def test_stops_that_have_no_room_are_counted_and_lead_to_the_timeline(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.assign(ana, by=adam)
    session = builders.train(ana, now=NOW)
    for _number in range(23):
        stop(session, None, choice="too_strong", key=builders.new_key(), now=NOW)
    web = web_as(adam)

    pages = [page(web, ana, name) for name in ("client", "client_since")]

    for text in pages:
        assert "<b>23</b> times something was wrong" in text
        assert "and 3 more" in text
    assert f"{reverse('admin:client_timeline', args=[ana.pk])}?kind=safety" in pages[0]


# ---- On the body ------------------------------------------------------------------------------------------------------


def test_overview_and_records_show_the_newest_findings_on_the_body(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.examine(
        ana,
        found=[("piriformis", "right", "tight", 7), ("gluteus_medius", "right", "weak", 5)],
        pain=[("buttock", "right", 6)],
        now=NOW - timedelta(days=1),
    )

    for name in ("client", "client_records"):
        shown = page(web_as(adam), ana, name)
        assert "<b>Tight:</b> buttock, right (piriformis 7)" in shown
        assert "<b>Weak:</b>" in shown
        assert "<b>Pain:</b> buttock, right (6 of 10)" in shown
    assert "Buttock, right: in 1 of 1 visit" in shown


def test_records_of_pain_that_nobody_told_say_that_data_are_missing(
    web_as: Callable[..., Web], adam: User, ana: Client
) -> None:
    builders.examine(ana, found=[("piriformis", "right", "tight", 7)], now=NOW)

    assert "Not enough data: no place of pain was told at a visit yet." in page(
        web_as(adam), ana, "client_records"
    )


def test_who_may_not_change_a_client_is_not_asked_for_an_e_mail(
    web_as: Callable[..., Web], adam: User, office: User
) -> None:
    on_paper = builders.make_client(name="Ben Ortiz", therapist=adam, email="", with_account=False)

    assert "Add an e-mail" in page(web_as(adam), on_paper)
    assert "Add an e-mail" not in page(web_as(office), on_paper)


def test_front_desk_sees_nothing_on_the_body(web_as: Callable[..., Web], office: User, ana: Client) -> None:
    builders.examine(ana, pain=[("buttock", "right", 6)], now=NOW)
    shown = page(web_as(office), ana)

    assert "body-sketch" not in shown
    assert "6 of 10" not in shown
