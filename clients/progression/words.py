"""The evidence and the decisions in words, one plain sentence for the client and one for the therapist (domain.md 7.5, 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.explaining import in_sentence
from clients.models import PhaseTransition, Side, localized
from clients.progression.criteria import Answer, Criterion
from clients.progression.standing import Kind

WHOSE = {
    "client": lambda: _("this client’s number"),
    "phase": lambda: _("the program’s number"),
    "practice": lambda: _("the practice’s number"),
    "rule": lambda: _("the usual number"),
}


@dataclass(frozen=True)
class Line:
    """One criterion as a page shows it. `figure` is short: "4 of 5"; `detail` is the sentence beside it."""

    text: str
    figure: str
    answer: Answer
    detail: str = ""
    whose: str = ""

    @property
    def met(self) -> bool:
        return self.answer == Answer.MET

    @property
    def missing(self) -> bool:
        return self.answer == Answer.NOT_ENOUGH

    @property
    def state(self) -> str:
        """For screen readers, and beside the mark."""
        if self.met:
            return _("met")
        return _("not enough data yet") if self.missing else _("not yet")


def number(value: Any) -> str:
    """A figure as people write it in their language; a dash where nothing is known."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return number_format(value, decimal_pos=0 if value == int(value) else 1)
    return number_format(value)


def muscle_of(criterion: Criterion) -> str:
    name = in_sentence(localized(criterion.muscle.get("texts", {}), "name"))
    if criterion.side in (Side.LEFT, Side.RIGHT):
        return _("%(side)s %(muscle)s") % {"side": Side(criterion.side).label, "muscle": name}
    return name


# ---- For the client -----------------------------------------------------------------------------------------------------


def for_client(criterion: Criterion) -> Line:
    text, figure, detail = CLIENT[criterion.slug](criterion)
    if criterion.answer == Answer.NOT_ENOUGH and not detail:
        detail = too_little()
    return Line(text, figure, criterion.answer, detail)


def too_little() -> str:
    return _("There is not enough data for this yet.")


def said_once(lines: Iterable[Line]) -> Iterator[Line]:
    """The same lines, with the sentence that there is not enough data beside the first of them: on the first day it fits most."""
    said = False
    for line in lines:
        repeats = line.detail == too_little()
        yield replace(line, detail="") if repeats and said else line
        said = said or repeats


Told = tuple[str, str, str]


def client_days(criterion: Criterion) -> Told:
    least = criterion.wanted("min_days_in_phase")
    text = ngettext("At least %(days)d day in this phase", "At least %(days)d days in this phase", least)
    figures = {"found": min(criterion.figures["days"], least), "wanted": least}
    return text % {"days": least}, _("%(found)d of %(wanted)d") % figures, ""


def client_sessions(criterion: Criterion) -> Told:
    wanted, days = criterion.wanted("min_completed_sessions_in_window"), criterion.wanted("window_days")
    text = _("%(sessions)d sessions in the last %(days)d days") % {"sessions": wanted, "days": days}
    found = min(criterion.figures["sessions"], wanted)
    return text, _("%(found)d of %(wanted)d") % {"found": found, "wanted": wanted}, ""


def client_adherence(criterion: Criterion) -> Told:
    wanted = criterion.wanted("min_adherence_percent")
    text = _("%(percent)d %% of what was planned in the last %(days)d days") % {
        "percent": wanted,
        "days": criterion.wanted("window_days"),
    }
    percent = criterion.figures["percent"]
    return text, "–" if percent is None else _("%(percent)s %%") % {"percent": number(round(percent))}, ""


def client_tenderness(criterion: Criterion) -> Told:
    """Where it is met by the drop alone, the drop is what stands there: a tick beside a number above the goal reads as an error."""
    most, drop = criterion.wanted("tenderness_max"), criterion.wanted("or_tenderness_drop_at_least")
    first, latest = criterion.figures["first"], criterion.figures["latest"]
    if criterion.met and latest > most:
        text = _("Pressing the %(muscle)s: at least %(drop)s less than at the start of the phase") % {
            "muscle": muscle_of(criterion),
            "drop": number(drop),
        }
        return text, f"{number(first)} → {number(latest)}", ""
    text = _("Pressing the %(muscle)s: %(most)s or less of 10") % {
        "muscle": muscle_of(criterion),
        "most": number(most),
    }
    detail = ""
    if criterion.answer == Answer.NOT_ENOUGH:
        detail = _("Press it once this week and note how tender it is.")
    elif drop is not None:
        detail = _("Or %(drop)s less than at the start of the phase.") % {"drop": number(drop)}
    return text, number(latest), detail


def client_mean_pain(criterion: Criterion) -> Told:
    text = _("Pain of %(most)s or less of 10 on average, over %(days)d days") % {
        "most": number(criterion.wanted("mean_pain_max")),
        "days": criterion.wanted("window_days"),
    }
    return text, number(criterion.figures["mean"]), ""


def client_baseline(criterion: Criterion) -> Told:
    text = _("Pain about as before this phase, or less")
    detail = ""
    if criterion.figures["baseline"] is None:
        detail = _("There are too few numbers from before this phase. Your therapist decides without them.")
    return text, number(criterion.figures["mean"]), detail


def client_no_red(criterion: Criterion) -> Told:
    text = _("No session that was too much, in %(days)d days") % {"days": criterion.wanted("window_days")}
    detail = ""
    if criterion.answer == Answer.NOT_ENOUGH and criterion.figures["sessions"]:
        detail = _("Of one session the strongest pain is not noted.")
    known = criterion.answer != Answer.NOT_ENOUGH
    return text, number(criterion.figures["red"]) if known else "–", detail


def client_no_signs(criterion: Criterion) -> Told:
    return _("No new warning signs, and nothing that moved down a leg or arm"), "", ""


def client_green(criterion: Criterion) -> Told:
    wanted = criterion.wanted("consecutive_green_sessions")
    text = _("%(number)d sessions in a row that felt fine, also the next morning") % {"number": wanted}
    detail = ""
    if criterion.figures["unanswered"]:
        detail = _("Without an answer on the next morning a session does not count yet.")
    return (
        text,
        _("%(found)d of %(wanted)d") % {"found": criterion.figures["green"], "wanted": wanted},
        detail,
    )


def client_full_dose(criterion: Criterion) -> Told:
    wanted = criterion.wanted("full_dose_sessions_in_a_row")
    text = _("Everything done %(number)d times in a row, at an effort of %(most)s or less") % {
        "number": wanted,
        "most": number(criterion.wanted("effort_max")),
    }
    return text, _("%(found)d of %(wanted)d") % {"found": criterion.figures["full"], "wanted": wanted}, ""


def client_session_pain(criterion: Criterion) -> Told:
    text = _("Pain of %(most)s or less of 10 in each session") % {
        "most": number(criterion.wanted("session_pain_max"))
    }
    return text, number(criterion.figures["worst"]), ""


def client_pain_drop(criterion: Criterion) -> Told:
    text = _(
        "Clearly less pain than before the program: %(points)s points or %(percent)s %% less, or %(low)s at most"
    ) % {
        "points": number(criterion.wanted("pain_drop_at_least")),
        "percent": number(criterion.wanted("or_pain_drop_percent")),
        "low": number(criterion.wanted("or_mean_pain_max")),
    }
    return text, number(criterion.figures["mean"]), ""


def client_activities(criterion: Criterion) -> Told:
    text = _("Your activities %(points)s points better than at first") % {
        "points": number(criterion.wanted("activities_gain_at_least"))
    }
    return text, number(criterion.figures["gain"]), ""


CLIENT: dict[str, Callable[[Criterion], Told]] = {
    "days_in_phase": client_days,
    "sessions_done": client_sessions,
    "adherence": client_adherence,
    "tenderness": client_tenderness,
    "mean_pain": client_mean_pain,
    "against_baseline": client_baseline,
    "no_red_sessions": client_no_red,
    "no_new_signs": client_no_signs,
    "green_sessions": client_green,
    "full_dose": client_full_dose,
    "session_pain": client_session_pain,
    "pain_drop": client_pain_drop,
    "activities": client_activities,
}


# ---- For the therapist --------------------------------------------------------------------------------------------------


def for_therapist(criterion: Criterion) -> Line:
    text, figure = THERAPIST[criterion.slug](criterion)
    owners = {said["whose"] for key, said in criterion.numbers.items() if key != "window_days"}
    whose = ", ".join(WHOSE[each]() for each in ("client", "phase", "practice") if each in owners)
    return Line(text, figure, criterion.answer, whose=whose)


def window(criterion: Criterion) -> int:
    return criterion.wanted("window_days", 0)


def therapist_days(criterion: Criterion) -> tuple[str, str]:
    return (
        _("Days in the phase, at least %(least)s") % {"least": number(criterion.wanted("min_days_in_phase"))},
        number(criterion.figures["days"]),
    )


def therapist_sessions(criterion: Criterion) -> tuple[str, str]:
    text = _("Sessions in %(days)d days, at least %(least)s") % {
        "days": window(criterion),
        "least": number(criterion.wanted("min_completed_sessions_in_window")),
    }
    return text, number(criterion.figures["sessions"])


def therapist_adherence(criterion: Criterion) -> tuple[str, str]:
    text = _("Adherence in %(days)d days, at least %(least)s %%") % {
        "days": window(criterion),
        "least": number(criterion.wanted("min_adherence_percent")),
    }
    figures = criterion.figures
    if figures["percent"] is None:
        return text, _("nothing due")
    said = {
        "percent": number(figures["percent"]),
        "done": number(figures["done"]),
        "due": number(figures["due"]),
    }
    return text, _("%(percent)s %%: %(done)s of %(due)s items") % said


def therapist_tenderness(criterion: Criterion) -> tuple[str, str]:
    text = _(
        "Tenderness of the %(muscle)s, %(most)s or less, or %(drop)s less than at the start of the phase"
    ) % {
        "muscle": muscle_of(criterion),
        "most": number(criterion.wanted("tenderness_max")),
        "drop": number(criterion.wanted("or_tenderness_drop_at_least")),
    }
    figures = criterion.figures
    if figures["latest"] is None:
        return text, _("no reading in %(days)d days") % {"days": window(criterion)}
    return text, _("%(first)s, now %(latest)s") % {key: number(figures[key]) for key in ("first", "latest")}


def therapist_mean_pain(criterion: Criterion) -> tuple[str, str]:
    text = _("Mean pain of %(days)d days, %(most)s or less") % {
        "days": window(criterion),
        "most": number(criterion.wanted("mean_pain_max")),
    }
    return text, mean_words(criterion)


def mean_words(criterion: Criterion) -> str:
    figures = criterion.figures
    days = ngettext("%(days)d day recorded", "%(days)d days recorded", figures["days"]) % {
        "days": figures["days"]
    }
    return days if figures["mean"] is None else f"{number(figures['mean'])} ({days})"


def therapist_baseline(criterion: Criterion) -> tuple[str, str]:
    text = _("Mean pain not more than %(by)s above the baseline of the phase") % {
        "by": number(criterion.wanted("mean_pain_not_above_baseline_by"))
    }
    figures = criterion.figures
    if figures["baseline"] is None:
        return text, _("no baseline: fewer than 3 days recorded before the phase")
    said = {"mean": number(figures["mean"]), "baseline": number(figures["baseline"])}
    return text, _("%(mean)s against %(baseline)s") % said


def therapist_no_red(criterion: Criterion) -> tuple[str, str]:
    text = _("No red session in %(days)d days") % {"days": window(criterion)}
    figures = criterion.figures
    said = _("%(red)d of %(sessions)d red") % {"red": figures["red"], "sessions": figures["sessions"]}
    if figures["untold"]:
        said = _("%(said)s, %(untold)d without a number") % {"said": said, "untold": figures["untold"]}
    return text, said


def therapist_no_signs(criterion: Criterion) -> tuple[str, str]:
    text = _("No warning sign and no spreading symptom in %(days)d days") % {"days": window(criterion)}
    figures = {"signs": criterion.figures["signs"], "days": criterion.figures["checked"]}
    return text, _("%(signs)d told, asked on %(days)d days") % figures


def therapist_green(criterion: Criterion) -> tuple[str, str]:
    text = _("Green sessions in a row with their mornings, at least %(least)s") % {
        "least": number(criterion.wanted("consecutive_green_sessions"))
    }
    figures = criterion.figures
    said = _("%(green)d of the last %(sessions)d") % {
        "green": figures["green"],
        "sessions": figures["sessions"],
    }
    if figures["unanswered"]:
        said = _("%(said)s, %(unanswered)d without the answer of the morning") % {
            "said": said,
            "unanswered": figures["unanswered"],
        }
    return text, said


def therapist_full_dose(criterion: Criterion) -> tuple[str, str]:
    text = _("Full dose at effort %(most)s or less, %(times)s sessions running") % {
        "most": number(criterion.wanted("effort_max")),
        "times": number(criterion.wanted("full_dose_sessions_in_a_row")),
    }
    figures = criterion.figures
    said = {"full": figures["full"], "sessions": figures["sessions"], "effort": number(figures["effort"])}
    return text, _("%(full)d of the last %(sessions)d, effort %(effort)s") % said


def therapist_session_pain(criterion: Criterion) -> tuple[str, str]:
    text = _("Strongest pain of each session in %(days)d days, %(most)s or less") % {
        "days": window(criterion),
        "most": number(criterion.wanted("session_pain_max")),
    }
    return text, number(criterion.figures["worst"])


def therapist_pain_drop(criterion: Criterion) -> tuple[str, str]:
    text = _(
        "Mean pain down by %(points)s points or %(percent)s %% from the baseline of the program, or %(low)s at most"
    ) % {
        "points": number(criterion.wanted("pain_drop_at_least")),
        "percent": number(criterion.wanted("or_pain_drop_percent")),
        "low": number(criterion.wanted("or_mean_pain_max")),
    }
    figures = criterion.figures
    said = {"mean": mean_words(criterion), "baseline": number(figures["baseline"])}
    return text, _("%(mean)s against %(baseline)s") % said


def therapist_activities(criterion: Criterion) -> tuple[str, str]:
    text = _("Activities up by %(points)s from the first rating") % {
        "points": number(criterion.wanted("activities_gain_at_least"))
    }
    said = {key: number(criterion.figures[key]) for key in ("first", "latest")}
    return text, _("%(first)s, now %(latest)s") % said


THERAPIST: dict[str, Callable[[Criterion], tuple[str, str]]] = {
    "days_in_phase": therapist_days,
    "sessions_done": therapist_sessions,
    "adherence": therapist_adherence,
    "tenderness": therapist_tenderness,
    "mean_pain": therapist_mean_pain,
    "against_baseline": therapist_baseline,
    "no_red_sessions": therapist_no_red,
    "no_new_signs": therapist_no_signs,
    "green_sessions": therapist_green,
    "full_dose": therapist_full_dose,
    "session_pain": therapist_session_pain,
    "pain_drop": therapist_pain_drop,
    "activities": therapist_activities,
}


# ---- Decisions ----------------------------------------------------------------------------------------------------------


CAUSES = {
    "session": lambda: _("A session was in the red."),
    "morning": lambda: _("The morning after was worse than before."),
    "step_back": lambda: _("A step back is proposed."),
    "therapist": lambda: "",
    "amber": lambda: _("Three sessions in a row were in the amber."),
    "return": lambda: _("Strengthening begins a little lighter."),
    "red_sessions": lambda: _("Two red sessions in a row."),
    "pain": lambda: _("The pain of 7 days is clearly above the baseline."),
    "tenderness": lambda: _("Pressing is more tender again."),
    "missed_days": lambda: _("No session for a long time."),
    "spreading": lambda: _("Symptoms spread down a limb in two sessions running."),
    "new_numb": lambda: _("New numbness or weakness was told."),
    "no_change": lambda: _("No important change since the program began."),
}

CLIENT_CAUSES = {
    "session": lambda: _("Your last session was a bit much."),
    "morning": lambda: _("The morning after was harder than before."),
    "step_back": lambda: _("Your last sessions were harder on you than planned."),
    "red_sessions": lambda: _("Your last sessions were harder on you than planned."),
    "pain": lambda: _("The last days hurt more than before."),
    "tenderness": lambda: _("Pressing is more tender again."),
    "missed_days": lambda: _("There was no session for a while."),
    "amber": lambda: _("The last sessions were a little too much."),
    "return": lambda: _("It begins a little lighter."),
}


def what_for_client(row: PhaseTransition) -> str:
    """A row of the story in the client's words; empty for one that only the therapist needs."""
    said = {
        Kind.READY: _("All that opens the next phase holds. Your therapist has been asked."),
        Kind.NOT_READY: _("Not everything that opens the next phase holds any more."),
        Kind.HELD: _("Your therapist stays with this phase for now"),
        Kind.STEP_BACK_PROPOSED: _("Your therapist has been asked whether a step back is better for now"),
        Kind.RELEASE_ONLY: _("A few lighter days: release only"),
        Kind.STRENGTHENING_BACK: _("Strengthening is back"),
        Kind.DOSE_REDUCED: _("A little less for now"),
        Kind.DOSE_RESTORED: _("Back to the amount that was agreed"),
        Kind.TIGHT_AGAIN: _("Tight again: release is open again"),
        Kind.RELEASE_ENOUGH: _("The extra release has done its work"),
        Kind.CARRIED_ON: _("Your therapist looked at it: the phase goes on"),
        Kind.ALONGSIDE: _("Strengthening begins beside release"),
        Kind.ALONGSIDE_ENDED: _("Release only again"),
        Kind.REFERRED: _("Your therapist asks you to have it looked at by a doctor"),
    }
    if row.kind in (Kind.REVIEW_DUE, Kind.REFER_SUGGESTED, Kind.NUMBERS) or row.numbers.get("again"):
        return ""
    if row.numbers.get("answers") == "tight":
        return _("Your therapist knows that it is tight again; release for it goes on")
    return str(said.get(Kind(row.kind), row.get_kind_display()))


def why_for_client(row: PhaseTransition) -> str:
    if row.reason:
        return row.reason
    return str(CLIENT_CAUSES.get(row.numbers.get("cause", ""), str)())


def why_for_therapist(row: PhaseTransition) -> str:
    """The reason that a person gave, or the cause that the rule found, with its figures."""
    if row.reason:
        return row.reason
    numbers = row.numbers
    cause = str(CAUSES.get(numbers.get("cause", ""), str)())
    if numbers.get("cause") in ("session", "morning") and numbers.get("day"):
        day = date_format(date.fromisoformat(numbers["day"]), "j M")
        return _("%(cause)s (%(day)s)") % {"cause": cause.rstrip("."), "day": day}
    if numbers.get("cause") in ("pain", "no_change"):
        figures = {"mean": number(numbers["mean"]), "baseline": number(numbers["baseline"])}
        return f"{cause} " + _("%(mean)s against %(baseline)s") % figures
    if numbers.get("cause") == "tenderness":
        muscle = Criterion("tenderness", Answer.NOT_MET, muscle=numbers["muscle"], side=numbers["side"])
        figures = {"muscle": muscle_of(muscle), "first": numbers["first"], "latest": numbers["latest"]}
        return f"{cause} " + _("%(muscle)s: %(first)d, now %(latest)d") % figures
    if row.kind in (Kind.READY, Kind.NOT_READY, Kind.REVIEW_DUE, Kind.HELD):
        criteria = [Criterion.from_json(each) for each in numbers.get("criteria", [])]
        if not criteria:
            return ""  # a phase that no rule closes
        met = sum(1 for each in criteria if each.met)
        return _("%(met)d of %(all)d met") % {"met": met, "all": len(criteria)}
    if row.kind == Kind.TIGHT_AGAIN:
        return ", ".join(localized(texts, "name") for texts in numbers.get("names", []))
    return cause
