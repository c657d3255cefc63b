"""Programs that clients follow, their versions and decisions: the record behind the client's page, to be read."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clients.admin.scoping import HistoryAdmin, ScopedFilter
from clients.models import AssignedStep, Assignment, PhaseTransition
from clients.templatetags.dose import step_dose
from routines.wording import often


@admin.register(Assignment)
class AssignmentAdmin(HistoryAdmin):
    list_display = ["client", "name", "side", "start_date", "ended_on", "assigned_by"]
    list_filter = [("client", ScopedFilter), ("program", ScopedFilter)]
    list_select_related = ["client", "assigned_by"]
    search_fields = ["client__name"]
    fields = ["client", "name", "side", "start_date", "ended_on", "assigned_by", "note"]


@admin.register(AssignedStep)
class AssignedStepAdmin(HistoryAdmin):
    """Every version of every step: what was asked, from when until when, and why it was changed."""

    client_field = "phase__assignment__client"
    list_display = [
        "of_client",
        "name",
        "dose_in_words",
        "valid_from",
        "valid_until",
        "changed_by",
        "change_reason",
    ]
    list_filter = [("phase__assignment__client", ScopedFilter)]
    list_select_related = ["phase__assignment__client", "changed_by"]
    search_fields = ["phase__assignment__client__name"]
    ordering = ["-pk"]
    fields = [
        "of_client", "name", "phase_name", "dose_in_words", "weekdays", "note",
        "valid_from", "valid_until", "changed_by", "change_reason", "removed_by", "removal_reason",
    ]  # fmt: skip

    @admin.display(description=_("client"), ordering="phase__assignment__client__name")
    def of_client(self, step: AssignedStep) -> str:
        return step.phase.assignment.client.name

    @admin.display(description=_("phase"))
    def phase_name(self, step: AssignedStep) -> str:
        return step.phase.name

    @admin.display(description=_("dose"))
    def dose_in_words(self, step: AssignedStep) -> str:
        return f"{step_dose(step)}, {often(step.dose)}"


@admin.register(PhaseTransition)
class PhaseTransitionAdmin(HistoryAdmin):
    client_field = "assignment__client"
    list_display = ["local_date", "of_client", "kind", "from_phase", "to_phase", "by", "reason"]
    list_filter = ["kind", ("assignment__client", ScopedFilter)]
    list_select_related = ["assignment__client", "from_phase", "to_phase", "by"]
    search_fields = ["assignment__client__name", "reason"]
    ordering = ["-at", "-pk"]
    fields = ["of_client", "program", "kind", "from_phase", "to_phase", "at", "local_date", "by", "reason"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("assignment__client")

    @admin.display(description=_("client"), ordering="assignment__client__name")
    def of_client(self, transition: PhaseTransition) -> str:
        return transition.assignment.client.name

    @admin.display(description=_("program"))
    def program(self, transition: PhaseTransition) -> str:
        return transition.assignment.name
