"""Pictures and films of exercises, as they lie in the private folder (routines.media writes and removes them)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from routines.models.exercises import Exercise

MOST_OF_A_KIND = 4


class ExerciseMediaQuerySet(models.QuerySet):
    def shown(self) -> ExerciseMediaQuerySet:
        """What stands on the exercise's page; what was taken off it stays readable where it was given to somebody."""
        return self.filter(removed_at__isnull=True)


class ExerciseMedia(models.Model):
    """A picture, a film or a link to a film elsewhere.

    `token` names the folder with the files. Copies of an exercise share it, so a folder goes with the last row that
    names it. What was taken off its exercise has no `order`. `key` is that of the page it was sent from.
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", _("Picture")
        FILM = "film", _("Film")
        LINK = "link", _("Film elsewhere")

    class State(models.TextChoices):
        WAITING = "waiting", _("Being prepared")
        READY = "ready", _("Ready")
        REFUSED = "refused", _("Refused")

    exercise = models.ForeignKey(
        Exercise, on_delete=models.CASCADE, related_name="media", verbose_name=_("exercise")
    )
    kind = models.CharField(_("kind"), max_length=5, choices=Kind)
    order = models.PositiveSmallIntegerField(_("order"), null=True)
    token = models.CharField(max_length=32, blank=True, editable=False, db_index=True)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.READY)
    reason = models.CharField(_("why it was refused"), max_length=200, blank=True)
    width = models.PositiveIntegerField(_("width"), default=0)
    height = models.PositiveIntegerField(_("height"), default=0)
    size = models.PositiveIntegerField(_("size of its files"), default=0)
    seconds = models.PositiveSmallIntegerField(_("length in seconds"), default=0)
    alt = models.CharField(_("what it shows"), max_length=200)
    author = models.CharField(_("author"), max_length=200, blank=True)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    link = models.CharField(_("where it is from"), max_length=500, blank=True)
    key = models.UUIDField(null=True, unique=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    tried_at = models.DateTimeField(null=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = ExerciseMediaQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture or film")
        verbose_name_plural = _("pictures and films")
        ordering = ["-kind", "order", "pk"]  # pictures, links, films
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["photo", "film", "link"]), name="exercisemedia_kind"
            ),
            models.CheckConstraint(
                condition=Q(state="ready") | Q(state__in=["waiting", "refused"], kind="film"),
                name="exercisemedia_state",
            ),
            models.CheckConstraint(condition=~Q(alt=""), name="exercisemedia_says_what_it_shows"),
            models.CheckConstraint(
                condition=Q(kind="link", token="") & ~Q(link="") | ~Q(kind="link") & ~Q(token=""),
                name="exercisemedia_file_or_link",
            ),
            models.CheckConstraint(
                condition=Q(link="")
                | Q(link__startswith="https://")
                | Q(link__startswith="http://") & ~Q(kind="link"),
                name="exercisemedia_link_is_safe",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=True) | Q(order__gte=0, order__lt=MOST_OF_A_KIND),
                name="exercisemedia_few",
            ),
            models.UniqueConstraint(fields=["exercise", "kind", "order"], name="exercisemedia_order"),
        ]

    def __str__(self) -> str:
        return self.alt
