"""Letters and what became of them. No word of what they are about: that stands behind their links."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from clients.admin.scoping import HistoryAdmin, ScopedFilter
from clients.models import Client, Delivery, User

TONES = {
    Delivery.Status.SENT: "ok",
    Delivery.Status.FAILED: "stop",
    Delivery.Status.MISSED: "warn",
}


@admin.register(Delivery)
class DeliveryAdmin(HistoryAdmin):
    list_display = ["due_at", "to", "letter", "state", "reason", "sent_at"]
    list_filter = ["status", "letter", ("client", ScopedFilter)]
    list_select_related = ["client", "user"]
    search_fields = ["client__name"]
    search_help_text = _("Name of the client")
    fields = ["to", "letter", "state", "reason", "due_at", "sent_at", "not_after", "attempts"]

    def client_of(self, row: Delivery) -> Client:  # type: ignore[override]
        found: Client = row.client  # type: ignore[assignment]
        return found

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Delivery | None:
        found: Delivery | None
        if self.get_queryset(request).filter(pk=object_id, client__isnull=True).exists():
            found = self.get_queryset(request).get(pk=object_id)  # a letter to the team has no client
        else:
            found = super().get_object(request, object_id, from_field)
        return found

    @admin.display(description=_("to"), ordering="client__name")
    def to(self, delivery: Delivery) -> str:
        reader: User | Client | None = delivery.user if delivery.user else delivery.client
        return str(reader)

    @admin.display(description=_("state"), ordering="status")
    def state(self, delivery: Delivery) -> SafeString:
        tone = TONES.get(Delivery.Status(delivery.status), "quiet")
        return format_html('<span class="state {}">{}</span>', tone, delivery.get_status_display())
