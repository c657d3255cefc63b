"""The safety questions: who is asked what, what a yes does, and how a block ends (domain.md 7.1, 7.4)."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

import routines
from clients.adjusting import add_step, change_step, end_assignment, remove_step
from clients.demo import builders
from clients.demo.builders import NOW, SCIATICA, new_key
from clients.models import (
    AssignedStep,
    ClientTag,
    ContactRecord,
    Delivery,
    SafetyBlock,
    Screening,
    ScreeningAnswer,
    User,
)
from clients.planning import plan_for
from clients.recording import ClientBlocked, start_session
from clients.screening import (
    AnswerMissing,
    Place,
    answer,
    before_session,
    first_screening,
    groups_for,
    record_contact,
    screening_open,
)
from routines.models import (
    BodyArea,
    Checklist,
    ConditionTag,
    Dose,
    Exercise,
    Imbalance,
    Program,
    ScreeningQuestion,
)
from tests.together import together

pytestmark = pytest.mark.django_db

CATALOGUE = yaml.safe_load((Path(routines.__file__).parent / "data" / "catalogue.yaml").read_text())
TODAY = NOW.date()
DAY = timedelta(days=1)
EFFECTS = ["emergency", "urgent", "review", "tag"]
LISTS = ["warning_signs", "ask_first", "adjust"]
LENGTHS = {"warning_signs": (5, 10), "ask_first": (8, 9), "adjust": (11, 14)}  # domain.md 7.4
PROGRAMS = {program["slug"]: program["imbalance"] for program in CATALOGUE["programs"]}
GROUPS = {each["slug"]: {"all", *each["screening_groups"]} for each in CATALOGUE["imbalances"]}


def expected(groups, checklist=None):
    """The slugs of the catalogue file, in file order within the effects."""
    questions = [question for question in CATALOGUE["screening_questions"] if question["group"] in groups]
    if checklist == "before_session":
        questions = [question for question in questions if question["ask_before_each_session"]]
    elif checklist:
        questions = [question for question in questions if question["checklist"] == checklist]
    return [
        question["slug"] for question in sorted(questions, key=lambda each: EFFECTS.index(each["effect"]))
    ]


def slugs(asked):
    return [question.slug for question in asked.questions]


def asked_now(client, today=TODAY):
    return {asked.checklist.slug: slugs(asked) for asked in first_screening(client, today)}


def list_of(client, slug="warning_signs"):
    return next(asked for asked in first_screening(client, TODAY) if asked.checklist.slug == slug)


def say(client, asked, yes=(), *, key=None, now=NOW, **more):
    return answer(client, asked, yes=list(yes), none=not yes, key=key or new_key(), now=now, **more)


# Who is asked what


def test_client_without_a_program_is_asked_what_everybody_is_asked(client):
    assert groups_for(client) == {"all"}
    assert asked_now(client) == {each: expected({"all"}, each) for each in LISTS}


@pytest.mark.parametrize(("program", "imbalance"), PROGRAMS.items())
def test_shipped_program_asks_the_questions_of_its_complaint(client, program, imbalance):
    builders.assign(client, program)

    assert groups_for(client) == GROUPS[imbalance]
    found = asked_now(client)
    assert list(found) == LISTS, "in their order"
    for checklist, questions in found.items():
        assert questions == expected(GROUPS[imbalance], checklist)
        shortest, longest = LENGTHS[checklist]
        assert shortest <= len(questions) <= longest
    assert slugs(before_session(client)) == expected(GROUPS[imbalance], "before_session")


@pytest.mark.parametrize("imbalance", sorted(GROUPS))
def test_lists_for_one_complaint_have_the_lengths_of_the_reference(client, imbalance):
    Program.objects.filter(slug=SCIATICA).update(imbalance=Imbalance.objects.get(slug=imbalance))
    builders.assign(client)

    for checklist, questions in asked_now(client).items():
        shortest, longest = LENGTHS[checklist]
        assert shortest <= len(questions) <= longest, checklist
    assert 4 <= len(before_session(client).questions) <= 8


def test_two_programs_ask_for_both_and_the_list_is_never_cut(client):
    builders.assign(client)
    builders.assign(client, "program_upper_crossed")
    both = GROUPS["sciatica_piriformis"] | GROUPS["upper_crossed"]

    assert groups_for(client) == both
    assert slugs(before_session(client)) == expected(both, "before_session")
    assert len(before_session(client).questions) > 8


def test_ended_program_asks_no_more(client, assignment):
    end_assignment(assignment, by=builders.responsible(client), reason="Done.", now=NOW)

    assert groups_for(client) == {"all"}


def test_retired_question_is_not_asked(client):
    ScreeningQuestion.objects.filter(slug="chest_breath").update(retired_at=NOW)

    assert "chest_breath" not in slugs(before_session(client))
    assert "chest_breath" not in asked_now(client)["warning_signs"]


def test_question_in_a_list_of_another_use_keeps_nobody_out(client):
    daily = Checklist.objects.get(used_in="before_each_session")
    ScreeningQuestion.objects.filter(slug="chest_breath").update(checklist=daily)

    builders.screen(client)

    assert first_screening(client, TODAY) == []
    assert "chest_breath" in slugs(before_session(client))


@pytest.mark.parametrize(
    ("exercise", "groups"),
    [
        ("smr_buttock_ball_floor", set()),  # the hip is what the program is about
        ("smr_calf_roller", {"leg_joint"}),
        ("smr_forearm_back_ball", {"arm"}),
        ("smr_skull_base_balls", {"neck", "headache"}),
        ("smr_upper_back_roller", set()),
    ],
)
def test_exercise_added_for_another_region_brings_its_questions(client, assignment, exercise, groups):
    step = add_step(
        assignment.phases.first(),
        Exercise.objects.get(slug=exercise),
        dose=Dose(1, 1, 45, None, 15, 1, 6),
        side="both",
        note="",
        by=builders.responsible(client),
        reason="",
        now=NOW,
    )
    assert groups_for(client) == GROUPS["sciatica_piriformis"] | groups
    changed = change_step(step, by=builders.responsible(client), reason="", now=NOW + DAY, note="Gently.")
    assert groups_for(client) == GROUPS["sciatica_piriformis"] | groups
    remove_step(changed, by=builders.responsible(client), reason="", now=NOW + DAY)
    assert groups_for(client) == GROUPS["sciatica_piriformis"]


def test_changed_step_of_the_program_brings_no_questions(client, assignment):
    for step in AssignedStep.objects.filter(phase__assignment=assignment):
        change_step(step, by=builders.responsible(client), reason="", now=NOW, note="Gently.")

    assert groups_for(client) == GROUPS["sciatica_piriformis"]


def test_program_without_an_imbalance_asks_by_its_exercises(client):
    Program.objects.filter(slug="program_upper_crossed").update(imbalance=None)
    builders.assign(client, "program_upper_crossed")

    assert groups_for(client) >= {"all", "neck", "headache"}


@pytest.mark.parametrize("checklist", [*LISTS, "before_session"])
def test_place_is_asked_for_local_conditions(client, assignment, checklist):
    asked = before_session(client) if checklist == "before_session" else list_of(client, checklist)

    assert {question.slug for question in asked.needs_place} == {
        question["slug"]
        for question in CATALOGUE["screening_questions"]
        if question["slug"] in slugs(asked)
        and question.get("adds_tag")
        in {tag["slug"] for tag in CATALOGUE["condition_tags"] if tag["scope"] == "local"}
    }


def test_questions_are_asked_in_a_fixed_number_of_queries(client, assignment, django_assert_num_queries):
    with django_assert_num_queries(4):
        first_screening(client, TODAY)
    builders.assign(client, "program_upper_crossed")
    builders.screen(client)

    with django_assert_num_queries(4):
        first_screening(client, TODAY)


@pytest.mark.parametrize(("ago", "asks"), [(None, True), (90, False), (91, True)])
def test_whether_anything_is_asked_is_known_without_the_questions(client, assignment, ago, asks):
    if ago is not None:
        builders.screen(client, now=NOW - timedelta(days=ago))

    assert screening_open(client, TODAY) == bool(first_screening(client, TODAY)) == asks


# When it is asked again


def test_answered_list_is_not_asked_again(client, assignment):
    say(client, list_of(client))

    assert list(asked_now(client)) == ["ask_first", "adjust"]


@pytest.mark.parametrize(("days", "open_lists"), [(0, []), (90, []), (91, LISTS), (92, LISTS)])
def test_screening_is_repeated_after_three_months(client, assignment, days, open_lists):
    builders.screen(client)

    assert list(asked_now(client, TODAY + days * DAY)) == open_lists


def test_new_wording_is_asked_anew(client, assignment):
    builders.screen(client)
    question = ScreeningQuestion.objects.get(slug="osteoporosis")
    question.version += 1
    question.save()

    assert asked_now(client) == {"adjust": expected(GROUPS["sciatica_piriformis"], "adjust")}


def test_second_program_asks_only_the_lists_with_new_questions(client):
    builders.assign(client, "program_knee_valgus")
    builders.screen(client)

    builders.assign(client, "program_plantar_heel")
    assert asked_now(client) == {}, "the same groups"
    builders.assign(client)
    assert list(asked_now(client)) == ["warning_signs", "adjust"], (
        "the low back has no question of its own in review"
    )


def test_list_before_a_session_does_not_stand_for_the_first_screening(client, assignment):
    builders.check_in(client)

    assert list(asked_now(client)) == LISTS


def test_answers_of_another_client_do_not_count(client, assignment):
    stranger = builders.make_client()
    builders.assign(stranger)
    builders.screen(stranger)

    assert list(asked_now(client)) == LISTS


# What is stored


def test_every_question_is_stored_as_its_own_yes_or_no(client, assignment):
    asked = list_of(client, "adjust")

    outcome = say(client, asked, ["osteoporosis", "hypermobile"])

    rows = {row.question.slug: row for row in outcome.screening.answers.all()}
    assert list(rows) == slugs(asked)
    assert {slug for slug, row in rows.items() if row.yes} == {"osteoporosis", "hypermobile"}
    row, question = rows["osteoporosis"], ScreeningQuestion.objects.get(slug="osteoporosis")
    assert (row.version, row.text, row.effect) == (question.version, question.item, "tag")
    assert (outcome.screening.answered_at, outcome.screening.local_date) == (NOW, TODAY)


def test_none_of_these_answers_every_question_with_no(client, assignment):
    for asked in first_screening(client, TODAY):
        outcome = say(client, asked)
        assert (outcome.effect, outcome.block, outcome.message) == (None, None, None)

    assert not ScreeningAnswer.objects.filter(yes=True).exists()
    assert not ClientTag.objects.exists()
    assert asked_now(client) == {}


def test_button_none_clears_what_was_ticked(client, assignment):
    outcome = answer(client, list_of(client), yes=["chest_breath"], none=True, key=new_key(), now=NOW)

    assert outcome.effect is None
    assert not SafetyBlock.objects.exists()


@pytest.mark.parametrize("yes", [[], ["no_such_question"], ["osteoporosis"]])
def test_empty_list_is_not_an_answer(client, assignment, yes):
    """Nor is an item that this list does not hold."""
    with pytest.raises(AnswerMissing):
        answer(client, list_of(client), yes=yes, none=False, key=new_key(), now=NOW)

    assert not Screening.objects.exists()


def test_item_of_another_list_is_left_out(client, assignment):
    outcome = say(client, list_of(client), ["fever_unwell", "osteoporosis"])

    assert [row.question.slug for row in outcome.screening.answers.filter(yes=True)] == ["fever_unwell"]
    assert not ClientTag.objects.exists()


def test_same_key_returns_what_the_first_request_did(client, assignment):
    asked, key = list_of(client), new_key()
    first = say(client, asked, ["chest_breath"], key=key)

    again = say(client, asked, ["chest_breath"], key=key, now=NOW + timedelta(minutes=1))

    assert again == first
    assert (Screening.objects.count(), SafetyBlock.objects.count(), Delivery.objects.count()) == (1, 1, 1)


def test_same_key_after_the_block_is_lifted_is_a_new_answer(client, assignment):
    asked, key = list_of(client), new_key()
    for number in (1, 2, 3):
        outcome = say(client, asked, ["chest_breath"], key=key, now=NOW + number * DAY)
        say(client, asked, ["chest_breath"], key=key, now=NOW + number * DAY)

        assert plan_for(client, TODAY).blocked
        assert outcome.block == SafetyBlock.objects.open().get()
        assert (SafetyBlock.objects.count(), Delivery.objects.count()) == (number, number)
        builders.talk(client)


def test_same_key_of_two_clients_is_two_answers(client, assignment):
    stranger = builders.make_client()

    for person in (client, stranger):
        say(person, before_session(person), key="the-same")

    assert Screening.objects.count() == 2


# What a yes does


@pytest.mark.parametrize("question", CATALOGUE["screening_questions"], ids=lambda question: question["slug"])
def test_every_question_has_its_effect(client, question):
    """Each of the 43: block, message, condition."""
    Program.objects.filter(slug=SCIATICA).update(
        imbalance=next(
            Imbalance.objects.get(slug=slug) for slug, groups in GROUPS.items() if question["group"] in groups
        )
    )
    builders.assign(client)

    outcome = say(client, list_of(client, question["checklist"]), [question["slug"]])

    assert outcome.effect == question["effect"]
    assert outcome.message.slug == question["message"]
    assert [tag.tag.slug for tag in client.tags.all()] == [question["adds_tag"]] * bool(
        question.get("adds_tag")
    )
    if question["effect"] == "tag":
        assert outcome.block is None
        assert not plan_for(client, TODAY).blocked
        assert not Delivery.objects.exists()
    else:
        assert (outcome.block.effect, outcome.block.client) == (question["effect"], client)
        assert outcome.block.texts[""] == {"title": outcome.message.title, "body": outcome.message.body}
        assert outcome.block.cause == question["item"]
        assert plan_for(client, TODAY).blocked
        assert [letter.letter for letter in Delivery.objects.all()] == ["safety_alert"]


@pytest.mark.parametrize("left", [{"is_active": False}, {"role": "office"}])
def test_alert_goes_to_the_owner_where_nobody_of_the_care_team_gives_care(client, assignment, left):
    owner = builders.make_owner()
    User.objects.filter(pk=builders.responsible(client).pk).update(**left)

    say(client, list_of(client), ["fever_unwell"])

    assert [letter.user for letter in Delivery.objects.all()] == [owner]


@pytest.mark.parametrize(
    ("yes", "effect", "message", "causes"),
    [
        (["fever_unwell", "saddle_numbness"], "emergency", "emergency", 2),
        (["leg_weakness_worsening", "fever_unwell"], "urgent", "urgent", 2),
        (["chest_breath", "fever_unwell", "both_legs"], "emergency", "emergency", 3),
    ],
)
def test_most_urgent_answer_gives_the_message_and_the_block(client, assignment, yes, effect, message, causes):
    outcome = say(client, list_of(client), yes)

    assert (outcome.effect, outcome.message.slug) == (effect, message)
    assert outcome.block.effect == effect
    assert len(outcome.block.cause.splitlines()) == causes
    assert SafetyBlock.objects.count() == 1


def test_review_with_a_tag_blocks_and_adds_the_condition(client, assignment):
    outcome = say(client, list_of(client, "ask_first"), ["heart", "cancer_history"])

    assert outcome.effect == "review"
    assert {tag.tag.slug for tag in client.tags.all()} == {"heart_or_blood_pressure", "cancer_current"}
    assert {tag.source for tag in client.tags.all()} == {"screening"}


def test_condition_takes_the_place_that_was_named(client, assignment):
    calf = BodyArea.objects.get(slug="calf")

    say(
        client,
        list_of(client, "adjust"),
        ["skin", "varicose", "osteoporosis"],
        places={"skin": Place(calf, "left")},
    )

    found = {tag.tag.slug: (tag.area, tag.side) for tag in client.tags.all()}
    assert found == {
        "broken_or_infected_skin": (calf, "left"),
        "varicose_veins": (None, "both"),  # no place named: the whole body, which is the safer reading
        "osteoporosis": (None, "both"),
    }


def test_condition_that_stands_already_is_not_added_twice(client, assignment):
    tag = builders.tag(client, "osteoporosis", valid_from=TODAY - 100 * DAY)

    say(client, list_of(client, "adjust"), ["osteoporosis"])

    assert client.tags.get() == tag


def test_condition_that_was_to_begin_later_begins_with_the_answer(client, assignment):
    tag = builders.tag(client, "pregnancy", valid_from=TODAY + 30 * DAY)

    say(client, list_of(client, "adjust"), ["pregnancy"])

    assert client.tags.on(TODAY).get() == tag
    assert client.tags.count() == 1
    assert "smr_inner_thigh_roller" not in {
        item.step.as_was["slug"] for item in plan_for(client, TODAY).items
    }


def test_condition_that_has_ended_is_added_again(client, assignment):
    builders.tag(client, "osteoporosis", valid_from=TODAY - 100 * DAY, valid_to=TODAY - DAY)

    say(client, list_of(client, "adjust"), ["osteoporosis"])

    assert client.tags.on(TODAY).get().valid_from == TODAY


def test_condition_hides_the_exercises_that_it_forbids_at_once(client, assignment):
    assert "smr_inner_thigh_roller" in {item.step.as_was["slug"] for item in plan_for(client, TODAY).items}

    say(client, list_of(client, "adjust"), ["pregnancy"])

    assert "smr_inner_thigh_roller" not in {
        item.step.as_was["slug"] for item in plan_for(client, TODAY).items
    }


def test_message_is_kept_as_it_was_shown(client, assignment):
    outcome = say(client, list_of(client), ["chest_breath"])
    shown = dict(outcome.block.texts)
    message = outcome.message
    message.title = "Something else"
    message.save()

    assert SafetyBlock.objects.get().texts == shown


# Who is told


def test_those_who_care_for_the_client_now_are_alerted(client, assignment):
    cover = builders.make_therapist()
    client.care_team.create(therapist=cover, capacity="cover", since=NOW - DAY, until=NOW + DAY)
    gone = builders.make_therapist()
    client.care_team.create(therapist=gone, capacity="cover", since=NOW - 9 * DAY, until=NOW - DAY)
    builders.make_owner()

    say(client, list_of(client), ["chest_breath"])

    assert {letter.user for letter in Delivery.objects.all()} == {builders.responsible(client), cover}
    assert {letter.client for letter in Delivery.objects.all()} == {client}


def test_owner_is_alerted_where_nobody_cares_for_the_client(client, assignment):
    client.care_team.all().delete()
    owner = builders.make_owner()

    say(client, list_of(client), ["chest_breath"])

    assert Delivery.objects.get().user == owner


def test_therapist_who_may_not_sign_in_is_replaced_by_the_owner(client, assignment):
    therapist = builders.responsible(client)
    therapist.is_active = False
    therapist.save()
    owner = builders.make_owner()

    say(client, list_of(client), ["chest_breath"])

    assert Delivery.objects.get().user == owner


# Blocks and contacts


@pytest.mark.parametrize("question", ["chest_breath", "fever_unwell"])
def test_block_forbids_every_session_until_a_contact_lifts_it(client, assignment, question):
    builders.screen(client, now=NOW)
    builders.check_in(client, yes=[question])
    with pytest.raises(ClientBlocked, match="has to hear from you"):
        start_session(client, number=1, key=new_key(), now=NOW)
    with pytest.raises(ClientBlocked):
        start_session(client, number=1, key=new_key(), now=NOW + 30 * DAY)

    contact = builders.talk(client, now=NOW + timedelta(hours=1))

    block = SafetyBlock.objects.get()
    assert (block.lifted_at, block.contact) == (NOW + timedelta(hours=1), contact)
    assert start_session(client, number=1, key=new_key(), now=NOW + timedelta(hours=2)).client == client


def test_contact_lifts_only_the_blocks_that_it_names(client, assignment):
    for question in ("chest_breath", "fever_unwell"):
        builders.check_in(client, yes=[question])
    first, second = SafetyBlock.objects.order_by("pk")

    builders.talk(client, lift=[first])

    assert list(SafetyBlock.objects.open()) == [second]
    assert plan_for(client, TODAY).blocked


def test_contact_may_lift_nothing(client, assignment):
    builders.check_in(client, yes=["chest_breath"])

    builders.talk(client, lift=[])

    assert ContactRecord.objects.count() == 1
    assert SafetyBlock.objects.open().count() == 1


def test_contact_never_lifts_the_block_of_another_client(client, assignment):
    stranger = builders.make_client()
    builders.check_in(stranger, yes=["chest_breath"])

    record_contact(
        client,
        by=builders.responsible(client),
        channel="phone",
        note="All clear.",
        now=NOW,
        lift=list(SafetyBlock.objects.all()),
    )

    assert SafetyBlock.objects.open().count() == 1


def test_block_is_lifted_once(client, assignment):
    builders.check_in(client, yes=["chest_breath"])
    stale = list(SafetyBlock.objects.all())
    first = builders.talk(client, lift=stale)

    builders.talk(client, lift=stale, now=NOW + DAY)

    block = SafetyBlock.objects.get()
    assert (block.contact, block.lifted_at) == (first, NOW)


def test_new_yes_blocks_again(client, assignment):
    builders.check_in(client, yes=["chest_breath"])
    builders.talk(client)

    builders.check_in(client, yes=["chest_breath"], now=NOW + DAY)

    assert plan_for(client, TODAY).blocked


def test_catalogue_has_the_conditions_that_its_questions_add():
    added = ScreeningQuestion.objects.filter(effect="tag").values_list("adds_tag__slug", flat=True)

    assert set(added) <= set(ConditionTag.objects.values_list("slug", flat=True))
    assert len(CATALOGUE["screening_questions"]) == ScreeningQuestion.objects.count() == 43


@pytest.mark.django_db(transaction=True)
def test_answers_sent_twice_at_once_are_stored_once():
    client = builders.make_client()
    builders.assign(client)

    def press():
        return say(client, before_session(client), ["calf_signs"], key="pressed-twice")

    outcomes = together(press, times=4)

    assert {outcome.screening.pk for outcome in outcomes} == {Screening.objects.get().pk}
    assert {outcome.block.pk for outcome in outcomes} == {SafetyBlock.objects.get().pk}
    assert ClientTag.objects.get().tag.slug == "blood_clot"
