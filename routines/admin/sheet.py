"""The draft as the page of the builder shows it: its phases and steps as forms, with what can be said about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routines.bodysketch import Sketch, exercise_sketch, reached, sketch
from routines.composing import PhaseDesign, StepDesign
from routines.forms import TEMPO, DoseForm
from routines.models import Exercise, ExerciseKind, Muscle, PhaseKind, Rule, SideMode, StepSide
from routines.presets import Preset, presets_for
from routines.review import (
    Budget,
    DesignWarning,
    Remark,
    Spent,
    StepFacts,
    minutes_per_day,
    most_at_once,
    sides_of,
    step_facts,
)
from routines.wording import dose_line, duration, listed, often

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
        return minutes_per_day(self.facts)

    @property
    def at_once(self) -> int:
        return most_at_once(self.facts)[0]

    @property
    def facts(self) -> list[StepFacts]:
        return [step_facts(step) for step in self.valid_steps]

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
    def over_budget(self) -> str:
        """The phases that ask for more than the budget; empty where none does."""
        return listed([phase.name for phase in self.phases if any(bar.over for bar in phase.spent.bars)])

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
