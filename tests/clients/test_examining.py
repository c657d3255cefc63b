"""Visits and findings: what may change while a visit is open, what stays, and two visits side by side."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import transaction

from clients.care import NotInCare
from clients.demo import builders
from clients.demo.builders import NOW, new_key
from clients.examining import (
    NeverWeak,
    NoteChanged,
    Noted,
    NotEmpty,
    SideMissing,
    VisitClosed,
    VisitSheet,
    changes,
    close_visit,
    compare,
    discard_visit,
    keep_home,
    last_ratings,
    newest_visits,
    open_visit,
    record_finding,
    record_joint,
    record_pain,
    remove,
    sides_to_record,
    write_note,
)
from clients.models import Client, Finding, HomeSetup, JointFinding, PainArea, User, Visit
from routines.bodymap import Mark
from routines.models import BodyArea, Equipment, Joint, Muscle
from tests.together import together

DAY = timedelta(days=1)


@pytest.fixture
def visit(client: Client, therapist: User) -> Visit:
    return open_visit(client, by=therapist, key="first", now=NOW)


def muscle(slug: str) -> Muscle:
    return Muscle.objects.get(slug=slug)


def rows() -> list[tuple[str, str, str, int]]:
    found = Finding.objects.order_by("pk")
    return [(row.muscle.slug, row.side, row.state, row.rating) for row in found]


# ---- Opening and closing --------------------------------------------------------------------------------------------


def test_visit_is_held_on_the_clients_day(client: Client, therapist: User) -> None:
    client.zone = "Pacific/Auckland"

    assert open_visit(client, by=therapist, key="k", now=NOW).held_on == date(2026, 3, 11)


def test_the_same_key_opens_one_visit_even_after_it_is_closed(
    client: Client, therapist: User, visit: Visit
) -> None:
    close_visit(visit, note="", before="", now=NOW)

    assert open_visit(client, by=therapist, key="first", now=NOW + DAY) == visit
    assert Visit.objects.count() == 1


def test_another_key_finds_the_open_visit(client: Client, therapist: User, visit: Visit) -> None:
    assert open_visit(client, by=therapist, key="second", now=NOW + DAY) == visit


def test_nobody_is_examined_after_care_has_ended(client: Client, therapist: User) -> None:
    client.ended_at = NOW

    with pytest.raises(NotInCare):
        open_visit(client, by=therapist, key="k", now=NOW)


def test_closed_visit_is_closed_once_and_keeps_its_note(visit: Visit) -> None:
    for _time in range(2):
        close_visit(visit, note="Calm today.", before="", now=NOW)

    with pytest.raises(VisitClosed):
        close_visit(visit, note="Later thought", before="", now=NOW + DAY)
    visit.refresh_from_db()
    assert (visit.note, visit.closed_at) == ("Calm today.", NOW)


@pytest.mark.parametrize(
    "write",
    [
        lambda visit: write_note(visit, "Mine", before=""),
        lambda visit: close_visit(visit, note="Mine", before="", now=NOW),
    ],
    ids=["note", "close"],
)
def test_note_takes_the_place_of_the_one_that_was_read(visit: Visit, write: Any) -> None:
    write_note(visit, "Theirs", before="")

    with pytest.raises(NoteChanged):
        write(visit)
    write_note(visit, "Theirs", before="anything")  # it stands already
    visit.refresh_from_db()
    assert (visit.note, visit.closed_at) == ("Theirs", None)


@pytest.mark.parametrize(
    "change",
    [
        lambda visit: record_finding(visit, muscle("soleus"), side="left", state="weak", rating=3),
        lambda visit: record_joint(visit, Joint.objects.get(slug="hip"), side="left", alteration="stiff"),
        lambda visit: record_pain(visit, BodyArea.objects.get(slug="calf"), side="left"),
        lambda visit: remove(visit, "muscle", visit.findings.get().pk),
        lambda visit: write_note(visit, "Later", before=""),
        lambda visit: keep_home(
            visit.client, tools=[], floor=True, level=2, minutes=15, by=visit.by, now=NOW
        ),
    ],
    ids=["finding", "joint", "pain", "remove", "note", "home"],
)
def test_open_visit_takes_nothing_after_care_has_ended(visit: Visit, change: Any) -> None:
    record_finding(visit, muscle("piriformis"), side="right", state="tight", rating=7)
    stale = Visit.objects.get(pk=visit.pk)
    Client.objects.filter(pk=visit.client_id).update(ended_at=NOW)

    with pytest.raises(NotInCare):
        change(stale)
    assert rows() == [("piriformis", "right", "tight", 7)]
    assert (JointFinding.objects.count(), PainArea.objects.count()) == (0, 0)
    assert not HomeSetup.objects.exists()


def test_open_visit_can_be_finished_after_care_has_ended(visit: Visit) -> None:
    Client.objects.filter(pk=visit.client_id).update(ended_at=NOW)
    close_visit(visit, note="The last one.", before="", now=NOW)

    visit.refresh_from_db()
    assert (visit.note, visit.closed_at) == ("The last one.", NOW)


def test_a_clock_that_went_back_closes_no_visit_before_it_began(visit: Visit) -> None:
    close_visit(visit, note="", before="", now=NOW - DAY)

    visit.refresh_from_db()
    assert visit.closed_at == NOW


@pytest.mark.parametrize(
    "change",
    [
        lambda visit: record_finding(visit, muscle("soleus"), side="left", state="weak", rating=3),
        lambda visit: record_joint(visit, Joint.objects.get(slug="hip"), side="left", alteration="stiff"),
        lambda visit: record_pain(visit, BodyArea.objects.get(slug="calf"), side="left"),
        lambda visit: remove(visit, "muscle", visit.findings.get().pk),
        lambda visit: write_note(visit, "Later", before=""),
        discard_visit,
    ],
    ids=["finding", "joint", "pain", "remove", "note", "discard"],
)
def test_closed_visit_does_not_change(visit: Visit, change: Any) -> None:
    record_finding(visit, muscle("piriformis"), side="right", state="tight", rating=7)
    stale = Visit.objects.get(pk=visit.pk)
    close_visit(visit, note="", before="", now=NOW)

    with pytest.raises(VisitClosed):
        change(stale)
    assert rows() == [("piriformis", "right", "tight", 7)]
    assert (JointFinding.objects.count(), PainArea.objects.count()) == (0, 0)
    assert Visit.objects.get().note == ""


def test_visit_that_was_opened_by_mistake_is_taken_back_only_while_it_is_empty(visit: Visit) -> None:
    record_pain(visit, BodyArea.objects.get(slug="calf"), side="left")
    with pytest.raises(NotEmpty), transaction.atomic():
        discard_visit(visit)
    remove(visit, "pain", visit.pain_areas.get().pk)
    discard_visit(visit)

    assert not Visit.objects.exists()


# ---- What was found -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sided", "side", "expected"),
    [
        (True, "left", ("left",)),
        (True, "right", ("right",)),
        (True, "both", ("left", "right")),
        (False, "", ("none",)),
        (False, "both", ("none",)),
        (True, "", None),
        (True, "none", None),
    ],
)
def test_sides_that_make_rows(sided: bool, side: str, expected: tuple[str, ...] | None) -> None:
    if expected is None:
        with pytest.raises(SideMissing):
            sides_to_record(sided, side)
    else:
        assert sides_to_record(sided, side) == expected


def test_both_sides_are_two_findings(visit: Visit) -> None:
    record_finding(visit, muscle("piriformis"), side="both", state="tight", rating=7)

    assert rows() == [("piriformis", "left", "tight", 7), ("piriformis", "right", "tight", 7)]


def test_muscle_without_sides_has_none(visit: Visit) -> None:
    record_finding(visit, muscle("rectus_abdominis"), side="left", state="weak", rating=4)

    assert rows() == [("rectus_abdominis", "none", "weak", 4)]


def test_said_again_it_replaces_and_a_muscle_may_be_tight_and_weak(visit: Visit) -> None:
    for rating in (7, 5):
        record_finding(visit, muscle("soleus"), side="left", state="tight", rating=rating, judged="length")
    record_finding(visit, muscle("soleus"), side="left", state="weak", rating=3)

    assert rows() == [("soleus", "left", "tight", 5), ("soleus", "left", "weak", 3)]
    assert Finding.objects.get(state="tight").judged == "length"


def test_fascia_is_never_weak(visit: Visit) -> None:
    with pytest.raises(NeverWeak):
        record_finding(visit, muscle("plantar_fascia"), side="left", state="weak", rating=3)


def test_pain_said_again_takes_the_new_number(visit: Visit) -> None:
    calf = BodyArea.objects.get(slug="calf")
    record_pain(visit, calf, side="left", rating=6)
    record_pain(visit, calf, side="left", rating=None)

    assert list(PainArea.objects.values_list("side", "rating")) == [("left", None)]


def test_joint_keeps_each_of_its_words_once(visit: Visit) -> None:
    hip = Joint.objects.get(slug="hip")
    for words in ("held turned out", "held turned out", "stiff"):
        record_joint(visit, hip, side="right", alteration=words)

    assert JointFinding.objects.count() == 2


def test_only_what_belongs_to_the_visit_is_taken_out(client: Client, visit: Visit) -> None:
    [finding] = record_finding(visit, muscle("soleus"), side="left", state="tight", rating=5)
    other = builders.examine(builders.make_client(), close=False)

    assert remove(other, "muscle", finding.pk) is False
    assert remove(visit, "muscle", finding.pk) is True
    assert remove(visit, "muscle", finding.pk) is False


def test_home_is_as_it_was_said_last(client: Client, therapist: User) -> None:
    tools = list(Equipment.objects.all()[:2])
    keep_home(client, tools=tools, floor=True, level=2, minutes=15, by=therapist, now=NOW)
    home = keep_home(client, tools=tools[:1], floor=False, level=1, minutes=10, by=therapist, now=NOW)

    assert (list(home.tools.all()), home.floor, home.level, home.minutes) == (tools[:1], False, 1, 10)
    assert (home.tools_at, home.tools_by) == (NOW, therapist)
    assert client.home_setup == home


# ---- Reading --------------------------------------------------------------------------------------------------------


def test_sheet_puts_tight_before_weak_and_the_strongest_first(client: Client) -> None:
    builders.examine(
        client,
        found=[
            ("soleus", "left", "weak", 9),
            ("soleus", "left", "tight", 3),
            ("piriformis", "right", "tight", 8),
        ],
    )
    [sheet] = newest_visits(client, 5)

    assert [noted.in_words for noted in sheet.muscles] == ["Tight 8, right", "Tight 3, left", "Weak 9, left"]


def test_marks_count_by_area_and_side_and_what_has_no_side_counts_on_both(client: Client) -> None:
    builders.examine(
        client,
        found=[
            ("piriformis", "right", "tight", 8),
            ("gluteus_maximus", "right", "weak", 5),
            ("deep_neck_flexors", "none", "weak", 4),
            ("suboccipitals", "left", "tight", 6),
        ],
        pain=[("buttock", "right", 5), ("buttock", "left", None)],
    )
    [sheet] = newest_visits(client, 5)

    assert sheet.marks(BodyArea.objects.all()) == {
        ("buttock", "right"): Mark(2, pain=True),
        ("buttock", "left"): Mark(0, pain=True),
        ("neck_front", "right"): Mark(1),
        ("neck_front", "left"): Mark(1),
        ("head_back", "none"): Mark(1),
    }


def test_last_ratings_are_those_of_the_closed_visit_before(client: Client) -> None:
    builders.examine(client, found=[("soleus", "left", "tight", 9)], now=NOW - 2 * DAY)
    builders.examine(client, found=[("soleus", "left", "tight", 6)], now=NOW - DAY)
    now = builders.examine(client, found=[("soleus", "left", "tight", 4)], close=False)

    assert last_ratings(client, now.held_on, now) == {(muscle("soleus").pk, "left", "tight"): 6}


# ---- Two visits side by side ----------------------------------------------------------------------------------------


def tight(rating: int, side: str = "left", what: int = 1) -> Noted:
    return Noted("muscle", what, f"Muscle {what}", side, "tight", rating)


def words(text: str) -> Noted:
    return Noted("joint", 1, "Hip", "left", words=text)


def pain(rating: int | None) -> Noted:
    return Noted("pain", 1, "Calf", "left", rating=rating)


@pytest.mark.parametrize(
    ("before", "after", "turn", "difference", "in_words"),
    [
        ([tight(7)], [tight(4)], "less", -3, "3 less"),
        ([tight(4)], [tight(7)], "more", 3, "3 more"),
        ([tight(4)], [tight(4)], "same", 0, "the same"),
        ([tight(4)], [tight(0)], "less", -4, "4 less"),
        ([tight(4)], [], "gone", None, "not recorded this time"),
        ([], [tight(4)], "new", None, "recorded for the first time"),
        ([words("stiff")], [words("stiff")], "same", None, "the same"),
        ([words("stiff")], [words("free")], "changed", None, "changed"),
        ([words("stiff")], [], "gone", None, "not recorded this time"),
        ([pain(5)], [pain(2)], "less", -3, "3 less"),
        ([pain(None)], [pain(None)], "same", None, "the same"),
        ([pain(None)], [pain(2)], "changed", None, "changed"),
        ([pain(2)], [pain(None)], "changed", None, "changed"),
    ],
)
def test_difference_is_told_by_number_and_word(
    before: list[Noted], after: list[Noted], turn: str, difference: int | None, in_words: str
) -> None:
    [row] = changes(before, after)

    assert (row.turn, row.difference, row.turn_words) == (turn, difference, in_words)


def test_sides_and_states_are_told_apart() -> None:
    weak = Noted("muscle", 1, "Muscle 1", "left", "weak", 5)
    found = changes([tight(7, "left"), tight(7, "right"), weak], [tight(4, "right"), weak])

    assert [(row.state, row.side, row.turn) for row in found] == [
        ("tight", "left", "gone"),
        ("tight", "right", "less"),
        ("weak", "left", "same"),
    ]


def test_whole_visits_are_compared_and_nothing_is_made_up(client: Client) -> None:
    builders.examine(
        client,
        found=[("soleus", "left", "tight", 7)],
        joints=[("hip", "right", "held turned out")],
        pain=[("calf", "left", 6)],
        now=NOW - DAY,
    )
    builders.examine(client, found=[("soleus", "left", "tight", 5)], pain=[("calf", "left", 6)])
    after, before = newest_visits(client, 5)
    found = compare(before, after)

    assert [row.turn for row in (*found.muscles, *found.joints, *found.pains)] == ["less", "gone", "same"]
    assert compare(VisitSheet(before.visit), VisitSheet(after.visit)).empty


# ---- At the same moment ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_visit_begun_at_once_on_several_devices_is_one_visit() -> None:
    client = builders.make_client()
    therapist = builders.responsible(client)

    visits = together(lambda: open_visit(client, by=therapist, key=new_key(), now=NOW), times=6)

    assert {visit.pk for visit in visits} == {Visit.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_finding_sent_several_times_at_once_is_one_row() -> None:
    visit = builders.examine(builders.make_client(), close=False)
    soleus = muscle("soleus")

    together(lambda: record_finding(visit, soleus, side="left", state="tight", rating=5), times=6)

    assert rows() == [("soleus", "left", "tight", 5)]


@pytest.mark.django_db(transaction=True)
def test_two_notes_at_once_are_one_note_and_one_refusal() -> None:
    visit = builders.examine(builders.make_client(), close=False)

    outcomes = together(lambda n: write_note(visit, f"Note {n}", before=""), times=4, numbered=True)

    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", *["NoteChanged"] * 3]
    assert Visit.objects.get().note == f"Note {outcomes.index(None)}"


@pytest.mark.django_db(transaction=True)
def test_note_that_is_looked_at_before_it_is_written_loses_one() -> None:
    """The control: ask, then write."""
    visit = builders.examine(builders.make_client(), close=False)
    asked = Barrier(2)

    def careless(number: int) -> int:
        free = Visit.objects.filter(pk=visit.pk, note="").exists()
        asked.wait(timeout=30)
        return Visit.objects.filter(pk=visit.pk).update(note=f"Note {number}") if free else 0

    assert together(careless, times=2, numbered=True) == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_finding_that_meets_the_closing_is_recorded_whole_or_refused() -> None:
    visit = builders.examine(builders.make_client(), close=False)
    muscles = list(Muscle.objects.filter(sided=True, tissue="muscle")[:5])

    def act(number: int) -> Any:
        if number == 2:
            return close_visit(visit, note="", before="", now=NOW)
        return record_finding(visit, muscles[number], side="both", state="tight", rating=5)

    outcomes = together(act, times=5, numbered=True)
    recorded = [found for found in outcomes if isinstance(found, list)]

    assert all(found is None or isinstance(found, list | VisitClosed) for found in outcomes)
    assert Finding.objects.count() == 2 * len(recorded)
    assert Visit.objects.get().closed_at == NOW
