"""The client's page, and the small acts that start on it."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from clients.access import get_client_for_staff
from clients.admin.caring import answers_for
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.assigning import agree_with_care
from clients.care import NotInCare
from clients.casefile import account_state, invited_at, newest_letters, open_file
from clients.enrolling import ConditionKnown, add_condition, end_condition
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
from clients.progression.apply import SENT_TWICE
from clients.safety import open_blocks
from clients.screening import record_contact
from routines.models import ConditionTag


@require_http_methods(["GET", "HEAD"])
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
        desk={
            "account": account_state(client, invited_at(client), timezone.now()),
            "letters": newest_letters(client, for_office=True),
        },
    )


def draw_file(request: HttpRequest, client: Client, status: int = 200, **forms: Any) -> HttpResponse:
    """The whole page; a form that was refused stands where it was typed."""
    care_only(request)
    now = timezone.now()
    file = open_file(client, now)
    context = {
        "measures": measures_of(client, client.local_date(now)),
        "own_measures": own_lines(client),
        "file": file,
        "client": client,
        "contact_form": ContactForm(prefix="contact"),
        "care_form": CareForm(choices=waiting_choices(file.waiting), prefix="care"),
        "notes_form": NotesForm(instance=client, prefix="notes"),
        "answers": answers_for(request.user, file.carers),
        "visit_key": uuid.uuid4().hex,
        **forms,
    }
    return draw(request, "client", title=client.name, status=status, **context)


@require_POST
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Records that they spoke, and lifts what was open when the page was drawn."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    form = ContactForm(request.POST, prefix="contact")
    if not form.is_valid():
        return draw_file(request, client, status=refused(form), contact_form=form)
    now = timezone.now()
    seen = set(request.POST.getlist("block"))
    lift = [block for block in open_blocks(client) if str(block.pk) in seen]
    said = {"channel": form.cleaned_data["channel"], "note": form.cleaned_data["note"]}
    lately = client.contacts.filter(by=request.user, at__gt=now - SENT_TWICE, **said)  # type: ignore[misc]
    if lift or not lately.exists():
        record_contact(client, by=request.user, now=now, lift=lift, **said)  # type: ignore[arg-type]
    messages.success(
        request,
        _("Contact recorded. %(client)s can train again.") % {"client": client.name}
        if lift and not open_blocks(client)
        else _("Contact recorded."),
    )
    return redirect("admin:client", client.pk)


@require_POST
def care(request: HttpRequest, pk: int) -> HttpResponse:
    """The therapist's yes to steps that wait for it; anything that does not wait is refused."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    now = timezone.now()
    waiting = {each.key: each for each in open_file(client, now).waiting}
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
    if request.POST.get("from") == "queue":
        return redirect("admin:index")
    return redirect("admin:client", client.pk)


@require_POST
def notes(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
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
