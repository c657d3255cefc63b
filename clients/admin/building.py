"""The builder for one client: what is known of them beside the design, and the reasons for which a warning was overridden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.access import get_client_for_staff
from clients.admin.pages import draw
from clients.admin.scoping import care_only
from clients.examining import VisitSheet, newest_visits
from clients.fitting import Fit, fit_of, remarks_for, unfit
from clients.models import Client, HomeSetup
from clients.models.practice import zone_of
from clients.overriding import Given, keep, standing
from clients.practice import this_practice
from clients.previewing import Wanted, preview, with_whys
from clients.safety import Condition
from routines.admin.asking import Said
from routines.admin.builder import Bench
from routines.drafting.facts import IN_EVERY_HOME
from routines.models import Equipment, Exercise, Program
from routines.review import Remark


@dataclass(frozen=True)
class ForClient:
    """The client for whom a program is made, as the builder asks about them (`routines.admin.builder.Person`)."""

    client: Client
    fit: Fit
    setup: HomeSetup | None
    visit: VisitSheet | None
    template: str = field(default="clients/workplace/_builder_client.html", init=False)

    @property
    def query(self) -> str:
        return f"client={self.client.pk}"

    @property
    def name(self) -> str:
        return self.client.name

    @property
    def minutes(self) -> int | None:
        return self.setup.minutes if self.setup else None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return self.fit.conditions.conditions

    @cached_property
    def tools(self) -> list[Equipment] | None:
        """What of the tools is worth naming; None where nobody was asked."""
        if self.setup is None or self.fit.cupboard.have is None:
            return None
        return [tool for tool in self.setup.tools.all() if tool.slug not in IN_EVERY_HOME]

    def remarks(self, asked: Sequence[tuple[Exercise, str]]) -> list[tuple[Remark, ...]]:
        return remarks_for(self.fit, asked)

    def unfit(self, exercises: QuerySet[Exercise]) -> set[int]:
        return unfit(self.fit, exercises.prefetch_related("equipment"))


def client_of_builder(request: HttpRequest, now: datetime) -> ForClient | None:
    """The client whom the address names, where it names one: 404 for somebody else's."""
    if "client" not in request.GET:
        return None
    care_only(request)
    client = get_client_for_staff(request, request.GET["client"])
    setup = HomeSetup.objects.filter(client=client).prefetch_related("tools").first()
    visits = newest_visits(client, 1)
    return ForClient(
        client, fit_of(client, setup, client.local_date(now)), setup, visits[0] if visits else None
    )


def builder_for(client: Client, program: Program) -> str:
    """The address of the builder of this program, for this client."""
    return f"{reverse('admin:routines_program_builder', args=[program.pk])}?client={client.pk}"


def reasons_before(request: HttpRequest, program: Program, person: ForClient | None) -> dict[str, Said]:
    rows = standing(program, person.client if person else None, request.user)
    return {row.about: Said(row.reason, row.by.name, row.at) for row in rows}


def keep_reasons(request: HttpRequest, program: Program, bench: Bench) -> None:
    """Of a saved program: what was given on its page."""
    person = bench.person
    asked = {each.token for each in bench.asked}
    keep(
        program,
        person.client if isinstance(person, ForClient) else None,
        [
            Given(
                each.warning.slug,
                each.token,
                each.warning.sentence,
                each.said.reason,
                each.warning.personal,
            )
            for each in bench.asked
            if each.said is not None and each.is_new
        ],
        holding=asked,
        taken_back=asked & bench.answers.reopened,
        by=request.user,  # type: ignore[arg-type]
        now=timezone.now(),
    )


def draw_preview(request: HttpRequest, bench: Bench, back: str, now: datetime) -> HttpResponse:
    """The program as it stands in the builder, saved or not, as a client sees it. What was typed goes along and comes back."""
    person = bench.person if isinstance(bench.person, ForClient) else None
    practice = this_practice()
    design = with_whys(bench.design, bench.before)
    name = str(bench.form["name"].value() or _("New program"))
    wanted = Wanted(
        name=name,
        warm_up=str(bench.form["warm_up"].value() or ""),
        imbalance=bench.imbalance,
        design=design,
        exercises=[step.exercise for phase in design for step in phase.steps],
    )
    day = person.client.local_date(now) if person else now.astimezone(zone_of("", practice)).date()
    return draw(
        request,
        "preview",
        title=name,
        person=person,
        phases=preview(wanted, practice, day, person.fit if person else None),
        whole=bench.sheet.is_valid(),
        back=back,
        sent=[
            (field, value)
            for field, values in request.POST.lists()
            if field not in ("act", "csrfmiddlewaretoken")
            for value in values
        ],
    )
