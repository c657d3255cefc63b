"""Why somebody is in the queue, in the reader's language: the reason, and the evidence beside it (domain.md 7.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Need, PhaseTransition
from clients.progression.words import number, why_for_therapist

Kind = Need.Kind


def reason_of(need: Need, row: PhaseTransition | None, today: date) -> str:
    """One sentence. `row` is the decision that a proposal stands in, `today` the client's day."""
    figures = need.evidence
    if row is not None:
        return ". ".join(part for part in (row.get_kind_display(), why_for_therapist(row)) if part)
    if need.kind == Kind.PAIN_RISE:
        return _("Pain has risen: %(now)s against %(baseline)s before this phase") % {
            "now": number(figures["now"]),
            "baseline": number(figures["baseline"]),
        }
    if need.kind == Kind.ADHERENCE:
        return _("Less is done than before: %(now)d %% of what was planned, %(before)d %% before") % {
            "now": figures["now"],
            "before": figures["before"],
        }
    if need.kind == Kind.CARE:
        return ngettext(
            "%(number)d step waits for your yes", "%(number)d steps wait for your yes", figures["steps"]
        ) % {"number": figures["steps"]}
    if need.kind == Kind.SILENT:
        return ngettext("Silent for %(days)d day", "Silent for %(days)d days", figures["days"]) % {
            "days": figures["days"]
        }
    if need.kind == Kind.RUNNING_OUT:
        return running_out(figures, today)
    return need.get_kind_display()


def running_out(figures: Mapping[str, Any], today: date) -> str:
    if figures["cause"] == "steps":
        return ngettext(
            "Nothing is due in the coming %(days)d day",
            "Nothing is due in the coming %(days)d days",
            figures["days"],
        ) % {"days": figures["days"]}
    ends = date.fromisoformat(figures["ends"])
    if ends <= today:
        return _("The last phase came to its end on %(day)s, and nothing follows") % {"day": short(ends)}
    return _("The last phase comes to its end on %(day)s, and nothing follows") % {"day": short(ends)}


def evidence_of(need: Need, conditions: Mapping[str, str]) -> str:
    """Since when, and what the small chart shows. `conditions` are names by their slugs."""
    parts = [when(need, conditions), chart_words(need.evidence.get("chart"))]
    return " · ".join(part for part in parts if part)


def when(need: Need, conditions: Mapping[str, str]) -> str:
    figures = need.evidence
    if need.kind == Kind.CARE:
        return ", ".join(conditions.get(slug, slug) for slug in figures["conditions"])
    if need.kind == Kind.SILENT:
        return silence(figures)
    if need.kind == Kind.ADHERENCE:
        return _("the last 7 days against the 14 before")
    if need.kind == Kind.RUNNING_OUT:
        return ""
    if need.rises:
        return ngettext("waits for %(days)d day", "waits for %(days)d days", figures["days"]) % {
            "days": figures["days"]
        }
    return _("since %(day)s") % {"day": short(need.since)}


def silence(figures: Mapping[str, Any]) -> str:
    last, reached = (figures.get(name) for name in ("last", "reached"))
    heard = (
        _("last session on %(day)s") % {"day": short(date.fromisoformat(last))}
        if last
        else _("no session yet")
    )
    if not reached:
        return heard
    return " · ".join([heard, _("contact on %(day)s") % {"day": short(date.fromisoformat(reached))}])


def chart_words(chart: Mapping[str, Any] | None) -> str:
    """What the small chart shows, for whoever reads words."""
    if not chart:
        return ""
    values = chart["values"]
    if chart["of"] == "sessions":
        return _("sessions a week: %(counts)s") % {"counts": ", ".join(str(count) for count in values)}
    first, now = values[0][1], values[-1][1]
    figures = {"first": number(first), "now": number(now), "baseline": number(chart.get("baseline"))}
    if chart["of"] == "tenderness":
        return _("tenderness %(first)s → %(now)s") % figures
    if chart.get("baseline") is None:
        return _("pain %(first)s → %(now)s, no baseline yet") % figures
    return _("pain %(now)s, baseline %(baseline)s") % figures


def short(day: date) -> str:
    return date_format(day, "j M")
