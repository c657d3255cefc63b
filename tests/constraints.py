"""Attacks on the constraints of the database: every rule that it keeps must really refuse, whoever writes.

An app lists its attacks by the name of the constraint (`Attacks`); `every_constraint` says which there are, so a
constraint without an attack fails the test, and so does an attack on something that no longer exists. Attacks write
past forms, `save()` and `full_clean()`: by `update` and `bulk_create`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

Attack = Callable[[], object]
Attacks = Mapping[str, Sequence[Attack]]


def every_constraint(app_label: str) -> dict[str, tuple[type[models.Model], tuple[str, ...]]]:
    """Model and columns of each constraint by its name; a unique column is called model.column."""
    found: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {}
    for model in apps.get_app_config(app_label).get_models():
        for constraint in model._meta.constraints:
            fields = getattr(constraint, "fields", ())
            columns = tuple(model._meta.get_field(name).column for name in fields)
            found[constraint.name] = (model, columns)
        for field in model._meta.local_fields:
            if field.unique and not field.primary_key:
                found[f"{model._meta.model_name}.{field.name}"] = (model, (field.column,))
    return found


def cases(attacks: Attacks) -> Iterator[Any]:
    """One parameter set for each attack: the name of the constraint and the attack."""
    for name, list_of_attacks in attacks.items():
        for number, attack in enumerate(list_of_attacks, start=1):
            yield pytest.param(name, attack, id=name if len(list_of_attacks) == 1 else f"{name}-{number}")


def assert_refused(app_label: str, name: str, attack: Attack) -> None:
    """The database refuses the attack, and by this constraint."""
    model, columns = every_constraint(app_label)[name]
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        attack()
    said = str(refused.value)
    if "." in name:
        assert columns[0] in said
        assert model._meta.db_table in said
    elif connection.vendor == "sqlite" and columns and f"index '{name}'" not in said:
        # SQLite names the columns of a unique constraint, not the constraint.
        wanted = ", ".join(f"{model._meta.db_table}.{column}" for column in columns)
        assert said == f"UNIQUE constraint failed: {wanted}"
    else:
        assert name in said


def changed(model: type[models.Model], rows: Mapping[str, Any] | None = None, **values: Any) -> Attack:
    """Write these values into one row that is there (one of `rows`, where they matter)."""

    def attack() -> object:
        row = model._default_manager.filter(**(rows or {})).order_by("pk")[:1].get()
        return model._default_manager.filter(pk=row.pk).update(**values)

    return attack


def doubled(model: type[models.Model], rows: Mapping[str, Any] | None = None, **values: Any) -> Attack:
    """Write a row that is there once more, with these values changed."""

    def attack() -> object:
        row = model._default_manager.filter(**(rows or {})).order_by("pk")[:1].get()
        row.pk = None
        row._state.adding = True
        for name, value in values.items():
            setattr(row, name, value)
        return model._default_manager.bulk_create([row])

    return attack
