"""Changes of a client's plan where it stands: a dose in place, one exercise for another."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clients.access import get_client_for_staff
from clients.adjusting import AlreadyInPhase, AssignmentEnded, StepChanged, change_step, swap_step
from clients.admin.adjusting import is_history, step_of
from clients.admin.file import draw_file, draw_plan
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.forms.casefile import USUAL_REASONS, QuickDoseForm, SwapForm
from clients.models import AssignedStep, Client
from clients.ownership import visible_exercises
from clients.schedule import DaysRefused
from clients.swapping import offers_for
from clients.templatetags.dose import step_dose
from routines.wording import often


def back(request: HttpRequest, client: Client, step: AssignedStep) -> HttpResponseRedirect:
    """To the program on the page from which the form was sent."""
    page = "client_plan" if request.POST.get("page") == "plan" else "client"
    return redirect(f"{reverse(f'admin:{page}', args=[client.pk])}#program-{step.phase.assignment_id}")


@require_POST
def dose(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Another dose from the client's today on, typed in place."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = step_of(request, client, step)
    if is_history(request, row):
        return back(request, client, row)
    form = QuickDoseForm(request.POST, step=row)
    if form.is_valid() and form.dose == row.dose:  # nothing that a letter could tell of
        messages.info(request, _("Nothing was changed."))
        return back(request, client, row)
    if form.is_valid():
        try:
            change_step(
                row,
                by=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
                dose=form.dose,
            )
        except DaysRefused as error:
            form.add_error("days_per_week", str(error))
        except (StepChanged, AssignmentEnded) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Changed from today on: %(step)s.") % {"step": row.name})
            return back(request, client, row)
    drawn = draw_plan if request.POST.get("page") == "plan" else draw_file
    return drawn(request, client, status=refused(form), dose_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def swap(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """Another exercise for the same muscle, of those that conditions allow; the old one stays in the record."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = step_of(request, client, step)
    if is_history(request, row):
        return redirect("admin:client", client.pk)
    now = timezone.now()
    exercises = visible_exercises(request.user).in_use()  # type: ignore[attr-defined]
    offers = offers_for(row, client, client.local_date(now), exercises)
    form = SwapForm(request.POST or None, offers=offers)
    if form.is_valid():
        exercise = exercises.get(pk=form.cleaned_data["exercise"])
        try:
            new = swap_step(row, exercise, by=request.user, reason=form.cleaned_data["reason"], now=now)  # type: ignore[arg-type]
        except (StepChanged, AlreadyInPhase, AssignmentEnded) as error:
            form.add_error(None, str(error))
        else:
            words = {"old": row.name, "new": new.name}
            messages.success(request, _("From today on “%(new)s” takes the place of “%(old)s”.") % words)
            return back(request, client, row)
    return draw(
        request,
        "step_swap",
        title=_("Swap “%(step)s”") % {"step": row.name},
        status=refused(form),
        client=client,
        step=row,
        dose=f"{step_dose(row)}, {often(row.dose)}",
        offers=list(zip(offers, form["exercise"], strict=True)),
        form=form,
        usual_reasons=USUAL_REASONS,
    )
