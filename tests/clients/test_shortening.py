"""A short day: the two exercises that matter most, and honest evidence."""

from datetime import timedelta

import pytest

from clients.demo.builders import NOW, advance, assign, check_in, make_client, new_key, screen, train
from clients.easing import take_up_rest
from clients.models import AssignedStep
from clients.planning import PlannedExercise, PlannedItem
from clients.progression.gather import told_by
from clients.recording import prescribed, record_set, start_session, state_of
from clients.shortening import two_that_matter
from routines.models import Dose

DAY = timedelta(days=1)
DOSE = Dose(2, 10, 0, None, 30, 1, 3)


def planned(pk, kind, *targets):
    step = AssignedStep(exercise_id=pk, kind=kind, as_was={"targets": [{"slug": slug} for slug in targets]})
    return PlannedExercise((PlannedItem(pk, "none", (step,), DOSE),))


def chosen(exercises, *pairs):
    return [each.items[0].exercise_id for each in two_that_matter(exercises, [frozenset(p) for p in pairs])]


BALL = planned(1, "release_smr", "piriformis")
STRETCH = planned(2, "release_stretch", "piriformis")
THIGH = planned(3, "release_smr", "tfl")
CLAM = planned(4, "strengthen", "gluteus_medius")
ROW = planned(5, "strengthen", "rhomboids")


@pytest.mark.parametrize(
    ("exercises", "pairs", "wanted"),
    [
        ([BALL, STRETCH, CLAM, ROW], [], [1, 4]),
        ([BALL, STRETCH, ROW, CLAM], [("piriformis", "gluteus_medius")], [1, 4]),
        ([BALL, THIGH, CLAM], [("tfl", "gluteus_medius")], [3, 4]),
        ([BALL, STRETCH, THIGH], [], [1, 3]),
        ([BALL, STRETCH, planned(9, "release_smr", "piriformis")], [], [1, 2]),
        ([CLAM, ROW, planned(9, "integrate", "gluteus_medius")], [], [4, 5]),
        ([BALL, CLAM], [], []),
        ([], [], []),
    ],
)
def test_two_that_matter(exercises, pairs, wanted):
    assert chosen(exercises, *pairs) == wanted


@pytest.fixture
def client(db):
    client = make_client()
    advance(assign(client, now=NOW - 8 * DAY), now=NOW)
    screen(client, now=NOW)
    return client


def begin(client, *, short):
    now = NOW + DAY
    screening = check_in(client, now=now).screening
    return start_session(client, number=1, key=new_key(), now=now, screening=screening, short=short)


def test_short_day_shows_two_and_keeps_the_rest_asked(client):
    session = begin(client, short=True)
    state = state_of(session)

    assert session.short
    assert len(state.shown()) == 2
    assert [group[0].item.kind.startswith("release") for group in state.shown()] == [True, False]
    assert state.exercises()[:2] == state.shown()
    assert state.all_sets == sum(item.sets for item in session.items.all())
    assert len(state.exercises()) > 2


def test_rest_is_taken_up_once(client):
    session = begin(client, short=True)

    take_up_rest(session, NOW + DAY)
    session.refresh_from_db()
    first = session.whole_at
    take_up_rest(session, NOW + 2 * DAY)
    session.refresh_from_db()

    assert session.whole_at == first
    assert len(state_of(session).shown()) == len(state_of(session).exercises())


def test_rest_of_a_whole_day_is_nothing(client):
    session = begin(client, short=False)
    take_up_rest(session, NOW + DAY)
    session.refresh_from_db()

    assert session.whole_at is None


def test_short_day_counts_what_was_done_as_any_other_day_would(client):
    """The same two exercises done on a whole day give the same evidence: nothing earned, nothing lost."""
    other = make_client(name="Ben")
    advance(assign(other, now=NOW - 8 * DAY), now=NOW)
    short = begin(client, short=True)
    names = {group[0].item.as_was["slug"] for group in state_of(short).shown()}
    for item in short.items.filter(later=False):
        for number in range(1, item.sets + 1):
            record_set(item, number, prescribed(item), key=new_key(), now=NOW + DAY)
    slugs = set(short.items.values_list("as_was__slug", flat=True))
    train(other, now=NOW + DAY, partial=dict.fromkeys(slugs - names, 0), finish=False)

    told = told_by(dict.fromkeys((client, other), NOW + DAY + timedelta(hours=1)))
    mine, theirs = (told[each.pk].sessions[-1].items for each in (client, other))

    assert sorted((i.asked, i.done, i.full_dose, i.excused) for i in mine) == sorted(
        (i.asked, i.done, i.full_dose, i.excused) for i in theirs
    )
    assert 0 < sum(i.share for i in mine) < len(mine)
