"""The practice: one installation, one row."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from routines.models.base import filled

website_validator = RegexValidator(
    r"^https?://[^\s<>\"']+$", _("An address of a page begins with https:// or http://.")
)
phone_validator = RegexValidator(r"^\+?[0-9 ()/.-]{2,30}$", _("Use figures, spaces and + only."))


def validate_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone such as Europe/Berlin."), params={"name": name}
        )


class Practice(models.Model):
    """Who stands behind the pages: name, phones, zone, words, colours and the practice's own default numbers.

    `numbers` overrides numbers of rules for every client here, as {rule slug: {key: value}}. `languages` are those that
    are offered, all where it is empty. `colours` is {"light": "#…", "dark": "#…"} (clients.branding), `logo` the name of
    its file with width and height; `texts` is {language: {place: text}}, `letters` {letter: {language: {part: text}}}
    (clients.wording). What is empty is as the house has it.
    """

    ONLY = 1

    name = models.CharField(_("name"), max_length=120)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[validate_zone])
    language = models.CharField(_("language"), max_length=10, default="en")
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[phone_validator])
    emergency_number = models.CharField(
        _("emergency number"), max_length=30, default="112", validators=[phone_validator]
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    website = models.CharField(_("website"), max_length=200, blank=True, validators=[website_validator])
    languages = models.JSONField(_("languages"), default=list, blank=True)
    colours = models.JSONField(_("colours"), default=dict, blank=True)
    logo = models.JSONField(_("logo"), default=dict, blank=True, editable=False)
    texts = models.JSONField(_("texts"), default=dict, blank=True)
    letters = models.JSONField(_("words of letters"), default=dict, blank=True)
    numbers = models.JSONField(_("numbers of rules"), default=dict, blank=True)

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practice")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="practice_only_one"),
            models.CheckConstraint(
                condition=filled("name", "zone", "emergency_number"), name="practice_named"
            ),
        ]

    def __str__(self) -> str:
        return self.name


def known_zone(name: str) -> ZoneInfo | None:
    """The zone of this name, old names such as US/Pacific included; None when this machine knows none."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # Unknown, not a name at all, or the name of a folder: zoneinfo has an error for each
        return None


def zone_of(name: str, practice: Practice | None = None) -> ZoneInfo:
    """The zone of this name; for one that nobody knows the practice's, and UTC in the end (reliability.md T4).

    The practice is asked for only then, unless it is given: a good name costs no query.
    """
    if zone := known_zone(name):
        return zone
    practice = practice or Practice.objects.first()
    return (known_zone(practice.zone) if practice else None) or ZoneInfo("UTC")
