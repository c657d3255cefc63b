"""What a client has at home and can do, as the therapist notes it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.examining import keep_home
from clients.forms.examining import HomeForm
from clients.models import Client, HomeSetup
from routines.models import Equipment

USUAL = {"level": 2, "minutes": 15}  # what stands in the fields until somebody says it


def home_form(client: Client, data: Any = None) -> HomeForm:
    tools = list(Equipment.objects.in_use())
    home = HomeSetup.objects.filter(client=client).prefetch_related(Prefetch("tools")).first()
    home = home or HomeSetup(client=client)
    first = {name: value for name, value in USUAL.items() if getattr(home, name) is None}
    return HomeForm(data, instance=home, tools=tools, initial=first)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """What is noted, whoever told it, to be changed outside of a visit."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    form = home_form(client, request.POST or None)
    if form.is_valid():
        try:
            keep_home(client, **form.cleaned_data, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        except NotInCare as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("admin:client", client.pk)
    return draw(
        request,
        "home",
        title=_("At home: %(client)s") % {"client": client.name},
        status=refused(form),
        client=client,
        form=form,
    )
