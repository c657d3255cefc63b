"""What clients recorded and answered: the record, to be read. Nobody changes it here."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clients.admin.scoping import HistoryAdmin, ScopedFilter
from clients.casefile import SessionLine
from clients.explaining import in_sentence
from clients.models import CareTick, ContactRecord, SafetyBlock, Screening, StopEvent, TrainingSession
from clients.recording import states_of
from clients.telling import Told, told_about


@admin.register(TrainingSession)
class TrainingSessionAdmin(HistoryAdmin):
    list_display = [
        "local_date",
        "client",
        "done_of_asked",
        "skipped",
        "pain",
        "source",
        "keyed_in",
        "is_finished",
    ]
    list_filter = [("client", ScopedFilter), "source", "local_date"]
    list_select_related = ["client", "sheet__by"]
    search_fields = ["client__name"]
    date_hierarchy = None
    fields = [
        "client",
        "local_date",
        "number",
        "source",
        "keyed_in",
        "started_at",
        "finished_at",
        "exercises",
        "pain",
        "told",
    ]

    def complete(self, request: HttpRequest, rows: Any) -> None:
        """What was done in every session of the page, in a fixed number of queries."""
        for row, state in zip(rows, states_of(rows), strict=True):
            row.line = SessionLine(state)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            found.line = SessionLine(states_of([found])[0], told_about([found])[found.pk])
        return found

    @admin.display(description=_("sets"))
    def done_of_asked(self, session: Any) -> str:
        return gettext("%(done)d of %(asked)d") % {"done": session.line.done, "asked": session.line.asked}

    @admin.display(description=_("keyed in"))
    def keyed_in(self, session: TrainingSession) -> str:
        """By whom and when, of a session from a paper sheet."""
        if session.sheet is None:
            return "–"
        return f"{session.sheet.by}, {date_format(session.sheet.at, 'j M Y, H:i')}"

    @admin.display(description=_("skipped"))
    def skipped(self, session: Any) -> str:
        return "; ".join(session.line.skipped) or "–"

    @admin.display(description=_("pain before, after"))
    def pain(self, session: Any) -> str:
        line: SessionLine = session.line
        return ", ".join("–" if value is None else str(value) for value in (line.before, line.after))

    @admin.display(description=_("told"))
    def told(self, session: Any) -> str:
        """The next morning, the direction in a limb and the note, where they were told."""
        said: Told = session.line.told
        words = [f"{gettext('Next morning')}: {said.morning}" if said.morning else ""]
        words += [f"{gettext('Leg or arm')}: {said.limb}" if said.limb else "", said.note]
        return "; ".join(filter(None, words)) or "–"

    @admin.display(description=_("finished"), boolean=True, ordering="finished_at")
    def is_finished(self, session: TrainingSession) -> bool:
        return session.finished_at is not None

    @admin.display(description=_("exercises"))
    def exercises(self, session: Any) -> SafeString:
        return format_html_join(
            "",
            "<p>{}: {}</p>",
            (
                (
                    state.item.name,
                    gettext("left out, %(reason)s") % {"reason": in_sentence(state.skip.get_reason_display())}
                    if state.skipped and state.skip
                    else gettext("%(done)d of %(asked)d") % {"done": state.done, "asked": state.item.sets},
                )
                for state in session.line.state.items
            ),
        )


@admin.register(Screening)
class ScreeningAdmin(HistoryAdmin):
    list_display = ["local_date", "client", "checklist", "answered_yes"]
    list_filter = [("client", ScopedFilter), ("checklist", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["client", "checklist"]
    search_fields = ["client__name"]
    fields = ["client", "checklist", "answered_at", "answers_in_words"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("answers")

    @admin.display(description=_("yes"))
    def answered_yes(self, screening: Screening) -> str:
        return "; ".join(answer.text for answer in screening.answers.all() if answer.yes) or "–"

    @admin.display(description=_("answers"))
    def answers_in_words(self, screening: Screening) -> SafeString:
        words = {True: gettext("Yes"), False: gettext("No")}
        return format_html_join(
            "",
            "<p><b>{}</b> {}</p>",
            ((words[answer.yes], answer.text) for answer in screening.answers.all()),
        )


@admin.register(SafetyBlock)
class SafetyBlockAdmin(HistoryAdmin):
    list_display = ["created_at", "client", "effect", "cause", "lifted_at"]
    list_filter = ["effect", ("client", ScopedFilter)]
    list_select_related = ["client"]
    search_fields = ["client__name"]
    fields = ["client", "effect", "cause", "created_at", "lifted_at", "contact"]


@admin.register(ContactRecord)
class ContactRecordAdmin(HistoryAdmin):
    list_display = ["at", "client", "channel", "by", "note"]
    list_filter = ["channel", ("client", ScopedFilter)]
    list_select_related = ["client", "by"]
    search_fields = ["client__name", "note"]
    fields = ["client", "at", "channel", "by", "note"]


@admin.register(StopEvent)
class StopEventAdmin(HistoryAdmin):
    list_display = ["at", "client", "choice", "item"]
    list_filter = ["choice", ("client", ScopedFilter)]
    list_select_related = ["client", "item"]
    search_fields = ["client__name"]
    fields = ["client", "at", "choice", "item"]


@admin.register(CareTick)
class CareTickAdmin(HistoryAdmin):
    list_display = ["at", "client", "exercise", "tag", "by"]
    list_filter = [("client", ScopedFilter), ("tag", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["client", "exercise", "tag", "by"]
    search_fields = ["client__name"]
    fields = ["client", "exercise", "tag", "by", "at", "note"]
