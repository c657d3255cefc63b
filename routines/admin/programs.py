"""Programs as a list with what the review says, and the rules of the trade. Phases and steps are edited in the builder."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, prefetch_related_objects
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from routines.admin.builder import BuilderPages
from routines.admin.entries import CatalogueAdmin, EntryForm, entry_form
from routines.finding import text_fields
from routines.models import Program, Rule, is_key
from routines.review import current_limits, facts_of, review
from routines.seeding.rules import in_reading_order, rule_problems
from routines.tagging import tags_in_use

PROGRAMS = ("program", "rule")
LONGEST_LIST = 4000  # characters


class TagFilter(admin.SimpleListFilter):
    """By a tag of the programs that this person sees."""

    title = _("tag")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(str(tag.pk), tag.name) for tag in tags_in_use(model_admin.get_queryset(request))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        wanted = self.value() or ""
        return queryset.filter(tags=wanted) if is_key(wanted) else queryset


@admin.register(Program)
class ProgramAdmin(BuilderPages, CatalogueAdmin):
    shelf = PROGRAMS
    texts = ["name", "notes", "warm_up"]
    form = entry_form(Program, texts)
    list_display = ["name", "imbalance", "tag_words", "weeks", "phase_count", "step_count", "review_says"]
    list_filter = [TagFilter, "imbalance", "phases__steps__exercise__muscles__muscle__region"]
    search_fields = [
        *text_fields("name"),
        "slug",
        *text_fields("name", "imbalance__"),
        "tags__name",
        *text_fields("name", "phases__"),
        *text_fields("name", "phases__steps__exercise__"),
    ]
    ordering = ["name", "pk"]  # said here, or the counts would leave the rows of an autocomplete in no order
    actions = ["copy", *CatalogueAdmin.actions]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "imbalance", ("weeks_from", "weeks_to"), "warm_up", "notes"],
                "description": _(
                    "The pattern gives the client the why, and the review its tight muscles. Editing a program changes "
                    "nothing for people who follow it already: they have their own copy."
                ),
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        counts = {
            "phase_number": Count("phases", distinct=True),
            "step_number": Count("phases__steps", distinct=True),
        }
        return super().get_queryset(request).select_related("imbalance").annotate(**counts)

    @admin.display(description=_("tags"))
    def tag_words(self, program: Program) -> SafeString:
        return format_html_join(" ", '<span class="tag">{}</span>', ((tag,) for tag in program.tags.all()))

    def complete(self, request: HttpRequest, rows: Any) -> None:
        """The review of every program of the page, in a fixed number of queries."""
        limits = current_limits()
        designs = (
            Program.objects.with_design()
            .prefetch_related("imbalance__muscles__muscle")
            .filter(pk__in=[row.pk for row in rows])
        )
        notes = {program.pk: len(review(facts_of(program, limits))) for program in designs}
        prefetch_related_objects(rows, "tags")
        for row in rows:
            row.review_notes = notes[row.pk]

    @admin.display(description=_("weeks"))
    def weeks(self, program: Program) -> str:
        if program.weeks_from is None or program.weeks_from == program.weeks_to:
            return str(program.weeks_from or "")
        return f"{program.weeks_from}-{program.weeks_to}"

    @admin.display(description=_("phases"), ordering="phase_number")
    def phase_count(self, program: Any) -> int:
        number: int = program.phase_number
        return number

    @admin.display(description=_("steps"), ordering="step_number")
    def step_count(self, program: Any) -> int:
        number: int = program.step_number
        return number

    @admin.display(description=_("review"))
    def review_says(self, program: Any) -> str:
        number = program.review_notes
        if not number:
            return str(_("Nothing to say"))
        return ngettext("%(number)s note", "%(number)s notes", number) % {"number": number}

    @admin.action(description=_("Copy, to make a program of your own"), permissions=["add"])
    def copy(self, request: HttpRequest, queryset: Any) -> None:
        for program in queryset:
            copy = self.make_copy(request, program)
            self.message_user(request, _("“%(name)s” was made.") % {"name": copy}, messages.SUCCESS)


class RuleForm(EntryForm):
    """The numbers of one rule, each in a field of its own; built for each rule by `rule_form`."""

    number_fields: dict[str, str] = {}  # name of the field: key of the rule

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, key in self.number_fields.items():
            self.fields[name].initial = self.instance.numbers[key]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        numbers = {key: cleaned[name] for name, key in self.number_fields.items()}
        names = {key: name for name, key in self.number_fields.items()}
        for problem in rule_problems(self.instance.slug, numbers):
            path, sentence = problem.split(": ", 1)
            key = path.split(".")[0].split("[")[0]
            self.add_error(names.get(key), sentence if path == key else problem)
        self.instance.numbers = numbers
        return cleaned


def rule_form(rule: Rule) -> type[RuleForm]:
    """A form class with one field for each number of this rule."""
    fields: dict[str, Any] = {}
    number_fields = {}
    for key in in_reading_order(rule.slug, rule.numbers):
        name = f"number_{key}"
        number_fields[name] = key
        fields[name] = number_field(key.replace("_", " ").capitalize(), rule.numbers[key])
    meta = type("Meta", (), {"model": Rule, "fields": []})
    return type("RuleForm", (RuleForm,), {**fields, "number_fields": number_fields, "Meta": meta})


def number_field(label: str, value: Any) -> forms.Field:
    """The field for a value like this one: a tick, a number, a sentence, or the list as it is written."""
    if isinstance(value, bool):
        return forms.BooleanField(label=label, required=False)
    if isinstance(value, int | float):
        return WholeOrTenths(label=label)
    if isinstance(value, str):
        return forms.CharField(label=label, widget=forms.Textarea(attrs={"rows": 2}))
    return forms.JSONField(
        label=label, decoder=PlainJSON, widget=forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_LIST})
    )


class PlainJSON(json.JSONDecoder):
    """Takes nothing that a database would refuse: no NaN, no NUL, no half of a character, nothing endless."""

    def decode(self, text: str) -> Any:  # type: ignore[override]
        try:
            if len(text) > LONGEST_LIST:
                raise ValueError("too long")
            found = super().decode(text)
            written = json.dumps(found, allow_nan=False, ensure_ascii=False).encode()
            if b"\\u0000" in written:
                raise ValueError("a NUL")
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError(str(error), text, 0) from error
        return found


class WholeOrTenths(forms.FloatField):
    """A number that stays whole when it is."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        return int(number) if number is not None and number.is_integer() else number


@admin.register(Rule)
class RuleAdmin(CatalogueAdmin):
    """Rules are known to the program by their short names: they are edited, never added or removed."""

    shelf = PROGRAMS
    texts = ()
    actions = []
    form = RuleForm
    list_display = ["__str__", "section"]
    list_filter = ["section"]
    search_fields = ["slug"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return rule_form(obj)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        names = [f"number_{key}" for key in in_reading_order(obj.slug, obj.numbers)]
        text = _(
            "The practice's numbers. For one program a phase may say otherwise, for one client you may: "
            "the nearest one counts."
        )
        return [
            (None, {"fields": names, "description": text}),
            (_("About this entry"), {"fields": ["origin", "slug"]}),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
