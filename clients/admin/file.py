"""The pages of one client, and the small acts that start on them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.access import get_client_for_staff
from clients.admin.caring import answers_for
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.assigning import agree_with_care
from clients.care import NotInCare
from clients.casefile import account_state, invited_at, newest_letters
from clients.casefile.letters import mail_on_file
from clients.casefile.pages import overview, records
from clients.casefile.person import Head, head_of
from clients.casefile.plan import AssignmentSheet, ended_programs, plan_on_file
from clients.casefile.progress import progress_of
from clients.casefile.since import since_visit
from clients.casefile.timeline import Cursor, Group, timeline
from clients.casefile.weeks import days_on_file
from clients.documents import standing_documents
from clients.enrolling import ConditionKnown, add_condition, end_condition
from clients.forms.casefile import USUAL_REASONS, DocumentForm, QuickDoseForm
from clients.forms.workplace import (
    CareForm,
    ConditionForm,
    ContactForm,
    NotesForm,
    Places,
    waiting_choices,
)
from clients.inviting import AddressTaken, AlreadyInside, NoAddress, invite
from clients.measures import measures_of
from clients.measuring import own_lines
from clients.models import Client, ClientTag, Role
from clients.screening import note_contact
from clients.sketching import findings_sketch, glance, pain_places
from routines.models import ConditionTag, is_key

ENDED = 10


def tabs(client: Client, here: str) -> list[tuple[str, str, bool]]:
    """The pages of a client: one for each question."""
    pages = [
        ("client", _("Overview")),
        ("client_plan", _("Plan")),
        ("client_progress", _("Progress")),
        ("client_timeline", _("Timeline")),
        ("client_records", _("Findings and measures")),
        ("client_letters", _("Letters and documents")),
    ]
    return [(word, reverse(f"admin:{name}", args=[client.pk]), name == here) for name, word in pages]


def draw_tab(
    request: HttpRequest,
    client: Client,
    here: str,
    *,
    status: int = 200,
    head: Head | None = None,
    **context: Any,
) -> HttpResponse:
    """One of the pages of a client, under the head that they have in common."""
    care_only(request)
    head = head or head_of(client, timezone.now())
    pages = tabs(client, here)
    everything = {
        "client": client,
        "head": head,
        "tabs": pages,
        "subtitle": "" if here == "client" else next(word for word, _url, current in pages if current),
        "answers": answers_for(request.user, head.carers),
        "visit_key": uuid.uuid4().hex,
        "usual_reasons": USUAL_REASONS,
        **context,
    }
    return draw(request, here, title=client.name, status=status, **everything)


def give_dose_forms(sheets: list[AssignmentSheet], sent: QuickDoseForm | None = None) -> None:
    """Each step gets its form, the one that was refused as it was sent."""
    for sheet in sheets:
        for part in sheet.phases:
            for line in part.lines:
                mine = sent is not None and sent.step.pk == line.step.pk
                line.step.quick = sent if mine else QuickDoseForm(step=line.step)  # type: ignore[attr-defined]


# ---- The pages ------------------------------------------------------------------------------------------------------


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    client = get_client_for_staff(request, pk)
    if request.user.role == Role.OFFICE:  # type: ignore[union-attr]
        return front_desk(request, client)
    return draw_file(request, client)


def front_desk(request: HttpRequest, client: Client) -> HttpResponse:
    """What office staff see of a client: how to reach them and the fate of their letters, no word about health."""
    return draw(
        request,
        "front_desk",
        title=client.name,
        client=client,
        head={"account": account_state(client, invited_at(client), timezone.now())},
        desk={"letters": newest_letters(client, for_office=True)},
    )


def draw_file(
    request: HttpRequest,
    client: Client,
    status: int = 200,
    dose_form: QuickDoseForm | None = None,
    **forms: Any,
) -> HttpResponse:
    """The overview; a form that was refused stands where it was typed."""
    care_only(request)
    file = overview(client, timezone.now())
    give_dose_forms(file.plan.sheets, dose_form)
    context = {
        "file": file,
        "glance": glance(client),
        "contact_form": ContactForm(prefix="contact"),
        "care_form": CareForm(choices=waiting_choices(file.plan.waiting), prefix="care"),
        "notes_form": NotesForm(instance=client, prefix="notes"),
        "on_page": "client",
        **forms,
    }
    return draw_tab(request, client, "client", status=status, **context)


@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    return draw_plan(request, get_client_for_staff(request, pk))


def draw_plan(
    request: HttpRequest, client: Client, status: int = 200, dose_form: QuickDoseForm | None = None
) -> HttpResponse:
    """Every phase of the running programs, and the programs that have ended."""
    file = plan_on_file(client, timezone.now())
    give_dose_forms(file.sheets, dose_form)
    ended = ended_programs(client, ENDED)
    return draw_tab(
        request,
        client,
        "client_plan",
        status=status,
        file={"plan": file},
        home=file.home,
        ended=ended,
        on_page="plan",
    )


@require_safe
def show_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How it goes: the client's own charts with more of everything."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    return draw_tab(
        request, client, "client_progress", progress=progress_of(client, timezone.now(), detail=True)
    )


@require_safe
def show_timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened, a page at a time. What the address says and nobody understands is left out."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    kind = request.GET.get("kind", "")
    groups = [kind] if kind in Group.values else []
    page = timeline(client, groups=groups, before=Cursor.read(request.GET.get("before", "")))
    here = reverse("admin:client_timeline", args=[client.pk])
    kinds = [(_("Everything"), here, not groups)]
    kinds += [(str(group.label), f"{here}?kind={group}", group in groups) for group in Group]
    return draw_tab(
        request,
        client,
        "client_timeline",
        page=page,
        kinds=kinds,
        kind=kind if groups else "",
        first="before" not in request.GET,
    )


@require_safe
def show_records(request: HttpRequest, pk: int) -> HttpResponse:
    """Findings side by side, outcome measures, what was told and done."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    file = records(client)
    return draw_tab(
        request,
        client,
        "client_records",
        file=file,
        findings_map=findings_sketch(file.visits.newest),
        pain_places=pain_places(client),
        measures=measures_of(client, client.local_date(timezone.now())),
        own_measures=own_lines(client),
    )


@require_safe
def show_letters(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    return draw_letters(request, get_client_for_staff(request, pk))


def draw_letters(
    request: HttpRequest, client: Client, status: int = 200, document_form: DocumentForm | None = None
) -> HttpResponse:
    """Why a mail came or did not, and the documents about the client."""
    return draw_tab(
        request,
        client,
        "client_letters",
        status=status,
        mail=mail_on_file(client, timezone.now()),
        documents=standing_documents(client),
        document_form=document_form or DocumentForm(),
    )


@require_safe
def show_since(request: HttpRequest, pk: int) -> HttpResponse:
    """Since the last visit on one sheet, for the wall of the treatment room."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    today = client.local_date(timezone.now())
    days = days_on_file(client, today)
    return draw(
        request,
        "client_since",
        title=_("Since the last visit"),
        client=client,
        today=today,
        head=head_of(client, timezone.now()),
        since=since_visit(client, days),
        sheet=True,
    )


# ---- The acts -------------------------------------------------------------------------------------------------------


@require_POST
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    form = ContactForm(request.POST, prefix="contact")
    if not form.is_valid():
        return draw_file(request, client, status=refused(form), contact_form=form)
    messages.success(request, spoken(request, client, form, timezone.now()))
    return redirect("admin:client", client.pk)


def spoken(request: HttpRequest, client: Client, form: ContactForm, now: datetime) -> str:
    """Records that they spoke, and lifts what was open when the page was drawn. What to say of it."""
    seen = {int(key) for key in request.POST.getlist("block") if is_key(key)}
    if note_contact(client, **form.cleaned_data, by=request.user, now=now, seen=seen):  # type: ignore[arg-type]
        return _("Contact recorded. %(client)s can train again.") % {"client": client.name}
    return _("Contact recorded.")


@require_POST
def care(request: HttpRequest, pk: int) -> HttpResponse:
    """The therapist's yes to steps that wait for it; anything that does not wait is refused."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    now = timezone.now()
    waiting = {each.key: each for each in plan_on_file(client, now).waiting}
    form = CareForm(request.POST, choices=waiting_choices(waiting.values()), prefix="care")
    if form.is_valid() and not form.cleaned_data["care"]:
        form.add_error("care", _("Tick the steps that you agree with."))
    if not form.is_valid():
        return draw_file(request, client, status=refused(form), care_form=form)
    chosen = [waiting[key] for key in form.cleaned_data["care"]]
    tags = dict(
        ConditionTag.objects.filter(slug__in=[each.condition.slug for each in chosen]).values_list(
            "slug", "pk"
        )
    )
    agree_with_care(
        client,
        [(each.step.exercise_id, tags[each.condition.slug]) for each in chosen],
        by=request.user,  # type: ignore[arg-type]
        now=now,
    )
    messages.success(
        request,
        ngettext("One step is open now.", "%(number)d steps are open now.", len(chosen))
        % {"number": len(chosen)},
    )
    return redirect("admin:client", client.pk)


@require_POST
def send_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    client = get_client_for_staff(request, pk)
    invite_by_mail(request, client)
    if request.POST.get("from") == "queue":
        return redirect("admin:index")
    return redirect("admin:client", client.pk)


def invite_by_mail(request: HttpRequest, client: Client) -> None:
    """Sends the invitation, or says why it cannot be sent."""
    try:
        invite(client, by=request.user, now=timezone.now())  # type: ignore[arg-type]
    except NoAddress:
        messages.error(request, _("There is no e-mail yet. Add one, then invite."))
    except NotInCare as error:
        messages.error(request, str(error))
    except AlreadyInside:
        messages.info(request, _("%(client)s is inside already.") % {"client": client.name})
    except AddressTaken:
        messages.error(request, _("Another account has this e-mail. Each person needs an own address."))
    else:
        messages.success(
            request, _("The invitation to %(address)s is on its way.") % {"address": client.email}
        )


@require_POST
@transaction.atomic
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    # Holds the client's row: of two colleagues the second finds what the first one wrote
    Client.objects.filter(pk=client.pk).update(name=F("name"))
    client.refresh_from_db(fields=["notes"])
    form = NotesForm(request.POST, instance=client, prefix="notes")
    if not form.is_valid():
        return draw_file(request, client, status=refused(form), notes_form=form)
    client.save(update_fields=["notes"])
    messages.success(request, _("Notes saved."))
    return redirect("admin:client", client.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def conditions(request: HttpRequest, pk: int) -> HttpResponse:
    """The conditions that hold, and a new one: from now on it protects the running programs."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    now = timezone.now()
    form = ConditionForm(request.POST or None, places=Places.read())
    if form.is_valid():
        condition = form.condition
        try:
            if condition is not None:
                add_condition(client, condition, by=request.user, now=now)  # type: ignore[arg-type]
        except ConditionKnown as error:
            form.add_error("tag", str(error))
        else:
            messages.success(request, _("Noted. The plan takes it into account from now on."))
            return redirect("admin:client", client.pk)
    today = client.local_date(now)
    return draw(
        request,
        "conditions",
        title=_("Conditions of %(client)s") % {"client": client.name},
        status=refused(form),
        client=client,
        form=form,
        conditions=ClientTag.objects.filter(client=client).on(today).select_related("tag", "area"),
    )


@require_POST
def condition_ends(request: HttpRequest, pk: int, tag: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    row = get_object_or_404(ClientTag.objects.select_related("client", "tag"), pk=tag, client=client)
    if row.valid_to is not None:
        raise Http404
    now = timezone.now()
    over = end_condition(row, now=now) < client.local_date(now)
    words = _("“%(condition)s” has ended.") if over else _("“%(condition)s” holds until tonight.")
    messages.success(request, words % {"condition": row.tag.text("label")})
    return redirect("admin:client_conditions", client.pk)
