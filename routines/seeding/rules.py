"""The shape of the rules in the catalogue file, and what the numbers of one rule say about each other.

The same checks hold when the therapist edits a rule. Meaning of the numbers: domain.md 5, 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from routines.models import ExerciseKind
from routines.seeding.schema import (
    Check,
    Problems,
    Record,
    flag,
    many,
    maybe,
    number,
    one_of,
    record,
    slug,
    span,
    text,
    whole,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

sentence = text(600)
morning_answer = record({"slug": slug, "label": text(120), "zone": one_of(("green", "amber", "red"))})

DOSE: dict[str, Check] = {
    "sets": whole(1, 20),
    "reps": whole(1, 200),
    "hold_seconds": whole(0, 3600),
    "tempo": maybe(record({"lift": whole(0, 60), "hold": whole(0, 60), "lower": whole(0, 60)})),
    "rest_seconds": whole(0, 600),
    "per_day": whole(1, 3),
    "days_per_week": whole(1, 7),
}

EASIER_RULE = record(
    {},
    dict.fromkeys(("use_when", "two_sets_or_more", "one_set", "forbidden_exercise"), sentence),
)

dose_range = record({}, {key: span(0, 3600) for key in (*DOSE, "seconds_per_muscle") if key != "tempo"})
zero_to_ten = record({"target": span(0, 10), "stop_at": whole(0, 10)})
DOSE_DEFAULTS: dict[str, Check] = {
    kind: record(
        {key: check for key, check in DOSE.items() if key not in ("tempo", "hold_seconds")},
        {
            "tempo": DOSE["tempo"],
            "hold_seconds": DOSE["hold_seconds"],
            "range": dose_range,
            "pressure_0_10": zero_to_ten,
            "stretch_0_10": zero_to_ten,
            "effort_0_10": zero_to_ten,
            "before_strengthening": record({"max_total_seconds_per_muscle": whole(1, 3600)}),
        },
    )
    for kind in ExerciseKind.values
}

SCHEDULE_RULES: dict[str, Check] = {
    "weekday": record(
        {
            "days_by_number": many(
                record({"days_per_week": whole(1, 7), "weekdays": many(one_of(WEEKDAYS), at_least=1)}),
                at_least=7,
            ),
            "strengthening_kinds": many(one_of(ExerciseKind.values)),
            "strengthening_on_consecutive_days_from_days_per_week": whole(1, 7),
        },
        dict.fromkeys(("fixed_when", "strengthening_with_4_days", "moving_days"), sentence),
    ),
    "phase_days": record(
        {"first_day": whole(0, 0)},
        dict.fromkeys(
            ("start_after_days", "until_days", "min_days_and_review_by_day", "not_counted"), sentence
        ),
    ),
    "concurrent_steps": record(
        {
            "max_in_templates": whole(1, 20),
            "warn_above": whole(1, 20),
            "refuse_above_unless_confirmed": whole(1, 20),
        },
        {"count": sentence},
    ),
    "warm_up": record({"kinds": many(one_of(ExerciseKind.values))}, {"rule": sentence}),
}

DRAFTING_RULES = record(
    {"max_at_a_time": whole(1, 20)},
    dict.fromkeys(("rank", "sharing", "overflow", "uncovered", "partners", "result"), sentence),
)

SCREENING_RULES = record(
    {},
    dict.fromkeys(
        ("items", "over_items_max", "answered_when", "stored_as", "emergency_or_urgent", "local_tags"),
        sentence,
    ),
)

days, percent, points, times = whole(0, 730), whole(0, 100), number(0, 10), whole(0, 100)
some = whole(1, 100)  # nothing told is never enough
GATE = record(
    {
        "min_days_in_phase": days,
        "review_by_day": days,
        "window_days": whole(1, 730),
        "therapist_sign_off": flag,
    },
    {
        "min_completed_sessions_in_window": times,
        "min_adherence_percent": percent,
        "tenderness_max": points,
        "or_tenderness_drop_at_least": points,
        "mean_pain_max": points,
        "mean_pain_not_above_baseline_by": points,
        "no_red_zone_sessions_in_window": flag,
        "no_new_neurological_signs": flag,
        "session_pain_max": points,
        "consecutive_green_sessions": some,
        "full_dose_sessions_in_a_row": some,
        "effort_max": points,
        "pain_drop_at_least": points,
        "or_pain_drop_percent": percent,
        "or_mean_pain_max": points,
        "activities_gain_at_least": points,
        "pain_drop_compared_with": sentence,
    },
)
GATES = ("release_to_strengthen", "strengthen_to_integrate", "integrate_to_maintain")
PROGRESSION_RULES: dict[str, Check] = {
    **dict.fromkeys(GATES, GATE),
    "session_pain_zones": record({zone: span(0, 10) for zone in ("green", "amber", "red")}),
    "next_morning": record(
        {
            "hold_if_rise_at_least": points,
            "flag_if_rise_at_least": points,
            "answers": many(morning_answer),
        },
        dict.fromkeys(
            ("compare_with", "question", "number", "combine", "no_answer", "green_session"), sentence
        ),
    ),
    "step_back": record(
        {
            "red_sessions_in_a_row": some,
            "mean_pain_rise_over_baseline": points,
            "tenderness_rise_in_strengthen": points,
            "missed_days": whole(1, 730),
            "therapist_sign_off": flag,
        },
        {"applied": sentence, "until_the_therapist_answers": sentence},
    ),
    "reduce_dose": record(
        {
            "amber_sessions_in_a_row": some,
            "red_sessions": some,
            "next_morning_hold": some,
            "sets_minus": whole(0, 19),
            "reps_or_hold_percent": whole(-99, 0),
            "approved_dose_returns_after_green_sessions": some,
        }
    ),
    "pause_strengthening": record(
        {
            "red_sessions": some,
            "red_mornings": some,
            "pauses_kinds": many(one_of(ExerciseKind.values)),
            "returns_after_green_mornings": some,
            "messages": record({"start": slug, "return": slug}),
        },
        {
            "sign_off_on_return": flag,
            "adherence_lowered": flag,
            "weekly_goal_lowered": flag,
            "counts_towards_next_phase": flag,
            **dict.fromkeys(
                (
                    "from",
                    "meanwhile",
                    "days_without_a_release_step",
                    "each_after",
                    "red_morning_meanwhile",
                    "dose_on_return",
                    "restores",
                    "open_step_back_proposal",
                ),
                sentence,
            ),
        },
    ),
    "load_progression": record(
        {
            "reps_from": whole(1, 200),
            "reps_to": whole(1, 200),
            "then_sets_to": whole(1, 20),
            "extra_reps_in_last_set": times,
            "sessions_in_a_row": times,
            "load_increase_percent": span(0, 100),
            "max_steps_per_week": whole(1, 7),
        }
    ),
    "reassess": record({"every_days": whole(1, 730), "full_outcome_days": many(days)}),
    "stop_and_refer": record({"no_meaningful_change_after_days": whole(1, 730)}, {"alert": sentence}),
    "proposals": record(
        {"escalate_after_days": days}, {"advance_by_itself": sentence, "escalation": sentence}
    ),
    "resolution_order": many(slug, at_least=1),
    "baseline": record(
        {"last_recorded_days": whole(1, 730), "min_values": some},
        dict.fromkeys(("measure", "method", "taken", "fewer"), sentence),
    ),
    "reminders": record(
        {
            "max_per_day": whole(1, 3),
            "shorter_version_letter_after_missed_days": days,
            "shorter_version_letters": times,
            "weekly_after_ignored_days": days,
        },
        {"tell_therapist": sentence, "ignored_day": sentence},
    ),
}
PROGRESSION_SENTENCES: dict[str, Check] = dict.fromkeys(("resolution_note", "minimum_data"), sentence)


# Every rule that is a mapping, by its short name
RULES: dict[str, Check] = {
    **PROGRESSION_RULES,
    **DOSE_DEFAULTS,
    **SCHEDULE_RULES,
    "drafting": DRAFTING_RULES,
    "screening": SCREENING_RULES,
    "easier_rule": EASIER_RULE,
}
# A plain list in the file
RULES["resolution_order"] = record({"order": PROGRESSION_RULES["resolution_order"]})


def in_reading_order(name: str, numbers: dict[str, Any]) -> list[str]:
    """The keys of this rule's numbers as the file has them; a database may have shuffled them."""
    check = RULES.get(name)
    order = list(check.checks) if isinstance(check, Record) else []
    return sorted(numbers, key=lambda key: order.index(key) if key in order else len(order))


def rule_problems(name: str, numbers: dict[str, Any]) -> list[str]:
    """What is wrong with the numbers of this rule, each line beginning with the key. Empty: nothing."""
    problems: Problems = []
    check = RULES.get(name)
    if check is not None:
        check(numbers, "", problems)
    return problems or list(rule_contradictions(name, numbers))


def rule_contradictions(name: str, numbers: dict[str, Any]) -> Iterator[str]:
    """What the numbers of a rule of the right shape say against each other."""
    if name in GATES and numbers["review_by_day"] < numbers["min_days_in_phase"]:
        yield "review_by_day: must not come before min_days_in_phase"
    if name == "session_pain_zones":
        green, amber, red = numbers["green"], numbers["amber"], numbers["red"]
        # Every whole number from 0 to 10 belongs to one zone, else a pain value would have no meaning (domain.md 6.2).
        if [green[0], amber[0], red[0], red[1]] != [0, green[1] + 1, amber[1] + 1, 10]:
            yield "red: green, amber and red must cover 0 to 10 without gap or overlap"
    if name == "weekday":
        asked = [row["days_per_week"] for row in numbers["days_by_number"]]
        for place, row in enumerate(numbers["days_by_number"]):
            path = f"days_by_number[{place}]"
            if row["days_per_week"] in asked[:place]:
                yield f"{path}.days_per_week: {row['days_per_week']} is used twice"
            if len(row["weekdays"]) != row["days_per_week"]:
                yield f"{path}.weekdays: must be {row['days_per_week']} of {', '.join(WEEKDAYS)}"
