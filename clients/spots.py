"""Marking a tender spot on the body map, moving it, taking it away. Its history never changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from clients.examining import keep_in_care
from clients.models import AssignedStep, Client, Side, TenderSpot, User
from clients.safety import sides_of
from routines.bodymap import side_word
from routines.bodyspot import VIEW_BY_NAME, Frame, area_at, frames_of, half_of, whole_view
from routines.models import BodyArea, ExerciseKind, SideMode


class BesideTheBody(ValueError):
    """The point lies on no area of the body."""

    def __init__(self) -> None:
        super().__init__(_("That is beside the body. Tap on the body itself."))


class OtherSide(ValueError):
    """The point lies on a side on which the exercise is not done."""

    def __init__(self, side: str) -> None:
        said = _("This exercise is for the %(side)s side. Tap on that side.")
        super().__init__(said % {"side": side_word(side)})


class SpotChanged(ValueError):
    """Somebody else marked or took away the spot since the page was drawn."""

    def __init__(self) -> None:
        super().__init__(
            _("This spot was changed in the meantime. Look at it again, then repeat your change.")
        )


@dataclass(frozen=True)
class Point:
    """A point of a view in thousandths, as the database keeps it."""

    view: str
    x: int
    y: int


def spot_sides(side_mode: str, side: str) -> tuple[str, ...]:
    """The sides on which a step takes a spot of its own; none where it is not done side by side."""
    return tuple(sides_of(side_mode, side)) if side_mode == SideMode.EACH_SIDE else (Side.NONE,)


def side_of_point(point: Point, sides: Collection[str]) -> str:
    """Whose spot it is, of these sides of a step. Pure. Raises OtherSide."""
    if Side.NONE in sides:
        return Side.NONE
    if point.x == 500:  # the middle line lies on both sides
        return next(iter(sides))
    half = half_of(VIEW_BY_NAME[point.view], point.x)
    if half not in sides:
        raise OtherSide(next(iter(sides)))
    return half


def mark(
    client: Client,
    exercise_id: int,
    point: Point,
    *,
    sides: Collection[str],
    seen: Collection[int],
    by: User,
    now: datetime,
    note: str | None = None,
) -> TenderSpot:
    """Marks the spot; the one that stood on this side ends. `seen` are the spots that the page showed.

    Without `note` it keeps the one it had. The same point and note again leave no row. Raises BesideTheBody, OtherSide,
    SpotChanged, NotInCare.
    """
    side = side_of_point(point, sides)
    area = BodyArea.objects.filter(slug=area_at(VIEW_BY_NAME[point.view], point.x, point.y)).first()
    if area is None:
        raise BesideTheBody
    standing = TenderSpot.objects.standing().filter(client=client, exercise=exercise_id, side=side)
    before = standing.select_related("area").first()
    if note is None:
        note = before.note if before else ""
    if before and (before.view, before.x, before.y, before.note) == (point.view, point.x, point.y, note):
        return before
    try:
        with transaction.atomic():
            keep_in_care(client)
            ended = standing.filter(pk__in=seen).update(ended_at=not_before_marked(now), ended_by=by)
            if not ended and shown(client, exercise_id, side, seen):
                raise SpotChanged
            return TenderSpot.objects.create(
                client=client,
                exercise_id=exercise_id,
                side=side,
                view=point.view,
                x=point.x,
                y=point.y,
                area=area,
                note=note,
                marked_by=by,
                marked_at=now,
            )
    except IntegrityError:  # one stands that the page did not show
        raise SpotChanged from None


def not_before_marked(now: datetime) -> Greatest:
    """Now, or the moment of marking where a clock was set back since."""
    return Greatest("marked_at", Value(now, output_field=DateTimeField()))


def shown(client: Client, exercise_id: int, side: str, seen: Collection[int]) -> bool:
    """Whether the page showed a spot of this exercise on this side."""
    rows = TenderSpot.objects.filter(client=client, exercise=exercise_id, side=side)
    return rows.filter(pk__in=seen).exists()


def take_away(client: Client, spot: int, *, by: User, now: datetime) -> bool:
    """Ends the spot; whether it still stood. Raises NotInCare."""
    with transaction.atomic():
        keep_in_care(client)
        standing = TenderSpot.objects.standing().filter(client=client, pk=spot)
        return bool(standing.update(ended_at=not_before_marked(now), ended_by=by))


PIN = 100  # the pin is drawn for a map of this width


# ---- Reading ------------------------------------------------------------------------------------------------------------


def spots_of(client: Client, exercises: Collection[int] | None = None) -> dict[int, list[TenderSpot]]:
    """The spots that stand, by exercise. One query."""
    rows = TenderSpot.objects.standing().filter(client=client).select_related("area")
    found: dict[int, list[TenderSpot]] = {}
    for row in rows if exercises is None else rows.filter(exercise__in=exercises):
        found.setdefault(row.exercise_id, []).append(row)
    return found


def marked_words(spots: Iterable[TenderSpot]) -> str:
    """Where the therapist marked a spot, as the client reads it; empty where none stands. Pure."""
    places = "; ".join(spot.place for spot in spots)
    return _("Marked by your therapist: %(place)s.") % {"place": places} if places else ""


@dataclass(frozen=True)
class SpotStep:
    """A step of self-massage in the plan, with the spots that stand for it."""

    step: AssignedStep
    spots: list[TenderSpot]


def steps_to_mark(client: Client) -> list[SpotStep]:
    """The self-massage of the running programs, in the order of the plan. Two queries."""
    steps = AssignedStep.objects.filter(
        phase__assignment__client=client,
        phase__assignment__ended_on=None,
        kind=ExerciseKind.RELEASE_SMR,
        valid_until=None,
    )
    spots = spots_of(client)
    steps = steps.order_by("phase__assignment__start_date", "phase__order", "order", "pk")
    return [SpotStep(step, spots.get(step.exercise_id, [])) for step in steps]


@dataclass(frozen=True)
class SpotMap:
    """One view, or a part of it, with the spots that lie on it."""

    frame: Frame
    spots: tuple[TenderSpot, ...]

    @property
    def pins(self) -> list[str]:
        """Where each pin stands, and how large it is in the units of the drawing."""
        view, size = self.frame.view, self.frame.width / PIN
        return [
            f"translate({spot.x * view.width / 1000:g} {spot.y * view.height / 1000:g}) scale({size:g})"
            for spot in self.spots
        ]

    @property
    def words(self) -> str:
        return "; ".join(spot.words for spot in self.spots)

    @property
    def whole(self) -> SpotMap | None:
        """The same on the whole view, which shows where on the body this is; None where it is the whole."""
        return SpotMap(whole_view(self.frame.view), self.spots) if self.frame.area else None


def maps_of(spots: Collection[TenderSpot]) -> list[SpotMap]:
    """Each spot on the enlarged area in which it lies, those of one area and side together. Pure."""
    found: dict[str, list[TenderSpot]] = {}
    frames: dict[str, Frame] = {}
    for spot in spots:
        frame = frame_around(spot)
        frames[frame.key] = frame
        found.setdefault(frame.key, []).append(spot)
    return [SpotMap(frames[key], tuple(rows)) for key, rows in found.items()]


def frame_around(spot: TenderSpot) -> Frame:
    view = VIEW_BY_NAME[spot.view]
    side = half_of(view, spot.x) if spot.area.sided else Side.NONE
    around = (each for each in frames_of(spot.area.slug, side) if each.view == view)
    return next(around, whole_view(view))
