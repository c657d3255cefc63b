"""One search over clients, exercises, programs and pages, as far as this person may see them.

Names are compared here and not by the database: SQLite knows no capital Ä, and neither database knows that José is Jose.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from clients.listing import clients_in_lists, person_of
from clients.models import Client, Role
from clients.ownership import visible_exercises, visible_programs
from routines.finding import plain
from routines.models import Exercise, ExerciseKind, Program

MOST = 6  # of one group
LONGEST = 100  # characters
WORDS = 6


@dataclass(frozen=True)
class Hit:
    """One row: where it leads, and beside the name a phase or kind with its word, and a quiet note."""

    name: str
    url: str
    tags: tuple[tuple[str, str], ...] = ()  # (phase, word)
    note: str = ""


@dataclass(frozen=True)
class Group:
    """The best of what was found; `more` is how many others there are."""

    title: Any
    hits: list[Hit]
    more: int = 0


@dataclass(frozen=True)
class Named:
    """What can be found: its names, and what stands beside them. `key` says which it is."""

    key: Any
    names: tuple[str, ...]
    beside: tuple[str, ...] = ()
    last: bool = False


def words_of(asked: str) -> list[str]:
    """The words of a question, plain and not too many."""
    return plain(asked.replace("\0", " ")[:LONGEST]).split()[:WORDS]


def fit(words: Sequence[str], names: Iterable[str], beside: Iterable[str] = ()) -> int | None:
    """How well every word is met, 0 best: the whole name, its beginning, beginnings of its words, anywhere in it,
    or with the help of what stands beside it. None where one word is met nowhere. Pure."""
    whole = " ".join(words)
    best = None
    known = [plain(name) for name in names if name]
    for name in known:
        if name == whole:
            return 0
        if not all(word in name for word in words):
            continue
        parts = name.replace("-", " ").split()
        if name.startswith(whole):
            place = 1
        else:
            place = 2 if all(any(part.startswith(word) for part in parts) for word in words) else 3
        best = place if best is None else min(best, place)
    if best is None:
        everything = " ".join([*known, *(plain(text) for text in beside if text)])
        best = 4 if all(word in everything for word in words) else None
    return best


def best_of(words: Sequence[str], rows: Iterable[Named]) -> tuple[list[Any], int]:
    """The keys of the rows that fit best, and how many fit beside those. Pure."""
    found = [(place, row) for row in rows if (place := fit(words, row.names, row.beside)) is not None]
    found.sort(key=lambda each: (each[1].last, each[0], plain(each[1].names[0])))
    return [row.key for _place, row in found[:MOST]], max(len(found) - MOST, 0)


def search(user: Any, asked: str, pages: Sequence[tuple[Any, str, Any]], now: datetime) -> list[Group]:
    """What this person may see of what was asked for, in groups; empty ones are left out. At most seven queries.

    `pages` are (word, address, what else it is called) of those that they may open.
    """
    words = words_of(asked)
    if not words:
        return []
    groups = [found_clients(user, words, now)]
    if user.has_perm("routines.view_exercise"):
        groups.append(found_exercises(user, words))
    if user.has_perm("routines.view_program"):
        groups.append(found_programs(user, words))
    groups.append(found_pages(words, pages))
    return [group for group in groups if group.hits]


def found_clients(user: Any, words: Sequence[str], now: datetime) -> Group:
    """By name and address; by the complaint for those who give care. Who is not in care any more comes last."""
    seen = Client.objects.visible_to(user)
    rows = seen.order_by().values_list("pk", "name", "email", "complaint", "ended_at")
    desk = user.role == Role.OFFICE
    keys, more = best_of(
        words,
        (
            Named(pk, (name,), (email,) if desk else (email, complaint), last=ended is not None)
            for pk, name, email, complaint, ended in rows
        ),
    )
    people = {client.pk: client for client in clients_in_lists(user, seen.filter(pk__in=keys))}
    hits = [client_hit(people[pk], now) for pk in keys if pk in people]
    return Group(gettext_lazy("Clients"), hits, more)


def client_hit(client: Client, now: datetime) -> Hit:
    person = person_of(client, now)
    return Hit(
        name=client.name,
        url=reverse("admin:client", args=[client.pk]),
        tags=tuple((place.kind.value, place.words) for place in person.places),
        note=_("care has ended") if client.ended_at else _("blocked") if person.blocked else "",
    )


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES]


def names_in(row: Sequence[Any]) -> tuple[str, ...]:
    """A name and its translations, that in the reader's language first."""
    original, *translated = ("" if name is None else str(name) for name in row)
    own = dict(zip(languages(), translated, strict=True)).get(get_language() or "", "")
    return tuple(dict.fromkeys(name for name in (own, original, *translated) if name))


def name_columns(path: str = "") -> list[str]:
    """The columns that `names_in` reads."""
    return [f"{path}name", *(f"{path}translations__{code}__name" for code in languages())]


def found_exercises(user: Any, words: Sequence[str]) -> Group:
    """By name in any language, and by kind."""
    rows = visible_exercises(user, Exercise.objects.in_use()).order_by()
    known = {
        pk: (ExerciseKind(kind), names_in(names))
        for pk, kind, *names in rows.values_list("pk", "kind", *name_columns())
    }
    keys, more = best_of(words, (Named(pk, names, (str(kind.label),)) for pk, (kind, names) in known.items()))
    hits = [
        Hit(
            name=known[pk][1][0],
            url=reverse("admin:routines_exercise_change", args=[pk]),
            tags=((known[pk][0].phase.value, str(known[pk][0].label)),),
        )
        for pk in keys
    ]
    return Group(gettext_lazy("Exercises"), hits, more)


def found_programs(user: Any, words: Sequence[str]) -> Group:
    """By name in any language, and by the pattern."""
    rows = visible_programs(user, Program.objects.in_use()).order_by()
    columns = name_columns()
    known = {
        pk: (names_in(names[: len(columns)]), names_in(names[len(columns) :]))
        for pk, *names in rows.values_list("pk", *columns, *name_columns("imbalance__"))
    }
    keys, more = best_of(words, (Named(pk, names, patterns) for pk, (names, patterns) in known.items()))
    hits = [
        Hit(
            name=known[pk][0][0],
            url=reverse("admin:routines_program_builder", args=[pk]),
            note=known[pk][1][0] if known[pk][1] else "",
        )
        for pk in keys
    ]
    return Group(gettext_lazy("Programs"), hits, more)


def found_pages(words: Sequence[str], pages: Sequence[tuple[Any, str, Any]]) -> Group:
    named = (Named((str(word), url), (str(word),), (str(also),)) for word, url, also in pages)
    keys, more = best_of(words, named)
    return Group(gettext_lazy("Pages"), [Hit(name, url) for name, url in keys], more)
