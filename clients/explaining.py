"""Why this program, why now, what opens next: in words for the person who follows it (domain.md 7.5, 9).

Nothing here examines or judges: it says what the therapist chose and which rules the therapist set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import AssignedPhase, Assignment, PhaseTransition, Side, localized
from clients.numbers import phase_numbers
from routines.models import PhaseKind
from routines.wording import in_sentence, listed, muscle_words


@dataclass(frozen=True)
class Part:
    """A muscle or joint of the pattern: its name, and what it does or what happens there."""

    role: str
    name: str
    words: str


@dataclass(frozen=True)
class Why:
    """`chosen` names the pattern, `sentence` the pair of muscles and the joint, `parts` explain the three."""

    chosen: str
    sentence: SafeString
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Opening:
    """The next phase and what the therapist wants to see before it."""

    name: str
    kind: PhaseKind
    requirements: tuple[str, ...]


def why(assignment: Assignment, kind: str) -> Why | None:
    """Why this program, told for the phase that is current. None where the program names no pattern."""
    story = assignment.why
    if not story.get("name"):
        return None
    tight = localized(story["tight"][0], "name") if story["tight"] else ""
    paired = partner(story["tight"], story.get("partners", []))
    weak = paired or partner(story["tight"], story["weak"])
    joint = story["joints"][0] if story["joints"] else {}
    chosen = _("Your therapist chose this program for a pattern often called %(pattern)s.") % {
        "pattern": in_sentence(localized(story["name"], "name"))
    }
    names = (tight, localized(weak, "name"), localized(joint, "name"))
    return Why(
        chosen=chosen,
        sentence=sentence(PhaseKind(kind), assignment.side, *names, paired=bool(paired))
        if all(names)
        else SafeString(""),
        parts=tuple(
            parts(story["tight"][:1], [weak] if weak else [], story["joints"][:1], paired=bool(paired))
        ),
    )


def partner(tight: list[dict[str, Any]], weak: list[dict[str, Any]]) -> dict[str, Any]:
    """Which of these to name beside the first tight muscle; empty when there is none.

    A muscle may be both (soleus in heel pain, wrist extensors in tennis elbow): one that is only weak comes first.
    """
    names = [localized(muscle, "name") for muscle in tight]
    others = [muscle for muscle in weak if localized(muscle, "name") not in names[:1]]
    return next((muscle for muscle in others if localized(muscle, "name") not in names), (others or [{}])[0])


def sentence(kind: PhaseKind, side: str, tight: str, weak: str, joint: str, *, paired: bool) -> SafeString:
    """`paired`: the catalogue calls the two muscles partners; without a pair the word is not said."""
    texts = {
        PhaseKind.RELEASE: _(
            "Easing your {tight} comes first, so that the partner, the {weak}, can take over more of the work at "
            "the {joint}."
        ),
        PhaseKind.STRENGTHEN: _(
            "Your {tight} had its turn and keeps a short release. Now the partner, the {weak}, learns to take over "
            "more of the work at the {joint}."
        ),
        PhaseKind.INTEGRATE: _(
            "Now everyday movements use what you trained: the {weak} works, your {tight} stays easy, and the "
            "{joint} may move more comfortably."
        ),
        PhaseKind.MAINTAIN: _(
            "A few minutes a week help to keep your {tight} easy and the {weak} strong, so that the {joint} may stay "
            "comfortable."
        ),
    }
    alone = {
        PhaseKind.RELEASE: _(
            "Easing your {tight} comes first, so that the {weak} can take over more of the work at the {joint}."
        ),
        PhaseKind.STRENGTHEN: _(
            "Your {tight} had its turn and keeps a short release. Now you train the {weak}, to take over more of the "
            "work at the {joint}."
        ),
    }
    return format_html(
        (texts if paired else texts | alone)[kind],
        tight=with_side(side, tight),
        weak=format_html("<strong>{}</strong>", in_sentence(weak)),
        joint=format_html("<strong>{}</strong>", in_sentence(joint)),
    )


def with_side(side: str, muscle: str) -> SafeString:
    if side in (Side.LEFT, Side.RIGHT):
        words = _("%(side)s %(muscle)s") % {"side": Side(side).label, "muscle": in_sentence(muscle)}
    else:
        words = in_sentence(muscle)
    return format_html("<strong>{}</strong>", words)


def parts(
    tight: list[dict[str, Any]], weak: list[dict[str, Any]], joints: list[dict[str, Any]], *, paired: bool
) -> list[Part]:
    beside = _("Its partner") if paired else _("Trained beside it")
    return [
        *(Part(_("Feels tight"), localized(each, "name"), localized(each, "action")) for each in tight),
        *(Part(beside, localized(each, "name"), localized(each, "action")) for each in weak),
        *(Part(_("The joint"), localized(each, "name"), localized(each, "plain_words")) for each in joints),
    ]


def why_this(told: Mapping[str, Any]) -> str:
    """One sentence for the client on why this exercise is in the program; empty where its step says nothing."""
    muscles = listed([muscle_words(each, rated=False) for each in told.get("muscles", ())])
    texts = {
        "tight": _("May ease what feels tight: %(muscles)s."),
        "partner": _("Trains the partner of what feels tight: %(muscles)s."),
        "weak": _("Your therapist would like this to get stronger: %(muscles)s."),
        "short_release": _("A short release comes first, so that this stays easy: %(muscles)s."),
        "keep": _("A little of it helps to keep what you have reached: %(muscles)s."),
    }
    text = texts.get(told.get("because", ""), "")
    return text % {"muscles": muscles} if muscles and text else ""


def opening(
    phases: list[AssignedPhase], current: AssignedPhase, rows: Sequence[PhaseTransition] = ()
) -> Opening | None:
    """What opens the phase after this one; None in the last phase. `rows` hold the client's own numbers."""
    following = next((phase for phase in phases if phase.order == current.order + 1), None)
    if following is None:
        return None
    return Opening(following.name, PhaseKind(following.kind), tuple(requirements(current, rows)))


def requirements(phase: AssignedPhase, rows: Sequence[PhaseTransition] = ()) -> list[str]:
    """The rule of this phase as sentences (domain.md 6.4). It says what is asked for, never how far one is."""
    said = phase_numbers(phase, rows)
    numbers = said.merged()
    least = said.value("min_days_in_phase")
    found = [
        ngettext("At least %(days)d day in this phase", "At least %(days)d days in this phase", least)
        % {"days": least}
    ]
    if sessions := numbers.get("min_completed_sessions_in_window"):
        window = {"sessions": sessions, "days": numbers.get("window_days", 7)}
        found.append(_("%(sessions)d sessions in %(days)d days") % window)
    if share := numbers.get("min_adherence_percent"):
        found.append(_("%(share)d %% of the planned exercises done") % {"share": share})
    most = numbers.get("tenderness_max")
    if most is not None and phase.tenderness_sites:
        names = ", ".join(in_sentence(localized(site["texts"], "name")) for site in phase.tenderness_sites)
        found.append(
            _("Pressing is only a little tender, %(most)d or less of 10: %(muscles)s")
            % {"most": most, "muscles": names}
        )
    pain = numbers.get("session_pain_max", numbers.get("mean_pain_max"))
    if pain is not None:
        found.append(_("Pain of %(pain)d or less of 10") % {"pain": pain})
    return found
