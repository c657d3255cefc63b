"""Days on which something was due and days on which something was done, week by week against the week's goal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from clients.models import Client, SafetyBlock, TrainingSession
from clients.planning import gather, plan
from clients.schedule import week_of

WEEKS = 12


@dataclass(frozen=True)
class WeekLine:
    """A week against its goal. The goal of a week that runs is that of the whole week."""

    monday: date
    due: int
    done: int
    runs: bool = False

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)


@dataclass(frozen=True)
class Days:
    """The days of the last weeks up to the coming Sunday; a day on which something was done was due as well."""

    first: date
    today: date
    due: frozenset[date]
    done: frozenset[date]

    def weeks(self) -> list[WeekLine]:
        """Oldest first, from the first week with a goal on."""
        found: list[WeekLine] = []
        for n in range(WEEKS):
            days = week_of(self.first + timedelta(weeks=n))
            due, done = len(self.due.intersection(days)), len(self.done.intersection(days))
            if due or found:
                found.append(WeekLine(days[0], due, done, runs=self.today in days))
        return found

    def since(self, day: date) -> tuple[int, int]:
        """How many days were due from this day on and how many were done; today is due only once it is done."""
        due = {each for each in self.due if day <= each < self.today} | {
            each for each in self.done if each >= day
        }
        return len(due), len({each for each in self.done if each >= day})


def days_on_file(client: Client, today: date) -> Days:
    """A fixed number of queries. Paused days are not due, nor are days on which a safety block stood."""
    first = week_of(today)[0] - timedelta(weeks=WEEKS - 1)
    last = week_of(today)[-1]
    facts = gather(client, first, last)
    done = frozenset(
        TrainingSession.objects.filter(client=client, local_date__range=(first, today))
        .finished()
        .trained()
        .values_list("local_date", flat=True)
    )
    blocked = blocked_days(client, first, today)
    every = (first + timedelta(days=n) for n in range((last - first).days + 1))
    due = {day for day in every if day in done or (day not in blocked and plan(facts, day).items)}
    return Days(first, today, frozenset(due), done)


def blocked_days(client: Client, first: date, today: date) -> set[date]:
    """The days until today on which a block stood, from beginning to end or for a part."""
    found: set[date] = set()
    rows = (
        SafetyBlock.objects.filter(client=client)
        .order_by("-created_at")
        .values_list("created_at", "lifted_at")
    )
    for since, lifted in rows[:100]:
        day = max(first, client.local_date(since))
        until = min(today, client.local_date(lifted) if lifted else today)
        while day <= until:
            found.add(day)
            day += timedelta(days=1)
    return found


def weeks_sentence(weeks: list[WeekLine]) -> str:
    """What the chart shows, in words; without a full week there is nothing to say yet."""
    full = [week for week in weeks if not week.runs and week.due]
    if not full:
        return _("Not enough data: no full week yet.")
    newest = full[-1]
    words = {"done": newest.done, "due": newest.due}
    if len(full) == 1:
        return _("Last week %(done)d of %(due)d days.") % words
    reached = sum(1 for week in full if week.done >= week.due)
    return _(
        "Last week %(done)d of %(due)d days. The goal was reached in %(reached)d of %(all)d full weeks."
    ) % {
        **words,
        "reached": reached,
        "all": len(full),
    }
