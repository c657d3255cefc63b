"""Outcome measures: what is asked when, how it is scored, and which difference matters (domain.md 6.1, 6.3, 8). Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from routines.models import OutcomeMeasure

AVERAGE_PAIN = "pain_average_7_days"  # the one question of the pain scale that is asked every 14 days
PAIN, ACTIVITIES, CHANGE, LEG, BACK = "nprs", "activities", "change", "leg_symptoms", "rmdq"
REGULAR = (PAIN, ACTIVITIES, CHANGE)
IN_FULL = (BACK, LEG, ACTIVITIES)
ORDER = (PAIN, ACTIVITIES, LEG, BACK, CHANGE)

BACK_AREAS = {"low_back", "sacrum"}
# Symptoms of a leg usually reach below the knee (domain.md 1, sciatica)
LEG_AREAS = {"calf", "shin", "lower_leg_outer", "foot_top"}
SPINE_GROUP = "lumbar"


class AnswerRefused(ValueError):
    """An answer is missing, is not one that was asked for, or lies outside the scale; the text says which."""


class NotOffered(ValueError):
    """The measure may not be asked here: its owner's terms do not allow it (domain.md 8)."""


# ---- Scoring ----------------------------------------------------------------------------------------------------------


def item_range(measure: OutcomeMeasure, items: int) -> tuple[int, int]:
    """Smallest and largest value of one answer; a sum shares its range evenly among its items."""
    if measure.scoring == "sum" and items:
        return measure.minimum // items, measure.maximum // items
    return measure.minimum, measure.maximum


def score(
    measure: OutcomeMeasure, answers: Mapping[str, Any] | Sequence[Any], asked: Collection[str]
) -> Decimal:
    """The score of these answers in points of the measure, to two decimals.

    `answers` are {question: value}, for a mean the values in the order of the activities; `asked` are the questions of
    the measure. Raises AnswerRefused, NotOffered.
    """
    if measure.shipped == OutcomeMeasure.Shipped.NO:
        raise NotOffered(_("This measure is not offered here."))
    if measure.scoring == "mean":
        values = list(answers.values() if isinstance(answers, Mapping) else answers)
        chosen = measure.details.get("choose", {})
        if not chosen.get("min", 1) <= len(values) <= chosen.get("max", 5):
            raise AnswerRefused(_("Rate each of your activities."))
    else:
        if not isinstance(answers, Mapping) or not set(answers) <= set(asked):
            raise AnswerRefused(_("This was not asked."))
        if len(answers) != (len(asked) if measure.scoring == "sum" else 1):
            raise AnswerRefused(_("Please answer each question."))
        values = list(answers.values())
    low, high = item_range(measure, len(values))
    if any(type(value) is not int or not low <= value <= high for value in values):
        raise AnswerRefused(_("Choose a number from %(low)d to %(high)d.") % {"low": low, "high": high})
    total = Decimal(sum(values))
    if measure.scoring == "mean":
        total /= len(values)
    return total.quantize(Decimal("0.01"), ROUND_HALF_UP)


# ---- The difference that matters ---------------------------------------------------------------------------------------


class Difference(StrEnum):
    """What a difference says: it matters, it is within the usual ups and downs, or nobody knows where the line is."""

    BETTER = "better"
    WORSE = "worse"
    WITHIN_NOISE = "within_noise"
    NO_LINE = "no_line"


def starting_point(measure: OutcomeMeasure, first: Decimal | None) -> Decimal | None:
    """What the latest value is held against: the first one; a rating of change is itself held against 0, "the same"."""
    return Decimal(0) if measure.minimum < 0 and first is not None else first


@dataclass(frozen=True)
class Needed:
    """The smallest change that matters from one start, in points of the measure, for the better and for the worse."""

    better: Decimal
    worse: Decimal


def needed_change(measure: OutcomeMeasure, start: Decimal) -> Needed | None:
    """In points, or for the better in percent of the start, whichever is reached first (domain.md 6.3). None: not known.

    Percent are a share of what may get better, so from 0 and for the worse only points count: one point more after a low
    start lies within the usual ups and downs.
    """
    if measure.important_change is None or measure.better == OutcomeMeasure.Better.NEITHER:
        return None
    points = Decimal(measure.important_change)
    if measure.or_percent and start > 0:
        return Needed(better=min(points, start * measure.or_percent / 100), worse=points)
    return Needed(better=points, worse=points)


def important(first: Decimal | None, latest: Decimal | None, measure: OutcomeMeasure) -> Difference | None:
    """Whether the difference reaches the smallest change that matters (domain.md 6.3). None where a value is missing."""
    start = starting_point(measure, first)
    if start is None or latest is None:
        return None
    needed = needed_change(measure, start)
    if needed is None:
        return Difference.NO_LINE
    moved = latest - start
    gained = moved if measure.better == OutcomeMeasure.Better.HIGHER else -moved
    if gained > 0 and gained >= needed.better:
        return Difference.BETTER
    return Difference.WORSE if gained < 0 and -gained >= needed.worse else Difference.WITHIN_NOISE


# ---- When -------------------------------------------------------------------------------------------------------------


def asked_for(areas: Collection[str], groups: Collection[str]) -> list[str]:
    """The measures of a program, by the pain areas and the groups of safety questions of its pattern (domain.md 6.1).

    The total for the back goes with complaints of the low back; the leg diary with symptoms in a leg that may come from
    the spine. Without a pattern only what suits every region is asked.
    """
    found = {PAIN, ACTIVITIES, CHANGE}
    if BACK_AREAS & set(areas):
        found.add(BACK)
    if LEG_AREAS & set(areas) and SPINE_GROUP in groups:
        found.add(LEG)
    return [slug for slug in ORDER if slug in found]


def slot(measure: str, day: int, reassess: Mapping[str, Any]) -> int | None:
    """The last day of the program, 0 the first, on which this measure was to be answered. None: not yet, or never.

    `reassess` are the numbers of that rule. Pain and activities begin on day 0, so that there is a first value; overall
    change has nothing to compare with before the second time.
    """
    days = set(reassess.get("full_outcome_days", ())) if measure in IN_FULL else set()
    every = reassess.get("every_days")
    if measure in REGULAR and every:
        days.add(day // every * every)
    if measure == CHANGE:
        days.discard(0)
    return max((each for each in days if each <= day), default=None) if day >= 0 else None


def due_on(measure: str, day: int, answered: Collection[int], reassess: Mapping[str, Any]) -> bool:
    """Whether the measure waits for an answer on this day of the program; `answered` are the days of the answers so far.

    One that was not answered stays due until the next time comes; what was missed is not asked later.
    """
    last = slot(measure, day, reassess)
    return last is not None and not any(last <= each <= day for each in answered)


def leg_alarm(answers: Mapping[str, int], before: Mapping[str, int] | None, asks: Mapping[str, Any]) -> bool:
    """Whether these answers ask a safety question: from a value on, or after such a rise (domain.md 8, leg diary).

    `asks` is {"question", "from_value", "or_rise"} of the measure's details.
    """
    value = answers.get(asks.get("question", ""))
    if value is None:
        return False
    earlier = (before or {}).get(asks["question"])
    rise = asks.get("or_rise")
    return value >= asks["from_value"] or (
        rise is not None and earlier is not None and value - earlier >= rise
    )


# ---- Words ------------------------------------------------------------------------------------------------------------

# What a client reads above a measure; the catalogue's own name says where it comes from
TITLES = {
    PAIN: gettext_lazy("Average pain"),
    ACTIVITIES: gettext_lazy("My activities"),
    LEG: gettext_lazy("My leg diary"),
    BACK: gettext_lazy("Back in daily life (Roland-Morris total)"),
    CHANGE: gettext_lazy("Overall change"),
}
SOURCES = {
    ACTIVITIES: gettext_lazy("Method: Stratford and others, 1995, in our own words."),
    BACK: gettext_lazy("The published form: Roland and Morris 1983, Spine 8:141-144."),
}
VERDICTS = {
    Difference.BETTER: gettext_lazy("That is more than the usual ups and downs, and for the better."),
    Difference.WORSE: gettext_lazy("That is more than the usual ups and downs, and for the worse."),
    Difference.WITHIN_NOISE: gettext_lazy("That is within the usual ups and downs."),
    Difference.NO_LINE: gettext_lazy("How much change matters here is not known, so read the trend."),
}


def title_of(measure: OutcomeMeasure) -> str:
    return str(TITLES.get(measure.slug) or measure.text("name"))


def figure(value: Decimal | int | float, *, signed: bool = False) -> str:
    """A score as people read it: at most one decimal, with a real minus, with a plus where asked."""
    rounded = Decimal(str(value)).quantize(Decimal("0.1"), ROUND_HALF_UP)
    text = number_format(abs(rounded), 0 if rounded == rounded.to_integral_value() else 1)
    sign = "\N{MINUS SIGN}" if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{text}"


def moved_words(moved: Decimal) -> str:
    """ "2 points lower", "1 point higher", "no difference"."""
    size = abs(moved).quantize(Decimal("0.1"), ROUND_HALF_UP)
    if not size:
        return _("no difference")
    count = 1 if size == 1 else 2
    if moved < 0:
        return ngettext("%(size)s point lower", "%(size)s points lower", count) % {"size": figure(size)}
    return ngettext("%(size)s point higher", "%(size)s points higher", count) % {"size": figure(size)}


def story(measure: OutcomeMeasure, scores: Sequence[Decimal]) -> str:
    """First value, latest value, and whether the difference matters; scores oldest first. "" where there is none."""
    if not scores:
        return ""
    first, latest = scores[0], scores[-1]
    if measure.minimum < 0:
        said = _("%(value)s, on a scale from %(low)s to %(high)s where 0 is as on the first day.") % {
            "value": figure(latest, signed=True),
            "low": figure(measure.minimum, signed=True),
            "high": figure(measure.maximum, signed=True),
        }
    elif len(scores) == 1:
        return _("One value so far: %(value)s.") % {"value": figure(first)}
    else:
        said = _("%(first)s at first, %(latest)s now: %(moved)s.") % {
            "first": figure(first),
            "latest": figure(latest),
            "moved": moved_words(latest - first),
        }
    verdict = important(first, latest, measure)
    return f"{said} {VERDICTS[verdict]}" if verdict else said


def line_that_matters(measure: OutcomeMeasure) -> str:
    """From which difference on it counts, in words; "" where nobody knows."""
    if measure.important_change is None:
        return ""
    if measure.or_percent:
        return _(
            "A difference counts from %(points)s points on, for the better also from %(percent)s on."
        ) % {
            "points": figure(measure.important_change),
            "percent": f"{measure.or_percent}\N{NO-BREAK SPACE}%",
        }
    return _("A difference counts from %(points)s points on.") % {"points": figure(measure.important_change)}
