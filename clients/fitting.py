"""How an exercise suits one client before it is given: what their conditions, their tools and the floor say about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from clients.assigning import settle_side
from clients.cupboard import Cupboard
from clients.models import Client, HomeSetup
from clients.replacing import Replacement, first_allowed, replacements
from clients.safety import Condition, Conditions, Reach, Verdict, conditions_of, judge, reaches, sides_of
from routines.models import Equipment, Exercise, StepSide
from routines.review import Remark
from routines.wording import in_sentence, listed

Asked = Sequence[tuple[Exercise, str]]  # an exercise and the side of its step


@dataclass(frozen=True)
class Fit:
    """What is known of a client that bears on exercises. `floor`: gets down to it; unknown counts as yes."""

    client: Client
    conditions: Conditions
    cupboard: Cupboard = field(default_factory=Cupboard)
    floor: bool = True

    def judged(self, exercise: int, reach: Mapping[int, Reach], side: str) -> Verdict:
        return judge(exercise, reach[exercise], side, self.conditions)


@dataclass(frozen=True)
class Against:
    """What speaks against one exercise on the sides of its step."""

    avoid: tuple[Condition, ...] = ()
    care: tuple[Condition, ...] = ()
    missing: tuple[Equipment, ...] = ()
    floor: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.avoid or self.care or self.missing or self.floor)

    @property
    def replaceable(self) -> bool:
        """Whether another exercise would be better: a yes needs none."""
        return bool(self.avoid or self.missing or self.floor)


def fit_of(client: Client, setup: HomeSetup | None, day: date) -> Fit:
    """As things stand on that day of theirs. `setup` with its tools."""
    told = setup is not None and setup.tools_at is not None
    have = frozenset(tool.slug for tool in setup.tools.all()) if setup and told else None
    return Fit(client, conditions_of(client, day), Cupboard(have), setup is None or setup.floor)


def sides_asked(fit: Fit, exercise: Exercise, side: str) -> tuple[str, ...]:
    """The sides on which the client would do it."""
    return sides_of(exercise.side_mode, settle_side(side, exercise.side_mode, exercise.kind, fit.client.side))


def speaks_against(fit: Fit, exercise: Exercise, side: str, reach: Mapping[int, Reach]) -> Against:
    """Pure, for exercises that were read with their equipment."""
    verdicts = [fit.judged(exercise.pk, reach, each) for each in sides_asked(fit, exercise, side)]
    avoid = {each.slug: each for verdict in verdicts for each in verdict.avoid}
    care = {each.slug: each for verdict in verdicts for each in verdict.care if each.slug not in avoid}
    return Against(
        tuple(avoid.values()),
        tuple(care.values()),
        fit.cupboard.missing(exercise.equipment.all()),
        exercise.needs_floor and not fit.floor,
    )


def remarks_for(fit: Fit, asked: Asked) -> list[tuple[Remark, ...]]:
    """What the therapist reads beside each of these exercises, in a fixed number of queries."""
    reach = reaches(exercise.pk for exercise, _side in asked)
    found = [speaks_against(fit, exercise, side, reach) for exercise, side in asked]
    poor = {
        exercise.pk for (exercise, _side), against in zip(asked, found, strict=True) if against.replaceable
    }
    versions = replacements(poor) if poor else {}
    others = {each.exercise_id for offered in versions.values() for each in offered}
    reach |= reaches(others - reach.keys()) if others else {}
    return [
        tuple(remarks(fit, exercise, side, against, versions.get(exercise.pk, ()), reach))
        for (exercise, side), against in zip(asked, found, strict=True)
    ]


def unfit(fit: Fit, exercises: Iterable[Exercise]) -> set[int]:
    """Those against which something speaks on the sides on which they would be done. Read them with their equipment."""
    every = list(exercises)
    reach = reaches(exercise.pk for exercise in every)
    return {
        exercise.pk
        for exercise in every
        if speaks_against(fit, exercise, StepSide.BY_COMPLAINT, reach).anything
    }


def remarks(
    fit: Fit,
    exercise: Exercise,
    side: str,
    against: Against,
    versions: Sequence[Replacement],
    reach: Mapping[int, Reach],
) -> Iterable[Remark]:
    for condition in against.avoid:
        instead = offered(fit, exercise, side, versions, reach)
        words = {"condition": condition.label, "instead": listed(instead)}
        yield Remark(
            "contraindicated",
            _("not with “%(condition)s”") % words,
            _("not with “%(condition)s”. The client gets instead: %(instead)s.") % words
            if instead
            else _("not with “%(condition)s”. The client does not see it, and nothing takes its place.")
            % words,
            about(exercise, condition),
            grave=True,
        )
    for condition in against.care:
        words = {"condition": condition.label}
        yield Remark(
            "with_care",
            _("with care: “%(condition)s”") % words,
            _("only with care because of “%(condition)s”. It waits for your yes when you give the program.")
            % words,
            about(exercise, condition),
        )
    for tool in against.missing:
        yield lacking(tool, fit, exercise, side, versions, reach)
    if against.floor:
        seated = [each for each in versions if not each.as_was.get("needs_floor")]
        instead = offered(fit, exercise, side, seated, reach)
        yield Remark(
            "floor",
            _("needs the floor"),
            _("needs the floor, which the client does not get down to. Without it: %(instead)s.")
            % {"instead": listed(instead)}
            if instead
            else _("needs the floor, which the client does not get down to."),
            exercise.slug,
        )


def about(exercise: Exercise, condition: Condition) -> str:
    """A condition that began anew is another one."""
    return f"{exercise.slug}:{condition.slug}:{condition.since}"


def lacking(
    tool: Equipment,
    fit: Fit,
    exercise: Exercise,
    side: str,
    versions: Sequence[Replacement],
    reach: Mapping[int, Reach],
) -> Remark:
    """What is not at home, and what does instead: a thing of the household, else an exercise without the tool."""
    words = {"tool": in_sentence(str(tool)), "substitute": tool.text("substitute")}
    instead: list[str] = []
    if not words["substitute"]:
        bare = [each for each in versions if not each.lacks(fit.cupboard.have)]
        instead = offered(fit, exercise, side, bare, reach)
        words["instead"] = listed(instead)
    if words["substitute"]:
        sentence = _("not at home: %(tool)s. This does it: %(substitute)s.") % words
    elif instead:
        sentence = _("not at home: %(tool)s. Without it: %(instead)s.") % words
    else:
        sentence = _("not at home: %(tool)s.") % words
    return Remark(
        "tool_missing", _("not at home: %(tool)s") % words, sentence, f"{exercise.slug}:{tool.slug}"
    )


def offered(
    fit: Fit, exercise: Exercise, side: str, versions: Sequence[Replacement], reach: Mapping[int, Reach]
) -> list[str]:
    """The names of what would be done instead, each once: what the plan of the client would take."""
    found = (
        first_allowed(
            versions,
            each,
            lambda pk, of: fit.judged(pk, reach, of),
            level=exercise.level,
            have=fit.cupboard.have,
        )
        for each in sides_asked(fit, exercise, side)
    )
    return list(dict.fromkeys(each.name for each in found if each))
