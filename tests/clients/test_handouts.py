"""The handout: what stands on it, for whom, and from which day."""

import re
from datetime import timedelta

import pytest
import zxingcpp
from PIL import Image

from clients.adjusting import pause_assignment
from clients.demo.builders import NOW, advance, assign, make_client, responsible, tag
from clients.handouts import NothingToHandOut, code_of, handout_for, look_of
from clients.models import AssignedPhase, AssignedStep
from clients.spots import Point, mark

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def ana():
    return make_client(name="Ana Silva")


def of(client, phase=None, now=NOW):
    return handout_for(client, client.local_date(now), phase)


def test_handout_shows_the_coming_days_with_dose_cue_and_caution(ana):
    assign(ana)

    handout = of(ana)

    assert (handout.first, handout.last) == (ana.local_date(NOW), ana.local_date(NOW) + 13 * DAY)
    assert [part.phase for part in handout.parts] == ["Release the deep buttock"]
    ball = handout.cards[0]
    assert (ball.name, ball.exercise) == ("Ball release, buttock at a wall", "smr_buttock_ball_wall")
    assert "right side" in ball.dose
    assert ball.cue
    assert ball.cautions == ball_cautions(ana)


def ball_cautions(client):
    step = AssignedStep.objects.get(
        phase__assignment__client=client, phase__state="active", as_was__slug="smr_buttock_ball_wall"
    )
    return step.as_was["texts"][""]["cautions"]


def test_days_of_a_card_are_those_of_all_its_steps(ana):
    assign(ana)
    step = AssignedStep.objects.filter(phase__assignment__client=ana, phase__state="active").first()
    AssignedStep.objects.filter(pk=step.pk).update(weekdays="135")
    other = assign(ana, "program_plantar_heel")
    twin = AssignedStep.objects.filter(phase__assignment=other, phase__state="active").first()
    same = {name: getattr(step, name) for name in ("exercise", "as_was", "kind", "side", "side_mode")}
    AssignedStep.objects.filter(pk=twin.pk).update(**same, weekdays="2", per_day=2)

    (card,) = [card for card in of(ana).cards if card.name == step.name]

    assert card.days == "Mon, Tue, Wed, Fri, 2 times a day"


@pytest.mark.parametrize(("side", "shown"), [("left", "left"), ("right", "right"), ("both", "both")])
def test_figure_of_a_card_shows_the_side_that_works(side, shown):
    client = make_client(name="Ana Silva", side=side)
    assign(client)

    assert of(client).cards[0].side == shown


def test_card_says_how_often_a_day(ana):
    assign(ana, "program_plantar_heel")

    assert "every day, 2 times a day" in [card.days for card in of(ana).cards]


def test_card_says_from_when_and_until_when_where_not_all_days_of_the_paper_ask_for_it(ana):
    phase = assign(ana, "program_upper_crossed").phases.get(kind="integrate")
    columns = {column.key: column for column in of(ana, phase).columns}

    handout = of(ana, phase)
    days = {card.name: card.days for card in handout.cards}
    lines = {line.item.name: [columns[key].day for key in sorted(line.due)] for line in handout.lines}

    carry, tuck = lines["One-sided carry"], lines["Chin tuck at the wall"]
    assert carry[0] - handout.first > 7 * DAY
    assert days["One-sided carry"].endswith(f", from {carry[0]:%-d %B} on")
    assert days["Chin tuck at the wall"].endswith(f", until {tuck[-1]:%-d %B}")
    assert days["Squat to row"] == "Mon, Wed, Fri"


def test_two_programs_stand_on_one_handout(ana):
    assign(ana)
    assign(ana, "program_upper_crossed")

    handout = of(ana)

    assert len(handout.parts) == 2
    names = [card.name for card in handout.cards]
    assert len(names) == len(set(names))


def test_handout_begins_with_the_program_that_begins_later(ana):
    assign(ana, start_date=ana.local_date(NOW) + 5 * DAY)

    assert of(ana).first == ana.local_date(NOW) + 5 * DAY


def test_phase_that_is_not_reached_is_shown_as_if_it_began_today(ana):
    assignment = assign(ana)
    phase = assignment.phases.get(kind="strengthen")

    handout = of(ana, phase)

    assert [part.phase for part in handout.parts] == [phase.name]
    assert "Clam" in [card.name for card in handout.cards]
    assert AssignedPhase.objects.get(assignment=assignment, state="active").kind == "release"


def test_phase_of_one_program_leaves_the_other_out(ana):
    other = assign(ana, "program_upper_crossed")
    phase = assign(ana).phases.get(kind="strengthen")

    assert other.name not in [part.program for part in of(ana, phase).parts]


def test_nothing_is_handed_out_without_a_program(ana):
    with pytest.raises(NothingToHandOut):
        of(ana)


def test_nothing_is_handed_out_while_the_program_rests(ana):
    assignment = assign(ana)
    pause_assignment(assignment, until=None, reason="Holidays", by=responsible(ana), now=NOW)

    with pytest.raises(NothingToHandOut):
        of(ana)


@pytest.mark.parametrize("more", [False, True])
def test_handout_begins_where_the_first_pause_is_over(ana, more):
    """Whoever goes away for three weeks takes along what begins afterwards."""
    today = ana.local_date(NOW)
    pause_assignment(assign(ana), until=today + 20 * DAY, reason="Holidays", by=responsible(ana), now=NOW)
    if more:
        assign(ana, "program_upper_crossed", start_date=today + 30 * DAY)

    assert of(ana).first == today + 21 * DAY


def test_handout_begins_with_the_program_that_follows_one_that_rests(ana):
    today = ana.local_date(NOW)
    pause_assignment(assign(ana), until=None, reason="Operation", by=responsible(ana), now=NOW)
    other = assign(ana, "program_upper_crossed", start_date=today + 20 * DAY)

    handout = of(ana)

    assert (handout.first, [part.program for part in handout.parts]) == (today + 20 * DAY, [other.name])


def test_program_that_rests_is_not_named_on_the_handout_of_another(ana):
    resting = assign(ana)
    other = assign(ana, "program_upper_crossed")
    pause_assignment(resting, until=None, reason="Operation", by=responsible(ana), now=NOW)

    assert [part.program for part in of(ana).parts] == [other.name]


def test_what_a_condition_forbids_is_not_on_paper(ana):
    assign(ana)
    before = {card.exercise for card in of(ana).cards}
    tag(ana, "blood_clot", "buttock", side="right")

    assert "smr_buttock_ball_wall" in before
    assert "smr_buttock_ball_wall" not in {card.exercise for card in of(ana).cards}


def test_pin_stands_beside_its_exercise(ana):
    assignment = assign(ana)
    step = assignment.phases.first().steps.get(as_was__slug="smr_buttock_ball_wall")
    mark(
        ana, step.exercise_id, Point("back", 590, 520), by=responsible(ana), now=NOW, seen=[], sides=["right"]
    )

    marked = [card for card in of(ana).cards if card.spots]

    assert [card.exercise for card in marked] == ["smr_buttock_ball_wall"]


def test_effort_is_asked_in_strengthening_alone(ana):
    assignment = assign(ana)
    release = of(ana).asks
    advance(assignment)

    assert [ask for ask in of(ana).asks if ask not in release] == ["effort"]


@pytest.mark.parametrize(
    ("cards", "look"), [(1, "roomy"), (4, "roomy"), (5, "close"), (8, "close"), (9, "tight")]
)
def test_more_exercises_have_smaller_cards(cards, look):
    assert look_of(cards) == look


def test_code_is_one_path_without_style_and_names_nobody(ana, settings):
    settings.SITE_URL = "https://practice.example.org"
    assign(ana)
    handout = of(ana)

    assert handout.address == "https://practice.example.org/today/"
    assert "style" not in handout.code
    assert "<script" not in handout.code


def test_code_decodes_to_its_address():
    address = "https://practice.example.org/today/"

    assert read(code_of(address)) == address


def read(svg):
    """Draws the path of the code as black squares and reads them, as a camera would."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    scale = 8
    picture = Image.new("L", (size * scale, size * scale), 255)
    x = y = 0.0
    for command, args in re.findall(r"([Mmhz])([-\d. ]*)", re.findall(r' d="([^"]+)"', svg)[1]):
        numbers = [float(each) for each in re.findall(r"-?\d*\.?\d+", args)]
        if command == "M":
            x, y = numbers
        elif command == "m":
            x, y = x + numbers[0], y + numbers[1]
        elif command == "h":
            box = [int(v * scale) for v in (x, y - 0.5, x + numbers[0], y + 0.5)]
            picture.paste(0, tuple(box))
            x += numbers[0]
    found = zxingcpp.read_barcodes(picture)
    return found[0].text if found else None


def test_number_of_queries_does_not_grow(ana, django_assert_num_queries):
    assign(ana)
    with django_assert_num_queries(9) as one:
        of(ana)
    assign(ana, "program_upper_crossed")
    assign(ana, "program_plantar_heel")

    with django_assert_num_queries(len(one)):
        of(ana)
