"""From findings, or from a named pattern, to the draft of a staged program (domain.md 3, 6.6; catalogue.yaml, drafting_rules).

`draft` is pure: the same facts give the same draft, in whatever order they come. `catalogue` reads the facts.
"""

from routines.drafting.facts import (
    CatalogueKnown,
    DraftBlock,
    DraftPhase,
    DraftStep,
    ExerciseKnown,
    Found,
    Home,
    ImbalanceKnown,
    LeftOut,
    MuscleKnown,
    Named,
    NothingToDraft,
    Numbers,
    PhaseDays,
    ProgramDraft,
    Remark,
    TooManyFindings,
    Uncovered,
    Wanted,
    Word,
)
from routines.drafting.phases import draft

__all__ = [
    "CatalogueKnown",
    "DraftBlock",
    "DraftPhase",
    "DraftStep",
    "ExerciseKnown",
    "Found",
    "Home",
    "ImbalanceKnown",
    "LeftOut",
    "MuscleKnown",
    "Named",
    "NothingToDraft",
    "Numbers",
    "PhaseDays",
    "ProgramDraft",
    "Remark",
    "TooManyFindings",
    "Uncovered",
    "Wanted",
    "Word",
    "draft",
]
