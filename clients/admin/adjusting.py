"""This client's own copy: move between phases, rest, end, change a step, add one, take one out. Always with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.adjusting import (
    AlreadyInPhase,
    AssignmentEnded,
    PauseRefused,
    StepChanged,
    add_step,
    change_step,
    end_assignment,
    pause_assignment,
    remove_step,
    resume_assignment,
)
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.forms.workplace import LookAgainForm, NewStepForm, PauseForm, PlanStepForm, ReasonForm
from clients.models import AssignedPhase, AssignedStep, Assignment, Client, PhaseTransition
from clients.ownership import visible_exercises
from clients.progression.apply import (
    AnswerRefused,
    MoveRefused,
    carry_on,
    end_pause,
    evidence_now,
    hold,
    move,
    pause_strengthening,
    refer,
    release_alone,
    release_enough,
    strengthen_too,
    tight_seen,
)
from clients.progression.gather import Case, cases
from clients.progression.showing import gate_for_therapist
from clients.safety import verdicts
from clients.schedule import DaysRefused
from clients.templatetags.dose import step_dose
from routines.finding import ExerciseSearch
from routines.models import is_key
from routines.wording import often

GET_AND_POST = ["GET", "HEAD", "POST"]


def assignment_of(request: HttpRequest, client: Client, pk: int) -> Assignment:
    """A program of this client, and of nobody else's."""
    return get_object_or_404(
        Assignment.objects.visible_to(request.user).select_related("client"), pk=pk, client=client
    )


def step_of(request: HttpRequest, client: Client, pk: int) -> AssignedStep:
    """A step of this client's plan."""
    steps = AssignedStep.objects.visible_to(request.user).select_related(
        "phase__assignment__client", "exercise"
    )
    return get_object_or_404(steps, pk=pk, phase__assignment__client=client)


def is_history(request: HttpRequest, step: AssignedStep) -> bool:
    """Whether another version holds by now, or the program has ended; the person is told."""
    if step.phase.assignment.ended_on is not None:
        messages.info(request, _("This program has ended. Its plan stays as it was."))
    elif step.valid_until is not None:
        messages.info(request, _("This step was changed in the meantime. Here is the plan as it is now."))
    else:
        return False
    return True


# ---- Decisions about the whole program --------------------------------------------------------------------------------


def pause(assignment: Assignment, form: Any, **who: Any) -> str:
    until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
    try:
        pause_assignment(assignment, until=until, reason=reason, **who)
    except IntegrityError as error:  # two at the same moment
        raise PauseRefused(_("This program is paused already.")) from error
    return _("“%(program)s” is paused.") % {"program": assignment.name}


def resume(assignment: Assignment, form: Any, **who: Any) -> str:
    resume_assignment(assignment, reason=form.cleaned_data["reason"], **who)
    return _("“%(program)s” goes on.") % {"program": assignment.name}


def end(assignment: Assignment, form: Any, **who: Any) -> str:
    end_assignment(assignment, reason=form.cleaned_data["reason"], **who)
    return _("“%(program)s” has ended. Everything that was done stays.") % {"program": assignment.name}


def forward(assignment: Assignment, form: Any, **who: Any) -> str:
    return go(assignment, 1, form, **who)


def back(assignment: Assignment, form: Any, **who: Any) -> str:
    return go(assignment, -1, form, **who)


def go(assignment: Assignment, by_phases: int, form: Any, **who: Any) -> str:
    """To the phase that the page named: the same press a second time would lead one phase further."""
    to = neighbour(assignment, by_phases)
    if to is None:
        raise MoveRefused(_("There is no such phase."))
    if form.data.get("to") != str(to.pk):
        raise MoveRefused(_("This program has moved in the meantime. Look where it stands now."))
    evidence = evidence_now(assignment, who["now"])
    move(assignment, to=to, reason=form.cleaned_data["reason"], numbers=evidence, **who)
    return _("“%(phase)s” is the current phase now.") % {"phase": to.name}


def neighbour(assignment: Assignment, by_phases: int) -> AssignedPhase | None:
    """The phase so many places from the current one."""
    phases = list(assignment.phases.all())
    here = next((phase.order for phase in phases if phase.state == AssignedPhase.State.ACTIVE), None)
    if here is None:
        return None
    return next((phase for phase in phases if phase.order == here + by_phases), None)


def not_yet(assignment: Assignment, form: Any, **who: Any) -> str:
    hold(assignment, reason=form.cleaned_data["reason"], look_again=form.cleaned_data["look_again"], **who)
    return _("“%(program)s” stays in its phase.") % {"program": assignment.name}


def keep(answers: str) -> Callable[..., str]:
    """The answer "carry on" to one kind of proposal."""

    def kept(assignment: Assignment, form: Any, **who: Any) -> str:
        said = form.cleaned_data
        carry_on(assignment, answers, reason=said["reason"], look_again=said["look_again"], **who)
        return _("“%(program)s” goes on as it is.") % {"program": assignment.name}

    return kept


def to_a_doctor(assignment: Assignment, form: Any, **who: Any) -> str:
    refer(assignment, reason=form.cleaned_data["reason"], **who)
    return _("Noted. %(client)s reads that you ask for a medical look.") % {"client": assignment.client.name}


def strengthening_too(assignment: Assignment, form: Any, **who: Any) -> str:
    strengthen_too(assignment, reason=form.cleaned_data["reason"], **who)
    return _("Strengthening begins beside release, from today on.")


def strengthening_back(assignment: Assignment, form: Any, **who: Any) -> str:
    end_pause(assignment, reason=form.cleaned_data["reason"], **who)
    return _("Strengthening is back from today on.")


def release_only(assignment: Assignment, form: Any, **who: Any) -> str:
    said = form.cleaned_data
    pause_strengthening(assignment, reason=said["reason"], not_before=said["look_again"], **who)
    return _("The days hold release only from today on.")


def release_again(assignment: Assignment, form: Any, **who: Any) -> str:
    release_alone(assignment, reason=form.cleaned_data["reason"], **who)
    return _("From today on the days hold release alone.")


def seen(assignment: Assignment, form: Any, **who: Any) -> str:
    tight_seen(assignment, reason=form.cleaned_data["reason"], **who)
    return _("Noted. The extra release goes on.")


def enough(assignment: Assignment, form: Any, **who: Any) -> str:
    release_enough(assignment, reason=form.cleaned_data["reason"], **who)
    return _("The extra release has ended.")


# act: what it does, the word on its button, the question above its form
ACTS: dict[str, tuple[Callable[..., str], Any, Any]] = {
    "pause": (pause, gettext_lazy("Pause"), gettext_lazy("Pause “%(program)s”")),
    "resume": (resume, gettext_lazy("Resume"), gettext_lazy("Resume “%(program)s”")),
    "end": (end, gettext_lazy("End"), gettext_lazy("End “%(program)s”")),
    "forward": (forward, gettext_lazy("Move on"), gettext_lazy("Move on in “%(program)s”")),
    "back": (back, gettext_lazy("Step back"), gettext_lazy("Step back in “%(program)s”")),
    "hold": (not_yet, gettext_lazy("Not yet"), gettext_lazy("Not yet: “%(program)s” stays in its phase")),
    "keep-phase": (
        keep("step_back"),
        gettext_lazy("No step back"),
        gettext_lazy("No step back in “%(program)s”"),
    ),
    "keep-releasing": (
        keep("review"),
        gettext_lazy("Go on"),
        gettext_lazy("Go on with this phase of “%(program)s”"),
    ),
    "keep-on": (keep("refer"), gettext_lazy("Carry on"), gettext_lazy("Carry on with “%(program)s”")),
    "refer": (
        to_a_doctor,
        gettext_lazy("Ask for a medical look"),
        gettext_lazy("“%(program)s”: have it looked at by a doctor"),
    ),
    "strengthen-too": (
        strengthening_too,
        gettext_lazy("Start strengthening too"),
        gettext_lazy("Start strengthening too in “%(program)s”"),
    ),
    "strengthening-back": (
        strengthening_back,
        gettext_lazy("Bring strengthening back"),
        gettext_lazy("Bring strengthening back in “%(program)s”"),
    ),
    "release-only": (
        release_only,
        gettext_lazy("Release only"),
        gettext_lazy("Release only for now in “%(program)s”"),
    ),
    "release-alone": (
        release_again,
        gettext_lazy("Release alone again"),
        gettext_lazy("Release alone again in “%(program)s”"),
    ),
    "tight-seen": (
        seen,
        gettext_lazy("Seen, it goes on"),
        gettext_lazy("The extra release in “%(program)s” goes on"),
    ),
    "enough-release": (
        enough,
        gettext_lazy("End the extra release"),
        gettext_lazy("End the extra release in “%(program)s”"),
    ),
}

# What the page of an act says before the reason is asked for
LEADS = {
    "end": gettext_lazy("Nothing of it is due any more from today on. Plan and records stay."),
    "pause": gettext_lazy("Nothing of it is due, and no day counts against anybody."),
    "hold": gettext_lazy(
        "The client reads your reason. The app asks again on the day that you choose, in a week without one."
    ),
    "keep-phase": gettext_lazy("The phase goes on. A pause that only waited for your answer ends with it."),
    "keep-releasing": gettext_lazy(
        "The phase goes on. The app asks again on the day that you choose, in a week without one."
    ),
    "keep-on": gettext_lazy(
        "The program goes on. The app asks again on the day that you choose, in a week without one."
    ),
    "refer": gettext_lazy(
        "The client reads that you ask for a medical look. What may be done meanwhile is up to you: pause or end the program where needed."
    ),
    "strengthen-too": gettext_lazy(
        "The strengthening exercises of the next phase are due beside release, from today on."
    ),
    "strengthening-back": gettext_lazy("The exercises that you had approved are due again from today on."),
    "release-only": gettext_lazy(
        "Strengthening rests, at least until the day that you choose. It comes back by the rule after two good mornings."
    ),
    "release-alone": gettext_lazy(
        "Strengthening beside release ends today; the next phase opens by its gate as before."
    ),
    "tight-seen": gettext_lazy(
        "The client reads that you know of it. The extra release goes on until you end it."
    ),
    "enough-release": gettext_lazy("The plan is as it was before the client said that it is tight again."),
}
WITH_A_DAY = ("hold", "keep-phase", "keep-releasing", "keep-on", "release-only")


EVIDENCE_FOR = ("forward", "hold", "keep-releasing", "strengthen-too")


def case_of(assignment: Assignment, now: datetime) -> Case | None:
    return next((case for case in cases(assignment.client, now) if case.assignment.pk == assignment.pk), None)


def usual_reason(act: str, case: Case | None) -> str:
    """What stands in the field already where the evidence says it: all holds, and the therapist agrees."""
    if act == "forward" and case is not None and case.standing.proposal(PhaseTransition.Kind.READY):
        return _("All that was asked for holds.")
    return ""


@require_http_methods(GET_AND_POST)
def decide(request: HttpRequest, pk: int, assignment: int, act: str) -> HttpResponse:
    """A decision with its reason: the form on GET, the deed on POST."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    if act not in ACTS:
        raise Http404
    chosen = assignment_of(request, client, assignment)
    do, word, question = ACTS[act]
    now = timezone.now()
    form: ReasonForm
    evidence = case_of(chosen, now) if act in EVIDENCE_FOR else None
    if act == "pause":
        form = PauseForm(request.POST or None, today=client.local_date(now))
    elif act in WITH_A_DAY:
        form = LookAgainForm(request.POST or None, today=client.local_date(now))
        if act == "release-only":
            form.fields["look_again"].label = _("Not before")
            form.fields["look_again"].help_text = _("Empty: as soon as two mornings were good.")
    else:
        form = ReasonForm(request.POST or None, initial={"reason": usual_reason(act, evidence)})
    if form.is_valid():
        try:
            done = do(chosen, form, by=request.user, now=now)
        except (AnswerRefused, MoveRefused, PauseRefused, AssignmentEnded) as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, done)
            return redirect("admin:client", client.pk)
    return draw(
        request,
        "decide",
        title=question % {"program": chosen.name},
        status=refused(form),
        client=client,
        assignment=chosen,
        act=act,
        word=word,
        lead=LEADS.get(act, ""),
        gate=gate_for_therapist(evidence, list(chosen.phases.all())) if evidence else None,
        form=form,
        to=neighbour(chosen, {"forward": 1, "back": -1}[act]) if act in ("forward", "back") else None,
    )


# ---- Steps ------------------------------------------------------------------------------------------------------------


@require_http_methods(GET_AND_POST)
def change(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Another dose, side, days or note from the client's today on; what was done keeps what was asked."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = step_of(request, client, step)
    if is_history(request, row):
        return redirect("admin:client", client.pk)
    form = PlanStepForm(request.POST or None, step=row)
    if form.is_valid():
        try:
            change_step(
                row,
                by=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
                dose=form.dose,
                side=form.cleaned_data["side"],
                note=form.cleaned_data["note"],
                weekdays=form.new_weekdays,
                first_side=form.cleaned_data.get("first_side") or None,
                extra_set_side=form.cleaned_data.get("extra_set_side") or None,
            )
        except DaysRefused as error:
            form.add_error("weekdays", str(error))
        except (StepChanged, AssignmentEnded) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Changed from today on: %(step)s.") % {"step": row.name})
            return redirect("admin:client", client.pk)
    return draw(
        request,
        "step",
        title=row.name,
        status=refused(form),
        client=client,
        step=row,
        dose=f"{step_dose(row)}, {often(row.dose)}",
        form=form,
        remove_form=ReasonForm(prefix="remove"),
    )


@require_http_methods(GET_AND_POST)
def remove(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = step_of(request, client, step)
    if is_history(request, row):
        return redirect("admin:client", client.pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        try:
            remove_step(row, by=request.user, reason=form.cleaned_data["reason"], now=timezone.now())  # type: ignore[arg-type]
        except (StepChanged, AssignmentEnded) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Taken out from today on: %(step)s.") % {"step": row.name})
            return redirect("admin:client", client.pk)
    return draw(
        request,
        "step_remove",
        title=_("Take out “%(step)s”") % {"step": row.name},
        status=refused(form),
        client=client,
        step=row,
        form=form,
    )


@require_http_methods(GET_AND_POST)
def add(request: HttpRequest, pk: int, phase: int) -> HttpResponse:
    """Search an exercise, then its dose: `?exercise=` names the chosen one."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = get_object_or_404(
        AssignedPhase.objects.select_related("assignment__client"),
        pk=phase,
        assignment__client=client,
        assignment__ended_on__isnull=True,
    )
    today = client.local_date(timezone.now())
    exercises = visible_exercises(request.user)
    title = _("Add to “%(phase)s”") % {"phase": row.name}
    wanted = request.GET.get("exercise", "")
    if not is_key(wanted):
        search = ExerciseSearch(request.GET or None, exercises=exercises.in_use(), phase=row.kind)  # type: ignore[attr-defined]
        page = Paginator(search.found(), 12).get_page(request.GET.get("page"))
        known = verdicts(client, page.object_list, today)
        hits = [(exercise, known[exercise.pk]) for exercise in page.object_list]
        return draw(
            request, "step_search", title=title, client=client, phase=row, search=search, page=page, hits=hits
        )

    exercise = get_object_or_404(exercises.in_use().with_details(), pk=wanted)  # type: ignore[attr-defined]
    form = NewStepForm(request.POST or None, exercise=exercise)
    if form.is_valid():
        try:
            add_step(
                row,
                exercise,
                dose=form.dose,
                side=form.cleaned_data["side"],
                note=form.cleaned_data["note"],
                by=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except (AlreadyInPhase, AssignmentEnded) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Added: %(step)s.") % {"step": exercise.text("name")})
            return redirect("admin:client", client.pk)
    return draw(
        request,
        "step_add",
        title=title,
        status=refused(form),
        client=client,
        phase=row,
        exercise=exercise,
        verdict=verdicts(client, [exercise], today)[exercise.pk],
        form=form,
    )
