"""What came from elsewhere about a client: a referral, a report, a picture. The team alone reads it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, User
from routines.models.base import filled

MOST_DOCUMENTS = 100  # of one client, withdrawn ones among them: their files stay


class DocumentQuerySet(ScopedQuerySet):
    def standing(self) -> DocumentQuerySet:
        return self.filter(withdrawn_at__isnull=True)


class Document(models.Model):
    """One file about a client, under a random name that only the server knows.

    `number` counts the client's documents, so that two who upload at once do not pass the most. `key` is made with the
    form: sending it twice keeps one. A document is never deleted or changed; it is withdrawn, with a reason.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", _("PDF")
        PICTURE = "picture", _("Picture")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="documents", verbose_name=_("client")
    )
    number = models.PositiveSmallIntegerField(_("number"), editable=False)
    title = models.CharField(_("title"), max_length=120)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    name = models.CharField(max_length=60, unique=True, editable=False)
    size = models.PositiveIntegerField(_("size"), editable=False)
    key = models.UUIDField(unique=True, editable=False)
    at = models.DateTimeField(_("when"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
    )
    withdrawal_reason = models.CharField(_("reason"), max_length=300, blank=True)

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=filled("title", "name"), name="document_filled"),
            models.CheckConstraint(condition=Q(kind__in=["pdf", "picture"]), name="document_kind"),
            models.CheckConstraint(condition=Q(size__gte=1), name="document_not_empty"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_DOCUMENTS), name="document_number"
            ),
            models.UniqueConstraint(fields=["client", "number"], name="document_numbered_once"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawal_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawn_at__gte=F("at"))
                & filled("withdrawal_reason"),
                name="document_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.title
