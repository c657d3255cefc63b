"""The tender spot that the therapist marks for one exercise, for the client to find it again."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.models.accounts import Client, ScopedQuerySet, Side, User
from routines.bodymap import VIEWS
from routines.bodyspot import VIEW_BY_NAME, half_words
from routines.models import BodyArea, Exercise

RIGHT_IS_LEFT = [view.name for view in VIEWS if view.left_is == Side.RIGHT]  # on the viewer's left
LEFT_IS_LEFT = [view.name for view in VIEWS if view.left_is == Side.LEFT]


class TenderSpotQuerySet(ScopedQuerySet):
    def standing(self) -> TenderSpotQuerySet:
        """Those that hold now: neither moved nor taken away."""
        return self.filter(ended_at__isnull=True)


class TenderSpot(models.Model):
    """One point on the body map. A moved spot is a new row and ends the old one; nothing is overwritten.

    It belongs to the exercise and the side, so that another dose, another phase or the next program keeps it. `side`
    is none where an exercise is not done on one side. `x` and `y` are thousandths of the view's width and height;
    `area` is what lay under the point when it was marked.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tender_spots")
    exercise = models.ForeignKey(Exercise, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(_("side"), max_length=5, choices=Side)
    view = models.CharField(_("view"), max_length=5, choices=[(view.name, view.label) for view in VIEWS])
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    area = models.ForeignKey(BodyArea, on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    note = models.CharField(_("note to the client"), max_length=120, blank=True)
    marked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = TenderSpotQuerySet.as_manager()

    class Meta:
        verbose_name = _("tender spot")
        verbose_name_plural = _("tender spots")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "exercise", "side"],
                condition=Q(ended_at__isnull=True),
                name="tenderspot_one_stands",
            ),
            models.CheckConstraint(
                condition=Q(x__gte=0, x__lte=1000, y__gte=0, y__lte=1000), name="tenderspot_on_the_map"
            ),
            models.CheckConstraint(
                condition=Q(view__in=[view.name for view in VIEWS]), name="tenderspot_view"
            ),
            models.CheckConstraint(
                condition=Q(side="none")
                | Q(side="left", view__in=LEFT_IS_LEFT, x__lte=500)
                | Q(side="left", view__in=RIGHT_IS_LEFT, x__gte=500)
                | Q(side="right", view__in=RIGHT_IS_LEFT, x__lte=500)
                | Q(side="right", view__in=LEFT_IS_LEFT, x__gte=500),
                name="tenderspot_on_its_side",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_at__gte=F("marked_at"), ended_by__isnull=False),
                name="tenderspot_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """ "Calf, left": the area and the half of the body on which it lies. Read it with its area."""
        half = half_words(VIEW_BY_NAME[self.view], self.x)
        return f"{self.area}, {half}" if half else str(self.area)

    @property
    def words(self) -> str:
        """The place with the therapist's note, for whoever does not see the picture."""
        return f"{self.place}. {self.note}" if self.note else self.place
