"""Bring in exercises from elsewhere, read what came, hand out one's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.admin.pages import draw, refused
from clients.admin.scoping import care_only
from clients.exchanging import bring_in, home, take_in
from clients.forms.exchanging import ExportForm, ImportForm, ReviewForm, ReviewSearch
from clients.models import Role
from clients.ownership import visible_exercises, visible_programs
from routines.admin.tables import csv_of
from routines.exchange import Refused, Report
from routines.exchange.exporting import as_zip, document
from routines.exchange.reviewing import (
    AlreadyReviewed,
    NotReady,
    differences,
    leave,
    offer,
    offer_program,
    set_aside,
    set_program_aside,
    take_over,
    with_news,
)
from routines.finding import says
from routines.media import LARGE, address
from routines.models import (
    Exercise,
    ExerciseKind,
    ExerciseMedia,
    ExerciseMuscle,
    ImportedExercise,
    ImportedProgram,
    Program,
)
from routines.wording import dose_line

GET_AND_POST = ["GET", "HEAD", "POST"]
SHOWN = 40  # lines of each list in a report
ON_A_PAGE = 30
FEW = 6
FIELDS: Mapping[str, Any] = {
    "name": gettext_lazy("name"),
    "cue": gettext_lazy("cue"),
    "kind": gettext_lazy("kind"),
    "position": gettext_lazy("position"),
    "side_mode": gettext_lazy("sides"),
    "sides": gettext_lazy("sides"),
    "level": gettext_lazy("level"),
    "muscle": gettext_lazy("muscle"),
    "muscles": gettext_lazy("muscles"),
    "equipment": gettext_lazy("equipment"),
    "needs_floor": gettext_lazy("needs the floor"),
    "category": gettext_lazy("category"),
    "condition": gettext_lazy("condition"),
    "tags": gettext_lazy("conditions"),
    "cautions": gettext_lazy("cautions"),
    "author": gettext_lazy("author"),
    "licence": gettext_lazy("licence"),
    "pictures": gettext_lazy("pictures"),
    "phases": gettext_lazy("phases"),
    "easier": gettext_lazy("easier version"),
    "harder": gettext_lazy("harder version"),
}


def word_for(field: str) -> str:
    """What a person calls this field; a language is named with it."""
    if field.startswith("translations."):
        return _("text (%(language)s)") % {"language": field.removeprefix("translations.")}
    return str(FIELDS.get(field, field.replace("_", " ")))


def words_for(fields: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(word_for(each) for each in fields))


# ---- The report, as a page shows it ----


@dataclass(frozen=True)
class Section:
    """One list of the report: all counted, the first of them shown."""

    title: str
    count: int
    tone: str
    lines: list[tuple[str, str]]

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def section(title: str, tone: str, lines: list[tuple[str, str]]) -> Section:
    return Section(title, len(lines), tone, lines[:SHOWN])


def sections(report: Report) -> list[Section]:
    def told(fields: Iterable[str], kept: Iterable[str], why: str) -> str:
        parts = [words_for(fields), why]
        if kept:
            parts.append(_("edited here, kept: %(fields)s") % {"fields": words_for(kept)})
        return "; ".join(filter(None, parts))

    found = [
        section(
            _("Refused"),
            "stop",
            [(each.name or each.key or _("without a name"), each.why) for each in report.refused],
        ),
        section(
            _("Changed there, edited here: kept"),
            "warn",
            [(each.name, told([], each.kept, each.why)) for each in report.kept],
        ),
        section(
            _("Changed"), "info", [(each.name, told(each.fields, each.kept, "")) for each in report.changed]
        ),
        section(_("New"), "ok", [(each.name, "") for each in report.new]),
        section(_("The same"), "quiet", [(each.name, "") for each in report.same]),
        section(
            _("Words without a counterpart here"),
            "warn",
            [
                (f"{word_for(each.what)}: {each.word}", exercises(number))
                for each, number in report.unknown.most_common()
            ],
        ),
        section(
            _("To choose at the review, because the collection does not say it"),
            "warn",
            [(word_for(each), exercises(number)) for each, number in report.undecided.most_common()],
        ),
        section(_("Pictures refused"), "stop", list(report.pictures.refused)),
        section(_("Pictures named and not there"), "quiet", [(each, "") for each in report.pictures.missing]),
        section(_("No longer in it, left as they are"), "quiet", [(each, "") for each in report.gone]),
    ]
    return [each for each in found if each.count]


def exercises(number: int) -> str:
    return ngettext("%(number)s exercise", "%(number)s exercises", number) % {"number": number_format(number)}


def facts(report: Report) -> list[tuple[str, list[str]]]:
    """What the collection is made of: a line for each of a few, one line for many."""

    def counted(counts: Mapping[str, int], names: Mapping[str, Any] | None = None) -> list[str]:
        lines = [
            f"{(names or {}).get(name, name)}: {number_format(number)}" for name, number in counts.items()
        ]
        return lines if len(lines) <= FEW else [", ".join(lines)]

    kinds = {kind.value: kind.label for kind in ExerciseKind} | {"?": _("to choose")}
    pictures = report.pictures
    found = [
        (_("Kinds, as proposed"), counted(report.kinds, kinds)),
        (_("With a muscle"), [number_format(report.muscles)]),
        (_("Licences"), counted(report.licences)),
        (_("Licences of the texts"), counted(report.text_licences)),
        (_("Texts"), [number_format(report.texts), *counted(report.languages)]),
    ]
    if pictures.named:
        words = _("%(named)d named, %(here)d there, %(new)d new")
        found.append(
            (_("Pictures"), [words % {"named": pictures.named, "here": pictures.here, "new": pictures.new}])
        )
    return [(title, said) for title, said in found if said]


# ---- Pages ----


@require_http_methods(GET_AND_POST)
def import_page(request: HttpRequest) -> HttpResponse:
    """The file, then what it would do, then the yes to exactly this file."""
    care_only(request)
    if "ticket" in request.POST:
        return bring_page(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            kept = take_in(form.cleaned_data["file"], form.cleaned_data["source"], request.user)
        except Refused as error:
            form.add_error("file", str(error))
        else:
            return draw(
                request,
                "exchange_report",
                title=_("What would be brought in"),
                sections=sections(kept.report),
                facts=facts(kept.report),
                report=kept.report,
                ticket=kept.ticket,
            )
    return draw(request, "exchange_import", title=_("Import exercises"), status=refused(form), form=form)


def bring_page(request: HttpRequest) -> HttpResponse:
    try:
        report = bring_in(request.POST["ticket"], request.user, now=timezone.now())
    except Refused as error:
        messages.error(request, str(error))
        return redirect("admin:routines_exercise_import")
    words = _("Brought in: %(new)d new, %(changed)d changed, %(same)d the same, %(refused)d refused.")
    messages.success(
        request,
        words
        % {
            "new": len(report.new),
            "changed": len(report.changed),
            "same": len(report.same),
            "refused": len(report.refused),
        },
    )
    return redirect("admin:routines_exercise_reviews")


@dataclass(frozen=True)
class Row:
    """One exercise in the list of what is to be read."""

    imported: ImportedExercise
    dose: str
    to_choose: str
    unknown: str
    news: str


def row_of(imported: ImportedExercise) -> Row:
    exercise = imported.exercise
    return Row(
        imported,
        dose=dose_line(exercise.dose, "" if "side_mode" in imported.undecided else exercise.side_mode),
        to_choose=words_for(imported.undecided),
        unknown=", ".join(dict.fromkeys(each["word"] for each in imported.unknown)),
        news=words_for([*imported.coming, *(["pictures"] if imported.waiting_pictures else [])]),  # type: ignore[attr-defined]
    )


def seen_imports(request: HttpRequest) -> QuerySet[ImportedExercise]:
    return ImportedExercise.objects.filter(exercise__in=visible_exercises(request.user))


def waiting_for(request: HttpRequest) -> QuerySet[ImportedExercise]:
    """New exercises and newer releases that nobody has read yet."""
    return seen_imports(request).filter(Q(exercise__awaits_review=True) | with_news()).distinct()


def seen_programs(request: HttpRequest) -> QuerySet[ImportedProgram]:
    return ImportedProgram.objects.filter(
        program__in=visible_programs(request.user), program__awaits_review=True
    )


@require_safe
def reviews_csv(request: HttpRequest) -> HttpResponse:
    """Everything that waits to be read, without its texts."""
    care_only(request)
    waiting = waiting_for(request).select_related("exercise").order_by("exercise__name", "pk")
    head = [_("Name"), _("What came"), _("Source"), _("Author"), _("Licence")]
    exercises = (
        [
            each.exercise,
            _("New") if each.exercise.awaits_review else _("Newer releases"),
            each.source,
            each.exercise.author,
            each.exercise.licence,
        ]
        for each in waiting
    )
    programs = (
        [each.program, _("Program"), each.source, "", ""]
        for each in seen_programs(request).select_related("program").order_by("program__name", "pk")
    )
    return csv_of("to-review", [head, *exercises, *programs])


@require_safe
def reviews_page(request: HttpRequest) -> HttpResponse:
    """What came and waits to be read: new exercises, newer releases, programs."""
    care_only(request)
    mine = seen_imports(request)
    lists = {
        "": mine.filter(exercise__awaits_review=True),
        "newer": mine.filter(with_news()).distinct(),
    }
    programs = seen_programs(request).select_related("program").order_by("program__name", "pk")
    show = request.GET.get("show", "")
    show = show if show in ("newer", "programs") else ""
    search = ReviewSearch(
        request.GET or None, sources=sorted(set(mine.order_by().values_list("source", flat=True)))
    )
    found = lists.get(show, lists[""])
    if words := search.value("q"):
        found = found.filter(says(words, "exercise__"))
    if source := search.value("source"):
        found = found.filter(source=source)
    targets = ExerciseMuscle.objects.filter(role=ExerciseMuscle.Role.TARGET).select_related("muscle")
    found = (
        found.select_related("exercise")
        .prefetch_related(Prefetch("exercise__muscles", targets, to_attr="target_parts"), "exercise__media")
        .annotate(waiting_pictures=Count("pictures", filter=Q(pictures__waiting=True)))
        .order_by("exercise__name", "pk")
    )
    page = Paginator(programs if show == "programs" else found, ON_A_PAGE).get_page(request.GET.get("page"))
    here = reverse("admin:routines_exercise_reviews")
    counts = {"": lists[""].count(), "newer": lists["newer"].count(), "programs": programs.count()}
    titles = {"": _("New"), "newer": _("Newer releases"), "programs": _("Programs")}
    return draw(
        request,
        "exchange_reviews",
        title=_("To review"),
        page=page,
        rows=[] if show == "programs" else [row_of(each) for each in page],  # type: ignore[arg-type]
        programs=list(page) if show == "programs" else [],
        search=search,
        show=show,
        asked=bool(words or source),
        any=any(counts.values()),
        views=[
            (f"{title} ({counts[key]})", f"{here}?show={key}" if key else here, key == show)
            for key, title in titles.items()
            if counts[key] or key in ("", show)
        ],
    )


@require_http_methods(GET_AND_POST)
def review_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One exercise: what was proposed, to correct; then it is offered, or set aside."""
    care_only(request)
    imported = get_object_or_404(
        seen_imports(request).select_related("exercise").prefetch_related("exercise__media"), exercise=pk
    )
    if not imported.exercise.awaits_review:
        return news_page(request, imported)
    muscles = list(
        ExerciseMuscle.objects.filter(exercise=imported.exercise)
        .select_related("muscle")
        .order_by("-role", "order")
    )
    targets = any(row.role == ExerciseMuscle.Role.TARGET for row in muscles)
    act = request.POST.get("act", "")
    form = ReviewForm(
        request.POST if act == "offer" else None,
        instance=imported.exercise,
        imported=imported,
        targets=targets,
    )
    try:
        if act == "aside":
            set_aside(imported, now=timezone.now())
            return reviewed(request, imported, _("Set aside. A newer release does not bring it back."))
        if act == "offer" and form.is_valid():
            chosen = form.cleaned_data
            offer(
                imported,
                chosen,
                rules=form.rules,
                none_forbids=chosen["none_forbids"],
                target=chosen.get("target"),
                now=timezone.now(),
            )
            words = (
                _("“%(name)s” is offered now. None of the conditions speaks against it.")
                if chosen["none_forbids"]
                else _("“%(name)s” is offered now.")
            )
            return reviewed(request, imported, words % {"name": chosen["name"]})
    except (AlreadyReviewed, NotReady) as error:
        form.add_error(None, str(error)) if form.is_bound else messages.error(request, str(error))
    exercise = Exercise.objects.prefetch_related("media").get(pk=pk)
    return draw(
        request,
        "exchange_review",
        title=exercise.name,
        status=refused(form),
        imported=imported,
        exercise=exercise,
        form=form,
        muscles=muscles,
        pictures=[shown(each) for each in exercise.shown_media if each.kind == ExerciseMedia.Kind.PHOTO],
        tools=list(exercise.equipment.all()),
        dose=dose_line(exercise.dose, ""),
        unknown=[(word_for(each["what"]), each["word"]) for each in imported.unknown],
        texts=sorted(imported.words.items(), key=lambda item: (item[0] != "en", item[0])),
    )


@dataclass(frozen=True)
class Shown:
    """A picture as a page draws it, with who made it."""

    url: str
    alt: str
    author: str
    licence: str
    width: int
    height: int


def shown(row: ExerciseMedia) -> Shown:
    return Shown(address(row.token, LARGE), row.alt, row.author, row.licence, row.width, row.height)


def reviewed(request: HttpRequest, imported: ImportedExercise, said: str) -> HttpResponse:
    """Who read it and what they decided stands in the history of the exercise; then comes the next one."""
    log(request, imported.exercise, said)
    messages.success(request, said)
    after = seen_imports(request).filter(exercise__awaits_review=True).order_by("exercise__name", "pk")
    name = imported.exercise.name
    following = after.filter(exercise__name__gt=name).first() or after.first()
    if following is None:
        return redirect("admin:routines_exercise_reviews")
    return redirect("admin:routines_exercise_review", following.exercise_id)


def log(request: HttpRequest, row: Exercise | Program, said: str) -> None:
    admin.site.get_model_admin(type(row)).log_change(request, row, said)


def news_page(request: HttpRequest, imported: ImportedExercise) -> HttpResponse:
    """A newer release says something else of an exercise that is offered: side by side, and one of the two."""
    act = request.POST.get("act", "")
    try:
        if act == "take":
            take_over(imported, now=timezone.now())
            said = _("The newer release was taken over.")
        elif act == "leave":
            leave(imported, now=timezone.now())
            said = _("It stays as it is here.")
        else:
            said = ""
    except AlreadyReviewed as error:
        messages.error(request, str(error))
        return redirect("admin:routines_exercise_reviews")
    if said:
        log(request, imported.exercise, said)
        messages.success(request, said)
        return redirect("admin:routines_exercise_change", imported.exercise_id)
    pictures = imported.pictures.filter(waiting=True, media__isnull=False).select_related("media")
    return draw(
        request,
        "exchange_news",
        title=imported.exercise.name,
        imported=imported,
        differences=[
            (word_for(name), in_words(old), in_words(new)) for name, old, new in differences(imported)
        ],
        pictures=[shown(each.media) for each in pictures if each.media],
    )


def in_words(value: Any) -> str:
    """A field of the content as a person reads it."""
    if value is None:
        return "–"
    if isinstance(value, dict):
        return "\n".join(in_words(each) for each in value.values())
    if isinstance(value, list):
        return ", ".join(
            each.get("muscle") or each.get("tag") or in_words(each) if isinstance(each, dict) else str(each)
            for each in value
        )
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


@require_POST
def program_page(request: HttpRequest, pk: int) -> HttpResponse:
    care_only(request)
    imported = get_object_or_404(seen_programs(request).select_related("program"), program=pk)
    try:
        if request.POST.get("act") == "aside":
            set_program_aside(imported, now=timezone.now())
            said = _("Set aside. A newer release does not bring it back.")
        else:
            offer_program(imported, now=timezone.now())
            said = _("“%(name)s” is offered now.") % {"name": imported.program.name}
    except (NotReady, AlreadyReviewed) as error:
        messages.error(request, str(error))
    else:
        log(request, imported.program, said)
        messages.success(request, said)
    return redirect(reverse("admin:routines_exercise_reviews") + "?show=programs")


@require_http_methods(GET_AND_POST)
def export_page(request: HttpRequest) -> HttpResponse:
    """What this person sees and what is in use, as one file to download."""
    care_only(request)
    exercises = visible_exercises(request.user).in_use()  # type: ignore[attr-defined]
    programs = visible_programs(request.user).in_use()  # type: ignore[attr-defined]
    if request.method == "POST":
        day = timezone.localdate()
        chosen = programs if "programs" in request.POST else None
        found, files = document(
            exercises, chosen, source=home(), day=day, seen=visible_exercises(request.user)
        )
        answer = HttpResponse(as_zip(found, files).getvalue(), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{home()}-{day.isoformat()}.zip"'
        return answer
    return draw(
        request,
        "exchange_export",
        title=_("Export"),
        form=ExportForm(),
        exercises=exercises.count(),
        programs=programs.count(),
    )


class ExchangePages:
    """The pages beside the list of exercises."""

    admin_site: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(import_page), name="routines_exercise_import"),
            path("export/", view(export_page), name="routines_export"),
            path("review/", view(reviews_page), name="routines_exercise_reviews"),
            path("review/csv/", view(reviews_csv), name="routines_exercise_reviews_csv"),
            path("<int:pk>/review/", view(review_page), name="routines_exercise_review"),
            path("review/program/<int:pk>/", view(program_page), name="routines_exercise_review_program"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With the way to what waits to be read, for those who give care."""
        exchange = None
        if request.user.role != Role.OFFICE:  # type: ignore[union-attr]
            exchange = {"waiting": waiting_for(request).count() + seen_programs(request).count()}
        context = {**(extra_context or {}), "exchange": exchange}
        return super().changelist_view(request, context)  # type: ignore[misc]
