"""Bring a collection into the catalogue: looked at first, then written whole, in one transaction, or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from routines.exchange.comparing import Decision, Here, Plan, Present, Verdict, planned
from routines.exchange.files import Refused
from routines.exchange.incoming import Collection, IncomingPicture
from routines.exchange.report import Report, report_of
from routines.media import add_written, check_room
from routines.models import (
    Exercise,
    ExerciseMedia,
    ImportedExercise,
    ImportedPicture,
    ImportedProgram,
    Program,
)
from routines.pictures import PictureRefused, Written, write_anew
from routines.seeding.content import Row, Writing
from routines.seeding.kinds import KINDS

EXERCISES = next(kind for kind in KINDS if kind.model is Exercise)
PROGRAMS = next(kind for kind in KINDS if kind.model is Program)
MOST_PICTURES = 500  # new ones in one go; they are written anew before the transaction and wait in memory
MOST_AT_ONCE = 500  # rows that one statement names

Pictures = Mapping[str, list[Written] | str]


def look(
    collection: Collection,
    *,
    exercises: QuerySet[Exercise] | None = None,
    programs: QuerySet[Program] | None = None,
    home: str = "",
) -> Report:
    """What bringing it in would do; nothing is written. The rows are those that the person sees."""
    plan = plan_for(collection, exercises, programs, home)
    return report_of(collection, plan, {digest: why for digest, why in tried(plan).items() if why})


def bring(
    collection: Collection,
    *,
    now: datetime,
    exercises: QuerySet[Exercise] | None = None,
    programs: QuerySet[Program] | None = None,
    home: str = "",
) -> Report:
    """Writes it whole. New entries wait for review, retired. Raises Refused when somebody does the same meanwhile."""
    pictures = written_anew(plan_for(collection, exercises, programs, home))
    try:
        with transaction.atomic():
            plan = plan_for(collection, exercises, programs, home)
            refused = write_exercises(collection, plan, pictures, now)
            write_programs(collection, plan, now)
    except IntegrityError as error:
        raise Refused(
            _("Somebody else changed these entries at the same moment. Look at the report again.")
        ) from error
    return report_of(collection, plan, refused)


def plan_for(
    collection: Collection,
    exercises: QuerySet[Exercise] | None,
    programs: QuerySet[Program] | None,
    home: str,
) -> Plan:
    return planned(
        collection,
        here(EXERCISES, ImportedExercise, collection.source, exercises),
        here(PROGRAMS, ImportedProgram, collection.source, programs),
        home,
    )


def here(kind: Any, imported: Any, source: str, seen: QuerySet[Any] | None) -> Here:
    """The catalogue as it stands. A fixed number of queries."""
    name = kind.model._meta.model_name
    rows = kind.read()
    known = {row.slug: row for row in kind.model.objects.all()}
    mine = {getattr(each, f"{name}_id"): each for each in imported.objects.filter(source=source)}
    pictures: dict[int, set[str]] = {}
    if imported is ImportedExercise:
        for key, digest in ImportedPicture.objects.filter(imported__source=source).values_list(
            "imported_id", "digest"
        ):
            pictures.setdefault(key, set()).add(digest)
    visible = None if seen is None else set(seen.values_list("pk", flat=True))
    others, found = {}, {}
    for slug, row in rows.items():
        origin = mine.get(row.pk)
        present = Present(
            pk=row.pk,
            slug=slug,
            content=row.content,
            shipped=not row.made_here,
            awaiting=known[slug].awaits_review,
            digest=origin.digest if origin else "",
            came=origin.came if origin else {},
            coming=origin.coming if origin else {},
            pictures=frozenset(pictures.get(origin.pk, ())) if origin else frozenset(),
        )
        if origin is not None:
            found[origin.key] = present
        elif visible is None or row.pk in visible:
            others[slug] = present
    return Here(found, others, frozenset(rows))


# ---- Pictures ----


def new_pictures(plan: Plan) -> list[IncomingPicture]:
    """Each once, however many exercises name it."""
    found = {each.digest: each for decision in plan.exercises for each in decision.pictures if each.read}
    if len(found) > MOST_PICTURES:
        raise Refused(_("There are more than %(most)d new pictures in it.") % {"most": MOST_PICTURES})
    return list(found.values())


def tried(plan: Plan) -> dict[str, str]:
    """Why a new picture would be refused, by its digest; empty for those that would not."""
    return {
        each.digest: refusal if isinstance(refusal := anew(each, (16,)), str) else ""
        for each in new_pictures(plan)
    }


def written_anew(plan: Plan) -> Pictures:
    return {each.digest: anew(each) for each in new_pictures(plan)}


def anew(picture: IncomingPicture, widths: tuple[int, ...] | None = None) -> list[Written] | str:
    """The picture written anew, or the sentence that says why not."""
    file = BytesIO(picture.read() if picture.read else b"")
    try:
        return write_anew(file, widths) if widths else write_anew(file)
    except PictureRefused as error:
        return str(error)


def add_pictures(
    decision: Decision, row: ImportedExercise, pictures: Pictures, now: datetime
) -> tuple[list[ImportedPicture], dict[str, str]]:
    """The new pictures of one exercise, and why one of them is not taken."""
    added, refused = [], {}
    for each in decision.pictures:
        anew = pictures.get(each.digest, "")
        if isinstance(anew, str):
            refused[each.digest] = anew
            continue
        try:
            check_room(row.exercise, ExerciseMedia.Kind.PHOTO)
        except PictureRefused as error:
            refused[each.digest] = str(error)
            continue
        about = {"alt": each.alt, "author": each.author, "licence": each.licence, "link": each.link}
        key = uuid.uuid5(uuid.NAMESPACE_URL, f"{row.source} {row.key} {each.digest}")
        media = add_written(row.exercise, anew, key=key, **about)
        waiting = not row.exercise.awaits_review
        if waiting:
            ExerciseMedia.objects.filter(pk=media.pk).update(removed_at=now, order=None)
        added.append(
            ImportedPicture(
                imported=row, digest=each.digest, name=each.name[:200], media=media, waiting=waiting
            )
        )
    return added, refused


# ---- Writing ----


def write_exercises(collection: Collection, plan: Plan, pictures: Pictures, now: datetime) -> dict[str, str]:
    """Rows, where they came from, and their pictures. Returns why a picture was refused, by its digest."""
    touched = [each for each in plan.exercises if each.adopted and each.verdict != Verdict.SAME]
    written(EXERCISES, Exercise, touched, now)
    found = {row.slug: row for row in rows_of(Exercise, [each.slug for each in touched])}
    kept = {row.key: row for row in ImportedExercise.objects.filter(source=collection.source)}
    for each in touched:
        incoming = each.incoming
        row = kept.get(incoming.key) or ImportedExercise(
            source=collection.source, key=incoming.key, first_at=now, exercise=found[each.slug]
        )
        row.exercise = found[each.slug]
        row.digest, row.last_at, row.coming = incoming.digest, now, each.coming
        row.came = each.wanted
        about = incoming.about
        if each.present is not None and not each.present.awaiting:
            del about["undecided"]  # as it was decided here
        for name, value in about.items():
            setattr(row, name, value)
        row.save()
        kept[incoming.key] = row
    added: list[ImportedPicture] = []
    refused: dict[str, str] = {}
    for each in touched:
        if each.pictures:
            more, why = add_pictures(each, kept[each.incoming.key], pictures, now)
            added += more
            refused |= why
    ImportedPicture.objects.bulk_create(added)
    return refused


def written(kind: Any, model: Any, decisions: list[Decision], now: datetime) -> None:
    """Inserts what is new and updates what nobody has read yet; what is offered stays as it is."""
    new = {each.slug: each.content for each in decisions if each.verdict == Verdict.NEW}
    changed = {
        each.slug: (Row(each.present.pk, "", each.present.content), each.content)
        for each in decisions
        if each.verdict == Verdict.CHANGED and each.present and each.content != each.present.content
    }
    if not new and not changed:
        return
    writing = Writing()
    kind.write(new, changed, writing)
    for children, surplus in writing.surplus:
        children.remove(surplus)
    unread = [*new, *(changed if model is Program else ())]
    for slugs in batches(list(new) + list(changed)):
        model.objects.filter(slug__in=slugs).update(seed_hash="")
    for slugs in batches(unread):
        model.objects.filter(slug__in=slugs).update(awaits_review=True, retired_at=now)


def write_programs(collection: Collection, plan: Plan, now: datetime) -> None:
    touched = [each for each in plan.programs if each.adopted and each.verdict != Verdict.SAME]
    written(PROGRAMS, Program, touched, now)
    found = {row.slug: row for row in rows_of(Program, [each.slug for each in touched])}
    kept = {row.key: row for row in ImportedProgram.objects.filter(source=collection.source)}
    for each in touched:
        row = kept.get(each.incoming.key) or ImportedProgram(
            source=collection.source, key=each.incoming.key, first_at=now
        )
        row.program = found[each.slug]
        row.digest, row.last_at, row.came = each.incoming.digest, now, each.wanted
        if each.verdict == Verdict.CHANGED:
            row.reviewed_at = None
        row.save()


def rows_of(model: type[models.Model], slugs: list[str]) -> list[Any]:
    return [row for some in batches(slugs) for row in model._default_manager.filter(slug__in=some)]


def batches(values: list[str]) -> list[list[str]]:
    return [values[start : start + MOST_AT_ONCE] for start in range(0, len(values), MOST_AT_ONCE)]
