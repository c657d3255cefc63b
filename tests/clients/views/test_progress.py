"""How it goes, as the client reads it: sentences, drawings and tables that say the same."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from clients.demo.builders import NOW, advance, bulk_sessions, bulk_told, new_key, rate, train
from clients.models import MorningWord, SessionReading, TrainingSession
from clients.recording import SetEntry, record_set
from clients.telling import Site, record_tenderness
from routines.models import Muscle
from tests.charted import charts_on, difference
from tests.clients.views.conftest import text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORDS = [str(word.label) for word in MorningWord]


def drawn(seat):
    return charts_on(seat.get("/progress/").content.decode())


def otherwise(seat):
    """Where a drawing of the page says something else than its table."""
    found = []
    for chart in drawn(seat):
        found += difference(chart, WORDS if chart.title == "The morning after" else None)
    return found


def lived(seat, ago):
    """Sessions on these days, telling everything that is asked, with gaps where there are gaps."""
    piriformis = Muscle.objects.get(slug="piriformis")
    for days in ago:
        session = train(
            seat.client, now=NOW - days * DAY, pain_before=min(10, 3 + days // 9), pain_after=2 + days % 3
        )
        bulk_told(
            [session],
            sides={"left": (3, 2), "right": (min(10, 4 + days // 8), 3)},
            word=WORDS_BY_DAY[days % 4],
        )
        record_tenderness(
            seat.client,
            Site(piriformis, "right"),
            min(10, 3 + days // 9),
            key=new_key(),
            now=NOW - days * DAY,
        )
        record_tenderness(seat.client, Site(piriformis, "left"), 3, key=new_key(), now=NOW - days * DAY)


WORDS_BY_DAY = list(MorningWord)


@pytest.fixture
def long_ago(sit_down):
    """Somebody whose program began three months ago."""
    return sit_down(name="Lena Long", start=NOW - 90 * DAY)


def test_progress_of_nobody_yet_leads_to_today(sit_down):
    seat = sit_down(name="Nora New", start=NOW + 20 * DAY)

    shown = text(seat.get("/progress/"))

    assert "Nothing recorded yet" in shown
    assert '<svg class="chart' not in shown


def test_progress_before_the_first_session_has_the_gate_and_says_what_is_missing(ana):
    shown = text(ana.get("/progress/"))

    assert "What opens next" in shown
    assert "Not enough data yet: pain is asked before and after a session." in shown


def test_one_session_is_a_sentence_and_a_table(ana):
    train(ana.client, now=NOW - DAY, pain_after=3)

    pain = drawn(ana)[0]

    assert (pain.sentence, pain.svg, pain.columns) == ("One number so far: 3 of 10.", None, [["3"], ["3"]])
    assert otherwise(ana) == []


def test_three_sessions_say_the_same_in_drawing_and_table(ana):
    for days, before, after in ((3, 7, 6), (2, 6, None), (1, 5, 3)):
        train(ana.client, now=NOW - days * DAY, pain_before=before, pain_after=after)

    pain = drawn(ana)[0]

    assert pain.sentence == "Pain after the session: 6 of 10 at first, 3 the last time."
    assert pain.columns == [["6", "–", "3"], ["7", "6", "5"]]
    assert {look: len(marks) for look, marks in pain.series.items()} == {0: 2, 1: 3}
    assert otherwise(ana) == []


def test_gaps_and_two_sides_say_the_same_in_drawing_and_table(long_ago):
    advance(long_ago.assignment, now=NOW - 85 * DAY)
    lived(long_ago, (78, 76, 74, 41, 39, 36, 34, 11, 8, 6, 4, 1))
    for session in TrainingSession.objects.filter(local_date__gte=(NOW - 41 * DAY).date()):
        for item in session.items.filter(kind="strengthen"):
            kilos = Decimal(2 + (session.local_date.toordinal() + len(item.side)) % 3)
            record_set(item, 1, SetEntry(reps=12, load_kg=kilos), key=new_key(), now=NOW)
    for days, value in ((80, 7), (66, 5), (10, 2)):
        rate(long_ago.client, "nprs", value, now=NOW - days * DAY)

    charts = {chart.title: chart for chart in drawn(long_ago)}

    assert otherwise(long_ago) == []
    assert charts["Pain, before and after"].silences == 2
    assert charts["Average pain"].silences == 1
    assert "apart" in charts["Piriformis, tight before release"].sentence
    assert len(charts["Piriformis, when pressed"].series) == 2
    assert any("kg" in title or "kg" in chart.sentence for title, chart in charts.items())


def test_years_are_drawn_by_months_and_stay_light(long_ago):
    bulk_told(bulk_sessions(long_ago.client, 1500, now=NOW))

    page = long_ago.get("/progress/").content
    charts = {chart.title: chart for chart in charts_on(page.decode())}

    assert otherwise(long_ago) == []
    pain = charts["Pain, before and after"]
    assert "Each point is the middle of a month (1500 entries in all)." in pain.sentence
    assert len(pain.days) == 51
    assert len(page) < 200_000


def test_difference_between_drawing_and_table_is_found(ana):
    """The control: a figure of the table, a mark and a day that are moved are noticed."""
    for days in (3, 2, 1):
        train(ana.client, now=NOW - days * DAY, pain_before=5, pain_after=3 + days % 2)
    page = ana.get("/progress/").content.decode()

    for told, lie in (
        ('<td class="number">5</td>', '<td class="number">6</td>'),
        ('<time datetime="2026-03-08">', '<time datetime="2026-03-01">'),
        ('<path class="mark" d="M', '<path class="other" d="M'),
    ):
        assert told in page
        changed = page.replace(told, lie, 1)
        wrong = [
            found
            for chart in charts_on(changed)
            for found in difference(chart, WORDS if "morning" in chart.title else None)
        ]
        assert bool(wrong) == ("other" not in lie), lie


def test_drawing_names_itself_and_hides_nothing_from_a_screen_reader(ana):
    for days in (2, 1):
        train(ana.client, now=NOW - days * DAY)

    for chart in drawn(ana):
        if chart.svg is not None:
            title, desc = chart.svg.find("title"), chart.svg.find("desc")
            assert chart.svg.attrib["role"] == "img"
            assert chart.svg.attrib["aria-labelledby"] == f"{title.attrib['id']} {desc.attrib['id']}"
            assert (title.text, " ".join(desc.text.split())) == (chart.title, chart.sentence)


def test_ids_of_the_page_are_its_own(long_ago):
    lived(long_ago, (9, 7, 5))

    page = long_ago.get("/progress/").content.decode()

    found = re.findall(r'\sid="([^"]+)"', page)
    assert len(found) == len(set(found))


def test_progress_shows_milestones_and_the_newest_sessions(ana):
    session = train(ana.client, now=NOW - DAY)

    shown = text(ana.get("/progress/"))

    assert "What was reached" in shown
    assert "First session" in shown
    assert f'href="/session/{session.pk}/"' in shown
    assert 'href="/history/"' in shown


def test_coming_back_gets_credit(long_ago):
    for days in (60, 59, 1):
        train(long_ago.client, now=NOW - days * DAY)

    assert "Back after 57 days without a session" in text(long_ago.get("/progress/"))


def test_progress_without_any_number_has_no_chart_of_pain(ana):
    train(ana.client, now=NOW - DAY)
    SessionReading.objects.all().delete()

    assert "Pain, before and after" not in [chart.title for chart in drawn(ana)]


def test_progress_shows_only_ones_own(ana, ben):
    train(ben.client, now=NOW - DAY)

    shown = text(ana.get("/progress/"))

    assert "First session" not in shown
    assert drawn(ana)[0].title == "Days a week, against the goal"


def test_progress_is_for_clients(therapist, web_as):
    assert web_as(therapist).get("/progress/").status_code == 302


def test_place_in_the_dock_is_current_on_its_pages(ana):
    for path in ("/progress/", "/history/", "/measures/"):
        assert '<a href="/progress/" aria-current="page">' in text(ana.get(path))


@pytest.mark.parametrize("sessions", [3, 1500])
def test_progress_runs_a_fixed_number_of_queries(ana, django_assert_num_queries, sessions):
    bulk_told(bulk_sessions(ana.client, sessions, now=NOW))

    with django_assert_num_queries(63):
        ana.get("/progress/")
