"""The tender spot of a step: marked on the enlarged body map in two taps, moved, given a word, taken away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.admin.adjusting import is_history, step_of
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.forms.spots import MOVES, WIDTHS, SpotNoteForm, TapForm, moved
from clients.models import AssignedStep, Client, Side, TenderSpot
from clients.spots import (
    BesideTheBody,
    OtherSide,
    Point,
    SpotChanged,
    SpotMap,
    frame_around,
    mark,
    spot_sides,
    spots_of,
    take_away,
)
from routines.bodymap import VIEWS, place_words, sides_drawn
from routines.bodyspot import Frame, frame_named, frames_of, whole_view
from routines.models import BodyArea, ExerciseKind, is_key

GET_AND_POST = ["GET", "HEAD", "POST"]


@dataclass(frozen=True)
class Choice:
    """A part of the body that may be looked at instead."""

    frame: Frame
    words: str
    chosen: bool


@dataclass(frozen=True)
class SpotLine:
    """A spot that stands, with the form for its note."""

    spot: TenderSpot
    form: SpotNoteForm
    on_map: bool  # whether the picture shows it, so that it can be moved a little


def step_to_mark(request: HttpRequest, pk: int, step: int) -> tuple[Client, AssignedStep]:
    """A step of self-massage in this client's plan; 404 for any other."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = step_of(request, client, step)
    if row.kind != ExerciseKind.RELEASE_SMR:
        raise Http404
    return client, row


@require_http_methods(GET_AND_POST)
def spot(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    """The body map at the step's area and side; a tap on it marks the spot."""
    client, row = step_to_mark(request, pk, step)
    if is_history(request, row):
        return redirect("admin:client", client.pk)
    if request.method != "POST":
        return draw_spot(request, client, row)
    frame = frame_named(request.POST.get("frame", ""))
    if frame is None:
        raise Http404
    form = TapForm(request.POST, shown=frame)
    if not form.is_valid():
        return draw_spot(request, client, row, tap_form=form, frame=frame)
    seen = {int(key) for key in request.POST.getlist("seen") if is_key(key)}
    try:
        done = put(request, client, row, form.cleaned_data["point"], seen)
    except (BesideTheBody, OtherSide, SpotChanged, NotInCare) as error:
        form.add_error(None, str(error))
        return draw_spot(request, client, row, tap_form=form, frame=frame)
    messages.success(request, _("Marked: %(place)s.") % {"place": done.place})
    return redirect("admin:client_spot", client.pk, row.pk)


@require_http_methods(GET_AND_POST)
def change(request: HttpRequest, pk: int, step: int, spot: int) -> HttpResponse:
    """A spot that stands: moved a little, given another note, or taken away."""
    client, row = step_to_mark(request, pk, step)
    if request.method != "POST" or is_history(request, row):
        return redirect("admin:client_spot", client.pk, row.pk)
    found = next((each for each in standing(client, row) if each.pk == spot), None)
    if found is None:
        # Of somebody else's client, or of another exercise: not there. Ended meanwhile: the page shows how it is.
        if not TenderSpot.objects.filter(client=client, exercise=row.exercise_id, pk=spot).exists():
            raise Http404
        messages.error(request, str(SpotChanged()))
        return redirect("admin:client_spot", client.pk, row.pk)
    act = request.POST.get("act", "")
    form = SpotNoteForm(request.POST if act == "note" else None, instance=found)
    if act == "note" and not form.is_valid():
        return draw_spot(request, client, row, note_form=form)
    try:
        if act == "away":
            take_away(client, found.pk, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            messages.success(request, _("Taken away. The client does not see it any more."))
        elif act == "note":
            said = form.cleaned_data["note"]
            put(request, client, row, Point(found.view, found.x, found.y), {found.pk}, note=said)
            messages.success(request, _("Note saved."))
        elif act in MOVES:
            put(request, client, row, moved(found, frame_around(found), act), {found.pk})
    except (BesideTheBody, OtherSide, SpotChanged, NotInCare) as error:
        messages.error(request, str(error))
    return redirect("admin:client_spot", client.pk, row.pk)


def put(
    request: HttpRequest,
    client: Client,
    step: AssignedStep,
    point: Point,
    seen: Collection[int],
    note: str | None = None,
) -> TenderSpot:
    return mark(
        client,
        step.exercise_id,
        point,
        sides=spot_sides(step.side_mode, step.side),
        seen=seen,
        note=note,
        by=request.user,  # type: ignore[arg-type]
        now=timezone.now(),
    )


def standing(client: Client, step: AssignedStep) -> list[TenderSpot]:
    return spots_of(client, [step.exercise_id]).get(step.exercise_id, [])


# ---- The page ---------------------------------------------------------------------------------------------------------


def draw_spot(
    request: HttpRequest,
    client: Client,
    step: AssignedStep,
    *,
    frame: Frame | None = None,
    tap_form: TapForm | None = None,
    note_form: SpotNoteForm | None = None,
) -> HttpResponse:
    """The whole page. What is looked at: the refused frame, the one in the address, the spot, or the step's area."""
    spots = standing(client, step)
    places = places_of(step)
    asked = frame or frame_named(request.GET.get("at", ""))
    if asked is None:
        asked = next(
            iter([frame_around(each) for each in spots] or [each for each, _words in places]),
            whole_view(VIEWS[0]),
        )
    shown = tuple(each for each in spots if each.view == asked.view.name)
    form = tap_form or TapForm(shown=asked)
    status = max(refused(each) if each else 200 for each in (tap_form, note_form))
    return draw(
        request,
        "spot",
        title=_("Mark the spot: %(step)s") % {"step": step.name},
        status=status,
        client=client,
        step=step,
        frame=asked,
        map=SpotMap(asked, shown),
        sizes=[(name, wide, asked.high(wide)) for name, wide in WIDTHS.items()],
        form=form,
        lines=[
            SpotLine(
                each,
                note_form if note_form and note_form.instance.pk == each.pk else SpotNoteForm(instance=each),
                each in shown,
            )
            for each in spots
        ],
        places=[Choice(each, words, each.key == asked.key) for each, words in places],
        views=[Choice(whole_view(view), str(view.label), view.name == asked.key) for view in VIEWS],
    )


def places_of(step: AssignedStep) -> list[tuple[Frame, str]]:
    """The areas in which the step's targets lie, on its sides, wherever they are drawn."""
    slugs = [target["slug"] for target in step.as_was.get("targets", ())]
    areas = BodyArea.objects.filter(muscles__slug__in=slugs).distinct().order_by("pk")
    mine = spot_sides(step.side_mode, step.side)
    found = []
    for area in areas:
        for side in sides_drawn(area):
            if side in mine or Side.NONE in (side, *mine):
                for frame in frames_of(area.slug, side):
                    place = place_words(str(area), side)
                    found.append((frame, f"{place} ({frame.view.label})"))
    return found
