"""One visit: what was found, on the body map and in lists, while it is open; afterwards to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import get_client_for_staff
from clients.admin.athome import home_form
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.examining import (
    KINDS,
    NoteChanged,
    Noted,
    NotEmpty,
    VisitClosed,
    VisitSheet,
    close_visit,
    discard_visit,
    keep_home,
    last_ratings,
    record_finding,
    record_joint,
    record_pain,
    remove,
    sheets_of,
    write_note,
)
from clients.forms.examining import (
    FindingForm,
    JointForm,
    MuscleSearch,
    PainForm,
    VisitNoteForm,
)
from clients.models import Assignment, Client, Finding, Side, Visit
from clients.spots import steps_to_mark
from routines.bodymap import body_map, place_words
from routines.finding import find_muscles, muscles_of
from routines.models import BodyArea, ImbalanceJoint, Joint, Muscle, is_key

HITS = 12  # more forms than this on one page help nobody
LOOKED_AT = (
    "visit_looked_at"  # in the session: the visit, and the place or the words that were looked at last
)


@dataclass(frozen=True)
class Line:
    """A muscle of the list with what is recorded of it, what was felt last time, and its form."""

    muscle: Muscle
    form: FindingForm
    noted: list[Noted]
    last: list[str]
    is_open: bool

    @property
    def does(self) -> str:
        """What the muscle does, in the reader's language where the catalogue has it."""
        return str(self.muscle.text("action"))


@dataclass(frozen=True)
class Anatomy:
    """The catalogue as a visit needs it, read once for a page."""

    areas: list[BodyArea]
    muscles: list[Muscle]

    @classmethod
    def read(cls) -> Anatomy:
        return cls(list(BodyArea.objects.in_use()), list(Muscle.objects.in_use().select_related("body_area")))

    @property
    def counts(self) -> Counter[str]:
        return Counter(muscle.body_area.slug for muscle in self.muscles)

    def muscle(self, key: str) -> Muscle:
        return found_or_404(self.muscles, lambda row: str(row.pk) == key)

    def area(self, slug: str) -> BodyArea:
        return found_or_404(self.areas, lambda row: row.slug == slug)


def found_or_404(rows: list[Any], fits: Any) -> Any:
    for row in rows:
        if fits(row):
            return row
    raise Http404


def visit_of(request: HttpRequest, pk: int, visit: int) -> tuple[Client, Visit]:
    """The client and one of their visits, and of nobody else's."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    rows = Visit.objects.visible_to(request.user).select_related("client")
    return client, get_object_or_404(rows, pk=visit, client=client)


def sent(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that only takes what is sent; whoever comes back to it after signing in again finds the visit."""

    @wraps(view)
    def answer(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
        if request.method == "POST":
            return view(request, pk, visit)
        client, row = visit_of(request, pk, visit)
        return redirect("admin:client_visit", client.pk, row.pk)

    return require_http_methods(["GET", "HEAD", "POST"])(answer)


# ---- One visit ----------------------------------------------------------------------------------------------------------


@require_safe
def show(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    return draw_visit(request, *visit_of(request, pk, visit))


def draw_visit(
    request: HttpRequest,
    client: Client,
    visit: Visit,
    *,
    anatomy: Anatomy | None = None,
    refused_form: Any = None,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    """The whole page; a form that was refused stands where it was typed."""
    anatomy = anatomy or Anatomy.read()
    sheet = sheets_of(Visit.objects.filter(pk=visit.pk))[0]
    status = refused(refused_form) if refused_form is not None else status
    day = date_format(visit.held_on, "j F Y")
    context: dict[str, Any] = {"client": client, "visit": visit, "sheet": sheet}
    if not sheet.is_open or client.ended_at is not None:
        context["views"] = body_map(anatomy.areas, muscles=anatomy.counts, marks=sheet.marks(anatomy.areas))
        context |= {"note_form": VisitNoteForm(instance=visit), **forms}
        return draw(
            request, "visit_read", title=_("Visit on %(day)s") % {"day": day}, status=status, **context
        )
    search = MuscleSearch(looked_at(request, visit), areas=anatomy.areas)
    asked = asked_for(search)
    url = reverse("admin:client_visit", args=[client.pk, visit.pk])
    area, side = search.places.get(asked.get("place", ""), (None, ""))
    context |= {
        "search": search,
        "kept": asked,
        "words": asked.get("q", ""),
        "place": place_words(str(area), side) if area else "",
        "views": body_map(
            anatomy.areas,
            muscles=anatomy.counts,
            marks=sheet.marks(anatomy.areas),
            chosen=(area.slug, side) if area else None,
            href=lambda slug, side: f"{url}?{urlencode({'place': f'{slug}-{side}'})}#place",
        ),
        "lines": lines_of(anatomy, sheet, asked, area, side, refused_form),
        "joint_form": JointForm(joints=Joint.objects.in_use()),
        "alterations": alterations(),
        "note_form": VisitNoteForm(instance=visit),
        "home_form": forms.get("home_form") or home_form(client),
        "spot_steps": steps_to_mark(client),
        "pain_form": PainForm(area=area, side=side_of(side)) if area else None,
        **forms,
    }
    return draw(request, "visit", title=_("Visit on %(day)s") % {"day": day}, status=status, **context)


def side_of(side: str) -> str:
    return side if side in (Side.LEFT, Side.RIGHT) else ""


def looked_at(request: HttpRequest, visit: Visit) -> Any:
    """The place or the words: of the form that was sent, of the address, or those of the last thing recorded.

    What is written goes nowhere with a place in its address: it would stand in logs and histories.
    """
    if request.method == "POST":
        return request.POST
    kept = request.session.get(LOOKED_AT, {})
    return request.GET or (kept.get("asked") if kept.get("visit") == visit.pk else None) or None


def asked_for(search: MuscleSearch) -> dict[str, str]:
    """The words, or the place where there are none; what makes no sense is left out."""
    if not search.is_bound:
        return {}
    search.full_clean()
    words = search.cleaned_data.get("q", "").strip()
    place = search.cleaned_data.get("place", "")
    return {"q": words} if words else {"place": place} if place else {}


def lines_of(
    anatomy: Anatomy,
    sheet: VisitSheet,
    asked: dict[str, str],
    area: BodyArea | None,
    side: str,
    refused_form: Any,
) -> list[Line]:
    typed = refused_form if isinstance(refused_form, FindingForm) else None
    if asked.get("q"):
        muscles = find_muscles(anatomy.muscles, asked["q"])[:HITS]
    else:
        muscles = muscles_of(anatomy.muscles, area.slug) if area else []
    if typed and typed.of not in muscles:
        muscles.insert(0, typed.of)
    last = last_ratings(sheet.visit.client, sheet.visit.held_on, sheet.visit)
    return [
        Line(
            muscle,
            typed if typed and typed.of == muscle else FindingForm(muscle=muscle, side=side_of(side)),
            sheet.of_muscle(muscle.pk),
            [
                Noted("muscle", pk, "", on, state, rating).in_words
                for (pk, on, state), rating in last.items()
                if pk == muscle.pk
            ],
            typed.of == muscle if typed else len(muscles) == 1,
        )
        for muscle in muscles
    ]


def alterations() -> list[tuple[str, str]]:
    """How joints rest or move in the patterns of the catalogue, with the joint, each once."""
    rows = ImbalanceJoint.objects.select_related("joint").order_by("joint__name", "alteration")
    return list(dict.fromkeys((row.alteration, str(row.joint)) for row in rows))


def back_to(client: Client, visit: Visit, request: HttpRequest, place: str) -> HttpResponse:
    """The visit as it was looked at, at the part that was worked on."""
    search = MuscleSearch(looked_at(request, visit), areas=BodyArea.objects.in_use())
    request.session[LOOKED_AT] = {"visit": visit.pk, "asked": asked_for(search)}
    return redirect(f"{reverse('admin:client_visit', args=[client.pk, visit.pk])}#{place}")


def closed(request: HttpRequest, client: Client, visit: Visit, error: ValueError) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("admin:client_visit", client.pk, visit.pk)


def note_not_kept(
    request: HttpRequest, client: Client, visit: Visit, form: VisitNoteForm, error: ValueError
) -> HttpResponse:
    """The visit as it stands now, and beside it what was typed, so that it can be copied."""
    _client, row = visit_of(request, client.pk, visit.pk)
    messages.error(request, str(error))
    return draw_visit(request, client, row, status=409, unsaved=form.cleaned_data["note"])


# ---- What is recorded at it ---------------------------------------------------------------------------------------------


@sent
def add_finding(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    client, row = visit_of(request, pk, visit)
    anatomy = Anatomy.read()
    muscle = anatomy.muscle(request.POST.get("muscle", ""))
    form = FindingForm(request.POST, muscle=muscle)
    if not form.is_valid():
        return draw_visit(request, client, row, anatomy=anatomy, refused_form=form)
    said = {name: form.cleaned_data.get(name, "") for name in ("side", "state", "rating", "judged")}
    try:
        record_finding(row, muscle, **said)
    except (VisitClosed, NotInCare) as error:
        return closed(request, client, row, error)
    messages.success(request, _("Recorded: %(what)s.") % {"what": muscle})
    return back_to(client, row, request, "place")


@sent
def add_joint(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    client, row = visit_of(request, pk, visit)
    form = JointForm(request.POST, joints=Joint.objects.in_use())
    if not form.is_valid():
        return draw_visit(request, client, row, refused_form=form, joint_form=form)
    said = form.cleaned_data
    try:
        record_joint(row, said["joint"], side=said["side"], alteration=said["alteration"])
    except (VisitClosed, NotInCare) as error:
        return closed(request, client, row, error)
    messages.success(request, _("Recorded: %(what)s.") % {"what": said["joint"]})
    return back_to(client, row, request, "joints")


@sent
def add_pain(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    client, row = visit_of(request, pk, visit)
    anatomy = Anatomy.read()
    area = anatomy.area(request.POST.get("area", ""))
    form = PainForm(request.POST, area=area)
    if not form.is_valid():
        return draw_visit(request, client, row, anatomy=anatomy, refused_form=form, pain_form=form)
    said = form.cleaned_data
    try:
        record_pain(row, area, side=said.get("side", ""), rating=said["rating"])
    except (VisitClosed, NotInCare) as error:
        return closed(request, client, row, error)
    messages.success(request, _("Recorded: %(what)s.") % {"what": area})
    return back_to(client, row, request, "place")


@sent
def take_out(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    client, row = visit_of(request, pk, visit)
    kind, what = request.POST.get("kind", ""), request.POST.get("what", "")
    if kind not in KINDS or not is_key(what):
        raise Http404
    try:
        if remove(row, kind, int(what)):
            messages.success(request, _("Taken out."))
    except (VisitClosed, NotInCare) as error:
        return closed(request, client, row, error)
    return back_to(client, row, request, "recorded")


@sent
def note(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    client, row = visit_of(request, pk, visit)
    form = VisitNoteForm(request.POST, instance=row)
    if not form.is_valid():
        return draw_visit(request, client, row, refused_form=form, note_form=form)
    try:
        write_note(row, form.cleaned_data["note"], before=form.initial["note"])
    except NoteChanged:
        return note(request, pk, visit)  # the form knows by now
    except (VisitClosed, NotInCare) as error:
        return note_not_kept(request, client, row, form, error)
    messages.success(request, _("Note saved."))
    return back_to(client, row, request, "note")


@sent
def finish(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Closes the visit with its note; nothing of it changes afterwards. Findings without a program lead to the draft."""
    client, row = visit_of(request, pk, visit)
    form = VisitNoteForm(request.POST, instance=row)
    if not form.is_valid():
        return draw_visit(request, client, row, refused_form=form, note_form=form)
    try:
        close_visit(row, note=form.cleaned_data["note"], before=form.initial["note"], now=timezone.now())
    except NoteChanged:
        return finish(request, pk, visit)  # the form knows by now
    except VisitClosed as error:
        return note_not_kept(request, client, row, form, error)
    request.session.pop(LOOKED_AT, None)
    messages.success(request, _("The visit is finished."))
    follows = Assignment.objects.running().filter(client=client).exists()
    if client.ended_at is None and not follows and Finding.objects.filter(visit=row).exists():
        return redirect("admin:client_draft", client.pk)
    return redirect(f"{reverse('admin:client_records', args=[client.pk])}#findings")


@sent
def discard(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Takes back a visit at which nothing is recorded yet."""
    client, row = visit_of(request, pk, visit)
    try:
        discard_visit(row)
    except (VisitClosed, NotEmpty) as error:
        messages.error(request, str(error))
        return redirect("admin:client_visit", client.pk, row.pk)
    messages.success(request, _("The visit was taken back."))
    return redirect("admin:client", client.pk)


@sent
def home(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """What the client has at home and can do; it belongs to the client, not to the visit."""
    client, row = visit_of(request, pk, visit)
    form = home_form(client, request.POST)
    if not form.is_valid():
        return draw_visit(request, client, row, refused_form=form, home_form=form)
    try:
        keep_home(client, **form.cleaned_data, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except NotInCare as error:
        return closed(request, client, row, error)
    messages.success(request, _("Saved."))
    return back_to(client, row, request, "home")
