"""A visit: what the therapist's hands found, changed while the visit is open, history once it is closed.

Two visits are laid side by side by a pure function. The app records the assessment; it does not make it (domain.md 9).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients.care import NotInCare
from clients.models import Client, Finding, HomeSetup, JointFinding, PainArea, Side, User, Visit
from routines.bodymap import Mark, sides_drawn
from routines.models import BodyArea, Equipment, ImbalanceMuscle, Joint, Muscle

TIGHT, WEAK = ImbalanceMuscle.Role.TIGHT, ImbalanceMuscle.Role.WEAK


class VisitClosed(ValueError):
    """The visit is closed: what was found then stays as it is."""

    def __init__(self) -> None:
        super().__init__(_("This visit is finished. What was found then stays as it is."))


class NoteChanged(ValueError):
    """Somebody else has written the note since it was read."""


class SideMissing(ValueError):
    """A muscle, joint or area that has a left and a right needs one of them."""

    def __init__(self) -> None:
        super().__init__(_("Choose left, right or both sides."))


class NeverWeak(ValueError):
    """A fascia can feel tight; it has no strength to lose (domain.md 0, fact 4)."""

    def __init__(self) -> None:
        super().__init__(_("A fascia can feel tight, not weak."))


class NotEmpty(ValueError):
    """Something is recorded at the visit."""

    def __init__(self) -> None:
        super().__init__(_("Something is recorded at this visit, so it stays."))


# ---- Opening and closing ------------------------------------------------------------------------------------------------


def open_visit(client: Client, *, by: User, key: str, now: datetime) -> Visit:
    """Begins a visit on the client's today, or returns the one that this key has begun, or the one that is open.

    Raises NotInCare.
    """
    if known := Visit.objects.filter(client=client, key=key).first():
        return known
    if client.ended_at is not None:
        raise NotInCare(client)
    try:
        with transaction.atomic():
            return Visit.objects.create(
                client=client, by=by, key=key, held_on=client.local_date(now), opened_at=now
            )
    except IntegrityError:
        begun = Visit.objects.filter(client=client, key=key).first() or open_visit_of(client)
        if begun is None:
            raise
        return begun


def open_visit_of(client: Client) -> Visit | None:
    return Visit.objects.filter(client=client, closed_at__isnull=True).first()


def keep_open(visit: Visit) -> None:
    """Holds the visit open until the transaction ends, so that nobody closes it under a change. Raises VisitClosed."""
    if not Visit.objects.filter(pk=visit.pk, closed_at__isnull=True).update(closed_at=None):
        raise VisitClosed


def keep_in_care(client: Client) -> None:
    """Holds the client in care until the transaction ends. Raises NotInCare."""
    if not Client.objects.in_care().filter(pk=client.pk).update(ended_at=None):
        raise NotInCare(client)


def keep_changeable(visit: Visit) -> None:
    """An open visit of a client who is in care takes findings. Raises VisitClosed, NotInCare."""
    keep_open(visit)
    keep_in_care(visit.client)


@transaction.atomic
def write_note(visit: Visit, note: str, *, before: str) -> None:
    """What the therapist wants to remember in place of `before`; the client never reads it.

    Raises VisitClosed, NotInCare, NoteChanged.
    """
    keep_changeable(visit)
    if not Visit.objects.filter(pk=visit.pk, note__in=(before, note)).update(note=note):
        raise NoteChanged


@transaction.atomic
def close_visit(visit: Visit, *, note: str, before: str, now: datetime) -> None:
    """From now on the visit is history, also where care has ended since it began.

    Closed again with the same note, it is closed. Raises VisitClosed, also for the slower of two with another note;
    NoteChanged where the note is `before` no more.
    """
    row = Visit.objects.filter(pk=visit.pk)
    expected = row.filter(closed_at__isnull=True, note__in=(before, note))
    if expected.update(note=note, closed_at=max(now, visit.opened_at)):
        return
    if row.filter(closed_at__isnull=True).exists():
        raise NoteChanged
    if not row.filter(note=note).exists():
        raise VisitClosed


@transaction.atomic
def discard_visit(visit: Visit) -> None:
    """Takes back a visit that was opened by mistake: nothing found, no note. Raises VisitClosed, NotEmpty."""
    keep_open(visit)
    if any(rows.exists() for rows in (visit.findings, visit.joint_findings, visit.pain_areas)):
        raise NotEmpty
    if not Visit.objects.filter(pk=visit.pk, note="").delete()[0]:
        raise NotEmpty


# ---- What was found -----------------------------------------------------------------------------------------------------


def sides_to_record(sided: bool, side: str) -> tuple[str, ...]:
    """The sides that make rows: none for what has no sides, two for both. Raises SideMissing."""
    if not sided:
        return (Side.NONE,)
    if side == Side.BOTH:
        return (Side.LEFT, Side.RIGHT)
    if side not in (Side.LEFT, Side.RIGHT):
        raise SideMissing
    return (side,)


@transaction.atomic
def record_finding(
    visit: Visit, muscle: Muscle, *, side: str, state: str, rating: int, judged: str = Finding.Judged.HANDS
) -> list[Finding]:
    """Tight or weak, 0 to 10, on one side or both; said again, it replaces what was said at this visit.

    Raises VisitClosed, NotInCare, SideMissing, NeverWeak.
    """
    if state == WEAK and muscle.tissue == Muscle.Tissue.FASCIA:
        raise NeverWeak
    keep_changeable(visit)
    return [
        Finding.objects.update_or_create(
            visit=visit, muscle=muscle, side=each, state=state, defaults={"rating": rating, "judged": judged}
        )[0]
        for each in sides_to_record(muscle.sided, side)
    ]


@transaction.atomic
def record_joint(visit: Visit, joint: Joint, *, side: str, alteration: str) -> list[JointFinding]:
    """How a joint rests or moves, in the therapist's words. Raises VisitClosed, NotInCare, SideMissing."""
    keep_changeable(visit)
    return [
        JointFinding.objects.get_or_create(visit=visit, joint=joint, side=each, alteration=alteration)[0]
        for each in sides_to_record(joint.sided, side)
    ]


@transaction.atomic
def record_pain(visit: Visit, area: BodyArea, *, side: str, rating: int | None = None) -> list[PainArea]:
    """Where it hurts, with the number where it was asked. Raises VisitClosed, NotInCare, SideMissing."""
    keep_changeable(visit)
    return [
        PainArea.objects.update_or_create(visit=visit, area=area, side=each, defaults={"rating": rating})[0]
        for each in sides_to_record(area.sided, side)
    ]


KINDS: dict[str, Callable[[Visit], QuerySet[Any]]] = {
    "muscle": lambda visit: Finding.objects.filter(visit=visit),
    "joint": lambda visit: JointFinding.objects.filter(visit=visit),
    "pain": lambda visit: PainArea.objects.filter(visit=visit),
}


@transaction.atomic
def remove(visit: Visit, kind: str, pk: int) -> bool:
    """Takes out one thing that was recorded; whether it was still there. Raises VisitClosed, NotInCare, KeyError."""
    rows = KINDS[kind](visit)
    keep_changeable(visit)
    return bool(rows.filter(pk=pk).delete()[0])


@transaction.atomic
def keep_home(
    client: Client,
    *,
    tools: Collection[Equipment],
    floor: bool,
    level: int,
    minutes: int,
    by: User,
    now: datetime,
) -> HomeSetup:
    """What the client has at home and can do, as it is now: an earlier word is replaced. Raises NotInCare."""
    keep_in_care(client)
    values = {"floor": floor, "level": level, "minutes": minutes, "tools_at": now, "tools_by": by}
    home, _made = HomeSetup.objects.update_or_create(client=client, defaults=values)
    home.tools.set(tools)
    return home


# ---- Reading ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Noted:
    """One thing that was found: `rating` for muscles and areas, `words` for joints."""

    kind: str
    what: int
    name: str
    side: str
    state: str = ""
    rating: int | None = None
    words: str = ""
    pk: int | None = None
    judged: str = ""
    area: str = ""

    @property
    def side_words(self) -> str:
        return str(Side(self.side).label) if self.side in (Side.LEFT, Side.RIGHT) else ""

    @property
    def state_words(self) -> str:
        return str(ImbalanceMuscle.Role(self.state).label) if self.state else ""

    @property
    def in_words(self) -> str:
        """ "Tight 6, left": what a list says behind the name."""
        figure = "" if self.rating is None else str(self.rating)
        what = self.state_words or (_("Pain") if self.kind == "pain" else self.words)
        first = " ".join(part for part in (what, figure) if part)
        return ", ".join(part for part in (first, self.side_words) if part)


@dataclass(frozen=True)
class VisitSheet:
    """A visit with all that was found at it."""

    visit: Visit
    muscles: tuple[Noted, ...] = ()
    joints: tuple[Noted, ...] = ()
    pains: tuple[Noted, ...] = ()

    @property
    def everything(self) -> tuple[Noted, ...]:
        return self.muscles + self.joints + self.pains

    @property
    def is_open(self) -> bool:
        return self.visit.closed_at is None

    def of_muscle(self, pk: int) -> list[Noted]:
        return [noted for noted in self.muscles if noted.what == pk]

    def marks(self, areas: Iterable[BodyArea]) -> dict[tuple[str, str], Mark]:
        """What the body map shows, by area and side. What is found on no side counts on every side of its area."""
        found = {}
        for area in areas:
            for side in sides_drawn(area):
                here = [n for n in self.muscles if n.area == area.slug and meet(n.side, side)]
                pain = any(n.area == area.slug and meet(n.side, side) for n in self.pains)
                if here or pain:
                    found[area.slug, side] = Mark(len(here), pain)
        return found


def meet(one: str, other: str) -> bool:
    return one == other or Side.NONE in (one, other)


def sheets_of(visits: QuerySet[Visit]) -> list[VisitSheet]:
    """Visits with what was found, in four queries. Tight before weak, the strongest first."""
    rows = visits.select_related("by").prefetch_related(
        "findings__muscle__body_area", "joint_findings__joint", "pain_areas__area"
    )
    return [sheet_of(visit) for visit in rows]


def sheet_of(visit: Visit) -> VisitSheet:
    findings = sorted(visit.findings.all(), key=lambda row: (row.state, -row.rating, row.pk))
    return VisitSheet(
        visit,
        tuple(
            Noted(
                "muscle",
                row.muscle_id,
                str(row.muscle),
                row.side,
                row.state,
                row.rating,
                pk=row.pk,
                judged=row.get_judged_display(),
                area=row.muscle.body_area.slug,
            )
            for row in findings
        ),
        tuple(
            Noted("joint", row.joint_id, str(row.joint), row.side, words=row.alteration, pk=row.pk)
            for row in visit.joint_findings.all()
        ),
        tuple(
            Noted(
                "pain", row.area_id, str(row.area), row.side, rating=row.rating, pk=row.pk, area=row.area.slug
            )
            for row in visit.pain_areas.all()
        ),
    )


def all_visits(client: Client) -> list[Visit]:
    """Every visit with who held it, the newest first, open or closed: enough to choose from. One query."""
    return list(Visit.objects.filter(client=client).select_related("by"))


def newest_visits(client: Client, number: int) -> list[VisitSheet]:
    """The newest first, open or closed."""
    return sheets_of(Visit.objects.filter(client=client)[:number])


# ---- Two visits side by side ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One muscle, joint or area on one side at two visits. None is "not recorded", which is not nought."""

    kind: str
    name: str
    side: str
    state: str
    before: int | None
    after: int | None
    words_before: str = ""
    words_after: str = ""
    in_before: bool = True
    in_after: bool = True

    @property
    def difference(self) -> int | None:
        return None if self.before is None or self.after is None else self.after - self.before

    @property
    def turn(self) -> str:
        """new, gone, less, more, same, or changed, where there are words and no numbers."""
        if not self.in_before:
            return "new"
        if not self.in_after:
            return "gone"
        if self.kind == "joint":
            return "same" if self.words_before == self.words_after else "changed"
        if self.difference is None:
            return "same" if self.before == self.after else "changed"
        return "less" if self.difference < 0 else "more" if self.difference > 0 else "same"

    @property
    def turn_words(self) -> str:
        """The difference in words: numbers compare what was felt, they judge nothing."""
        size = abs(self.difference or 0)
        return {
            "new": _("recorded for the first time"),
            "gone": _("not recorded this time"),
            "less": _("%(number)d less") % {"number": size},
            "more": _("%(number)d more") % {"number": size},
            "same": _("the same"),
            "changed": _("changed"),
        }[self.turn]

    @property
    def text_before(self) -> str:
        """What stands in the table: words, a number (nought is one), or a dash."""
        return self.words_before or ("–" if self.before is None else str(self.before))

    @property
    def text_after(self) -> str:
        return self.words_after or ("–" if self.after is None else str(self.after))

    @property
    def arrow(self) -> str:
        return {"less": "↓", "more": "↑", "same": "="}.get(self.turn, "")

    @property
    def side_words(self) -> str:
        return str(Side(self.side).label) if self.side in (Side.LEFT, Side.RIGHT) else ""

    @property
    def state_words(self) -> str:
        return str(ImbalanceMuscle.Role(self.state).label) if self.state else ""


@dataclass(frozen=True)
class Comparison:
    muscles: list[Change]
    joints: list[Change]
    pains: list[Change]

    @property
    def empty(self) -> bool:
        return not (self.muscles or self.joints or self.pains)


def compare(before: VisitSheet, after: VisitSheet) -> Comparison:
    """What changed from one visit to the other, for each muscle, side and state, each joint and side, each area and side."""
    return Comparison(
        changes(before.muscles, after.muscles),
        changes(before.joints, after.joints),
        changes(before.pains, after.pains),
    )


def changes(before: Sequence[Noted], after: Sequence[Noted]) -> list[Change]:
    """Tight before weak, then by name and side."""
    old, new = by_place(before), by_place(after)
    rows = []
    for place in {**old, **new}:
        was, now = old.get(place, []), new.get(place, [])
        one = (was or now)[0]
        rows.append(
            Change(
                kind=one.kind,
                name=one.name,
                side=one.side,
                state=one.state,
                before=was[0].rating if was else None,
                after=now[0].rating if now else None,
                words_before="; ".join(sorted(noted.words for noted in was)),
                words_after="; ".join(sorted(noted.words for noted in now)),
                in_before=bool(was),
                in_after=bool(now),
            )
        )
    return sorted(rows, key=lambda row: (row.state, row.name, row.side))


def by_place(noted: Iterable[Noted]) -> dict[tuple[int, str, str], list[Noted]]:
    found: dict[tuple[int, str, str], list[Noted]] = {}
    for each in noted:
        found.setdefault((each.what, each.side, each.state), []).append(each)
    return found


def last_ratings(client: Client, before: date, but: Visit) -> dict[tuple[int, str, str], int]:
    """Muscle, side and state at the last closed visit until this day, so that the hand knows what it felt then."""
    last = Visit.objects.filter(client=client, held_on__lte=before).closed().exclude(pk=but.pk).first()
    if last is None:
        return {}
    return {(row.muscle_id, row.side, row.state): row.rating for row in Finding.objects.filter(visit=last)}
