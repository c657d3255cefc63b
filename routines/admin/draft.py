"""A design on its way: what stands in the builder, saved or not, row by row as it was typed.

The whole design travels with every post. A button moves rows of the draft; only *save* writes it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from routines.admin.sheet import Choices, PhaseForm, PhaseSheet, Sheet, StepForm, StepSheet
from routines.composing import PhaseDesign, StepDesign, dose_for, new_phase
from routines.models import Dose, Exercise, ExerciseMuscle, Muscle, PhaseKind, dose_columns, is_key
from routines.models.programs import MOST_PHASES, MOST_STEPS
from routines.review import Budget

Values = dict[str, list[str]]


@dataclass
class Row:
    """One row as it was typed: the names of its fields with their values."""

    values: Values

    def get(self, name: str) -> str:
        found = self.values.get(name) or [""]
        return found[-1]


@dataclass
class PhaseRow(Row):
    steps: list[Row] = field(default_factory=list)


@dataclass
class Draft:
    """Phases with their steps, in order. `here` is the row that was moved or added last: it gets the focus; `new` is open."""

    phases: list[PhaseRow]
    here: Row | None = None
    new: Row | None = None

    # ---- Reading ----

    @classmethod
    def of_design(cls, design: Iterable[PhaseDesign]) -> Draft:
        return cls([phase_row(phase, f"p{number}") for number, phase in enumerate(design)])

    @classmethod
    def of_post(cls, data: QueryDict) -> Draft:
        """What the page sent, sorted by place. A step whose phase is not there goes with the last one."""
        phases = [PhaseRow(values) for values in rows_of(data, "phase", MOST_PHASES)]
        phases.sort(key=place)
        by_key = {phase.get("key"): phase for phase in phases}
        steps = [Row(values) for values in rows_of(data, "step", MOST_STEPS)]
        for step in sorted(steps, key=place):
            phase = by_key.get(step.get("phase")) or (phases[-1] if phases else None)
            if phase is not None:
                phase.steps.append(step)
        return cls(phases)

    # ---- Arranging: each of these takes what a button sends, and leaves the draft alone when that makes no sense ----

    def phase_named(self, key: str) -> PhaseRow | None:
        return next((phase for phase in self.phases if phase.get("key") == key), None)

    def find(self, where: str) -> tuple[PhaseRow, int] | None:
        """ "p1.2": the third step of phase p1."""
        key, _dot, number = where.partition(".")
        phase = self.phase_named(key)
        if phase is None or not is_key(number) or int(number) >= len(phase.steps):
            return None
        return phase, int(number)

    def move_phase(self, key: str, by: int) -> None:
        phase = self.phase_named(key)
        if phase is None:
            return
        old = self.phases.index(phase)
        new = min(max(old + by, 0), len(self.phases) - 1)
        self.phases.insert(new, self.phases.pop(old))
        self.here = phase

    def move_step(self, where: str, by: int) -> None:
        """One place up or down; beyond the end of its phase it goes over to the neighbour."""
        found = self.find(where)
        if found is None:
            return
        phase, old = found
        step = phase.steps[old]
        self.here = step
        if 0 <= old + by < len(phase.steps):
            phase.steps.insert(old + by, phase.steps.pop(old))
            return
        neighbour = self.phases.index(phase) + by
        if 0 <= neighbour < len(self.phases):
            other = self.phases[neighbour]
            phase.steps.pop(old)
            other.steps.insert(len(other.steps) if by < 0 else 0, step)

    def fill(self, where: str, dose: Dose) -> None:
        """The step with this dose; its fields stay open, so that one sees what was filled in."""
        if found := self.find(where):
            phase, number = found
            self.new = phase.steps[number]
            self.new.values = {**self.new.values, **texts(**dose_columns(dose))}

    def exercise_at(self, where: str) -> int | None:
        """The key of the exercise that stands there."""
        found = self.find(where)
        pk = found[0].steps[found[1]].get("exercise") if found else ""
        return int(pk) if is_key(pk) else None

    def remove_phase(self, key: str) -> None:
        self.phases = [phase for phase in self.phases if phase.get("key") != key]

    def remove_step(self, where: str) -> None:
        if found := self.find(where):
            phase, number = found
            phase.steps.pop(number)

    def add_phase(self, kind: str) -> None:
        if kind not in PhaseKind.values or len(self.phases) >= MOST_PHASES:
            return
        taken = {phase.get("key") for phase in self.phases}
        key = next(name for name in (f"n{number}" for number in range(MOST_PHASES + 1)) if name not in taken)
        self.here = phase_row(new_phase(kind), key)
        self.phases.append(self.here)

    def add_step(self, key: str, exercise: Exercise) -> bool:
        """The exercise at the end of the phase, with its usual dose. False when there is no room or no phase."""
        phase = self.phase_named(key) or (self.phases[-1] if self.phases else None)
        if phase is None or sum(len(each.steps) for each in self.phases) >= MOST_STEPS:
            return False
        self.here = self.new = step_row(StepDesign(exercise=exercise, dose=dose_for(exercise)))
        phase.steps.append(self.here)
        return True

    # ---- Showing ----

    @property
    def exercise_ids(self) -> set[int]:
        found = {step.get("exercise") for phase in self.phases for step in phase.steps}
        return {int(pk) for pk in found if is_key(pk)}

    def sheet(
        self,
        exercises: Mapping[int, Exercise],
        choices: Choices,
        whys: Mapping[str, str] | None = None,
        budget: Budget | None = None,
    ) -> Sheet:
        """The draft as bound forms, numbered anew. `whys` are sentences by the key of a saved step."""
        number = 0
        phases = []
        for place_of_phase, row in enumerate(self.phases):
            key = row.get("key")[:20] or f"p{place_of_phase}"
            steps = []
            for place_in_phase, step in enumerate(row.steps):
                pk = step.get("exercise")
                known = exercises.get(int(pk)) if is_key(pk) else None
                values = {**step.values, "phase": [key], "place": [str(number)]}
                step_form = StepForm(bound(values, f"step-{number}"), prefix=f"step-{number}", known=known)
                steps.append(
                    StepSheet(
                        step_form,
                        f"{key}.{place_in_phase}",
                        number,
                        step is self.here,
                        step is self.new,
                        (whys or {}).get(step.get("id"), ""),
                        choices.doses,
                    )
                )
                number += 1
            values = {**row.values, "key": [key]}
            offered = offered_muscles(values, steps, choices)
            form = PhaseForm(
                bound(values, f"phase-{place_of_phase}"),
                prefix=f"phase-{place_of_phase}",
                choices=choices,
                offered=offered,
            )
            phases.append(
                PhaseSheet(form, key, place_of_phase, tuple(steps), row is self.here, budget or Budget())
            )
        return Sheet(tuple(phases))


def place(row: Row) -> int:
    value = row.get("place")
    return int(value) if is_key(value) else MOST_STEPS + 1


def rows_of(data: QueryDict, prefix: str, most: int) -> list[Values]:
    """The rows "prefix-0-…", "prefix-1-…" up to the number that the page names."""
    total = data.get(f"{prefix}-TOTAL", "")
    number = min(int(total), most) if is_key(total) else 0
    rows: list[Values] = [{} for _number in range(number)]
    for name, values in data.lists():
        head, _dash, rest = name.partition("-")
        which, _dash, column = rest.partition("-")
        if head == prefix and column and is_key(which) and int(which) < number:
            rows[int(which)][column] = [str(value) for value in values]
    return [row for row in rows if row]


def is_whole(data: QueryDict) -> bool:
    """Whether all phases and steps arrived that the page says it has: a part must not pass for the whole design."""
    for prefix, most in (("phase", MOST_PHASES), ("step", MOST_STEPS)):
        rows = {name.split("-")[1] for name in data if name.startswith(f"{prefix}-")} - {"TOTAL"}
        if data.get(f"{prefix}-TOTAL") != str(len(rows)) or len(rows) > most:
            return False
        if rows != {str(number) for number in range(len(rows))}:
            return False
    return True


def bound(values: Values, prefix: str) -> MultiValueDict[str, str]:
    return MultiValueDict({f"{prefix}-{name}": found for name, found in values.items()})


def texts(**values: Any) -> Values:
    """Values as a form sends them: nothing for None."""
    return {name: [] if value is None else [str(value)] for name, value in values.items()}


def phase_row(phase: PhaseDesign, key: str) -> PhaseRow:
    values = texts(
        id=phase.id,
        key=key,
        kind=phase.kind,
        name=phase.name,
        min_days=phase.min_days,
        review_by_day=phase.review_by_day,
        criteria=phase.criteria.slug if phase.criteria else "",
    )
    values["tracked"] = [str(muscle.pk) for muscle in phase.tenderness_sites]
    return PhaseRow(values, [step_row(step) for step in phase.steps])


def step_row(step: StepDesign) -> Row:
    return Row(
        texts(
            id=step.id,
            exercise=step.exercise.pk,
            side=step.side,
            start_after_days=step.start_after_days,
            until_days=step.until_days,
            note=step.note,
            **dose_columns(step.dose),
        )
    )


def offered_muscles(values: Values, steps: Sequence[StepSheet], choices: Choices) -> list[Muscle]:
    """The muscles that the phase's own steps are chosen for, and those that are tracked already."""
    wanted = {
        str(part.muscle_id): None
        for step in steps
        if step.form.known is not None
        for part in step.form.known.muscles.all()
        if part.role == ExerciseMuscle.Role.TARGET
    }
    wanted |= dict.fromkeys(values.get("tracked", []))
    return [choices.muscles[pk] for pk in wanted if pk in choices.muscles]
