"""A changed program and the people who follow an earlier version: shown with the difference, taken over or left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import get_client_for_staff
from clients.adjusting import AlreadyInPhase, AssignmentEnded, StepChanged
from clients.admin.adjusting import assignment_of
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.forms.templates import UpdateForm
from clients.models import AssignedPhase
from clients.ownership import visible_programs
from clients.safety import Condition
from clients.schedule import DaysRefused
from clients.updating import (
    AT_ONCE,
    AnsweredAlready,
    Asked,
    Line,
    TemplateChanged,
    Update,
    What,
    earlier,
    followers,
    leave,
    present,
    take_over,
    updates_of,
)
from routines.models import PhaseKind, Program
from routines.wording import dose_line, listed, often

REASON = "update_reason"  # in the session: the last reason, for the next person of the same version


@dataclass(frozen=True)
class LineWords:
    line: Line
    what: str
    name: str
    old: str
    new: str
    chosen: bool
    avoid: tuple[Condition, ...] = ()
    care: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class PhaseWords:
    phase: AssignedPhase
    lines: tuple[LineWords, ...]
    kept: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class UpdateCard:
    """One person's difference in words, with the form that answers it."""

    update: Update
    form: UpdateForm
    phases: tuple[PhaseWords, ...]
    new_phases: str


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Everybody of this therapist who follows an earlier version, each with what differs."""
    care_only(request)
    program = get_object_or_404(visible_programs(request.user), pk=pk)
    design = present(program)
    page = Paginator(earlier(program, request.user, design), AT_ONCE).get_page(request.GET.get("page"))
    found = updates_of(program, page.object_list, timezone.now(), design)
    differs = {each.assignment.pk for each in found}
    return draw(
        request,
        "updates",
        title=_("Changes of “%(program)s”") % {"program": program.text("name")},
        program=program,
        number=page.paginator.count,
        page=page,
        cards=[card_of(each, UpdateForm(update=each, reason=last_reason(request, each))) for each in found],
        alike=listed([row.client.name for row in page.object_list if row.pk not in differs]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    """`act=take` takes over what is ticked, `act=leave` leaves the copy as it is; each version is asked about once.

    A colleague's own program, that a client brought along at a hand-over, shows what it says now to nobody else.
    """
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = assignment_of(request, client, assignment)
    now = timezone.now()
    program = row.program
    seen = visible_programs(request.user).filter(pk=program.pk).exists()
    found = updates_of(program, [row], now) if seen and not row.ended_on else []
    if not found:
        messages.info(request, _("This plan holds what the program asks for, or it was answered already."))
        return redirect("admin:client", client.pk)
    update = found[0]
    act = request.POST.get("act", "")
    form = UpdateForm(
        request.POST if act in ("take", "leave") else None, update=update, reason=last_reason(request, update)
    )
    if form.is_valid():
        said = form.cleaned_data
        who: dict[str, Any] = {"by": request.user, "reason": said["reason"], "now": now}
        try:
            if act == "take":
                take_over(row, version=said["version"], keys=said["lines"], **who)
                request.session[REASON] = {"version": update.version, "reason": said["reason"]}
            else:
                leave(row, version=said["version"], **who)
        except (AnsweredAlready, AssignmentEnded) as error:
            messages.info(request, str(error))
            return redirect("admin:client", client.pk)
        except TemplateChanged as error:
            messages.error(request, str(error))
            return redirect("admin:client_update", client.pk, row.pk)
        except (AlreadyInPhase, DaysRefused, StepChanged) as error:
            form.add_error("lines", str(error))
        else:
            words = (
                _("%(client)s follows the new version from today on.")
                if act == "take"
                else _("%(client)s keeps the plan as it is.")
            )
            messages.success(request, words % {"client": client.name})
            return next_page(request, program, client.pk)
    return draw(
        request,
        "update",
        title=_("Changes of “%(program)s”") % {"program": row.name},
        status=refused(form),
        client=client,
        card=card_of(update, form),
    )


def next_page(request: HttpRequest, program: Program, client: int) -> HttpResponse:
    """To the next person who waits, else to this one."""
    if visible_programs(request.user).filter(pk=program.pk).exists() and followers(
        program, request.user, timezone.now()
    ):
        return redirect("admin:program_updates", program.pk)
    return redirect("admin:client", client)


def last_reason(request: HttpRequest, update: Update) -> str:
    kept = request.session.get(REASON, {})
    return str(kept.get("reason", "")) if kept.get("version") == update.version else ""


# ---- In words ------------------------------------------------------------------------------------------------------


def card_of(update: Update, form: UpdateForm) -> UpdateCard:
    chosen = form["lines"].value() or []
    phases = []
    for pk, phase in update.phases.items():
        lines = tuple(words_of(update, line, chosen) for line in update.difference.lines if line.phase == pk)
        kept = tuple(
            (name_of(update, each.own or each.old), kept_words(update, each.own))
            for each in update.difference.kept
            if each.phase == pk
        )
        if lines or kept:
            phases.append(PhaseWords(phase, lines, kept))
    new = [str(PhaseKind(kind).label) for kind in update.difference.new_phases]
    return UpdateCard(update, form, tuple(phases), listed(new) if new else "")


def words_of(update: Update, line: Line, chosen: Iterable[str]) -> LineWords:
    what = {
        What.ADDED: _("Added"),
        What.REMOVED: _("Taken out"),
        What.CHANGED: _("Changed"),
        What.ORDER: _("Other order"),
    }
    names = [update.exercises[pk].text("name") for pk in line.order if pk in update.exercises]
    return LineWords(
        line=line,
        what=what[line.what],
        name=name_of(update, line.new or line.old) if line.what != What.ORDER else ", ".join(names),
        old=asked_words(update, line.old, line.new) if line.old else "",
        new=asked_words(update, line.new, line.old) if line.new else "",
        chosen=line.key in chosen,
        avoid=update.avoid.get(line.key, ()),
        care=update.care.get(line.key, ()),
    )


def name_of(update: Update, asked: Asked | None) -> str:
    return update.exercises[asked.exercise].text("name") if asked else ""


def kept_words(update: Update, own: Asked | None) -> str:
    return asked_words(update, own, None) if own else _("taken out for this client")


def asked_words(update: Update, asked: Asked, other: Asked | None) -> str:
    """The dose, with days and note where the other one has other ones."""
    exercise = update.exercises[asked.exercise]
    words = [f"{dose_line(asked.dose, exercise.side_mode, asked.side)}, {often(asked.dose)}"]
    if other is not None and asked.days != other.days:
        start, until = asked.days
        words.append(
            _("from day %(start)d on") % {"start": start}
            if until is None
            else _("day %(start)d to %(last)d") % {"start": start, "last": until - 1}
        )
    if other is not None and asked.note != other.note:
        words.append(_("note: “%(note)s”") % {"note": asked.note} if asked.note else _("without a note"))
    return "; ".join(words)
