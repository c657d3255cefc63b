"""Measures of one client at the workplace: what the client rated, what was filled in on paper, what the therapist measures."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import get_client_for_staff
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.charts.measure import parts
from clients.forms.measuring import (
    LIST_CHANGED,
    ActivitiesForm,
    MeasurementForm,
    OutcomeForm,
    OwnMeasureForm,
    TwoDaysForm,
)
from clients.forms.screening import ChecklistForm
from clients.measures import (
    choose_activities,
    current_activities,
    measures_of,
    record_outcome,
)
from clients.measuring import names_used, own_line, own_lines, record_measurement
from clients.models import Client, Measurement, OwnMeasure
from clients.outcomes import ACTIVITIES, ORDER, SOURCES, AnswerRefused, title_of
from clients.recording import KeyReused
from clients.screening import Asked as AskedList
from clients.screening import answer
from routines.models import OutcomeMeasure

GET_AND_POST = ["GET", "HEAD", "POST"]


def offered() -> dict[str, OutcomeMeasure]:
    """The measures that can be entered, whatever the program asks for; never one that its owner does not allow."""
    found = OutcomeMeasure.objects.in_use().exclude(shipped=OutcomeMeasure.Shipped.NO)
    by_slug = {row.slug: row for row in found.filter(slug__in=ORDER).prefetch_related("questions", "anchors")}
    return {slug: by_slug[slug] for slug in ORDER if slug in by_slug}


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    today = client.local_date(timezone.now())
    found = measures_of(client, today)
    return draw(
        request,
        "measures",
        title=_("Measures of %(client)s") % {"client": client.name},
        client=client,
        today=today,
        measures=found,
        parts=parts(found),
        offered=[(slug, title_of(measure)) for slug, measure in offered().items()],
        own=own_lines(client),
    )


@require_http_methods(GET_AND_POST)
def enter(request: HttpRequest, pk: int, slug: str) -> HttpResponse:
    """Answers or a total that the client gave on paper, with their day."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    measure = offered().get(slug)
    if measure is None:
        raise Http404
    if client.ended_at is not None:
        return refuse_after_care(request, client)
    chosen = current_activities(client) if slug == ACTIVITIES else None
    if slug == ACTIVITIES and chosen is None:
        return redirect("admin:client_measure_activities", client.pk)
    now = timezone.now()
    make = partial(OutcomeForm, measure=measure, today=client.local_date(now), activities=chosen, dated=True)
    form = make(request.POST or None)
    changed = form.of_another_list
    if changed:
        messages.warning(request, LIST_CHANGED)
        form = make()
    if form.is_valid():
        try:
            record_outcome(
                client,
                measure,
                form.answers(),
                day=form.when,
                by=request.user,  # type: ignore[arg-type]
                key=form.cleaned_data["key"],
                now=now,
                activities=chosen,
            )
        except (AnswerRefused, KeyReused, NotInCare) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return after(client)
    return draw(
        request,
        "measure",
        title=_("%(client)s: %(measure)s") % {"measure": title_of(measure), "client": client.name},
        status=409 if changed else form.status,
        client=client,
        measure=measure,
        source=SOURCES.get(slug, ""),
        form=form,
    )


def refuse_after_care(request: HttpRequest, client: Client) -> HttpResponse:
    """What is on file stays to be read; nothing is added to it after care has ended."""
    messages.error(request, str(NotInCare(client)))
    return redirect("admin:client_measures", client.pk)


def after(client: Client) -> HttpResponse:
    if measures_of(client, client.local_date(timezone.now())).question is not None:
        return redirect("admin:client_measure_question", client.pk)
    return redirect("admin:client_measures", client.pk)


@require_http_methods(GET_AND_POST)
def activities(request: HttpRequest, pk: int) -> HttpResponse:
    """The everyday things that the client names; another list starts a new line."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    if client.ended_at is not None:
        return refuse_after_care(request, client)
    current = current_activities(client)
    form = ActivitiesForm(request.POST or None, names=current.names if current else ())
    if form.is_valid():
        try:
            choose_activities(client, form.names, key=form.cleaned_data["key"], now=timezone.now())
        except (AnswerRefused, KeyReused, NotInCare) as error:
            form.refuse(error)
        else:
            return redirect("admin:client_measure", client.pk, ACTIVITIES)
    return draw(
        request,
        "measure_activities",
        title=_("Activities of %(client)s") % {"client": client.name},
        status=form.status,
        client=client,
        current=current,
        form=form,
    )


@require_http_methods(GET_AND_POST)
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """The safety question that the leg diary asks, put to the client by the therapist. A yes blocks as everywhere."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    now = timezone.now()
    today = client.local_date(now)
    waiting = measures_of(client, today).question
    if waiting is None:
        return redirect("admin:client_measures", client.pk)
    form = ChecklistForm(request.POST or None, asked=AskedList(waiting.checklist, (waiting,)), areas=[])
    if form.is_valid():
        answer(client, form.asked, yes=form.yes, none=form.none, key=form.answer_key(today), now=now)
        messages.success(request, _("Noted."))
        return redirect("admin:client", client.pk)
    return draw(
        request,
        "measure_question",
        title=_("One question about the leg of %(client)s") % {"client": client.name},
        status=refused(form),
        client=client,
        question=waiting.text("question"),
        form=form,
    )


# ---- Measures of the therapist's own ------------------------------------------------------------------------------------


@require_http_methods(GET_AND_POST)
def define(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    if client.ended_at is not None:
        return refuse_after_care(request, client)
    form = OwnMeasureForm(request.POST or None, client=client)
    if form.is_valid():
        form.instance.client, form.instance.by = client, request.user
        try:
            with transaction.atomic():
                measure = form.save()
        except IntegrityError:  # the same form, sent twice at the same moment
            measure = OwnMeasure.objects.get(client=client, name=form.instance.name)
        return redirect("admin:client_own_measure", client.pk, measure.pk)
    return draw(
        request,
        "measure_define",
        title=_("New measure for %(client)s") % {"client": client.name},
        status=refused(form),
        client=client,
        form=form,
        names=names_used(request.user),  # type: ignore[arg-type]
    )


@require_http_methods(GET_AND_POST)
def own(request: HttpRequest, pk: int, measure: int) -> HttpResponse:
    """The values of one own measure, two days next to each other, and a new value."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = get_object_or_404(OwnMeasure.objects.visible_to(request.user), pk=measure, client=client)
    row.client = client
    if request.method == "POST" and client.ended_at is not None:
        return refuse_after_care(request, client)
    now = timezone.now()
    form = MeasurementForm(request.POST or None, measure=row, today=client.local_date(now))
    if form.is_valid():
        try:
            record_measurement(
                row,
                form.values(),
                day=form.cleaned_data["day"],
                by=request.user,  # type: ignore[arg-type]
                key=form.cleaned_data["key"],
                now=now,
            )
        except (AnswerRefused, KeyReused) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("admin:client_own_measure", client.pk, row.pk)
    line = own_line(row, list(Measurement.objects.filter(measure=row).latest_revisions()))
    days = line.days
    two = TwoDaysForm(request.GET if "before" in request.GET else None, days=days)
    before, after_day = two.chosen()
    return draw(
        request,
        "measure_own",
        title=row.name,
        status=form.status,
        client=client,
        measure=row,
        line=line,
        form=form,
        two=two if len(days) > 2 else None,
        before=before,
        after=after_day,
        pairs=line.pairs(before, after_day),
        rows=[(day, [side.on(day) for side in line.sides]) for day in days],
    )
