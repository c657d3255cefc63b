"""Which shape a collection has, and the reader for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from routines.exchange import opencollection, own, table, wger
from routines.exchange.files import MOST_ROWS, Bundle, Refused
from routines.exchange.incoming import Collection
from routines.exchange.known import Known

# In this order: the first that finds its own files reads them.
READERS: tuple[Any, ...] = (opencollection, wger, own, table)
LONGEST_SOURCE = 80


def read(bundle: Bundle, known: Known, source: str = "") -> Collection:
    """All of the collection in our own terms. Raises Refused, and then nothing of it is taken.

    `source` is the name under which a collection without one of its own is known here.
    """
    reader = next((reader for reader in READERS if reader.fits(bundle)), None)
    if reader is None:
        raise Refused(_("This is no exercise collection in a shape that can be read here."))
    collection: Collection = reader.read(bundle, known, slugify(source)[:LONGEST_SOURCE])
    if not collection.source:
        raise Refused(_("Give the collection a name, so that a newer release finds its exercises again."))
    if not collection.entries:
        raise Refused(_("There is no exercise in it."))
    if collection.entries > MOST_ROWS:
        raise Refused(_("There are more than %(most)d entries in it.") % {"most": MOST_ROWS})
    once([each.key for each in collection.exercises] + [each.key for each in collection.refused if each.key])
    once([each.key for each in collection.programs])
    return collection


def once(keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise Refused(_("The key “%(key)s” stands in it twice.") % {"key": key})
        seen.add(key)
