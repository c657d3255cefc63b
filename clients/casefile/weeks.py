"""Days on which something was due and days on which something was done, week by week against the week's goal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clients.casefile.minutes import minutes_by_day
from clients.models import Client, TrainingSession
from clients.planning import PlanFacts, gather, plan
from clients.safety import blocked_days
from clients.schedule import week_of

WEEKS = 12


@dataclass(frozen=True)
class WeekLine:
    """A week against its goal. The goal of a week that runs is that of the whole week; of one that is not `told`, as its
    sheet of paper has not come back, nothing is known.
    """

    monday: date
    due: int
    done: int
    runs: bool = False
    told: bool = True


@dataclass(frozen=True)
class Days:
    """The days of the last weeks up to the coming Sunday; a day on which something was done was due as well."""

    first: date
    today: date
    due: frozenset[date]
    done: frozenset[date]
    number: int = WEEKS

    def weeks(self, *, on_paper: bool = False) -> list[WeekLine]:
        """Oldest first, from the first week with a goal on.

        On paper nothing is known of the days after the last one that was keyed in; a week that runs keeps its goal.
        """
        until = max(self.done, default=self.first - timedelta(days=1)) if on_paper else self.today
        found: list[WeekLine] = []
        for n in range(self.number):
            days = week_of(self.first + timedelta(weeks=n))
            due, done = self.due.intersection(days), self.done.intersection(days)
            runs = self.today in days
            known = due if runs else {day for day in due if day <= until}
            if due or found:
                found.append(WeekLine(days[0], len(known), len(done), runs=runs, told=bool(known) or not due))
        return found

    def since(self, day: date, *, on_paper: bool = False) -> tuple[int, int]:
        """How many days were due from this day on and how many were done; today is due only once it is done.

        On paper nothing is known of the days after the last one that was keyed in.
        """
        done = {each for each in self.done if each >= day}
        until = max(done, default=day) if on_paper else self.today
        due = {each for each in self.due if day <= each < until} | done
        return len(due), len(done)


def first_of(today: date, number: int) -> date:
    """The Monday on which the last `number` weeks begin."""
    return week_of(today)[0] - timedelta(weeks=number - 1)


def days_on_file(
    client: Client,
    today: date,
    number: int = WEEKS,
    facts: PlanFacts | None = None,
    trained: Iterable[date] | None = None,
) -> Days:
    """The last `number` weeks, in a fixed number of queries. Paused days are not due, nor are days on which a safety
    block stood. `facts` and the days on which somebody `trained` are read here where they are not given; they must reach
    from the first to the last day.
    """
    first, last = first_of(today, number), week_of(today)[-1]
    facts = facts or gather(client, first, last)
    if trained is None:
        sessions = TrainingSession.objects.filter(client=client, local_date__range=(first, today))
        trained = sessions.finished().trained().values_list("local_date", flat=True)
    done = frozenset(day for day in trained if first <= day <= today)
    blocked = blocked_days([client])[client.pk]
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    free = {day for day in every if day > today or not any(block.holds(day) for block in blocked)}
    due = {day for day in every if day in done or (day in free and plan(facts, day).items)}
    return Days(first, today, frozenset(due), done, number)


def minutes_of_weeks(client: Client, weeks: Sequence[WeekLine]) -> list[int | None]:
    """Minutes of each week; None for one of which no time is known, though something was or may have been done. Two queries."""
    if not weeks:
        return []
    told = minutes_by_day(client, weeks[0].monday)
    found: list[int | None] = []
    for week in weeks:
        known = [told[day] for day in week_of(week.monday) if day in told]
        found.append(sum(known) if known or (week.told and not week.done) else None)
    return found
