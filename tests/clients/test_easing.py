"""Too hard: the easier version takes the place for today, the plan stays, and the evidence stays honest."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from clients.adjusting import change_step
from clients.casefile import SessionLine, decisions
from clients.demo.builders import NOW, advance, assign, make_client, tag, train
from clients.easing import NothingEasier, ease, easier_dose, offered, take_back
from clients.models import AssignedStep, SessionItem, TooHard
from clients.planning import plan_for
from clients.progression.gather import told_by
from clients.recording import KeyReused, current_state, prescribed, record_set, state_of, stop
from routines.models import ConditionTag, Dose, Exercise, ExerciseTag
from tests.together import together

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WEDNESDAY = NOW + DAY


def dose(sets, reps=12, hold=0):
    return Dose(sets, reps, hold, None, 60, 1, 3)


@pytest.mark.parametrize(
    ("asked", "done", "usual", "wanted"),
    [
        (dose(3), 0, dose(2, 8), (2, 8, 0)),  # its own dose
        (dose(3), 2, dose(2, 8), (1, 8, 0)),  # never more sets than are open
        (dose(3), 0, None, (2, 12, 0)),  # one set less
        (dose(3), 1, None, (2, 8, 0)),  # begun: the open ones with 30 percent fewer
        (dose(1), 0, None, (1, 8, 0)),
        (dose(1, 1, 45), 0, None, (1, 1, 31)),
    ],
)
def test_easier_dose_follows_the_rule_of_the_catalogue(asked, done, usual, wanted):
    found = easier_dose(asked, done, usual)

    assert (found.sets, found.reps, found.hold_seconds) == wanted


def test_easier_dose_is_alike_on_both_sides_once_one_of_them_has_begun():
    found = easier_dose(dose(2), 0, None, begun=True)

    assert (found.sets, found.reps) == (2, 8)


@pytest.mark.parametrize(("asked", "done"), [(dose(2), 2), (dose(1, 1, 2), 0)])
def test_easier_dose_is_none_where_nothing_is_open_or_nothing_is_less(asked, done):
    assert easier_dose(asked, done, None) is None


@pytest.fixture
def client(db):
    """Strengthens since yesterday; the plan's clam has an easier version."""
    client = make_client()
    assignment = assign(client, now=NOW - 8 * DAY)
    advance(assignment, now=NOW)
    return client


def easier_of_clam():
    """The clam's easier version: the catalogue's own, or one that the test gives it."""
    clam = Exercise.objects.get(slug="clam")
    if clam.easier_id is None or clam.easier.kind != clam.kind:
        clam.easier = (
            Exercise.objects.in_use()
            .filter(kind=clam.kind, side_mode=clam.side_mode)
            .exclude(pk=clam.pk)
            .order_by("level", "slug")
            .first()
        )
        clam.save(update_fields=["easier"])
    return clam.easier


def begin(client, clam_sets=0):
    return train(client, now=WEDNESDAY, partial={"clam": clam_sets}, finish=False, pain_after=None)


def clam_of(session):
    return session.items.filter(as_was__slug="clam", stands_in_for=None).first()


def test_easier_version_takes_the_place_on_both_sides_and_keeps_what_was_done(client):
    easier = easier_of_clam()
    session = begin(client, clam_sets=1)
    before = AssignedStep.objects.count()

    ease(session, clam_of(session).exercise_id, key="k1", now=WEDNESDAY)

    state = current_state(session, WEDNESDAY)
    group = next(g for g in state.exercises() if g[0].item.exercise_id == easier.pk)
    assert [(each.item.exercise_id == easier.pk, each.item.side) for each in group] == [
        (True, "left"), (True, "right"), (False, "left"), (False, "right"),
    ]  # fmt: skip
    assert [(each.done, each.asked) for each in group[2:]] == [(1, 1), (1, 1)]
    assert not group[0].forbidden
    assert not group[0].settled
    assert [each.stands_in_for.side for each in session.items.filter(exercise=easier)] == ["left", "right"]
    assert list(group[0].item.steps.all()) == list(group[2].item.steps.all())
    assert (AssignedStep.objects.count(), TooHard.objects.get().easier) == (before, easier)
    assert easier.pk not in {
        each.exercise_id for each in plan_for(client, (WEDNESDAY + 2 * DAY).date()).items
    }


def test_screens_keep_their_numbers(client):
    easier_of_clam()
    session = begin(client)
    names = [group[0].item.exercise_id for group in state_of(session).exercises()]
    place = names.index(clam_of(session).exercise_id)

    ease(session, clam_of(session).exercise_id, key="k1", now=WEDNESDAY)

    now = [group[0].item.exercise_id for group in state_of(session).exercises()]
    assert len(now) == len(names)
    assert now[place] != names[place]
    assert now[:place] + now[place + 1 :] == names[:place] + names[place + 1 :]


def test_easier_version_that_a_condition_forbids_is_not_offered(client):
    easier = easier_of_clam()
    ExerciseTag.objects.create(
        exercise=easier, tag=ConditionTag.objects.get(slug="osteoporosis"), rule="avoid"
    )
    tag(client, "osteoporosis", now=NOW)
    session = begin(client)
    clam = clam_of(session)
    if clam is None:
        pytest.fail("The clam itself is forbidden: the control is gone.")

    offers = offered(session, clam.exercise_id, WEDNESDAY)

    assert {each.exercise_id for each in offers} == {clam.exercise_id}
    assert {(each.dose.sets, each.spared) for each in offers} == {(clam.sets - 1, 1)}


def test_condition_that_comes_later_forbids_the_easier_version_too(client):
    easier = easier_of_clam()
    session = begin(client)
    ease(session, clam_of(session).exercise_id, key="k1", now=WEDNESDAY)
    assert not any(each.forbidden for each in current_state(session, WEDNESDAY).items)

    ExerciseTag.objects.create(
        exercise=easier, tag=ConditionTag.objects.get(slug="osteoporosis"), rule="avoid"
    )
    tag(client, "osteoporosis", now=WEDNESDAY)

    forbidden = {each.item.exercise_id for each in current_state(session, WEDNESDAY).items if each.forbidden}
    assert easier.pk in forbidden


def test_stopped_exercise_has_nothing_easier(client):
    easier_of_clam()
    session = begin(client)
    clam = clam_of(session)
    stop(session, clam, choice="too_strong", key="s", now=WEDNESDAY)

    with pytest.raises(NothingEasier):
        ease(session, clam.exercise_id, key="k1", now=WEDNESDAY)
    assert not TooHard.objects.exists()


def test_second_press_and_another_device_change_nothing(client):
    easier_of_clam()
    session = begin(client)
    clam = clam_of(session)

    first = ease(session, clam.exercise_id, key="k1", now=WEDNESDAY)
    items = session.items.count()

    assert ease(session, clam.exercise_id, key="k1", now=WEDNESDAY) == first
    assert ease(session, clam.exercise_id, key="k2", now=WEDNESDAY) == first
    assert session.items.count() == items
    other = session.items.exclude(exercise=clam.exercise_id).first()
    with pytest.raises(KeyReused):
        ease(session, other.exercise_id, key="k1", now=WEDNESDAY)
    with pytest.raises(IntegrityError):
        SessionItem.objects.filter(stands_in_for__isnull=False).update(stands_in_for=clam)


def test_back_to_the_plan_and_easier_again(client):
    easier = easier_of_clam()
    session = begin(client)
    clam = clam_of(session)
    asked = state_of(session).all_sets
    ease(session, clam.exercise_id, key="k1", now=WEDNESDAY)

    take_back(session, clam.exercise_id, key="k2", now=WEDNESDAY)
    assert state_of(session).all_sets == asked
    assert {each.item.exercise_id for each in state_of(session).items if each.set_aside} == {easier.pk}

    ease(session, clam.exercise_id, key="k3", now=WEDNESDAY)
    assert {each.item.exercise_id for each in state_of(session).items if each.set_aside} == {clam.exercise_id}
    assert TooHard.objects.count() == 1


def evidence(client, session):
    """(due items, their done shares, whether each was the full dose) of the session."""
    found = next(
        s
        for s in told_by({client: WEDNESDAY + timedelta(hours=1)})[client.pk].sessions
        if s.key == session.pk
    )
    return len(found.items), sum(item.share for item in found.items), [item.full_dose for item in found.items]


def test_too_hard_neither_lowers_nor_raises_what_was_due(client):
    """One due piece of work before and after; nothing done more counts nothing more."""
    easier_of_clam()
    session = begin(client, clam_sets=1)
    due, share, _full = evidence(client, session)

    ease(session, clam_of(session).exercise_id, key="k1", now=WEDNESDAY)

    after = evidence(client, session)
    assert after[0] == due
    spared = SessionItem.objects.filter(stands_in_for__isnull=False).first().spared
    clam = clam_of(session)
    assert after[1] == pytest.approx(share - 2 / clam.sets + 2 / (clam.sets - spared))


def test_easier_version_done_counts_as_the_work_but_never_as_the_full_dose(client):
    easier_of_clam()
    session = begin(client)
    ease(session, clam_of(session).exercise_id, key="k1", now=WEDNESDAY)
    for item in session.items.filter(stands_in_for__isnull=False):
        for number in range(1, item.sets + 1):
            record_set(item, number, prescribed(item), key=f"{item.pk}-{number}", now=WEDNESDAY)

    due, share, full = evidence(client, session)

    assert share == due
    assert full.count(False) == 2  # left and right


def test_sets_taken_back_are_missing_again(client):
    """What was ticked by mistake before the easier version does not make its share larger."""
    easier_of_clam()
    session = begin(client, clam_sets=1)
    clam = clam_of(session)
    ease(session, clam.exercise_id, key="k1", now=WEDNESDAY)
    whole = evidence(client, session)[1]

    take = prescribed(clam)
    record_set(clam, 1, type(take)(done=False, reps=take.reps), key="back", now=WEDNESDAY)

    assert evidence(client, session)[1] < whole


def test_therapist_reads_what_was_too_hard(client):
    easier = easier_of_clam()
    session = begin(client)
    ease(session, clam_of(session).exercise_id, key="k1", now=WEDNESDAY)

    line = SessionLine(state_of(session))
    said = [entry.what for entry in decisions(client)]

    assert len(line.eased) == 1
    assert line.skipped == []
    assert line.has_more
    assert any("too hard" in what and easier.text("name")[1:] in what for what in said)


@pytest.mark.django_db(transaction=True)
def test_two_devices_at_once_put_one_easier_version_in_place(client):
    easier_of_clam()
    session = begin(client)
    clam = clam_of(session)

    found = together(
        lambda n: ease(session, clam.exercise_id, key=f"device-{n}", now=WEDNESDAY), times=4, numbered=True
    )

    assert {each.pk for each in found} == {TooHard.objects.get().pk}
    assert session.items.filter(stands_in_for__isnull=False).count() == 2


def test_lighter_day_of_the_weak_side_is_not_the_full_dose(client):
    """The set more on the weak side belongs to what was agreed there: a set less than it is less."""
    clam = AssignedStep.objects.get(exercise__slug="clam", phase__state="active", valid_until=None)
    change_step(clam, by=None, reason="", now=NOW, extra_set_side="right")
    session = begin(client, clam_sets=2)
    right = session.items.get(as_was__slug="clam", side="right")
    assert right.sets == clam.sets + 1
    assert all(evidence(client, session)[2])

    SessionItem.objects.filter(pk=right.pk).update(sets=clam.sets)

    assert evidence(client, session)[2].count(False) == 1
