"""Letters and what became of them. No word of what they are about: that stands behind their links."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clients.admin.scoping import HistoryAdmin, ScopedFilter
from clients.casefile import why_not_sent, without_health
from clients.models import Client, Delivery, Role, User
from routines.models import is_key

TONES = {
    Delivery.Status.SENT: "ok",
    Delivery.Status.FAILED: "stop",
    Delivery.Status.MISSED: "warn",
}


def moment(at: datetime) -> str:
    """By the clock of whoever reads it."""
    return date_format(timezone.localtime(at), "j M Y, H:i")


@admin.register(Delivery)
class DeliveryAdmin(HistoryAdmin):
    list_display = ["due", "to", "letter", "state", "why", "sent"]
    list_filter = ["status", "letter", ("client", ScopedFilter)]
    list_select_related = ["client", "user"]
    search_fields = ["client__name"]
    search_help_text = _("Name of the client")
    fields = ["to", "letter", "state", "why", "due_at", "sent_at", "not_after", "attempts"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        letters = super().get_queryset(request)
        return without_health(letters) if request.user.role == Role.OFFICE else letters  # type: ignore[union-attr]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        said = _("Not needed means that the letter was not sent on purpose; the reason stands beside it.")
        found: HttpResponse = super().changelist_view(request, {"subtitle": said, **(extra_context or {})})
        return found

    def client_of(self, row: Delivery) -> Client:  # type: ignore[override]
        found: Client = row.client  # type: ignore[assignment]
        return found

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Delivery | None:
        rows = self.get_queryset(request).filter(client__isnull=True)
        own = rows.filter(pk=object_id).first() if is_key(object_id) else None
        found: Delivery | None = own or super().get_object(request, object_id, from_field)
        return found  # a letter to the team alone has no client

    @admin.display(description=_("due"), ordering="due_at")
    def due(self, delivery: Delivery) -> str:
        return moment(delivery.due_at)

    @admin.display(description=_("sent"), ordering="sent_at")
    def sent(self, delivery: Delivery) -> str:
        return moment(delivery.sent_at) if delivery.sent_at else "–"

    @admin.display(description=_("why"), ordering="reason")
    def why(self, delivery: Delivery) -> str:
        return why_not_sent(delivery) or "–"

    @admin.display(description=pgettext_lazy("letter", "to"), ordering="client__name")
    def to(self, delivery: Delivery) -> str:
        reader: User | Client | None = delivery.user if delivery.user else delivery.client
        return str(reader)

    @admin.display(description=_("state"), ordering="status")
    def state(self, delivery: Delivery) -> SafeString:
        tone = TONES.get(Delivery.Status(delivery.status), "quiet")
        return format_html('<span class="state {}">{}</span>', tone, delivery.get_status_display())
