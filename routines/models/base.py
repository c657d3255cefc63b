"""What every row of the catalogue has in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

slug_validator = RegexValidator(
    r"^[a-z][a-z0-9_]*$", _("Use small letters, figures and underscores, beginning with a letter.")
)


def validate_translations(value: object) -> None:
    """{"de": {"name": "…"}}: language, then field, then text (or a list of texts)."""
    if not isinstance(value, dict):
        raise ValidationError(_("Translations are grouped by language."))
    for language, texts in value.items():
        if not isinstance(texts, dict):
            raise ValidationError(
                _("The texts of “%(language)s” are not a list of fields."), params={"language": language}
            )
        for text in texts.values():
            parts = text if isinstance(text, list) else [text]
            if not all(isinstance(part, str) for part in parts):
                raise ValidationError(
                    _("A text of “%(language)s” is not text."), params={"language": language}
                )


class CatalogueQuerySet(models.QuerySet):
    def in_use(self) -> CatalogueQuerySet:
        """Rows that may still be chosen. Retired rows stay readable where they were used."""
        return self.filter(retired_at__isnull=True)

    def retire(self, now: datetime) -> int:
        """No longer offer these rows; the number of those that were offered until now."""
        return self.filter(retired_at__isnull=True).update(retired_at=now)

    def bring_back(self) -> int:
        """Offer these rows again; the number of those that were retired."""
        return self.filter(retired_at__isnull=False).update(retired_at=None)


class ReviewedQuerySet(CatalogueQuerySet):
    """Of entries that may come from elsewhere: unread ones are retired, and only reading brings them into use."""

    def awaiting_review(self) -> ReviewedQuerySet:
        return self.filter(awaits_review=True)

    def bring_back(self) -> int:
        return self.filter(retired_at__isnull=False, awaits_review=False).update(retired_at=None)


class CatalogueEntry(models.Model):
    """A row of the catalogue, known by its slug and shipped as data.

    `seed_hash` is the hash of what `seed_catalogue` last wrote; a row whose content has another hash was edited
    by the therapist and is never overwritten. It is empty for rows that the therapist made.
    """

    slug = models.CharField(_("short name"), max_length=80, unique=True, validators=[slug_validator])
    translations = models.JSONField(
        _("translations"), default=dict, blank=True, validators=[validate_translations]
    )
    seed_hash = models.CharField(max_length=64, blank=True, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    objects = CatalogueQuerySet.as_manager()

    class Meta:
        abstract = True

    def text(self, field: str, language: str | None = None) -> Any:
        """The field's text in the reader's language, else as it stands in the catalogue."""
        texts = self.translations.get(language or get_language() or "", {})
        return texts.get(field) or getattr(self, field)


def reviewed_before_offered(name: str) -> models.CheckConstraint:
    """What nobody has read yet is retired, so that no search, draft or replacement can offer it."""
    return models.CheckConstraint(
        condition=models.Q(awaits_review=False) | models.Q(retired_at__isnull=False), name=name
    )


def localized(texts: dict[str, Any], field: str) -> Any:
    """A text of a frozen copy in the reader's language, else as the catalogue had it.

    Frozen texts are {"": {field: text}, "de": {field: text}}; the empty language is the catalogue's own.
    """
    return texts.get(get_language() or "", {}).get(field) or texts.get("", {}).get(field, "")


def is_key(value: str) -> bool:
    """Whether this can be the key of a row at all; Python reads no number of thousands of figures."""
    return value.isdecimal() and len(value) < 19


def filled(*fields: str) -> models.Q:
    """None of these text fields is empty."""
    q = models.Q()
    for field in fields:
        q &= ~models.Q(**{field: ""})
    return q
