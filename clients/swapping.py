"""What may take the place of an exercise when the therapist swaps it: easier, harder, or another for the same muscle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from clients.cupboard import home_on_file
from clients.models import AssignedStep, Client
from clients.replacing import Replacement, replacements
from clients.safety import Verdict, conditions_of, judge, reaches, sides_of

MOST = 30


@dataclass(frozen=True)
class Offer:
    """One exercise with what speaks for and against it."""

    exercise: Replacement
    verdict: Verdict
    missing: tuple[str, ...]  # tools that are not at home
    by_levels: int  # how many levels harder than the one in the plan; negative: easier
    named_easier: bool = False  # the catalogue names it as the easier version

    @property
    def words(self) -> str:
        """ "easier", "harder", or "about as hard"."""
        if self.named_easier or self.by_levels < 0:
            return _("easier")
        return _("harder") if self.by_levels > 0 else _("about as hard")


def offers_for(step: AssignedStep, client: Client, day: date) -> list[Offer]:
    """Those of the same kind for one of the same muscles that no condition of the client forbids, and that the phase has not.

    Those at home first, then the named easier version, then by how near they are in level. A fixed number of queries.
    """
    known = replacements([step.exercise_id]).get(step.exercise_id, [])
    taken = set(
        AssignedStep.objects.filter(phase=step.phase_id, valid_until__isnull=True).values_list(
            "exercise_id", flat=True
        )
    )
    others = [each for each in known if each.exercise_id not in taken]
    reach = reaches(each.exercise_id for each in others)
    conditions = conditions_of(client, day)
    home = home_on_file(client, [each.exercise_id for each in others])
    level = int(step.as_was.get("level", 1))
    found = []
    for each in others:
        verdict = worst(
            [
                judge(each.exercise_id, reach[each.exercise_id], side, conditions)
                for side in sides_of(each.side_mode, step.side)
            ]
        )
        if verdict is None:
            continue
        missing = tuple(str(tool) for tool in home.missing.get(each.exercise_id, ()))
        found.append(
            Offer(
                each,
                verdict,
                missing,
                each.level - level,
                named_easier=each.exercise_id == step.exercise.easier_id,
            )
        )
    found.sort(
        key=lambda offer: (
            bool(offer.missing), bool(offer.verdict.care), not offer.named_easier, abs(offer.by_levels), offer.exercise.name
        )
    )  # fmt: skip
    return found[:MOST]


def worst(verdicts: Collection[Verdict]) -> Verdict | None:
    """The one that asks for the most care; None where one side is forbidden."""
    if any(verdict.avoid for verdict in verdicts):
        return None
    return next((verdict for verdict in verdicts if verdict.care), Verdict())
