"""Which questions the address of a list may ask."""

from __future__ import annotations

from typing import Any

from django.contrib.admin.utils import get_fields_from_path
from django.db.models import DateField
from django.http import HttpRequest

from routines.admin.tables import CsvList


class OfferedLookups(CsvList):
    """A list that answers its own filters and nothing else."""

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the links of the list ask: one lookup more, and it could probe fields that are not shown."""
        offered: set[str] = set()
        for item in self.get_list_filter(request):  # type: ignore[arg-type]
            name = item[0] if isinstance(item, tuple) else item
            if hasattr(name, "parameter_name"):
                offered.add(name.parameter_name)
            elif isinstance(name, str):
                field = get_fields_from_path(self.model, name)[-1]
                offered |= {name, *(f"{name}__{ending}" for ending in endings_of(field))}
        return lookup in offered


def endings_of(field: Any) -> list[str]:
    """The lookups that Django's own filters put into their links."""
    if field.is_relation:
        return ["exact", "isnull", "id__exact", "pk__exact"]
    if isinstance(field, DateField):
        return ["exact", "isnull", "gte", "lt"]
    return ["exact", "isnull"]
