"""What the rules and the therapist's decisions make of a client's days: lighter, back, beside, reopened, replaced."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.adjusting import pause_assignment, resume_assignment
from clients.demo import builders
from clients.demo.builders import NOW
from clients.enrolling import set_clock
from clients.models import AssignedPhase, Assignment, Delivery, Measure, MorningAnswer, PhaseTransition
from clients.planning import plan_for, reduced
from clients.progression.apply import (
    AnswerRefused,
    MoveRefused,
    carry_on,
    end_pause,
    evaluate,
    evaluate_days,
    hold,
    pause_strengthening,
    release_alone,
    release_enough,
    strengthen_too,
    tight_again,
    tight_seen,
)
from clients.progression.criteria import gate
from clients.progression.gather import cases, cases_of
from clients.progression.showing import notes_for_client
from clients.progression.standing import Kind
from clients.recording import (
    current_state,
    finish_session,
    prescribed,
    record_reading,
    record_set,
    start_session,
)
from routines.models import ConditionTag, Dose, ExerciseTag, Muscle
from tests.clients.plans import TODAY, due

pytestmark = pytest.mark.django_db


def later(days, hours=0):
    return NOW + timedelta(days=days, hours=hours)


def kinds(client, n=0):
    return [item.kind.value for item in plan_for(client, TODAY + timedelta(days=n)).items]


@pytest.fixture
def strengthening(assignment):
    """The program has moved on to strengthening, on a Tuesday."""
    builders.advance(assignment)
    return assignment


def red(client, now, worst=8):
    session = builders.train(client, now=now)
    record_reading(session, Measure.PAIN_WORST, worst, key=builders.new_key(), now=now)
    evaluate(client, now + timedelta(hours=1))
    return session


def morning(client, day, word, now):
    MorningAnswer.objects.create(
        client=client,
        after_day=day,
        answered_on=client.local_date(now),
        word=word,
        key=builders.new_key(),
        received_at=now,
    )
    evaluate(client, now)


def rows(assignment):
    return [row.kind for row in assignment.transitions.order_by("pk")]


def test_red_session_makes_the_next_days_release_only(client, strengthening):
    assert "strengthen" in kinds(client, 1)

    red(client, later(1))

    assert kinds(client, 2) == []  # Thursday, as before
    assert set(kinds(client, 3)) == {"release_smr"}
    assert plan_for(client, TODAY + timedelta(days=3)).release_only
    assert rows(strengthening)[-1] == Kind.RELEASE_ONLY


def test_a_day_of_strengthening_alone_shows_the_release_of_the_phase(client, strengthening):
    """The release of the phase falls on Monday, Wednesday, Friday; so does strengthening, and one of them is moved."""
    strength = strengthening.phases.get(order=1).steps.get(exercise__slug="clam")
    strength.weekdays = "2"
    strength.save()
    pause_strengthening(strengthening, by=builders.responsible(client), reason="A flare.", now=later(5))

    assert {item.step.as_was["slug"] for item in plan_for(client, TODAY + timedelta(days=7)).items} == {
        "smr_buttock_ball_wall"
    }


def test_two_green_mornings_after_release_bring_it_back_a_little_lighter(client, strengthening):
    before = due(client, TODAY + timedelta(days=8))
    red(client, later(1))
    for n in (3, 6):
        builders.train(client, now=later(n))
        morning(client, TODAY + timedelta(days=n), "fine", later(n + 1, -10))

    after = due(client, TODAY + timedelta(days=8))
    assert rows(strengthening)[-2:] == [Kind.STRENGTHENING_BACK, Kind.DOSE_REDUCED]
    assert before["clam right"] - after["clam right"] == 1
    assert after["smr_buttock_ball_wall right"] == before["smr_buttock_ball_wall right"]


def test_one_green_morning_is_not_enough(client, strengthening):
    red(client, later(1))
    builders.train(client, now=later(3))
    morning(client, TODAY + timedelta(days=3), "fine", later(4))

    assert "strengthen" not in kinds(client, 6)


def test_red_morning_while_a_session_runs_rests_its_strengthening(client, strengthening):
    builders.train(client, now=later(1))
    now = later(3)
    builders.screen(client, now=now)
    session = start_session(client, number=1, key=builders.new_key(), now=now)
    morning(client, TODAY + timedelta(days=1), "worse_than_before", now)

    state = current_state(session, now)

    resting = {each.item.kind for each in state.items if each.forbidden}
    assert resting == {"strengthen"}
    assert {each.verdict.sentence for each in state.items if each.forbidden} == {
        "Strengthening rests for a few days. Nothing is lost, and it comes back."
    }


def test_nothing_happens_twice_however_often_one_looks(client, strengthening):
    red(client, later(1))
    count = strengthening.transitions.count()

    for _n in range(3):
        evaluate(client, later(1, 2))

    assert strengthening.transitions.count() == count


def test_looking_at_yesterday_again_gives_yesterdays_answer(client, assignment):
    def answer(moment):
        (case,) = cases(client, moment)
        return [criterion.as_json() for criterion in gate(case.evidence)]

    for n in range(4):
        builders.train(client, now=later(n))
    yesterday = later(4)
    then = answer(yesterday)
    session = builders.train(client, now=later(5))
    record_reading(session, Measure.PAIN_BEFORE, 9, key=builders.new_key(), now=later(5, 1))
    record_reading(client.sessions.last(), Measure.PAIN_BEFORE, 0, key=builders.new_key(), now=later(5, 1))
    builders.tag(client, "acute_inflammation", "buttock", now=later(5))
    builders.advance(assignment, now=later(5, 2))

    assert answer(yesterday) == then


def test_evaluating_moves_no_phase(client, strengthening):
    red(client, later(1))
    red(client, later(3))

    assert rows(strengthening).count(Kind.STEP_BACK_PROPOSED) == 1
    assert strengthening.phases.get(state=AssignedPhase.State.ACTIVE).kind == "strengthen"
    assert "strengthen" not in kinds(client, 6)


def test_declined_step_back_brings_strengthening_back_when_nothing_else_holds_it(client, strengthening):
    therapist = builders.responsible(client)
    evaluate(client, later(20))  # fourteen days without a session
    assert rows(strengthening)[-2:] == [Kind.STEP_BACK_PROPOSED, Kind.RELEASE_ONLY]

    carry_on(strengthening, "step_back", by=therapist, reason="On holiday.", now=later(20))

    assert rows(strengthening)[-2:] == [Kind.CARRIED_ON, Kind.STRENGTHENING_BACK]
    assert "strengthen" in kinds(client, 22)
    assert not strengthening.transitions.model.objects.filter(assignment__waits=True).exists()
    with pytest.raises(AnswerRefused):
        carry_on(strengthening, "step_back", by=therapist, reason="Again.", now=later(20))


def test_therapist_may_end_a_pause_at_once(client, strengthening):
    red(client, later(1))

    end_pause(strengthening, by=builders.responsible(client), reason="It was the garden.", now=later(2))

    assert "strengthen" in kinds(client, 3)
    with pytest.raises(AnswerRefused):
        end_pause(strengthening, by=builders.responsible(client), reason="Again.", now=later(2))


def test_every_answer_needs_its_reason(client, strengthening):
    with pytest.raises(MoveRefused):
        pause_strengthening(strengthening, by=builders.responsible(client), reason=" ", now=later(1))


def test_strengthening_too_adds_the_next_phase_beside_release(client, assignment, therapist):
    assert "strengthen" not in kinds(client, 1)

    strengthen_too(assignment, by=therapist, reason="Little pain.", now=NOW)

    assert {"release_smr", "strengthen"} <= set(kinds(client, 1))
    assert assignment.phases.get(state=AssignedPhase.State.ACTIVE).kind == "release"
    with pytest.raises(AnswerRefused):
        strengthen_too(assignment, by=therapist, reason="Again.", now=NOW)


def test_tight_again_reopens_release_for_that_muscle_and_tells_the_therapist(
    client, strengthening, therapist
):
    assert "smr_inner_thigh_roller right" not in due(client, TODAY + timedelta(days=1))

    tight_again(strengthening, ["hip_adductors"], now=NOW, by=client.user)
    again = tight_again(strengthening, ["hip_adductors"], now=NOW, by=client.user)

    assert again is None
    assert "smr_inner_thigh_roller right" in due(client, TODAY + timedelta(days=1))
    assert Delivery.objects.filter(letter=Delivery.Letter.SAFETY_ALERT, user=therapist).count() == 1
    release_enough(strengthening, by=therapist, reason="Loose again.", now=NOW)
    assert "smr_inner_thigh_roller right" not in due(client, TODAY + timedelta(days=1))


def test_one_muscle_more_is_heard_however_many_were_named_before(client, strengthening):
    slugs = sorted(Muscle.objects.values_list("slug", flat=True), key=lambda slug: (-len(slug), slug))[:8]
    named = sorted(slugs)

    tight_again(strengthening, named[:-1], now=NOW, by=client.user)
    more = tight_again(strengthening, named, now=NOW, by=client.user)
    again = tight_again(strengthening, named, now=NOW, by=client.user)

    assert more is not None
    assert more.numbers["muscles"] == named
    assert again is None


def test_hold_needs_something_to_hold(client, assignment, therapist):
    with pytest.raises(AnswerRefused):
        hold(assignment, by=therapist, reason="Not yet.", now=NOW)


def test_forbidden_exercise_is_replaced_by_another_of_its_kind_and_target(client, strengthening):
    found = plan_for(client, TODAY + timedelta(days=1))
    clam = next(item for item in found.items if item.step.as_was["slug"] == "clam")
    ExerciseTag.objects.create(
        exercise=clam.step.exercise, tag=ConditionTag.objects.get(slug="nerve_arm_symptoms"), rule="avoid"
    )
    builders.tag(client, "nerve_arm_symptoms")

    after = plan_for(client, TODAY + timedelta(days=1))
    instead = [item for item in after.items if item.step == clam.step]

    assert {item.instead_of for item in instead} == {"Clam"}
    assert all(item.as_was["slug"] != "clam" and item.kind == clam.kind for item in instead)
    targets = {target["slug"] for target in clam.step.as_was["targets"]}
    assert all(targets & {t["slug"] for t in item.as_was["targets"]} for item in instead)
    assert {item.dose.days_per_week for item in instead} == {clam.dose.days_per_week}


def test_pause_that_begins_during_a_session_lowers_no_adherence(client, strengthening):
    builders.train(client, now=later(1))
    now = later(3)
    builders.screen(client, now=now)
    session = start_session(client, number=1, key=builders.new_key(), now=now)
    release = session.items.get(kind="release_smr")
    record_set(release, 1, prescribed(release), key=builders.new_key(), now=now)
    morning(client, TODAY + timedelta(days=1), "worse_than_before", now)
    finish_session(session, now=now)

    (case,) = cases(client, later(3, 1))

    assert case.evidence.due[TODAY + timedelta(days=3)] == (1, 1.0)


def test_a_yes_with_care_makes_no_missed_day_heavier(client, assignment):
    builders.tag(client, "hypermobility")
    waited = cases(client, later(2))[0].evidence.due

    builders.agree(client, "stretch_figure_four_sitting", "hypermobility", now=later(2))

    after = cases(client, later(2, 1))[0].evidence.due
    assert {day: due for day, due in after.items() if day < TODAY + timedelta(days=2)} == {
        day: due for day, due in waited.items() if day < TODAY + timedelta(days=2)
    }


def test_moment_before_a_move_is_read_as_before_it(client, strengthening):
    builders.advance(strengthening, now=later(9))

    (case,) = cases(client, later(9, -1))

    assert (case.evidence.phase_kind, case.standing.phase_id) == ("strengthen", case.evidence.phase)


def test_a_decision_sent_twice_is_one_row(client, strengthening, therapist):
    for _press in range(2):
        pause_strengthening(strengthening, by=therapist, reason="A flare.", now=later(1))

    assert rows(strengthening).count(Kind.RELEASE_ONLY) == 1


def test_strengthening_too_can_be_taken_back(client, assignment, therapist):
    strengthen_too(assignment, by=therapist, reason="Little pain.", now=NOW)

    release_alone(assignment, by=therapist, reason="Too early.", now=later(0, 1))

    assert "strengthen" not in kinds(client, 1)
    with pytest.raises(AnswerRefused):
        release_alone(assignment, by=therapist, reason="Again.", now=later(0, 2))


def test_tight_again_that_was_seen_waits_no_more_and_release_stays(client, strengthening, therapist):
    tight_again(strengthening, ["hip_adductors"], now=NOW, by=client.user)

    tight_seen(strengthening, by=therapist, reason="We look on Friday.", now=NOW)

    strengthening.refresh_from_db()
    assert not strengthening.waits
    assert "smr_inner_thigh_roller right" in due(client, TODAY + timedelta(days=1))


def test_tight_again_in_release_opens_nothing(client, assignment):
    with pytest.raises(AnswerRefused):
        tight_again(assignment, ["piriformis"], now=NOW, by=client.user)


def test_trouble_with_one_client_holds_up_nobody_else(client, assignment, caplog):
    other = builders.assign(builders.make_client(name="Carla Meier"))
    AssignedPhase.objects.filter(assignment=assignment).update(numbers={"rule": {"window_days": "broken"}})

    assert evaluate_days(later(1)) == 2

    other.refresh_from_db()
    assert other.evaluated_on == TODAY + timedelta(days=1)
    assert "broken" not in caplog.text


@pytest.fixture
def five_lives():
    """Five people with all that evidence is made of, in two zones, each with a moment of their own."""
    found = {}
    for n in range(5):
        person = builders.make_client(name=f"Client {n}", zone=["Europe/Berlin", "Pacific/Kiritimati"][n % 2])
        builders.assign(person)
        if n == 2:
            builders.tag(person, "acute_inflammation", "buttock", side="left")
            builders.assign(person, "program_knee_valgus")
        for day in range(n + 1):
            session = builders.train(
                person, now=later(day), pain_before=n, skip=["ball_piriformis"] if n else []
            )
            item = session.items.first()
            if n == 3:
                taken_back = replace(prescribed(item), done=False)
                record_set(item, 1, taken_back, key=builders.new_key(), now=later(day, 1))
        morning(person, session.local_date, "sore" if n % 2 else "fine", later(n + 1))
        tight_again(
            builders.advance(person.assignments.first()).assignment, ["piriformis"], now=later(n + 1), by=None
        )
        found[person] = later(n + 1, 2)
    set_clock(next(iter(found)), "America/New_York", now=later(1, 1))
    return found


def test_looked_at_together_everybody_s_evidence_is_what_it_is_alone(five_lives):
    together = cases_of(five_lives)

    assert sum(len(each) for each in together.values()) == 6
    for person, moment in five_lives.items():
        assert together[person.pk] == cases(person, moment)


def test_looking_at_five_costs_as_much_as_looking_at_three(five_lives):
    people = list(five_lives)

    def cost(some):
        with CaptureQueriesContext(connection) as seen:
            cases_of({person: five_lives[person] for person in some})
        return len(seen)

    assert cost(people) == cost(people[2:])


def test_program_that_begins_later_is_looked_at_once_a_day(client):
    builders.assign(client, start_date=TODAY + timedelta(days=1))

    assert evaluate_days(NOW) == 1
    assert evaluate_days(NOW) == 0


def test_those_whose_day_has_not_come_hold_up_nobody(client, assignment):
    west = builders.make_client(name="Wilma West", zone="Pacific/Pago_Pago")
    program = builders.assign(west)
    Assignment.objects.filter(pk=assignment.pk).delete()
    builders.assign(client)  # the later row: without the zones the batch would end before it
    morning_here = NOW.replace(hour=3) + timedelta(days=1)  # there it is still the evening before
    yesterday = west.local_date(morning_here)
    Assignment.objects.update(evaluated_on=yesterday)

    assert yesterday < client.local_date(morning_here)
    assert evaluate_days(morning_here, batch=1) == 1

    program.refresh_from_db()
    assert program.evaluated_on == yesterday


@pytest.mark.parametrize("done", [True, False])
def test_correcting_a_session_that_is_over_is_looked_at_at_once(client, assignment, done):
    session = builders.train(client, now=NOW)
    item = session.items.first()
    item.session.refresh_from_db()
    evaluate(client, NOW)
    assignment.refresh_from_db()
    assert assignment.evaluated_on == TODAY

    record_set(item, 1, replace(prescribed(item), done=done), key=builders.new_key(), now=later(0, 1))

    assignment.refresh_from_db()
    assert assignment.evaluated_on is None  # so that it is looked at after the commit


def test_each_day_is_looked_at_once(client, assignment):
    assert evaluate_days(later(1)) == 1
    assert evaluate_days(later(1, 1)) == 0
    assert evaluate_days(later(2)) == 1


@pytest.mark.parametrize(
    ("dose", "less"),
    [
        ((2, 12, 0), (1, 12, 0)),
        ((3, 1, 45), (2, 1, 45)),
        ((1, 10, 5), (1, 7, 5)),
        ((1, 1, 30), (1, 1, 21)),
        ((1, 1, 2), (1, 1, 2)),
        ((1, 1, 0), (1, 1, 0)),
    ],
)
def test_reduced_dose_has_a_set_less_or_thirty_percent_less(dose, less):
    def of(sets, reps, hold_seconds):
        return Dose(sets, reps, hold_seconds, None, 0, 1, 7)

    assert reduced(of(*dose), {"sets_minus": 1, "reps_or_hold_percent": -30}) == of(*less)


def test_a_person_stands_behind_each_change_of_phase(assignment, strengthening):
    moves = PhaseTransition.objects.filter(assignment=assignment, kind=Kind.ADVANCED)

    assert all(row.by and row.reason for row in moves)


def test_a_journey_does_not_move_the_days_that_have_been(client, assignment):
    builders.train(client, now=later(3))
    moment = NOW.replace(hour=23, minute=30) + timedelta(days=3)  # the fourth day in Berlin
    (before,) = cases(client, moment)

    set_clock(client, "Pacific/Honolulu", now=later(5))

    (after,) = cases(client, moment)
    assert after.evidence.today == before.evidence.today
    assert [each.as_json() for each in gate(after.evidence)] == [
        each.as_json() for each in gate(before.evidence)
    ]
    assert cases(client, later(6))[0].evidence.today == client.local_date(later(6))


def test_today_says_why_the_days_are_lighter(client, strengthening, therapist):
    def said(now):
        return [(note.title, note.body) for note in notes_for_client(cases(client, now))]

    pause_strengthening(strengthening, by=therapist, reason="After the fall.", now=later(1))
    assert said(later(1, 1)) == [("Release only for now", "Your therapist says: After the fall.")]

    end_pause(strengthening, by=therapist, reason="All is well.", now=later(2))
    assert said(later(2, 1)) == [("Strengthening is back", "Your therapist says: All is well.")]
    assert said(later(5)) == []

    red(client, later(6))
    assert [title for title, _body in said(later(6, 3))] == ["A few lighter days"]


def test_today_says_why_there_is_a_little_less(client, assignment):
    red(client, later(1))

    said = [(note.title, note.body) for note in notes_for_client(cases(client, later(1, 3)))]

    assert said == [("A little less for now", "Your last session was a bit much.")]


@pytest.mark.parametrize("days", [0, 2])
def test_pause_that_is_set_or_ended_later_changes_no_earlier_answer(client, assignment, therapist, days):
    def paused(moment):
        (case,) = cases(client, moment)
        return case.evidence.paused, case.evidence.pauses

    never, known = later(1), later(1, 2.5)
    pause_assignment(
        assignment, until=TODAY + timedelta(days=9), by=therapist, reason="Holiday.", now=later(1, 2)
    )
    before, then = paused(never), paused(known)

    resume_assignment(assignment, by=therapist, reason="Back.", now=later(1 + days, 3))

    assert before == (False, ())
    assert then[0]
    assert paused(never) == before
    assert paused(known)[0]
    assert not paused(later(1 + days, 3.5))[0]
    pause_assignment(assignment, until=None, by=therapist, reason="Ill.", now=later(1 + days, 4))
    assert not paused(later(1 + days, 3.5))[0]
    assert paused(later(1 + days, 4.5))[0]
