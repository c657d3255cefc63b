"""A client's plan, as these tests ask for it."""

from clients.demo.builders import NOW
from clients.models import AssignedStep
from clients.planning import plan_for

TODAY = NOW.date()


def step_of(assignment, exercise, phase="release"):
    return AssignedStep.objects.get(
        phase__assignment=assignment, phase__kind=phase, exercise__slug=exercise, valid_until=None
    )


def due(client, day=TODAY):
    """What is due on that day: exercise and side, with sets."""
    return {f"{item.step.as_was['slug']} {item.side}": item.dose.sets for item in plan_for(client, day).items}
