"""How tight it feels before and after the release block of a session: a trend, never a gate (domain.md 1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from clients.models import AssignedPhase, SessionItem, Side, TightnessReading, TrainingSession
from clients.recording import record
from clients.telling import Site
from routines.models import ExerciseKind, ExerciseMuscle, Muscle


@dataclass(frozen=True)
class Opening:
    """The first exercise of release of a session, with what its phase tracks and the side of the complaint."""

    exercise_id: int
    side: str
    tracked: str = ""
    complaint: str = ""

    @classmethod
    def of(cls, exercise_id: int, side: str, phase: AssignedPhase, complaint: str) -> Opening:
        """The first muscle that the phase of its step tracks is asked about."""
        tracks = phase.tenderness_sites
        return cls(exercise_id, side, tracks[0]["slug"] if tracks else "", complaint)


def sites_of(openings: Collection[Opening]) -> dict[Opening, Site]:
    """The one muscle of each whose tightness is asked: the first that the phase tracks, else the first target.

    At most two queries, whatever their number.
    """
    tracked = {each.tracked for each in openings} - {""}
    muscles = {each.slug: each for each in Muscle.objects.filter(slug__in=tracked)} if tracked else {}
    others = {each.exercise_id for each in openings if each.tracked not in muscles}
    rows = ExerciseMuscle.objects.filter(exercise__in=others, role=ExerciseMuscle.Role.TARGET)
    targets: dict[int, Muscle] = {}
    for row in rows.select_related("muscle").order_by("order") if others else ():
        targets.setdefault(row.exercise_id, row.muscle)
    found = {}
    for each in openings:
        muscle = muscles.get(each.tracked) or targets.get(each.exercise_id)
        if muscle is not None:
            side = each.complaint if each.tracked in muscles else each.side
            found[each] = Site(muscle, side_of(muscle, side))
    return found


def side_of(muscle: Muscle, side: str) -> str:
    if not muscle.sided:
        return Side.NONE
    return side if side in (Side.LEFT, Side.RIGHT) else Side.BOTH


def tightness_site(session: TrainingSession) -> Site | None:
    """The muscle of this session; None for one without release."""
    release = [kind.value for kind in ExerciseKind if kind.is_release]
    first = SessionItem.objects.filter(session=session, kind__in=release).order_by("order").first()
    if first is None:
        return None
    opens = Opening(first.exercise_id, first.side)
    if step := first.steps.select_related("phase__assignment").order_by("pk").first():
        opens = Opening.of(first.exercise_id, first.side, step.phase, step.phase.assignment.side)
    return sites_of([opens]).get(opens)


def tightness_told(session: TrainingSession) -> tuple[Site | None, dict[str, int]]:
    """The muscle of this session, and what was told of it by moment. What was told first says which muscle it is."""
    rows = list(
        TightnessReading.objects.filter(session=session)
        .latest_revisions()
        .select_related("muscle")
        .order_by("pk")
    )
    if not rows:
        return tightness_site(session), {}
    site = Site(rows[0].muscle, rows[0].side)
    return site, {row.moment: row.value for row in rows if Site(row.muscle, row.side) == site}


def record_tightness(
    session: TrainingSession,
    site: Site,
    moment: str,
    value: int,
    *,
    key: str,
    now: datetime,
    device_time: datetime | None = None,
) -> TightnessReading:
    """0 to 10, before or after the release block. Raises KeyReused."""
    return record(
        TightnessReading,
        session.client,
        key,
        now,
        device_time,
        session=session,
        muscle=site.muscle,
        side=site.side,
        moment=moment,
        value=value,
    )
