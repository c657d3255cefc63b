"""Outcome measures: what is due, one page each, and how the values went."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import ClientRequest, care_required, client_required
from clients.charts.measure import parts
from clients.forms.measuring import LIST_CHANGED, ActivitiesForm, OutcomeForm
from clients.forms.screening import ChecklistForm
from clients.measures import choose_activities, measures_of, record_outcome
from clients.models import Client
from clients.outcomes import ACTIVITIES, SOURCES, AnswerRefused
from clients.recording import KeyReused
from clients.screening import Asked as AskedList
from clients.screening import answer


@client_required
@require_safe
def measures(request: ClientRequest) -> HttpResponse:
    client = request.person
    today = client.local_date(timezone.now())
    found = measures_of(client, today)
    context = {"measures": found, "parts": parts(found), "today": today, "section": "progress"}
    return render(request, "clients/measures/measures.html", context)


@client_required
@care_required
@require_http_methods(["GET", "HEAD", "POST"])
def measure(request: ClientRequest, pk: int) -> HttpResponse:
    """The questions of one measure. Activities that nobody has named yet are named first."""
    client, now = request.person, timezone.now()
    today = client.local_date(now)
    found = measures_of(client, today)
    asked = found.numbered(pk)
    if asked is None or not asked.open:
        raise Http404
    slug = asked.measure.slug
    if slug == ACTIVITIES and found.activities is None:
        return redirect("measure_activities")
    latest = asked.line.latest
    rated = latest is not None and latest.day == today
    make = partial(
        OutcomeForm,
        measure=asked.measure,
        today=today,
        activities=found.activities,
        said=found.answers.get((slug, today)) if rated else None,
    )
    form = make(request.POST or None)
    changed = form.of_another_list
    if changed:
        messages.warning(request, LIST_CHANGED)
        form = make()
    if form.is_valid():
        try:
            record_outcome(
                client,
                asked.measure,
                form.answers(),
                day=form.when,
                by=request.user,  # type: ignore[arg-type]
                key=form.cleaned_data["key"],
                now=now,
                activities=found.activities,
                device_time=form.moment,
            )
        except (AnswerRefused, KeyReused) as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return after(client)
    context = {
        "form": form,
        "asked": asked,
        "source": SOURCES.get(slug, ""),
        "corrects": (slug, today) in found.answers,
    }
    return render(request, "clients/measures/measure.html", context, status=409 if changed else form.status)


def after(client: Client) -> HttpResponse:
    """To the safety question that the answer asks, else to how the values went."""
    found = measures_of(client, client.local_date(timezone.now()))
    if found.question is not None:
        return redirect("measure_question")
    return redirect("measures")


@client_required
@care_required
@require_http_methods(["GET", "HEAD", "POST"])
def activities(request: ClientRequest) -> HttpResponse:
    """Which everyday things are hard: named once, rated each time; another list starts a new line."""
    client, now = request.person, timezone.now()
    found = measures_of(client, client.local_date(now))
    asked = found.of(ACTIVITIES)
    if asked is None or not asked.open:
        raise Http404
    form = ActivitiesForm(request.POST or None, names=found.activities.names if found.activities else ())
    if form.is_valid():
        try:
            choose_activities(client, form.names, key=form.cleaned_data["key"], now=now)
        except (AnswerRefused, KeyReused) as error:
            form.refuse(error)
        else:
            return redirect("measure", asked.measure.pk)
    chosen = asked.measure.details.get("choose", {})
    context = {
        "form": form,
        "question": asked.measure.translated("choose") or chosen.get("text", ""),
        "changes": found.activities is not None and bool(asked.line.points),
    }
    return render(request, "clients/measures/activities.html", context, status=form.status)


@client_required
@care_required
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: ClientRequest) -> HttpResponse:
    """The one safety question that the leg diary asks; a yes blocks and alerts like any other."""
    client, now = request.person, timezone.now()
    today = client.local_date(now)
    waiting = measures_of(client, today).question
    if waiting is None:
        return redirect("measures")
    asked = AskedList(waiting.checklist, (waiting,))
    form = ChecklistForm(request.POST or None, asked=asked, areas=[])
    if form.is_valid():
        outcome = answer(client, asked, yes=form.yes, none=form.none, key=form.answer_key(today), now=now)
        return redirect("blocked" if outcome.block is not None else "measures")
    context = {"form": form, "question": waiting.text("question")}
    return render(request, "clients/measures/question.html", context, status=form.status)
