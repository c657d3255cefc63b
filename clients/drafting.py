"""From a visit, or a named pattern, to a draft for this client, and to a program of the therapist's own.

The draft is a proposal: nothing here assigns it (domain.md 6.6). What it becomes is opened in the builder or given
through the page for assigning, where conditions are looked at once more.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client, Finding, HomeSetup, Side, User, Visit
from clients.ownership import keep_program, visible_exercises, visible_programs
from clients.practice import this_practice
from clients.safety import Condition, Conditions, Reach, conditions_of, judge, reaches
from routines.composing import PhaseDesign, StepDesign, free_slug, save_design, slug_from
from routines.drafting import Found, Home, Named, ProgramDraft, Wanted, Word, draft
from routines.drafting.catalogue import read_catalogue, read_numbers
from routines.drafting.facts import BOTH_SIDES
from routines.models import Exercise, Imbalance, Muscle, PhaseKind, Program, Rule
from routines.review import DesignWarning, gather, review
from routines.wording import in_sentence, listed

NAMED = 2  # muscles in the name of a program


class NothingPermitted(ValueError):
    """The draft holds no exercise, so there is no program to make of it."""


@dataclass(frozen=True)
class ClientDraft:
    """A draft with the rows that it speaks of, and what the client's conditions say about them."""

    draft: ProgramDraft
    exercises: Mapping[str, Exercise]
    muscles: Mapping[str, Muscle]
    rules: Mapping[str, Rule]
    imbalance: Imbalance | None
    home: Home
    reach: Mapping[int, Reach]
    conditions: Conditions

    def exercise(self, slug: str) -> Exercise:
        return self.exercises[slug]

    def conditions_for(self, slug: str, sides: Sequence[str]) -> tuple[list[Condition], list[Condition]]:
        """Those that forbid the exercise on one of these sides, and those that allow it only with care."""
        exercise = self.exercises[slug]
        verdicts = [judge(exercise.pk, self.reach[exercise.pk], side, self.conditions) for side in sides]
        avoid = {each.slug: each for verdict in verdicts for each in verdict.avoid}
        care = {each.slug: each for verdict in verdicts for each in verdict.care}
        return list(avoid.values()), list(care.values())

    @property
    def design(self) -> list[PhaseDesign]:
        """As the builder saves it; a phase is named in every language."""
        names = {kind.value: in_each_language(lambda kind=kind: kind.label) for kind in PhaseKind}
        return [
            PhaseDesign(
                kind=phase.kind,
                name=names[phase.kind][""],
                translations=translated("name", names[phase.kind]),
                min_days=phase.min_days,
                review_by_day=phase.review_by_day,
                criteria=self.rules.get(phase.rule or ""),
                tenderness_sites=tuple(self.muscles[slug] for slug in phase.tracked),
                steps=tuple(
                    StepDesign(
                        exercise=self.exercises[step.exercise],
                        dose=step.dose,
                        side=step.side,
                        start_after_days=step.start_after_days,
                        until_days=step.until_days,
                        why=step.why,
                    )
                    for step in phase.steps
                ),
            )
            for phase in self.draft.phases
        ]

    @property
    def warnings(self) -> list[DesignWarning]:
        """What the review says about it before it is saved: tight muscles of the pattern that nothing releases, doses."""
        design = self.design
        if not design:
            return []
        found = review(gather(self.imbalance, [(phase, phase.steps) for phase in design]))
        once = {"partner_not_released"}  # of each later phase it would say the same
        return [
            each
            for number, each in enumerate(found)
            if each.slug not in once or each.slug not in {before.slug for before in found[:number]}
        ]


# ---- Gather ------------------------------------------------------------------------------------------------------


def wanted_of_visit(visit: Visit, imbalance: str | None = None) -> Wanted:
    """What was found at this visit; `imbalance` where the therapist chose the pattern."""
    rows = Finding.objects.filter(visit=visit).select_related("muscle").order_by("pk")
    found = tuple(Found(row.muscle.slug, row.side, row.state, row.rating) for row in rows)
    return Wanted(found, imbalance)


def wanted_of_pattern(imbalance: str, side: str) -> Wanted:
    """A named pattern without findings: release the side of the complaint, strengthen both (domain.md 4)."""
    return Wanted(imbalance=imbalance, sides=(side,) if side in BOTH_SIDES else BOTH_SIDES)


def home_of(client: Client) -> Home:
    """What is noted about home; without a row nothing is known, and nothing of tools before somebody said which."""
    row = HomeSetup.objects.filter(client=client).prefetch_related("tools").first()
    if row is None:
        return Home()
    tools = frozenset(tool.slug for tool in row.tools.all()) if row.tools_at else None
    return Home(tools, row.floor, row.level, row.minutes)


def draft_for(client: Client, wanted: Wanted, *, by: User, day: date) -> ClientDraft:
    """The draft for this client as things stand on that day of theirs, in a fixed number of queries.

    Raises NothingToDraft, TooManyFindings.
    """
    practice = this_practice()
    offered = visible_exercises(by, Exercise.objects.with_details())
    exercises = {row.slug: row for row in offered.with_known_conditions().in_use()}  # type: ignore[attr-defined]
    reach = reaches(row.pk for row in exercises.values())
    conditions = conditions_of(client, day)
    home = home_of(client)

    def verdict(slug: str, side: str) -> Word:
        pk = exercises[slug].pk
        judged = judge(pk, reach[pk], side, conditions)
        return Word.FORBIDDEN if judged.avoid else Word.CARE if judged.care else Word.OK

    made = draft(
        wanted,
        read_catalogue(exercises.values()),
        verdict,
        home,
        read_numbers(practice.numbers if practice else None),
    )
    tracked = {slug for phase in made.phases for slug in phase.tracked}
    pattern = made.imbalances[0].slug if made.imbalances else ""
    return ClientDraft(
        draft=made,
        exercises=exercises,
        muscles={row.slug: row for row in Muscle.objects.filter(slug__in=tracked)},
        rules={row.slug: row for row in Rule.objects.filter(slug__in=[p.rule or "" for p in made.phases])},
        imbalance=Imbalance.objects.filter(slug=pattern).first(),
        home=home,
        reach=reach,
        conditions=conditions,
    )


# ---- Save --------------------------------------------------------------------------------------------------------


def save_draft(found: ClientDraft, *, key: uuid.UUID, by: User, day: date, now: datetime) -> Program:
    """A program of the therapist's own, ready for the builder. The client's name never enters the catalogue.

    The same draft sent twice with one `key` makes one program, another draft another. Raises NothingPermitted.
    """
    if not found.draft.phases:
        raise NothingPermitted(_("No exercise is permitted for this, so there is no program to make of it."))
    own_key = uuid.uuid5(key, repr((by.pk, found.draft)))
    try:
        return make_program(found, own_key, by=by, day=day, now=now)
    except IntegrityError:  # the same page sent twice, or another draft of the same name at the same moment
        made = visible_programs(by).filter(key=own_key).first()
        return made or make_program(found, own_key, by=by, day=day, now=now)


@transaction.atomic
def make_program(found: ClientDraft, key: uuid.UUID, *, by: User, day: date, now: datetime) -> Program:
    names = in_each_language(lambda: name_of(found.draft, day))
    warm_ups = in_each_language(lambda: _("5 minutes of easy walking or marching"))
    program = Program.objects.create(
        slug=free_slug(Program, slug_from(names[""], Program)),
        name=names[""],
        imbalance=found.imbalance,
        warm_up=warm_ups[""],
        translations=merged(translated("name", names), translated("warm_up", warm_ups)),
        key=key,
    )
    save_design(program, found.design, confirmed=True)
    keep_program(program, by, now=now)
    return program


def name_of(made: ProgramDraft, day: date) -> str:
    """ "Piriformis and hip adductors, 25 Nov 2026": the main muscles, or the pattern that was chosen without findings."""
    entries: Sequence[Named] = (made.tight or made.weak)[:NAMED] if made.from_findings else made.imbalances
    first, *others = [each.name for each in entries]
    what = listed([first, *map(in_sentence, others)])
    ending = date_format(day, "j M Y")
    return _("%(what)s, %(day)s") % {"what": what[:120], "day": ending}


def in_each_language(words: Any) -> dict[str, str]:
    """The same words in the catalogue's own language ("") and in each other one."""
    own = settings.LANGUAGE_CODE.split("-")[0]
    found = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found["" if language.split("-")[0] == own else language] = str(words())
    return found


def translated(field: str, texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {language: {field: text} for language, text in texts.items() if language}


def merged(*parts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    languages = {language for part in parts for language in part}
    return {
        language: {key: text for part in parts for key, text in part.get(language, {}).items()}
        for language in sorted(languages)
    }


# ---- For the page ------------------------------------------------------------------------------------------------


def visits_of(client: Client, user: Any) -> list[Visit]:
    """The visits with findings, the newest first; a draft begins with the first."""
    rows = Visit.objects.visible_to(user).filter(client=client, findings__isnull=False).distinct()
    return list(rows.order_by("-held_on", "-pk")[:10])


def side_for_pattern(client: Client) -> str:
    return client.side if client.side in (Side.LEFT, Side.RIGHT) else Side.BOTH
