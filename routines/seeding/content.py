"""What an entry of the catalogue says, as one plain value that can be hashed, compared and written.

References are by short name, and child rows (muscles, conditions, phases ...) belong to the content of their entry,
so the same catalogue has the same content in every database. Empty values are left out: a column that is added
later does not make every entry look edited.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F

Content = dict[str, Any]

# Added to numbers that are unique while rows exchange them; no order comes near it.
OUT_OF_THE_WAY = 10_000


def tidy(value: Any) -> Any:
    """The value as it compares: one kind of line break, no space around text, decimals as text."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): tidy(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [tidy(item) for item in value]
    return value


def content(**values: Any) -> Content:
    """Values of an entry or a child row, tidied, without the empty ones."""
    tidied = {key: tidy(value) for key, value in values.items()}
    return {key: value for key, value in tidied.items() if value is not None and value not in ("", [], {})}


def written(value: Any) -> str:
    """One text for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def hash_of(value: Content) -> str:
    return hashlib.sha256(written(value).encode()).hexdigest()


def any_order(rows: Iterable[Content]) -> list[Content]:
    """Child rows sorted by what they say, for lists whose order means nothing (or is a value of the row)."""
    return sorted(rows, key=written)


@dataclass
class Row:
    """An entry as it is in the database."""

    pk: int
    seed_hash: str
    content: Content

    @property
    def made_here(self) -> bool:
        return not self.seed_hash

    @property
    def edited_here(self) -> bool:
        return not self.made_here and hash_of(self.content) != self.seed_hash


@dataclass
class Writing:
    """What is known while the catalogue is written: keys by short name, and rows to remove when all else is done."""

    keys: dict[type[models.Model], dict[Any, int]] = field(default_factory=dict)
    surplus: list[tuple[Children, list[int]]] = field(default_factory=list)

    def key(self, model: type[models.Model], name: Any, by: Sequence[str] = ("slug",)) -> int:
        """The primary key of the row with this short name (or these values of `by`)."""
        if model not in self.keys:
            rows = model._default_manager.values_list("pk", *by)
            self.keys[model] = {row[1] if len(by) == 1 else row[1:]: row[0] for row in rows}
        return self.keys[model][name]

    def forget(self, model: type[models.Model]) -> None:
        """Read the keys of this model again: rows were added."""
        self.keys.pop(model, None)


@dataclass(frozen=True)
class Children:
    """Rows that are written with their entry.

    `lookups` says for each value of a child where it is found, seen from the child row. A value `x` that is found at
    `x__slug` is the foreign key `x`; one that is found under its own name is a plain column; `columns` says how to
    write anything else. Rows that others may point to (`shared`) are removed last, and only when nobody does.
    """

    key: str
    model: type[models.Model]
    parent: str
    lookups: Mapping[str, str]
    columns: Callable[[Content, Writing], dict[str, Any]] | None = None
    shared: str | None = None

    def rows(self, parents: Collection[int] | None = None) -> list[tuple[int, int, Content]]:
        """Primary key, key of the parent and content of the child rows, of all parents when none are named."""
        rows = self.model._default_manager.order_by("pk")
        if parents is not None:
            rows = rows.filter(**{f"{self.parent}__in": parents})
        names = {f"found_{name}": F(lookup) for name, lookup in self.lookups.items()}
        return [
            (
                row["pk"],
                row[f"{self.parent}_id"],
                content(**{name: row[f"found_{name}"] for name in self.lookups}),
            )
            for row in rows.values("pk", f"{self.parent}_id", **names)
        ]

    def write(self, wanted: Mapping[int, Sequence[Content]], writing: Writing) -> None:
        """Make the rows of these parents what is wanted, leaving alone those that are right."""
        present = {(parent, written(row)): pk for pk, parent, row in self.rows(wanted.keys())}
        asked = {(parent, written(row)): row for parent, rows in wanted.items() for row in rows}
        surplus = [pk for place, pk in present.items() if place not in asked]
        if self.shared:
            writing.surplus.append((self, surplus))
        else:
            self.model._default_manager.filter(pk__in=surplus).delete()
        self.model._default_manager.bulk_create(
            self.model(**{f"{self.parent}_id": parent}, **self._columns(row, writing))
            for (parent, text), row in asked.items()
            if (parent, text) not in present
        )
        writing.forget(self.model)

    def remove(self, surplus: Sequence[int]) -> None:
        self.model._default_manager.filter(pk__in=surplus, **{f"{self.shared}__isnull": True}).delete()

    def _columns(self, row: Content, writing: Writing) -> dict[str, Any]:
        if self.columns is not None:
            return self.columns(row, writing)
        columns = {}
        for name, value in row.items():
            if self.lookups[name] == name:
                columns[name] = value
            else:
                columns[f"{name}_id"] = writing.key(related(self.model, name), value)
        return columns


def column(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    found = model._meta.get_field(name)
    if not isinstance(found, models.Field):
        raise TypeError(f"{name} is no column.")
    return found


def related(model: type[models.Model], name: str) -> type[models.Model]:
    """The model that this foreign key or many-to-many relation points to."""
    target = column(model, name).related_model
    if not isinstance(target, type):
        raise TypeError(f"{name} points to no model.")
    return target


@dataclass(frozen=True)
class Kind:
    """One kind of entries: what belongs to their content, how the file says it, how it is read and written.

    `section` is the key of the file. `plain` are columns, `references` foreign keys, `versions` foreign keys to the
    same kind, `links` many-to-many relations. Where one of the `wording` changes, the entry's `version` rises.
    """

    section: str
    model: Any  # a subclass of CatalogueEntry, which has no columns of its own that a type checker could see
    wanted: Callable[[dict[str, Any]], dict[str, Content]]
    plain: tuple[str, ...]
    references: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    children: tuple[Children, ...] = ()
    wording: tuple[str, ...] = ()

    # ---- Read ----

    def read(self, slug: str | None = None) -> dict[str, Row]:
        """The entries by short name, or the one of this short name. The number of queries is fixed."""
        entries = self.model.objects.order_by("pk")
        if slug is not None:
            entries = entries.filter(slug=slug)
        names = {f"found_{name}": F(f"{name}__slug") for name in (*self.references, *self.versions)}
        found = list(entries.values("pk", "slug", "seed_hash", "translations", *self.plain, **names))
        parents = None if slug is None else [row["pk"] for row in found]
        more = self.read_more(parents)
        return {
            row["slug"]: Row(
                row["pk"],
                row["seed_hash"],
                content(
                    translations=row["translations"],
                    **{name: row[name] for name in self.plain},
                    **{name: row[f"found_{name}"] for name in (*self.references, *self.versions)},
                    **more[row["pk"]],
                ),
            )
            for row in found
        }

    def read_more(self, parents: Collection[int] | None) -> dict[int, dict[str, list[Any]]]:
        """Links and child rows by the key of their entry, of all entries when none are named."""
        more: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        for link in self.links:
            through, source, target = self._through(link)
            rows = through.objects.order_by("pk")
            if parents is not None:
                rows = rows.filter(**{f"{source}__in": parents})
            for parent, slug in rows.values_list(f"{source}_id", f"{target}__slug"):
                more[parent][link].append(slug)
        for children in self.children:
            for _pk, parent, row in children.rows(parents):
                more[parent][children.key].append(row)
        for lists in more.values():
            for key, values in lists.items():
                lists[key] = sorted(values, key=written)
        return more

    def _through(self, link: str) -> tuple[Any, str, str]:
        relation = column(self.model, link)
        if not isinstance(relation, models.ManyToManyField):
            raise TypeError(f"{link} is not a many-to-many relation.")
        return relation.remote_field.through, relation.m2m_field_name(), relation.m2m_reverse_field_name()

    # ---- Decide ----

    def settle(self, wanted: dict[str, Content], fixed: Mapping[str, Row]) -> dict[str, Content]:
        """What can be written beside the entries that stay as they are. Here: all of it."""
        return wanted

    # ---- Write ----

    def write(
        self, new: dict[str, Content], changed: Mapping[str, tuple[Row, Content]], writing: Writing
    ) -> None:
        """Insert and update entries with everything that belongs to them, in a fixed number of statements."""
        names = ["seed_hash", "translations", *self.plain, *self.references]
        self.make_room([row.pk for row, _wanted in changed.values()])
        self.model.objects.bulk_update(
            [
                self.model(pk=row.pk, slug=slug, **self._columns(wanted, writing))
                for slug, (row, wanted) in changed.items()
            ],
            names,
        )
        self.model.objects.bulk_create(
            self.model(slug=slug, **self._columns(wanted, writing)) for slug, wanted in new.items()
        )
        writing.forget(self.model)
        self._reword(changed)
        contents = {slug: wanted for slug, (_row, wanted) in changed.items()} | new
        by_key = {writing.key(self.model, slug): wanted for slug, wanted in contents.items()}
        self._write_versions(by_key, writing)
        for link in self.links:
            self._write_link(link, by_key, writing)
        for children in self.children:
            children.write({pk: wanted.get(children.key, []) for pk, wanted in by_key.items()}, writing)
        self.write_more(by_key, writing)

    def make_room(self, changed: Collection[int]) -> None:
        """Called before entries exchange values that are unique."""

    def write_more(self, contents: Mapping[int, Content], writing: Writing) -> None:
        """What else belongs to these entries, by primary key."""

    def _columns(self, wanted: Content, writing: Writing) -> dict[str, Any]:
        columns: dict[str, Any] = {"seed_hash": hash_of(wanted)}
        for name in ("translations", *self.plain):
            columns[name] = wanted.get(name, column(self.model, name).get_default())
        for name in self.references:
            target = related(self.model, name)
            columns[f"{name}_id"] = writing.key(target, wanted[name]) if name in wanted else None
        return columns

    def _reword(self, changed: Mapping[str, tuple[Row, Content]]) -> None:
        """Answers are kept with the version of the text they answer, so a new text is a new version."""
        reworded = [
            row.pk
            for row, wanted in changed.values()
            if any(row.content.get(name) != wanted.get(name) for name in self.wording)
        ]
        if reworded:
            self.model._default_manager.filter(pk__in=reworded).update(version=F("version") + 1)

    def _write_versions(self, contents: Mapping[int, Content], writing: Writing) -> None:
        if not self.versions:
            return
        entries = [
            self.model(
                pk=pk,
                **{
                    f"{name}_id": writing.key(self.model, wanted[name]) if name in wanted else None
                    for name in self.versions
                },
            )
            for pk, wanted in contents.items()
        ]
        self.model.objects.bulk_update(entries, list(self.versions))

    def _write_link(self, link: str, contents: Mapping[int, Content], writing: Writing) -> None:
        through, source, target = self._through(link)
        model = related(self.model, link)
        wanted = {
            (pk, writing.key(model, slug))
            for pk, content in contents.items()
            for slug in content.get(link, [])
        }
        rows = through.objects.filter(**{f"{source}__in": contents.keys()})
        present = {(row[0], row[1]): row[2] for row in rows.values_list(f"{source}_id", f"{target}_id", "pk")}
        through.objects.filter(pk__in=[pk for pair, pk in present.items() if pair not in wanted]).delete()
        through.objects.bulk_create(
            through(**{f"{source}_id": first, f"{target}_id": second})
            for first, second in sorted(wanted - present.keys())
        )
