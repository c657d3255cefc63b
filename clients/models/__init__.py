from clients.models.accounts import (
    AccessLink,
    CareDecision,
    CareTeam,
    Client,
    ClientTag,
    Role,
    ScopedQuerySet,
    Side,
    User,
)
from clients.models.assignments import AssignedPhase, AssignedStep, Assignment, AssignmentPause, localized
from clients.models.ownership import OwnExercise, OwnProgram
from clients.models.practice import Practice
from clients.models.reminders import Delivery, ReminderSchedule, Suppression
from clients.models.safety import CareTick, ContactRecord, SafetyBlock, Screening, ScreeningAnswer
from clients.models.training import (
    Measure,
    Record,
    SessionItem,
    SessionItemStep,
    SessionReading,
    SetRecord,
    SkipReason,
    SkipRecord,
    StopEvent,
    TrainingSession,
)
from clients.models.transitions import PhaseTransition

__all__ = [
    "AccessLink",
    "AssignedPhase",
    "AssignedStep",
    "Assignment",
    "AssignmentPause",
    "CareDecision",
    "CareTeam",
    "CareTick",
    "Client",
    "ClientTag",
    "ContactRecord",
    "Delivery",
    "Measure",
    "OwnExercise",
    "OwnProgram",
    "PhaseTransition",
    "Practice",
    "Record",
    "ReminderSchedule",
    "Role",
    "SafetyBlock",
    "ScopedQuerySet",
    "Screening",
    "ScreeningAnswer",
    "SessionItem",
    "SessionItemStep",
    "SessionReading",
    "SetRecord",
    "Side",
    "SkipReason",
    "SkipRecord",
    "StopEvent",
    "Suppression",
    "TrainingSession",
    "User",
    "localized",
]
