"""The numbers of the rules at the workplace: those of the practice, and those for one client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clients.access import get_client_for_staff
from clients.adjusting import AssignmentEnded, change_numbers
from clients.admin.adjusting import GET_AND_POST, assignment_of
from clients.admin.pages import draw, refused, settings_links
from clients.admin.scoping import care_only
from clients.attention.thresholds import RULE, thresholds
from clients.forms.numbers import FOR_ONE_CLIENT, RULES, ClientNumbersForm, NumbersForm, number_rows, title_of
from clients.models import AssignedPhase, Assignment, Practice, Role
from clients.numbers import Numbers, phase_numbers, rule_numbers
from clients.practice import rewrite, this_practice
from routines.models import Rule
from routines.seeding.rules import GATES


@dataclass(frozen=True)
class Sheet:
    """One rule with its numbers in rows."""

    rule: str
    title: str
    rows: list[Mapping[str, Any]]


def sheet(numbers: Numbers) -> Sheet:
    return Sheet(numbers.rule, title_of(numbers.rule), number_rows(numbers))


# ---- The practice -----------------------------------------------------------------------------------------------------


def numbers_of_practice(practice: Practice | None) -> dict[str, Numbers]:
    """The numbers of each rule that can be changed, as the practice and the rule have them."""
    own = practice.numbers if practice else {}
    rules = {rule.slug: rule for rule in Rule.objects.filter(slug__in=RULES)}
    return {
        slug: Numbers(slug, {"practice": own.get(slug, {}), "rule": rules[slug].numbers})
        for slug in RULES
        if slug in rules
    }


def owner_only(request: HttpRequest) -> Practice:
    practice = this_practice()
    if request.user.role != Role.OWNER or practice is None:  # type: ignore[union-attr]
        raise PermissionDenied
    return practice


@require_safe
def of_practice(request: HttpRequest) -> HttpResponse:
    practice = owner_only(request)
    sheets = [sheet(numbers) for numbers in numbers_of_practice(practice).values()]
    attention = Sheet(RULE, _("When somebody comes into the queue"), number_rows(thresholds(practice, {})))
    return draw(
        request,
        "numbers_practice",
        title=_("Numbers of rules"),
        sheets=sheets,
        attention=attention,
        links=settings_links("numbers"),
    )


@require_http_methods(GET_AND_POST)
def rule_of_practice(request: HttpRequest, rule: str) -> HttpResponse:
    """The practice's own values of one rule. Programs that run keep the numbers of the day they were assigned."""
    practice = owner_only(request)
    numbers = numbers_of_practice(practice).get(rule)
    if numbers is None:
        raise Http404
    form = NumbersForm(request.POST or None, numbers=numbers, level="practice")
    if form.is_valid():
        keep_numbers(practice, rule, form.own())
        messages.success(request, _("Saved. It counts for programs that are assigned from now on."))
        return redirect("admin:clients_practice_numbers")
    return draw(
        request, "numbers_practice_rule", title=title_of(rule), status=refused(form), rule=rule, form=form
    )


def keep_numbers(practice: Practice, rule: str, own: dict[str, Any]) -> None:
    """One rule's own values; without any, the house's count again."""

    def change(kept: dict[str, Any]) -> dict[str, Any]:
        others = {slug: values for slug, values in kept.items() if slug != rule}
        return {**others, rule: own} if own else others

    rewrite(practice, "numbers", change)


# ---- One client ---------------------------------------------------------------------------------------------------------


def numbers_for(assignment: Assignment) -> dict[str, tuple[Numbers, AssignedPhase | None]]:
    """The numbers of every rule that guards this program, the gates with their phase."""
    rows = list(assignment.transitions.all())
    found: dict[str, tuple[Numbers, AssignedPhase | None]] = {}
    for phase in assignment.phases.all():
        if phase.criteria in FOR_ONE_CLIENT and phase.criteria not in found:
            found[phase.criteria] = (phase_numbers(phase, rows), phase)
    for slug in FOR_ONE_CLIENT:
        frozen = slug in assignment.numbers.get("rule", {})
        if slug not in found and frozen and slug not in GATES:
            found[slug] = (rule_numbers(assignment, slug, rows), None)
    return {slug: found[slug] for slug in FOR_ONE_CLIENT if slug in found}


@require_safe
def of_client(request: HttpRequest, pk: int, assignment: int) -> HttpResponse:
    care_only(request)
    client = get_client_for_staff(request, pk)
    chosen = assignment_of(request, client, assignment)
    return draw(
        request,
        "numbers_client",
        title=_("Numbers for %(client)s") % {"client": client.name},
        client=client,
        assignment=chosen,
        sheets=[sheet(numbers) for numbers, _phase in numbers_for(chosen).values()],
    )


@require_http_methods(GET_AND_POST)
def rule_of_client(request: HttpRequest, pk: int, assignment: int, rule: str) -> HttpResponse:
    """This client's own values of one rule, with a reason. They count from now on; what was decided stays."""
    care_only(request)
    client = get_client_for_staff(request, pk)
    chosen = assignment_of(request, client, assignment)
    found = numbers_for(chosen).get(rule)
    if found is None:
        raise Http404
    if chosen.ended_on is not None:
        messages.info(request, _("This program has ended. Its plan stays as it was."))
        return redirect("admin:client", client.pk)
    numbers, phase = found
    form = ClientNumbersForm(request.POST or None, numbers=numbers)
    if form.is_valid():
        try:
            change_numbers(
                chosen,
                rule,
                form.own(),
                phase=phase,
                by=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except AssignmentEnded as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request, _("Saved. It counts for %(client)s from now on.") % {"client": client.name}
            )
            return redirect("admin:client_numbers", client.pk, chosen.pk)
    return draw(
        request,
        "numbers_client_rule",
        title=title_of(rule),
        status=refused(form),
        client=client,
        assignment=chosen,
        form=form,
    )
