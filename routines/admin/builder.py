"""The program builder: one page of our own inside the admin, with the review beside it.

Every button is a plain submit: the whole design comes along and goes back changed, and nothing is written before
*save*. Script makes the same posts without leaving the page.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from routines.admin.asking import Answers, Asked, Said, ask
from routines.admin.draft import Draft, is_whole
from routines.admin.entries import uuid_or_none
from routines.admin.sheet import Choices, PhaseSheet, Sheet
from routines.bodysketch import Sketch, exercise_sketch
from routines.composing import (
    DesignChanged,
    PhaseDesign,
    TooManyAtOnce,
    copy_program,
    design_of,
    free_slug,
    new_phase,
    save_design,
    slug_from,
    without_texts,
)
from routines.finding import ExerciseSearch
from routines.forms import whole
from routines.models import Exercise, Imbalance, PhaseKind, Program, StepSide, is_key
from routines.models.programs import MOST_STEPS
from routines.presets import presets_for
from routines.review import (
    LEAST_MINUTES,
    MOST_AT_ONCE,
    MOST_MINUTES,
    Budget,
    DesignWarning,
    Remark,
    gather,
    needs_confirmation,
    review,
)
from routines.tagging import TagsField, set_tags, tags_in_use
from routines.wording import why_words

HITS = 12
FIRST_ASKED = 5
COPIES_AT_ONCE = 10  # of one program, at the same moment
BUDGET = "builder_budget"


class ProgramForm(forms.ModelForm):
    """What stands above the phases. `seen` is the design as it was when the page was opened.

    `key` is made with the page of a new program, so that sending it twice makes one program.
    """

    key = forms.UUIDField(required=False, initial=uuid.uuid4, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label=gettext_lazy("I want so many exercises at once all the same."), required=False
    )
    tags = TagsField()

    class Meta:
        model = Program
        fields = ["name", "imbalance", "weeks_from", "weeks_to", "warm_up", "notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "imbalance": gettext_lazy("Gives the client the why, and the review its tight muscles."),
            "warm_up": gettext_lazy("Shown first on days with strengthening."),
        }

    def __init__(self, *args: Any, imbalances: QuerySet[Imbalance] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["key"]
            self.initial.setdefault("tags", list(self.instance.tags.all()))
        if imbalances is not None:
            self.fields["imbalance"].queryset = imbalances  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        low, high = cleaned.get("weeks_from"), cleaned.get("weeks_to")
        for name, value, other in (("weeks_from", low, high), ("weeks_to", high, low)):
            if value is None and other is not None and name not in self.errors:
                self.add_error(name, _("Give both, or none."))
            elif value is not None and not 1 <= value <= 104:
                self.add_error(name, _("Between 1 and 104."))
        if low and high and high < low and "weeks_to" not in self.errors:
            self.add_error("weeks_to", _("Not less than the first number."))
        return cleaned

    @property
    def reworded(self) -> list[str]:
        """The texts that say something else than before. A browser's own line breaks say nothing."""
        texts = ("name", "warm_up", "notes")
        before = {name: str(self.initial.get(name) or "") for name in texts}
        return [name for name in texts if before[name].split() != self.cleaned_data[name].split()]


class BudgetForm(forms.Form):
    """What the therapist wants to ask for at most. It is kept for their session, not with the program."""

    minutes = whole(gettext_lazy("Minutes a day"), LEAST_MINUTES, MOST_MINUTES)
    at_once = whole(gettext_lazy("Exercises at once"), 1, MOST_AT_ONCE)

    @property
    def budget(self) -> Budget | None:
        """What was typed, or None where it cannot be."""
        return Budget(**self.cleaned_data) if self.is_valid() else None


class IntoForm(forms.Form):
    """Which phase an exercise goes to."""

    into = forms.ChoiceField(label=gettext_lazy("Add to"), required=False)

    def __init__(self, *args: Any, sheet: Sheet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].choices = [(phase.key, phase.name) for phase in sheet.phases]  # type: ignore[attr-defined]


class Person(Protocol):
    """For whom the program is made, as an app that knows people tells it."""

    @property
    def query(self) -> str:
        """What an address says of them."""

    @property
    def name(self) -> str: ...

    @property
    def template(self) -> str:
        """Draws what is known of them, as `person`."""

    @property
    def minutes(self) -> int | None:
        """How long they have a day, where somebody said so."""

    def remarks(self, asked: Sequence[tuple[Exercise, str]]) -> list[tuple[Remark, ...]]:
        """What speaks against each of these exercises on the side of its step."""

    def unfit(self, exercises: QuerySet[Exercise]) -> set[int]:
        """Those of them against which something speaks."""


@dataclass(frozen=True)
class Hit:
    """A found exercise, and what speaks against it for the person."""

    exercise: Exercise
    remarks: tuple[Remark, ...] = ()

    @property
    def where(self) -> Sketch | None:
        return exercise_sketch(self.exercise)


class FitForm(forms.Form):
    """Whether the search leaves out what does not suit the person."""

    fitting = forms.BooleanField(required=False)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fitting"].label = _("Only what suits %(name)s") % {"name": person.name}


@dataclass
class Bench:
    """Everything of one request: the program, the draft, the search. `person` is whom it is made for, where that is known."""

    program: Program
    form: ProgramForm
    search: ExerciseSearch
    into: IntoForm
    budget: BudgetForm
    sheet: Sheet
    asked: list[Asked]
    answers: Answers
    saved: bool
    act: str
    before: list[PhaseDesign]
    design: list[PhaseDesign]
    imbalance: Imbalance | None = None
    person: Person | None = None
    fit: FitForm | None = None

    @property
    def warnings(self) -> list[DesignWarning]:
        return [each.warning for each in self.asked]

    @property
    def in_order(self) -> list[Asked]:
        """What needs an answer, the gravest before the others; then what was answered and saved."""
        grave = {"contraindicated"}
        return sorted(
            self.asked,
            key=lambda each: (
                each.said is not None and not each.is_new,
                not (each.warning.needs_confirmation or each.warning.slug in grave or each.is_wrong),
                each.warning.personal,
            ),
        )

    @property
    def first_asked(self) -> list[Asked]:
        """What the page shows at once; the others stand behind a word."""
        return self.in_order[:FIRST_ASKED]

    @property
    def more_asked(self) -> list[Asked]:
        return self.in_order[FIRST_ASKED:]

    @property
    def is_wrong(self) -> bool:
        """Whether a reason was sent that cannot be taken."""
        return any(each.is_wrong for each in self.asked)

    @property
    def to_confirm(self) -> bool:
        return bool(needs_confirmation(self.warnings))

    @property
    def minutes(self) -> int:
        return max((phase.minutes for phase in self.sheet.phases), default=0)


def digest(program: Program, design: list[PhaseDesign]) -> str:
    """What the builder shows of a program, in short: other people's changes give another one."""
    columns = [
        str(getattr(program, name))
        for name in ("name", "imbalance_id", "weeks_from", "weeks_to", "warm_up", "notes")
    ]
    return hashlib.sha256("\n".join([*columns, *map(described, design)]).encode()).hexdigest()


def described(phase: PhaseDesign) -> str:
    sites = [muscle.pk for muscle in phase.tenderness_sites]
    criteria = phase.criteria.pk if phase.criteria else None
    steps = [
        (step.id, step.exercise.pk, step.dose, step.side, step.start_after_days, step.until_days, step.note)
        for step in phase.steps
    ]
    return repr(
        (phase.id, phase.kind, phase.name, phase.min_days, phase.review_by_day, criteria, sites, steps)
    )


def is_same(made: Program, bench: Bench) -> bool:
    """Whether the page says of a new program what was saved of it before."""

    def nameless(design: list[PhaseDesign]) -> list[PhaseDesign]:
        return [
            replace(phase, id=None, steps=[replace(step, id=None) for step in phase.steps])
            for phase in design
        ]

    saved = digest(made, nameless(design_of(made)))
    return saved == digest(bench.form.instance, nameless(bench.sheet.design()))


class ChangedMeanwhile(Exception):
    """Somebody saved the program after the page was opened; `now` is the digest of what it became."""

    def __init__(self, now: str) -> None:
        super().__init__(now)
        self.now = now


def held(pk: int, seen: str) -> Program:
    """The program as it was `seen`, and as it stays until the transaction ends: its row is written before it is read.

    Raises ChangedMeanwhile when it is another by now, DesignChanged when it is gone.
    """
    if not Program.objects.filter(pk=pk).update(slug=F("slug")):
        raise DesignChanged
    program = Program.objects.with_steps().get(pk=pk)
    now = digest(program, design_of(program))
    if now != seen:
        raise ChangedMeanwhile(now)
    return program


class ProgramList(ChangeList):
    """A row leads to the builder."""

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:routines_program_builder", args=[result.pk])


class BuilderPages(admin.ModelAdmin):
    """Adds the builder to the admin of programs: it takes the place of the form for a new one."""

    program_form: type[ProgramForm] = ProgramForm
    previews = False  # whether a program can be seen as a client sees it: another app knows how
    keeps_reasons = False  # whether a warning can be overridden: another app knows who did

    # ---- What another app may say about it ------------------------------------------------------------------------------

    def exercises_for(self, request: HttpRequest) -> QuerySet[Exercise]:
        """The exercises that this person may put into a program."""
        return Exercise.objects.all()

    def more_warnings(self, form: ProgramForm, exercises: list[Exercise]) -> list[DesignWarning]:
        """What else the review says about a program with these exercises."""
        return []

    def person_for(self, request: HttpRequest) -> Person | None:
        """For whom the address says that the program is made."""
        return None

    def said_before(self, request: HttpRequest, program: Program, person: Person | None) -> dict[str, Said]:
        """The reasons that stand already for warnings of this program, by their tokens."""
        return {}

    def preview(self, request: HttpRequest, bench: Bench) -> HttpResponse:
        """The program of the page as a client sees it. The catalogue alone knows no client and has no such page."""
        raise Http404

    def keep_said(self, request: HttpRequest, program: Program, bench: Bench) -> None:
        """Called within the transaction that saves the program: the reasons given, those taken back, those without a warning."""

    def form_for(self, request: HttpRequest, program: Program, **kwargs: Any) -> ProgramForm:
        offered = Imbalance.objects.filter(Q(retired_at__isnull=True) | Q(pk=program.imbalance_id))
        return self.program_form(instance=program, imbalances=offered, **kwargs)

    def more_context(self, request: HttpRequest, program: Program) -> dict[str, Any]:
        """What else the page of a saved program shows, by name."""
        return {}

    def program_saved(self, request: HttpRequest, program: Program, form: ProgramForm, new: bool) -> None:
        """Called within the transaction that saves the program."""

    def program_copied(self, request: HttpRequest, program: Program, copy: Program) -> None:
        """Called within the transaction that copies the program."""

    # ---- Pages ----------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., Any], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            page("<int:pk>/builder/", self.builder, "routines_program_builder"),
            page("<int:pk>/copy/", require_POST(self.copy_page), "routines_program_copy"),
            page("<int:pk>/retire/", require_POST(self.retire_page), "routines_program_retire"),
            *super().get_urls(),
        ]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ProgramList if self.has_change_permission(request) else ChangeList

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return self.work(request, Program())

    def builder(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.work(request, self.found(request, pk))

    def found(self, request: HttpRequest, pk: int) -> Program:
        """A program that this person sees and may change."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        seen = self.get_queryset(request).filter(pk=pk).values("pk")
        return get_object_or_404(Program.objects.with_steps(), pk__in=seen)

    def work(self, request: HttpRequest, program: Program) -> HttpResponse:
        """Reads the draft, does what the button says, shows the result. Only *save* writes."""
        bench = self.bench_for(request, program)
        act = request.POST.get("act", "")
        if act == "preview" and self.previews:
            return self.preview(request, bench)
        if act == "save" and bench.form.is_valid() and bench.sheet.is_valid() and not bench.is_wrong:
            made = self.made_before(request, bench.form)
            if made is not None and not is_same(made, bench):
                bench.form.add_error(
                    None,
                    _(
                        "“%(program)s” was made from this page already. Open it among the programs to change it."
                    )
                    % {"program": made.name},
                )
            elif made is not None or self.save(request, bench):
                made = made or bench.program
                messages.success(request, _("“%(program)s” is saved.") % {"program": made.name})
                return redirect(self.address(made, bench.person))
        return self.show(request, bench, status=422 if act == "save" or bench.is_wrong else 200)

    def address(self, program: Program, person: Person | None) -> str:
        """The builder of this program, for the same person."""
        address = reverse("admin:routines_program_builder", args=[program.pk])
        return f"{address}?{person.query}" if person else address

    def hits(self, bench: Bench) -> list[Hit]:
        """One more than the page shows, so that it can say that there are more."""
        found = bench.search.found()
        if bench.person and bench.fit and bench.fit["fitting"].value():
            found = found.exclude(pk__in=bench.person.unfit(found))
        found = found.as_drawn()[: HITS + 1]  # type: ignore[attr-defined]
        if bench.person is None:
            return [Hit(exercise) for exercise in found]
        exercises = list(found.prefetch_related("equipment"))
        remarks = bench.person.remarks([(exercise, StepSide.BY_COMPLAINT) for exercise in exercises])
        return [Hit(exercise, said) for exercise, said in zip(exercises, remarks, strict=True)]

    def show(self, request: HttpRequest, bench: Bench, status: int) -> HttpResponse:
        program = bench.program
        page = self.hits(bench)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": program.text("name") if program.pk else _("New program"),
            "bench": bench,
            "program": program,
            "form": bench.form,
            "hits": [hit.exercise for hit in page[:HITS]],
            "found": page[:HITS],
            "person": bench.person,
            "previews": self.previews,
            "more_hits": len(page) > HITS,
            "kinds": PhaseKind.choices,
            "full": bench.sheet.step_total >= MOST_STEPS,
            "known_tags": tags_in_use(self.get_queryset(request)),
            "copy_fields": {"key": uuid.uuid4()},
            **(self.more_context(request, program) if program.pk else {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/routines/program/builder.html", context, status=status)

    def bench_for(self, request: HttpRequest, program: Program) -> Bench:
        posted = request.method == "POST"
        person = self.person_for(request)
        before = design_of(program) if program.pk else []
        act, _colon, what = request.POST.get("act", "").partition(":")
        if posted and (act != "save" or is_whole(request.POST)):
            draft = Draft.of_post(request.POST)
        else:
            draft = Draft.of_design(before if program.pk else map(new_phase, PhaseKind.values))
        mine = self.exercises_for(request)
        choices = Choices.read()
        kept = {step.exercise.pk for phase in before for step in phase.steps}
        arrange(draft, act, what, request.POST.get("into", ""), mine)
        if act == "dose":
            fill(draft, what, Exercise.objects.filter(Q(pk__in=kept) | Q(pk__in=mine.values("pk"))), choices)
        budget = self.budget_of(request, person)
        drawn = Exercise.objects.with_details() if act == "preview" else Exercise.objects.as_drawn()
        exercises = drawn.filter(pk__in=draft.exercise_ids)
        if person is not None:
            exercises = exercises.prefetch_related("equipment")
        allowed = kept | set(
            mine.filter(pk__in=draft.exercise_ids, awaits_review=False).values_list("pk", flat=True)
        )
        sheet = draft.sheet(
            {exercise.pk: exercise for exercise in exercises if exercise.pk in allowed},
            choices,
            {str(step.id): why_words(step.why or {}) for phase in before for step in phase.steps},
            budget.budget or self.kept_budget(request, person),
        )
        if person is not None:
            sheet = sheet.for_person(person)
        phase = self.phase_to_fill(sheet, what if act == "into" else request.POST.get("into", ""))
        imbalance = program.imbalance
        if posted:
            chosen = request.POST.get("imbalance", "")
            imbalance = Imbalance.objects.filter(pk=chosen).first() if is_key(chosen) else None
        designs = sheet.design(before)
        form = self.top_form(request, program, act, before)
        warnings = [
            *review(gather(imbalance, [(each, each.steps) for each in designs])),
            *self.more_warnings(form, [step.exercise for each in designs for step in each.steps]),
            *sheet.personal_warnings,
        ]
        answers = Answers(request.POST, act, what)
        return Bench(
            program=program,
            form=form,
            search=ExerciseSearch(
                looked_for(request, act, what),
                prefix="find",
                exercises=mine.in_use(),  # type: ignore[attr-defined]
                phase=phase.kind if phase else "",
            ),
            into=IntoForm(initial={"into": phase.key if phase else ""}, sheet=sheet),
            budget=budget,
            sheet=sheet,
            asked=list(ask(warnings, self.said_before(request, program, person), answers))
            if self.keeps_reasons
            else [Asked(warning, "") for warning in warnings],
            answers=answers,
            saved=not posted,
            act=act,
            before=before,
            design=designs,
            imbalance=imbalance,
            person=person,
            fit=FitForm(looked_for(request, act, what), prefix="find", person=person) if person else None,
        )

    def budget_of(self, request: HttpRequest, person: Person | None) -> BudgetForm:
        """The budget as it was typed, which holds until the therapist signs out; else the one that holds."""
        kept = self.kept_budget(request, person)
        if "budget-minutes" not in request.POST and "budget-at_once" not in request.POST:
            return BudgetForm({f"budget-{name}": n for name, n in vars(kept).items()}, prefix="budget")
        form = BudgetForm(request.POST, prefix="budget")
        if form.budget is not None and form.budget != kept and person is None:
            request.session[BUDGET] = [form.budget.minutes, form.budget.at_once]
        return form

    def kept_budget(self, request: HttpRequest, person: Person | None) -> Budget:
        """The therapist's own, within the time that the person has."""
        kept = Budget(*request.session[BUDGET]) if BUDGET in request.session else Budget()
        return kept if person is None or not person.minutes else replace(kept, minutes=person.minutes)

    def top_form(
        self, request: HttpRequest, program: Program, act: str, before: list[PhaseDesign]
    ) -> ProgramForm:
        """Bound where it is to be judged; else as it was typed, without a word about what is missing."""
        if act == "save":
            form = self.form_for(request, program, data=request.POST)
            if not is_whole(request.POST):
                form.add_error(
                    None,
                    _(
                        "Only a part of this page arrived, so nothing was saved. "
                        "The phases and steps stand here as they were."
                    ),
                )
            return form
        if request.method == "POST":
            typed = {name: request.POST.get(name, "") for name in self.program_form.base_fields}
            return self.form_for(request, program, initial=typed)
        return self.form_for(
            request, program, initial={"seen": digest(program, before) if program.pk else ""}
        )

    def phase_to_fill(self, sheet: Sheet, key: str) -> PhaseSheet | None:
        """The phase that a found exercise goes to: the one that was asked for, else the first empty or last one."""
        named = next((phase for phase in sheet.phases if phase.key == key), None)
        empty = next((phase for phase in sheet.phases if not phase.steps), None)
        return named or empty or (sheet.phases[-1] if sheet.phases else None)

    def made_before(self, request: HttpRequest, form: ProgramForm) -> Program | None:
        """The program that was made when this very page was sent before."""
        key = form.cleaned_data.get("key")
        if not key:
            return None
        seen = self.get_queryset(request).filter(key=key).values("pk")
        return Program.objects.with_steps().filter(pk__in=seen).first()

    def save(self, request: HttpRequest, bench: Bench) -> bool:
        """Writes program and design in one transaction. False when it could not be; the form says why."""
        form = bench.form
        new = bench.program.pk is None
        try:
            with transaction.atomic():
                current = Program() if new else held(bench.program.pk, form.cleaned_data["seen"])
                before = [] if new else design_of(current)
                program = form.save(commit=False)
                program.translations = without_texts(current.translations, form.reworded)
                if new:
                    program.slug = free_slug(Program, slug_from(program.name, Program))
                    program.key = form.cleaned_data["key"]
                    program.save()
                else:
                    program.save(update_fields=[*form.Meta.fields, "translations"])
                set_tags(program, form.cleaned_data["tags"])
                save_design(program, bench.sheet.design(before), confirmed=form.cleaned_data["confirmed"])
                self.program_saved(request, program, form, new)
                self.keep_said(request, program, bench)
        except ChangedMeanwhile as error:
            form.data = {**form.data.dict(), "seen": error.now}  # type: ignore[attr-defined]
            form.add_error(
                None,
                _(
                    "Somebody changed this program in the meantime. Save again to keep yours, or open it anew."
                ),
            )
        except TooManyAtOnce as error:
            form.add_error("confirmed", str(error))
        except IntegrityError:  # the same page twice at once, or two new programs of one name
            form.add_error(None, _("Somebody saved at the same moment. Please save again."))
        except DesignChanged:
            form.add_error(None, _("Parts of this program were taken out elsewhere. Open it anew."))
        else:
            message = _("Made in the builder.") if new else _("Changed in the builder.")
            log = self.log_addition if new else self.log_change
            log(request, program, message)
            return True
        if new:
            bench.program.pk = None
        return False

    # ---- One button each ------------------------------------------------------------------------------------------------

    def copy_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        person = self.person_for(request)
        key = uuid_or_none(request.POST.get("key", ""))
        program = self.found(request, pk)
        copy = self.make_copy(request, program, key)
        messages.success(request, _("This is your copy. Give it a name of its own."))
        return redirect(self.address(copy, person))

    def copied_before(self, request: HttpRequest, key: uuid.UUID | None) -> Program | None:
        """The copy that was made when this very page was sent before."""
        return self.get_queryset(request).filter(key=key).first() if key else None

    def make_copy(self, request: HttpRequest, program: Program, key: uuid.UUID | None = None) -> Program:
        """The one copy of a page with this key, however often it is sent; a new one without a key."""

        @transaction.atomic
        def make() -> Program:
            copy = copy_program(program, key=key)
            set_tags(copy, map(str, program.tags.all()))
            self.program_copied(request, program, copy)
            return copy

        for _attempt in range(COPIES_AT_ONCE):
            with suppress(
                IntegrityError
            ):  # the same page at the same moment, or another copy took the short name
                return self.copied_before(request, key) or make()
        return self.copied_before(request, key) or make()

    def retire_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Retired or not, as the button says: pressed twice it changes nothing more."""
        program = self.found(request, pk)
        back = request.POST.get("wish") == "bring_back"
        row = Program.objects.filter(pk=program.pk)
        if back and program.awaits_review:
            messages.error(request, _("“%(program)s” has to be reviewed first.") % {"program": program.name})
            return redirect("admin:routines_program_builder", program.pk)
        if back:
            row.bring_back()
        else:
            row.retire(timezone.now())
        messages.success(
            request,
            _("“%(program)s” is offered again.") % {"program": program.name}
            if back
            else _("“%(program)s” is no longer offered. People who follow it keep it.")
            % {"program": program.name},
        )
        return redirect("admin:routines_program_builder", program.pk)


def fill(draft: Draft, what: str, exercises: QuerySet[Exercise], choices: Choices) -> None:
    """ "p1.2:usual": the dose of that name for the step. Anything else leaves the draft as it is."""
    where, _colon, slug = what.partition(":")
    exercise = exercises.filter(pk__in=[draft.exercise_at(where) or 0]).first()
    if exercise is not None:
        for preset in presets_for(exercise.dose, choices.doses.get(exercise.kind, {})):
            if preset.slug == slug:
                draft.fill(where, preset.dose)


def looked_for(request: HttpRequest, act: str, what: str) -> QueryDict:
    """What the search is asked: as it was typed, with the area that a button names."""
    asked = (request.POST if request.method == "POST" else request.GET).copy()
    if act == "area":
        asked["find-area"] = what
    return asked


def arrange(draft: Draft, act: str, what: str, into: str, exercises: QuerySet[Exercise]) -> None:
    """What a button of the page asks for. Anything else leaves the draft as it is."""
    match act:
        case "phase-up":
            draft.move_phase(what, -1)
        case "phase-down":
            draft.move_phase(what, 1)
        case "phase-out":
            draft.remove_phase(what)
        case "phase-new":
            draft.add_phase(what)
        case "up":
            draft.move_step(what, -1)
        case "down":
            draft.move_step(what, 1)
        case "out":
            draft.remove_step(what)
        case "add" if is_key(what):
            exercise = exercises.filter(pk=what).first()
            if exercise is not None:
                draft.add_step(into, exercise)
