"""The shipped catalogue as data, read without a database, and wishes made up by chance."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from routines.drafting import (
    CatalogueKnown,
    ExerciseKnown,
    Found,
    Home,
    ImbalanceKnown,
    MuscleKnown,
    Named,
    Wanted,
    Word,
)
from routines.models import Dose
from tests.routines import catalogue_files


def texts(name: str) -> dict[str, Any]:
    return {"": {"name": name}}


def dose_of(data: dict[str, Any]) -> Dose:
    tempo = data["tempo"]
    return Dose(
        **{key: value for key, value in data.items() if key != "tempo"},
        tempo=(tempo["lift"], tempo["hold"], tempo["lower"]) if tempo else None,
    )


@dataclass(frozen=True)
class Shipped:
    """The file, and the same as the draft wants it."""

    data: dict[str, Any]
    catalogue: CatalogueKnown

    def exercise(self, slug: str) -> dict[str, Any]:
        return next(each for each in self.data["exercises"] if each["slug"] == slug)

    def imbalance(self, slug: str) -> dict[str, Any]:
        return next(each for each in self.data["imbalances"] if each["slug"] == slug)

    def muscle(self, slug: str) -> dict[str, Any]:
        return next(each for each in self.data["muscles"] if each["slug"] == slug)


def read_shipped() -> Shipped:
    data = catalogue_files.shipped()
    catalogue = CatalogueKnown(
        muscles={
            row["slug"]: MuscleKnown(
                row["slug"],
                texts(row["name"]),
                sided=row["sided"],
                is_fascia=row.get("tissue", "muscle") == "fascia",
            )
            for row in data["muscles"]
        },
        exercises=[
            ExerciseKnown(
                row["slug"],
                texts(row["name"]),
                kind=row["kind"],
                targets=tuple(row["target_muscles"]),
                secondary=tuple(row["secondary_muscles"]),
                level=row["level"],
                needs_floor=row["needs_floor"],
                equipment=tuple(Named(slug) for slug in sorted(row["equipment"])),
                dose=dose_of(row["dose"]),
                side_mode=row["side_mode"],
            )
            for row in data["exercises"]
        ],
        imbalances=[
            ImbalanceKnown(
                row["slug"],
                texts(row["name"]),
                tight=tuple(row["tight_muscles"]),
                weak=tuple(row["weak_muscles"]),
            )
            for row in data["imbalances"]
        ],
        antagonists={
            row["slug"]: tuple(
                partner["muscle"] for partner in row["partners"] if partner["relation"] == "antagonist"
            )
            for row in data["muscles"]
        },
    )
    return Shipped(data, catalogue)


SHIPPED_CATALOGUE = read_shipped()


@pytest.fixture
def shipped() -> Shipped:
    return SHIPPED_CATALOGUE


@dataclass(frozen=True)
class Case:
    """One wish made up by chance. `conditions` are (slug, side); side both holds on each side."""

    number: int
    wanted: Wanted
    home: Home
    conditions: tuple[tuple[str, str], ...]

    def verdict(self, exercise: str, side: str) -> Word:
        row = SHIPPED_CATALOGUE.exercise(exercise)
        here = {
            slug
            for slug, where in self.conditions
            if where == "both" or side not in ("left", "right") or where == side
        }
        if here & set(row["avoid_if"]):
            return Word.FORBIDDEN
        return Word.CARE if here & set(row["care_if"]) else Word.OK


def case_by_chance(number: int) -> Case:
    dice = random.Random(number)  # noqa: S311
    data = SHIPPED_CATALOGUE.data
    muscles = [row["slug"] for row in data["muscles"]]
    near: list[str] = []
    for row in dice.sample(data["imbalances"], dice.randint(0, 2)):
        near += row["tight_muscles"] + row["weak_muscles"]
    pool = (near + dice.sample(muscles, 4)) if near else muscles
    found = {}
    for _n in range(dice.randint(1, 10)):
        slug = dice.choice(pool)
        sided = SHIPPED_CATALOGUE.muscle(slug)["sided"]
        for side in dice.choice([["left"], ["right"], ["left", "right"]]) if sided else ["none"]:
            state = dice.choice(["tight", "tight", "tight", "weak"])
            found[slug, side, state] = Found(slug, side, state, dice.randint(0, 10))
    tools = sorted({tool for row in data["exercises"] for tool in row["equipment"]})
    tags = [row["slug"] for row in data["condition_tags"]]
    return Case(
        number=number,
        wanted=Wanted(
            tuple(found.values()),
            imbalance=dice.choice([None, None, None, dice.choice(data["imbalances"])["slug"]]),
        ),
        home=Home(
            tools=dice.choice([None, frozenset(dice.sample(tools, dice.randint(0, 8)))]),
            floor=dice.random() > 0.3,
            level=dice.choice([None, 1, 2, 3]),
            minutes=dice.choice([None, 3, 5, 8, 10, 12, 15, 20, 30]),
        ),
        conditions=tuple(
            (slug, dice.choice(["both", "both", "left", "right"]))
            for slug in dice.sample(tags, dice.choice([0, 0, 1, 2, 3, 6]))
        ),
    )


CASES = [case_by_chance(number) for number in range(200)]
