"""Small checks that a value of the catalogue file has the right shape, each naming the key that is wrong.

A check takes the value, the path of its key and the list to which it adds its complaints. It never changes the
value and never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

Problems = list[str]
Check = Callable[[Any, str, Problems], None]

SLUG = re.compile(r"[a-z][a-z0-9_]*")
SLUG_LENGTH = 80


def text(longest: int | None = None) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, str):
            problems.append(f"{path}: must be text")
        elif not value.strip():
            problems.append(f"{path}: must not be empty")
        elif "\0" in value:
            problems.append(f"{path}: must not hold a NUL")
        elif longest is not None and len(value) > longest:
            problems.append(f"{path}: must have at most {longest} characters")

    return check


def slug(value: Any, path: str, problems: Problems) -> None:
    if not isinstance(value, str) or not SLUG.fullmatch(value) or len(value) > SLUG_LENGTH:
        problems.append(
            f"{path}: must be a short name of small letters, figures and underscores, beginning with a letter"
        )


def flag(value: Any, path: str, problems: Problems) -> None:
    if not isinstance(value, bool):
        problems.append(f"{path}: must be true or false")


def whole(smallest: int, largest: int) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not smallest <= value <= largest:
            problems.append(f"{path}: must be a whole number from {smallest} to {largest}")

    return check


def number(smallest: float, largest: float) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, int | float) or isinstance(value, bool) or not smallest <= value <= largest:
            problems.append(f"{path}: must be a number from {smallest} to {largest}")

    return check


def one_of(allowed: Collection[Any]) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        if not any(value == choice and type(value) is type(choice) for choice in allowed):
            problems.append(f"{path}: must be one of {_named(allowed)}")

    return check


def exactly(allowed: Collection[str]) -> Check:
    """A list of just these words, in any order: the program knows no others."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, list) or sorted(map(str, value)) != sorted(allowed):
            problems.append(f"{path}: must be exactly {_named(allowed)}")

    return check


def maybe(inner: Check) -> Check:
    def check(value: Any, path: str, problems: Problems) -> None:
        if value is not None:
            inner(value, path, problems)

    return check


def either(shape: type, first: Check, second: Check) -> Check:
    """`first` for values of this Python type, else `second`."""

    def check(value: Any, path: str, problems: Problems) -> None:
        (first if isinstance(value, shape) else second)(value, path, problems)

    return check


def many(inner: Check, *, at_least: int = 0, repeated: bool = False) -> Check:
    """A list; plain values in it may not be said twice unless `repeated`."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, list):
            problems.append(f"{path}: must be a list")
            return
        if len(value) < at_least:
            problems.append(
                f"{path}: must have at least {at_least} {'entry' if at_least == 1 else 'entries'}"
            )
        for place, item in enumerate(value):
            inner(item, f"{path}[{place}]", problems)
            if not repeated and isinstance(item, str) and item in value[:place]:
                problems.append(f"{path}[{place}]: {item} is in the list twice")

    return check


def span(smallest: float, largest: float) -> Check:
    """Two numbers, the smaller first."""
    inner = number(smallest, largest)

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, list) or len(value) != 2:
            problems.append(f"{path}: must be two numbers, from and to")
            return
        before = len(problems)
        for place, item in enumerate(value):
            inner(item, f"{path}[{place}]", problems)
        if len(problems) == before and value[0] > value[1]:
            problems.append(f"{path}: must begin with the smaller number")

    return check


@dataclass(frozen=True)
class Record:
    """A mapping with all of the required keys, some of the optional ones and no others."""

    required: Mapping[str, Check]
    optional: Mapping[str, Check]

    @property
    def checks(self) -> dict[str, Check]:
        """The check of each key, in the order in which people like to read them."""
        return {**self.required, **self.optional}

    def __call__(self, value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.append(f"{path or 'the file'}: must be a mapping of keys to values")
            return
        problems.extend(f"{joined(path, key)}: is missing" for key in self.required if key not in value)
        checks = self.checks
        for key, item in value.items():
            if key in checks:
                checks[key](item, joined(path, key), problems)
            else:
                problems.append(f"{joined(path, key)}: is not a known key")


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Record:
    return Record(required, optional or {})


def mapping_of(keys: Check, values: Check) -> Check:
    """A mapping with keys of the file's own choice."""

    def check(value: Any, path: str, problems: Problems) -> None:
        if not isinstance(value, dict):
            problems.append(f"{path}: must be a mapping of keys to values")
            return
        for key, item in value.items():
            keys(key, joined(path, key), problems)
            values(item, joined(path, key), problems)

    return check


def joined(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def _named(values: Collection[Any]) -> str:
    return ", ".join(str(value).lower() if isinstance(value, bool) else str(value) for value in values)
