"""What client and therapist write to each other: it stays, word for word."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, User
from routines.models.base import filled


class MessageQuerySet(ScopedQuerySet):
    def unread_by_team(self) -> MessageQuerySet:
        return self.filter(from_client=True, seen_at__isnull=True)

    def unread_by_client(self) -> MessageQuerySet:
        return self.filter(from_client=False, seen_at__isnull=True)


class Message(models.Model):
    """One message between a client and the therapists in their care team. `seen_at` is when the other side first read it.

    `key` is made with the form, so that sending it twice makes one message.
    """

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="messages", verbose_name=_("client")
    )
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("from"))
    from_client = models.BooleanField(_("from the client"))
    text = models.TextField(_("message"), max_length=4000)
    at = models.DateTimeField(_("when"))
    seen_at = models.DateTimeField(_("read"), null=True, blank=True, editable=False)
    key = models.UUIDField(unique=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=filled("text"), name="message_filled"),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True) | Q(seen_at__gte=F("at")), name="message_seen_after"
            ),
        ]
        indexes = [
            models.Index(fields=["client"], condition=Q(seen_at__isnull=True), name="message_unread"),
        ]

    def __str__(self) -> str:
        return str(self.at)
