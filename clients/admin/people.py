"""Clients: the list, a new one, what is known about them, who cares for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.access import get_client_for_staff
from clients.admin import (
    adjusting,
    assigning,
    athome,
    caring,
    covering,
    drafting,
    examining,
    file,
    measuring,
    messaging,
    numbers,
    papers,
    queue,
    quickedits,
    reporting,
    sheets,
    spotting,
    templates,
    updating,
    visiting,
)
from clients.admin.pages import draw, refused
from clients.admin.scoping import HistoryAdmin, ScopedAdmin, ScopedFilter, care_only
from clients.enrolling import ConditionKnown, enrol, set_clock
from clients.forms.workplace import ClientForm, ConditionFormSet, Places
from clients.listing import Person, clients_in_lists, person_of
from clients.models import (
    AssignedPhase,
    CareTeam,
    Client,
    ClientTag,
    ReminderSchedule,
    Role,
    SafetyBlock,
)
from clients.reminders.schedules import reschedule
from routines.models import PhaseKind

STATE_WORDS = {
    "paper": (gettext_lazy("on paper"), ""),
    "not_invited": (gettext_lazy("not invited"), ""),
    "invited": (gettext_lazy("invited"), "warn"),
    "expired": (gettext_lazy("invitation ran out"), "warn"),
    "inside": (gettext_lazy("inside"), "ok"),
}


class PhaseFilter(admin.SimpleListFilter):
    title = gettext_lazy("phase")
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        if request.user.role == Role.OFFICE:  # type: ignore[union-attr]
            return []
        return [*PhaseKind.choices, ("none", _("No program"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        active = AssignedPhase.objects.filter(
            assignment__client=OuterRef("pk"),
            assignment__ended_on__isnull=True,
            state=AssignedPhase.State.ACTIVE,
        )
        if self.value() == "none":
            return queryset.filter(~Exists(active))
        if self.value() in PhaseKind.values:
            return queryset.filter(Exists(active.filter(kind=self.value())))
        return queryset


class StatusFilter(admin.SimpleListFilter):
    title = gettext_lazy("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        found = [
            ("inside", _("Inside")),
            ("waiting", _("Invited, not inside")),
            ("not_invited", _("Not invited")),
            ("paper", _("On paper")),
            ("ended", _("Care ended")),
        ]
        if request.user.role != Role.OFFICE:  # type: ignore[union-attr]
            found.insert(0, ("blocked", _("Blocked")))
        return found

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "ended":
            return queryset.filter(ended_at__isnull=False)
        queryset = queryset.filter(ended_at__isnull=True)
        outside = Q(user__isnull=True)
        match self.value():
            case "inside":
                return queryset.filter(~outside)
            case "paper":
                return queryset.filter(outside, email="")
            case "waiting":
                return queryset.filter(outside & ~Q(email=""), invited_at__isnull=False)
            case "not_invited":
                return queryset.filter(outside & ~Q(email=""), invited_at__isnull=True)
            case "blocked" if request.user.role != Role.OFFICE:  # type: ignore[union-attr]
                return queryset.filter(Exists(SafetyBlock.objects.filter(client=OuterRef("pk")).open()))
        return queryset


class PeopleList(ChangeList):
    """A row leads to the client's page, not to the form behind it."""

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:client", args=[result.pk])

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        now = timezone.now()
        for client in self.result_list:
            client.row = person_of(client, now)


@admin.register(Client)
class ClientAdmin(ScopedAdmin):
    client_field = ""
    list_filter = [PhaseFilter, StatusFilter]
    search_help_text = gettext_lazy("Name, e-mail or complaint")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        return clients_in_lists(request.user, super().get_queryset(request))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return PeopleList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        if request.user.role == Role.OFFICE:  # type: ignore[union-attr]
            return ["person", "account"]
        return ["person", "complaint_and_side", "where", "last_seen", "account"]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        fields = ["name", "email"]
        return fields if request.user.role == Role.OFFICE else [*fields, "complaint"]  # type: ignore[union-attr]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        found = super().get_changelist_instance(request)
        if request.user.role == Role.OFFICE:  # type: ignore[union-attr]
            found.search_help_text = _("Name or e-mail")
        return found

    # ---- Columns ------------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("Name"), ordering="name")
    def person(self, client: Client) -> str:
        return client.name

    @admin.display(description=gettext_lazy("Complaint"), ordering="complaint")
    def complaint_and_side(self, client: Client) -> SafeString | str:
        side = "" if client.side == client._meta.get_field("side").default else client.get_side_display()
        return format_html('{}<span class="under quiet">{}</span>', client.complaint or "–", side)

    @admin.display(description=gettext_lazy("Phase"))
    def where(self, client: Client) -> SafeString | str:
        row: Person = client.row  # type: ignore[attr-defined]
        if row.blocked:
            return format_html('<span class="state stop">{}</span>', _("blocked"))
        if not row.places:
            return format_html('<span class="quiet">{}</span>', _("no program"))
        return format_html_join(
            " ",
            '<span class="tag phase-{}">{}</span>',
            ((place.kind, place.words) for place in row.places),
        )

    @admin.display(description=gettext_lazy("Last session"), ordering="last_session")
    def last_seen(self, client: Client) -> str:
        row: Person = client.row  # type: ignore[attr-defined]
        return date_format(row.last_session, "j M Y") if row.last_session else "–"

    @admin.display(description=gettext_lazy("Account"))
    def account(self, client: Client) -> SafeString:
        words, tone = STATE_WORDS[client.row.account.state]  # type: ignore[attr-defined]
        return format_html('<span class="state {}">{}</span>', tone, words)

    # ---- Pages --------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            page("report/", reporting.show, "report"),
            page("report/csv/", reporting.as_csv, "report_csv"),
            page("queue/csv/", queue.as_csv, "queue_csv"),
            page("<int:pk>/", file.show, "client"),
            page("<int:pk>/plan/", file.plan, "client_plan"),
            page("<int:pk>/timeline/", file.show_timeline, "client_timeline"),
            page("<int:pk>/progress/", file.show_progress, "client_progress"),
            page("<int:pk>/records/", file.show_records, "client_records"),
            page("<int:pk>/letters/", file.show_letters, "client_letters"),
            page("<int:pk>/since/", file.show_since, "client_since"),
            page("<int:pk>/handout/", sheets.handout, "client_handout"),
            page("<int:pk>/ask/", sheets.ask, "client_ask"),
            page("<int:pk>/ask/<slug:slug>/", sheets.ask_list, "client_ask_list"),
            page("<int:pk>/sheet/", sheets.key_in, "client_sheet"),
            page("<int:pk>/documents/new/", papers.keep, "client_document_new"),
            page("<int:pk>/documents/<int:document>/", papers.show, "client_document"),
            page("<int:pk>/documents/<int:document>/withdraw/", papers.withdraw, "client_document_withdraw"),
            page("<int:pk>/contact/", file.contact, "client_contact"),
            page("<int:pk>/care/", file.care, "client_care"),
            page("<int:pk>/care/end/", caring.end, "client_care_end"),
            page("<int:pk>/care/again/", caring.again, "client_care_again"),
            page("<int:pk>/care/over/", caring.over, "client_care_over"),
            page("<int:pk>/invite/", file.send_invitation, "client_invite"),
            page("<int:pk>/messages/", messaging.show, "client_messages"),
            page("<int:pk>/notes/", file.notes, "client_notes"),
            page("<int:pk>/queue/thresholds/", queue.of_client, "client_thresholds"),
            page("<int:pk>/queue/<slug:act>/", queue.act, "client_queue"),
            page("<int:pk>/home/", athome.change, "client_home"),
            page("<int:pk>/conditions/", file.conditions, "client_conditions"),
            page("<int:pk>/conditions/<int:tag>/end/", file.condition_ends, "client_condition_end"),
            page("<int:pk>/measures/", measuring.show, "client_measures"),
            page("<int:pk>/measures/activities/choose/", measuring.activities, "client_measure_activities"),
            page("<int:pk>/measures/question/", measuring.question, "client_measure_question"),
            page("<int:pk>/measures/own/new/", measuring.define, "client_measure_define"),
            page("<int:pk>/measures/own/<int:measure>/", measuring.own, "client_own_measure"),
            page("<int:pk>/measures/<slug:slug>/", measuring.enter, "client_measure"),
            page("<int:pk>/visits/", visiting.show_all, "client_visits"),
            page("<int:pk>/visits/new/", visiting.begin, "client_visit_new"),
            page("<int:pk>/visits/compare/", visiting.side_by_side, "client_visits_compare"),
            page("<int:pk>/visits/<int:visit>/", examining.show, "client_visit"),
            page("<int:pk>/visits/<int:visit>/finding/", examining.add_finding, "client_visit_finding"),
            page("<int:pk>/visits/<int:visit>/joint/", examining.add_joint, "client_visit_joint"),
            page("<int:pk>/visits/<int:visit>/pain/", examining.add_pain, "client_visit_pain"),
            page("<int:pk>/visits/<int:visit>/remove/", examining.take_out, "client_visit_remove"),
            page("<int:pk>/visits/<int:visit>/note/", examining.note, "client_visit_note"),
            page("<int:pk>/visits/<int:visit>/home/", examining.home, "client_visit_home"),
            page("<int:pk>/visits/<int:visit>/finish/", examining.finish, "client_visit_finish"),
            page("<int:pk>/visits/<int:visit>/discard/", examining.discard, "client_visit_discard"),
            page("<int:pk>/assign/", assigning.assign, "client_assign"),
            page("<int:pk>/assign/copy/", templates.copy, "client_copy_program"),
            page("<int:pk>/assignments/<int:assignment>/update/", updating.answer, "client_update"),
            page("<int:pk>/assignments/<int:assignment>/template/", templates.save, "client_save_template"),
            page("<int:pk>/assignments/<int:assignment>/numbers/", numbers.of_client, "client_numbers"),
            page(
                "<int:pk>/assignments/<int:assignment>/numbers/<slug:rule>/",
                numbers.rule_of_client,
                "client_rule_numbers",
            ),
            page("<int:pk>/draft/", drafting.draft, "client_draft"),
            page("<int:pk>/assignments/<int:assignment>/<str:act>/", adjusting.decide, "client_assignment"),
            page("<int:pk>/phases/<int:phase>/add/", adjusting.add, "client_step_add"),
            page("<int:pk>/steps/<int:step>/", adjusting.change, "client_step"),
            page("<int:pk>/steps/<int:step>/dose/", quickedits.dose, "client_step_dose"),
            page("<int:pk>/steps/<int:step>/swap/", quickedits.swap, "client_step_swap"),
            page("<int:pk>/steps/<int:step>/remove/", adjusting.remove, "client_step_remove"),
            page("<int:pk>/steps/<int:step>/spot/", spotting.spot, "client_spot"),
            page("<int:pk>/steps/<int:step>/spot/<int:spot>/", spotting.change, "client_spot_change"),
            *super().get_urls(),
        ]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A new client, with what is known about them, in the care of whoever takes them in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        practice = request.practice  # type: ignore[attr-defined]
        first = {"zone": practice.zone, "language": practice.language} if practice else {}
        form: Any = ClientForm(request.POST or None, initial=first)
        conditions: Any = ConditionFormSet(
            request.POST or None, prefix="condition", form_kwargs={"places": Places.read()}
        )
        if request.POST.get("act") == "more":
            return draw(
                request,
                "client_form",
                title=_("New client"),
                form=ClientForm(initial=typed(form)),
                conditions=one_more(conditions),
            )
        if form.is_valid() and conditions.is_valid():
            key = form.cleaned_data["key"]
            if known := Client.objects.visible_to(request.user).filter(uuid=key).first():
                return redirect("admin:client", known.pk)
            client = form.save(commit=False)
            if key and not Client.objects.filter(uuid=key).exists():
                client.uuid = key
            try:
                enrol(client, conditions.conditions, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            except IntegrityError:  # the same form, sent twice at the same moment
                return redirect("admin:clients_client_changelist")
            except ConditionKnown as error:
                form.add_error(None, str(error))
            else:
                self.log_addition(request, client, self.construct_change_message(request, form, [], add=True))
                messages.success(request, _("%(client)s is in your care.") % {"client": client.name})
                return redirect("admin:client", client.pk)
        return draw(
            request,
            "client_form",
            title=_("New client"),
            status=refused(form),
            form=form,
            conditions=conditions,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        care_only(request)
        client = get_client_for_staff(request, object_id)
        name = client.name
        form: Any = ClientForm(request.POST or None, instance=client)
        if form.is_valid():
            with transaction.atomic():
                client.save(update_fields=set(form.changed_data) - {"zone"})
                if "zone" in form.changed_data:
                    zone, client.zone = client.zone, form.initial["zone"]
                    set_clock(client, zone, now=timezone.now())
                    remind_by_clock_of(client, timezone.now())
            self.log_change(request, client, self.construct_change_message(request, form, []))
            messages.success(request, _("Saved."))
            return redirect("admin:client", client.pk)
        return draw(request, "client_form", title=name, status=refused(form), form=form, client=client)


def remind_by_clock_of(client: Client, now: datetime) -> None:
    """The reminder comes at its time by the client's new clock."""
    ReminderSchedule.objects.filter(client=client).update(zone=client.zone)
    for schedule in ReminderSchedule.objects.filter(client=client):
        reschedule(schedule, now)


def typed(form: Any) -> dict[str, Any]:
    """What was sent for each field, to be shown again without a judgement."""
    return {name: form[name].data for name in form.fields if form[name].data is not None}


def one_more(conditions: Any) -> Any:
    """The rows as they were typed, and an empty one. Nothing is judged yet."""
    rows = [typed(row) for row in conditions.forms]
    longer: Any = ConditionFormSet(prefix=conditions.prefix, form_kwargs=conditions.form_kwargs)
    longer.extra = min(len(rows) + 1, longer.max_num)
    for row, known in zip(longer.forms, rows, strict=False):
        row.initial = known
    return longer


@admin.register(CareTeam)
class CareTeamAdmin(HistoryAdmin):
    """Who sees a client, and who did. Covers are given and ended on pages of their own."""

    list_display = ["client", "therapist", "capacity", "since", "until"]
    list_filter = ["capacity", ("client", ScopedFilter), ("therapist", ScopedFilter)]
    list_select_related = ["client", "therapist"]
    search_fields = ["client__name"]

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"clients_careteam_{name}")

        return [
            page("covers/", covering.covers, "covers"),
            page("covers/csv/", covering.as_csv, "covers_csv"),
            page("covers/new/", covering.cover, "cover"),
            page("covers/<int:pk>/end/", covering.end, "end"),
            *super().get_urls(),
        ]


@admin.register(ClientTag)
class ClientTagAdmin(HistoryAdmin):
    list_display = ["tag", "client", "area", "side", "valid_from", "valid_to", "source"]
    list_filter = ["source", ("tag", admin.RelatedOnlyFieldListFilter), ("client", ScopedFilter)]
    list_select_related = ["client", "tag", "area"]
    search_fields = ["client__name", "tag__label"]
