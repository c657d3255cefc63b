"""The draft of a program: shown before anything is saved, then edited in the builder or given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clients.access import get_client_for_staff
from clients.admin.building import builder_for
from clients.admin.pages import draw
from clients.admin.scoping import care_only
from clients.care import NotInCare
from clients.drafting import (
    ClientDraft,
    NothingPermitted,
    draft_for,
    save_draft,
    side_for_pattern,
    visits_of,
    wanted_of_pattern,
    wanted_of_visit,
)
from clients.forms.drafting import VISIT, DraftForm, wish_of
from clients.models import Side, Visit
from clients.safety import Condition
from routines.drafting import (
    DraftBlock,
    DraftPhase,
    DraftStep,
    NothingToDraft,
    TooManyFindings,
    Uncovered,
    Wanted,
)
from routines.models import Exercise, Imbalance, PhaseKind, SideMode
from routines.wording import dose_line, in_sentence, listed, often, side_words, why_words

DRAFT_FOR = "draft_for"  # in the session: which program was drafted last, and for whom


@dataclass(frozen=True)
class Line:
    """One step as the page shows it. `care` are the conditions that ask for the therapist's yes."""

    exercise: Exercise
    side: str
    dose: str
    why: str
    care: tuple[Condition, ...]


@dataclass(frozen=True)
class BlockPart:
    """Steps that are due together; `days` says when, empty where the phase has one block."""

    days: str
    minutes: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class PhasePart:
    kind: PhaseKind
    days: str
    minutes: int
    tracked: str
    blocks: tuple[BlockPart, ...]


@dataclass(frozen=True)
class Missing:
    """A muscle that the draft does not serve, or an exercise that it leaves out, and why."""

    name: str
    side: str
    why: str


@dataclass(frozen=True)
class DraftPage:
    found: ClientDraft
    phases: tuple[PhasePart, ...]
    uncovered: tuple[Missing, ...]
    left_out: tuple[Missing, ...]
    notes: tuple[str, ...]

    @property
    def patterns(self) -> list[str]:
        """The patterns that the findings fit; none where a pattern was chosen without findings."""
        made = self.found.draft
        return [pattern.name for pattern in made.imbalances] if made.from_findings else []


@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """One address: `act=look` shows another draft, `act=edit` and `act=assign` save it and go on with it.

    Only a draft that was looked at is saved: where another one is chosen than the page showed, it is shown first.
    What the draft is for never stands in the address: it would say what somebody's body is like.
    """
    care_only(request)
    client = get_client_for_staff(request, pk)
    if client.ended_at is not None:
        messages.error(request, str(NotInCare(client)))
        return redirect("admin:client", client.pk)
    now = timezone.now()
    today = client.local_date(now)
    visits = visits_of(client, request.user)
    patterns = list(Imbalance.objects.in_use())
    posted = request.method == "POST"
    form = DraftForm(
        request.POST if posted else None,
        visits=visits,
        patterns=patterns,
        initial={"source": source_of(visits), "side": side_for_pattern(client)},
    )
    problem, page, shown, unseen = "", None, "", False
    wanted = wanted_by(form, posted)
    if wanted is not None:
        try:
            found = draft_for(client, wanted, by=request.user, day=today)  # type: ignore[arg-type]
            page = page_of(found)
            shown = form.wish if posted else wish_of(source_of(visits))
            act = request.POST.get("act")
            unseen = act in ("edit", "assign") and request.POST.get("shown") != shown
            if act in ("edit", "assign") and not unseen:
                program = save_draft(
                    found,
                    key=form.cleaned_data["key"],
                    by=request.user,  # type: ignore[arg-type]
                    day=today,
                    now=now,
                )
                if act == "assign":
                    query = urlencode({"program": program.pk, "act": "check"})
                    return redirect(f"{reverse('admin:client_assign', args=[client.pk])}?{query}")
                request.session[DRAFT_FOR] = {"program": program.pk, "client": client.pk}
                messages.success(
                    request, _("The draft is saved as a program of your own. Change what you like.")
                )
                return redirect(builder_for(client, program))
        except (NothingToDraft, TooManyFindings, NothingPermitted) as error:
            problem = str(error)
    return draw(
        request,
        "draft",
        status=422 if posted and (form.errors or problem) else 200,
        title=_("A draft for %(client)s") % {"client": client.name},
        client=client,
        form=form,
        page=page,
        problem=problem,
        shown=shown,
        unseen=unseen,
        visits=visits,
    )


def source_of(visits: Sequence[Visit]) -> str:
    """The newest visit, as the form names it; nothing where there is none."""
    return f"{VISIT}:{visits[0].pk}" if visits else ""


def wanted_by(form: DraftForm, posted: bool) -> Wanted | None:
    """What the form asks for; None where nothing can be drafted yet."""
    if posted:
        if not form.is_valid():
            return None
        chosen = form.cleaned_data
        if visit := form.visit:
            return wanted_of_visit(visit, chosen["pattern"] or None)
        return wanted_of_pattern(form.imbalance, chosen["side"])
    return wanted_of_visit(form.visits[0]) if form.visits else None


# ---- As the page shows it ----------------------------------------------------------------------------------------


def page_of(found: ClientDraft) -> DraftPage:
    made = found.draft
    left_out = []
    for each in made.left_out:
        avoid, _care = found.conditions_for(each.exercise, each.sides)
        exercise = found.exercise(each.exercise)
        left_out.append(
            Missing(
                exercise.text("name"),
                words_of_sides(exercise.side_mode, each.sides),
                ", ".join(condition.label for condition in avoid),
            )
        )
    return DraftPage(
        found=found,
        phases=tuple(phase_part(found, phase) for phase in made.phases),
        uncovered=tuple(gaps(made.uncovered)),
        left_out=tuple(left_out),
        notes=tuple(
            dict.fromkeys(
                [*(remark.sentence for remark in made.remarks), *(each.sentence for each in found.warnings)]
            )
        ),
    )


def gaps(uncovered: Sequence[Uncovered]) -> Iterator[Missing]:
    """Muscles that stay uncovered for the same reason together, each with its side where it is about one."""
    sides: dict[tuple[str, str, str], list[str]] = {}
    for each in uncovered:
        sides.setdefault((each.sentence, each.role, each.muscle.name), []).append(each.side)
    together: dict[str, list[str]] = {}
    for (sentence, _role, name), found in sides.items():
        side = words_of_sides(SideMode.EACH_SIDE, found)
        together.setdefault(sentence, []).append(f"{name} ({side})" if side else name)
    for sentence, names in together.items():
        yield Missing(listed([names[0], *map(in_sentence, names[1:])]), "", sentence)


def words_of_sides(side_mode: str, sides: Sequence[str]) -> str:
    """ "left side", where it is about one; nothing where it is about the whole."""
    one = [side for side in sides if side in (Side.LEFT, Side.RIGHT)]
    return side_words(side_mode, one[0]) if len(one) == 1 and len(sides) == 1 else ""


def phase_part(found: ClientDraft, phase: DraftPhase) -> PhasePart:
    blocks = phase.blocks
    days = _("At least %(low)d days, review by day %(high)d") % {
        "low": phase.min_days,
        "high": phase.review_by_day,
    }
    return PhasePart(
        kind=PhaseKind(phase.kind),
        days=days,
        minutes=phase.minutes,
        tracked=", ".join(str(found.muscles[slug]) for slug in phase.tracked),
        blocks=tuple(
            BlockPart(
                days=days_of(block, len(blocks)),
                minutes=block.minutes,
                lines=tuple(line_of(found, step) for step in block.steps),
            )
            for block in blocks
        ),
    )


def days_of(block: DraftBlock, number: int) -> str:
    if number == 1:
        return ""
    if block.until is None:
        return _("Block %(number)d, from day %(start)d on") % {"number": block.number, "start": block.start}
    return _("Block %(number)d, day %(start)d to %(last)d") % {
        "number": block.number,
        "start": block.start,
        "last": block.until - 1,
    }


def line_of(found: ClientDraft, step: DraftStep) -> Line:
    exercise = found.exercise(step.exercise)
    _avoid, care = found.conditions_for(step.exercise, step.sides)
    dose = dose_line(step.dose, exercise.side_mode, step.side)
    return Line(
        exercise=exercise,
        side=step.side,
        dose=f"{dose}, {often(step.dose)}",
        why=capfirst(why_words(step.why)),
        care=tuple(care) if step.care else (),
    )
