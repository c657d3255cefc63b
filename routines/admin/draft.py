"""A design on its way: what stands in the builder, saved or not, and the forms that show it.

The whole design travels with every post. A button moves rows of the draft; only *save* writes it down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routines.bodysketch import Sketch, exercise_sketch, reached, sketch
from routines.composing import PhaseDesign, StepDesign, dose_for, new_phase
from routines.forms import TEMPO, DoseForm
from routines.models import (
    Dose,
    Exercise,
    ExerciseKind,
    ExerciseMuscle,
    Muscle,
    PhaseKind,
    Rule,
    SideMode,
    StepSide,
    dose_columns,
    is_key,
)
from routines.models.programs import MOST_PHASES, MOST_STEPS
from routines.presets import Preset, presets_for
from routines.review import Budget, DesignWarning, Remark, Spent, seconds_on_day, sides_of, step_facts
from routines.wording import dose_line, duration, often

Values = dict[str, list[str]]


# ---- Forms ----------------------------------------------------------------------------------------------------------


class HiddenNumber(forms.IntegerField):
    widget = forms.HiddenInput


@dataclass(frozen=True)
class Choices:
    """What can be chosen in the rows, read once for all of them."""

    rules: Mapping[str, Rule]
    muscles: Mapping[str, Muscle]
    doses: Mapping[str, Mapping[str, Any]]  # the numbers of the dose rule of each kind of exercise

    @classmethod
    def read(cls) -> Choices:
        wanted = [Rule.Section.PROGRESSION, Rule.Section.DOSE]
        rows = list(Rule.objects.filter(section__in=wanted))
        return cls(
            rules={row.slug: row for row in rows if row.section == Rule.Section.PROGRESSION},
            muscles={str(row.pk): row for row in Muscle.objects.all()},
            doses={row.slug: row.numbers for row in rows if row.section == Rule.Section.DOSE},
        )

    @property
    def gates(self) -> list[tuple[str, str]]:
        """The rules that open a phase; the others are of another kind."""
        found = [(slug, str(rule).capitalize()) for slug, rule in self.rules.items() if "_to_" in slug]
        return [("", _("Nothing, it is the last phase")), *found]


class PhaseForm(forms.Form):
    """One phase. `key` names it while it has no row yet."""

    id = HiddenNumber(required=False)
    key = forms.CharField(max_length=20, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PhaseKind.choices)
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    min_days = forms.IntegerField(label=gettext_lazy("At least, days"), min_value=0, max_value=730)
    review_by_day = forms.IntegerField(label=gettext_lazy("Review by day"), min_value=0, max_value=730)
    criteria = forms.ChoiceField(label=gettext_lazy("What opens the next phase"), required=False)
    tracked = forms.MultipleChoiceField(
        label=gettext_lazy("Muscles whose tenderness is tracked"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, choices: Choices, offered: Sequence[Muscle] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.fields["criteria"].choices = choices.gates  # type: ignore[attr-defined]
        self.fields["tracked"].choices = [(str(row.pk), str(row)) for row in offered]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        low, high = cleaned.get("min_days"), cleaned.get("review_by_day")
        if low is not None and high is not None and high < low:
            self.add_error("review_by_day", _("Not before the shortest time of the phase."))
        return cleaned


class StepForm(DoseForm):
    """One exercise in a phase. Which exercise it is was chosen by searching."""

    id = HiddenNumber(required=False)
    phase = forms.CharField(max_length=20, widget=forms.HiddenInput)
    exercise = HiddenNumber()
    side = forms.ChoiceField(label=gettext_lazy("Side"), choices=StepSide.choices)
    start_after_days = forms.IntegerField(label=gettext_lazy("From day"), min_value=0, max_value=730)
    until_days = forms.IntegerField(
        label=gettext_lazy("Until day"), min_value=1, max_value=730, required=False
    )
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)

    MORE = (*TEMPO, "start_after_days", "until_days", "note")

    def __init__(self, *args: Any, known: Exercise | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = known
        if known is not None and known.side_mode != SideMode.EACH_SIDE:
            self.fields["side"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.known is None:
            self.add_error(None, _("This exercise is not there any more. Take the step out."))
        first, last = cleaned.get("start_after_days"), cleaned.get("until_days")
        if first is not None and last is not None and last <= first:
            self.add_error("until_days", _("After the day on which it begins."))
        return cleaned

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The numbers that one always wants to see."""
        names = [name for name in self.DOSE_FIELDS if name not in TEMPO]
        return [self[name] for name in [*names, "side"] if not self[name].is_hidden]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    @property
    def is_open(self) -> bool:
        """Whether the fields are to be seen at once: something is wrong in them."""
        return bool(self.errors)

    @property
    def design(self) -> StepDesign:
        """Of a form that is valid."""
        if self.known is None:
            raise ValueError("The form is not valid.")
        return StepDesign(
            id=self.cleaned_data["id"],
            exercise=self.known,
            dose=self.dose,
            side=self.cleaned_data["side"],
            start_after_days=self.cleaned_data["start_after_days"],
            until_days=self.cleaned_data["until_days"],
            note=self.cleaned_data["note"],
        )

    @property
    def words(self) -> str:
        if self.known is None or not self.is_valid():
            return ""
        dose = self.dose
        line = dose_line(dose, self.known.side_mode, self.cleaned_data["side"])
        time = duration(dose.seconds(sides_of(self.known.side_mode, self.cleaned_data["side"])))
        return f"{line}, {often(dose)}, {time}"

    @property
    def more_words(self) -> str:
        """Tempo, days and note, where the step has any."""
        if not self.is_valid():
            return ""
        cleaned = self.cleaned_data
        said = []
        if self.dose.tempo:
            said.append(_("tempo %(tempo)s") % {"tempo": "-".join(map(str, self.dose.tempo))})
        if cleaned["start_after_days"]:
            said.append(_("from day %(day)d") % {"day": cleaned["start_after_days"]})
        if cleaned["until_days"]:
            said.append(_("until day %(day)d") % {"day": cleaned["until_days"]})
        if cleaned["note"]:
            said.append(f"“{cleaned['note']}”")
        return ", ".join(said)


# ---- The draft ------------------------------------------------------------------------------------------------------


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


# ---- The sheet: the draft as the page shows it ------------------------------------------------------------------------


@dataclass(frozen=True)
class PresetShown:
    preset: Preset
    line: str
    stands: bool


@dataclass(frozen=True)
class StepSheet:
    form: StepForm
    where: str
    number: int
    is_here: bool
    is_new: bool
    why: str = ""
    doses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()  # what speaks against it for the person whom the program is made for

    @property
    def side(self) -> str:
        """The side as it was chosen; by the complaint where that makes no sense."""
        chosen = str(self.form["side"].value() or "")
        return chosen if chosen in StepSide.values else StepSide.BY_COMPLAINT.value

    @property
    def exercise(self) -> Exercise | None:
        return self.form.known

    @property
    def works_on(self) -> Sketch | None:
        """Where on the body its exercise works."""
        return exercise_sketch(self.exercise) if self.exercise else None

    @property
    def presets(self) -> list[PresetShown]:
        """The doses that one press fills in, the one that stands there among them."""
        known = self.form.known
        if known is None:
            return []
        now = self.form.dose if self.form.is_valid() else None
        return [
            PresetShown(preset, dose_line(preset.dose, known.side_mode), preset.dose == now)
            for preset in presets_for(known.dose, self.doses.get(known.kind, {}))
        ]

    @property
    def kind(self) -> str:
        return str(ExerciseKind(self.form.known.kind).label) if self.form.known else ""


@dataclass(frozen=True)
class PhaseSheet:
    form: PhaseForm
    key: str
    number: int
    steps: tuple[StepSheet, ...]
    is_here: bool
    budget: Budget = field(default_factory=Budget)

    @property
    def spent(self) -> Spent:
        """What the phase asks for, beside what it may."""
        return Spent(self.minutes, self.at_once, self.budget)

    @property
    def reach(self) -> Sketch | None:
        """On the body what its steps release and strengthen."""
        known = [(step.exercise, step.side) for step in self.steps if step.exercise]
        return sketch(each for exercise, side in known for each in reached(exercise, side))

    @property
    def kind(self) -> str:
        """The kind as it was chosen; release where that makes no sense."""
        chosen = str(self.form["kind"].value() or "")
        return chosen if chosen in PhaseKind.values else PhaseKind.RELEASE.value

    @property
    def name(self) -> str:
        return str(self.form["name"].value() or PhaseKind(self.kind).label)

    @property
    def words(self) -> str:
        """ "At least 7 days, review by day 21": what stands behind the phase's own fields."""
        if not self.form.is_valid():
            return ""
        cleaned = self.form.cleaned_data
        said = _("At least %(low)d days, review by day %(high)d") % {
            "low": cleaned["min_days"],
            "high": cleaned["review_by_day"],
        }
        gate = dict(self.form.fields["criteria"].choices).get(cleaned["criteria"], "")  # type: ignore[attr-defined]
        return f"{said} · {gate}" if cleaned["criteria"] else said

    @property
    def valid_steps(self) -> list[StepDesign]:
        return [step.form.design for step in self.steps if step.form.is_valid()]

    @property
    def minutes(self) -> int:
        """Whole minutes of the fullest day."""
        facts = [step_facts(step) for step in self.valid_steps]
        days = {fact.start_after_days for fact in facts}
        return -(-max((seconds_on_day(facts, day) for day in days), default=0) // 60)

    @property
    def at_once(self) -> int:
        facts = [step_facts(step) for step in self.valid_steps]
        return max(
            (sum(fact.is_due(day) for fact in facts) for day in {fact.start_after_days for fact in facts}),
            default=0,
        )

    def design(self, before: Mapping[int, PhaseDesign]) -> PhaseDesign:
        """Of a form that is valid. What the builder does not show stays as it was."""
        cleaned = self.form.cleaned_data
        kept = before.get(cleaned["id"])
        choices = self.form.choices
        return PhaseDesign(
            id=cleaned["id"],
            kind=cleaned["kind"],
            name=cleaned["name"],
            min_days=cleaned["min_days"],
            review_by_day=cleaned["review_by_day"],
            criteria=choices.rules.get(cleaned["criteria"]),
            tenderness_sites=tuple(choices.muscles[pk] for pk in dict.fromkeys(cleaned["tracked"])),
            numbers=kept.numbers if kept else {},
            steps=tuple(self.valid_steps),
        )


@dataclass(frozen=True)
class Sheet:
    phases: tuple[PhaseSheet, ...]

    @property
    def errors(self) -> list[tuple[str, str, str]]:
        """What is wrong in the rows: the id of the field, where it is, and why. Of a sheet that was asked."""
        found = []
        for phase in self.phases:
            rows: list[tuple[str, forms.Form]] = [(phase.name, phase.form)]
            rows += [
                (f"{phase.name}, {step.form.known or step.number + 1}", step.form) for step in phase.steps
            ]
            for where, form in rows:
                for name, errors in form.errors.items():
                    known = name in form.fields and not form[name].is_hidden
                    label = f"{where}, {form[name].label}" if known else where
                    target = form[name].auto_id if known else phase.key
                    found += [(str(target), label, str(error)) for error in errors]
        return found

    def for_person(self, person: Any) -> Sheet:
        """The sheet with what speaks against each step for this person (`routines.admin.builder.Person`)."""
        steps = [step for phase in self.phases for step in phase.steps if step.exercise]
        asked = [(step.exercise, step.side) for step in steps]
        said = {step.number: found for step, found in zip(steps, person.remarks(asked), strict=True)}
        return Sheet(
            tuple(
                replace(
                    phase,
                    steps=tuple(replace(step, remarks=said.get(step.number, ())) for step in phase.steps),
                )
                for phase in self.phases
            )
        )

    @property
    def personal_warnings(self) -> list[DesignWarning]:
        """What speaks against a step for the person, as the review says it."""
        return [
            DesignWarning(
                remark.slug,
                _("“%(step)s”: %(remark)s") % {"step": step.exercise, "remark": remark.sentence},
                phase.number + 1,
                place,
                about=remark.about,
                personal=True,
            )
            for phase in self.phases
            for place, step in enumerate(phase.steps, start=1)
            for remark in step.remarks
        ]

    @property
    def step_total(self) -> int:
        return sum(len(phase.steps) for phase in self.phases)

    def is_valid(self) -> bool:
        """Every form is asked, so that each shows its own errors."""
        forms_ = [phase.form for phase in self.phases] + [
            step.form for phase in self.phases for step in phase.steps
        ]
        return not sum(not form.is_valid() for form in forms_)

    def design(self, before: Iterable[PhaseDesign] = ()) -> list[PhaseDesign]:
        """What is valid of it: for the review while one still types, and for saving when all of it is."""
        known = {phase.id: phase for phase in before if phase.id is not None}
        return [phase.design(known) for phase in self.phases if phase.form.is_valid()]
