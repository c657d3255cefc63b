"""Finding an exercise by words, kind, muscle, equipment, position, body area; finding a muscle by words or by where it lies."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from routines.bodymap import DrawnView, search_map
from routines.models import BodyArea, Equipment, Exercise, ExerciseKind, Muscle, PhaseKind, Position

WORDS = 6


class ExerciseSearch(forms.Form):
    """A search form that anybody may write into an address: what it does not understand, it leaves out."""

    q = forms.CharField(
        label=_("Search exercises"),
        required=False,
        max_length=100,
        widget=forms.SearchInput(attrs={"placeholder": _("Name, muscle, tool"), "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    muscle = forms.ChoiceField(label=_("Muscle"), required=False)
    equipment = forms.ChoiceField(label=_("Tool"), required=False)
    position = forms.ChoiceField(label=_("Position"), required=False)
    area = forms.SlugField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, exercises: QuerySet[Exercise] | None = None, phase: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.exercises = Exercise.objects.in_use() if exercises is None else exercises
        self.phase = phase
        self.muscles = list(Muscle.objects.in_use().select_related("body_area"))
        self.fields["kind"].choices = [("", _("Any kind")), *ExerciseKind.choices]  # type: ignore[attr-defined]
        self.fields["position"].choices = [("", _("Any position")), *Position.choices]  # type: ignore[attr-defined]
        self.fields["muscle"].choices = [  # type: ignore[attr-defined]
            ("", _("Any muscle")),
            *((row.slug, str(row)) for row in self.muscles),
        ]
        self.fields["equipment"].choices = [  # type: ignore[attr-defined]
            ("", _("Any tool")),
            *((row.slug, str(row)) for row in Equipment.objects.in_use()),
        ]

    def value(self, name: str) -> str:
        """What was asked for in this field; empty where nothing sensible was."""
        return str(self.cleaned_data.get(name, "")) if self.is_bound and hasattr(self, "cleaned_data") else ""

    @property
    def counts(self) -> Counter[str]:
        """How many muscles lie in each area, by its slug."""
        return Counter(muscle.body_area.slug for muscle in self.muscles)

    @property
    def areas(self) -> list[BodyArea]:
        """The areas in which muscles lie, by name: what can be pressed on the body map."""
        found = {muscle.body_area.slug: muscle.body_area for muscle in self.muscles}
        return sorted(found.values(), key=lambda area: plain(str(area)))

    @property
    def pressed(self) -> BodyArea | None:
        """The area that was pressed."""
        slug = self.value("area")
        return next((area for area in self.areas if area.slug == slug), None)

    @property
    def body(self) -> list[DrawnView]:
        """The body map on which an area is pressed. A region leads to the button of its area in the list beside."""
        return search_map(
            self.areas, self.counts, self.pressed.slug if self.pressed else "", "#find-in-{}".format
        )

    def found(self) -> QuerySet[Exercise]:
        """The exercises, those of the phase's own kinds first, then by name."""
        if self.is_bound:
            self.full_clean()
        found = self.exercises
        for word in self.value("q").split()[:WORDS]:
            found = found.filter(
                says(word)
                | Q(pk__in=Exercise.objects.filter(says(word, "muscles__muscle__")).values("pk"))
                | Q(pk__in=Exercise.objects.filter(says(word, "equipment__")).values("pk"))
            )
        if kind := self.value("kind"):
            found = found.filter(kind=kind)
        if position := self.value("position"):
            found = found.filter(position=position)
        if muscle := self.value("muscle"):
            found = found.filter(pk__in=Exercise.objects.filter(muscles__muscle__slug=muscle).values("pk"))
        if area := self.pressed:
            lying = Exercise.objects.filter(muscles__muscle__body_area__slug=area.slug)
            found = found.filter(pk__in=lying.values("pk"))
        if tool := self.value("equipment"):
            found = found.filter(pk__in=Exercise.objects.filter(equipment__slug=tool).values("pk"))
        own = [kind for kind in ExerciseKind if self.phase in PhaseKind.values and kind.phase == self.phase]
        first = Case(When(kind__in=own, then=Value(0)), default=Value(1), output_field=IntegerField())
        return found.order_by(first, "name", "pk")


def text_fields(name: str, path: str = "") -> list[str]:
    """The original of a text and its translations, as lookups."""
    return [f"{path}{name}", *(f"{path}translations__{code}__{name}" for code, _word in settings.LANGUAGES)]


def says(word: str, path: str = "", *, text: str = "name") -> Q:
    """Whether the text holds this word in any language. SQLite tells a small ü from a capital one, so both are asked."""
    written = [word] if word.isascii() else list(dict.fromkeys([word, word.lower(), word.capitalize()]))
    found = Q()
    for column in text_fields(text, path):
        for each in written:
            found |= Q(**{f"{column}__icontains": each})
    return found


def plain(text: str) -> str:
    """Small letters without accents, so that "musculus gluteus" and "Glutéus" meet."""
    small = text.casefold()
    if small.isascii():
        return small
    parts = unicodedata.normalize("NFKD", small)
    return "".join(part for part in parts if not unicodedata.combining(part))


def find_muscles(muscles: Iterable[Muscle], words: str) -> list[Muscle]:
    """The muscles in which every word stands: in the name, the anatomical name or what it does, in any language."""
    wanted = plain(words).split()[:WORDS]
    if not wanted:
        return []
    found = []
    for muscle in muscles:
        texts = [muscle.name, muscle.anatomical_name, muscle.action]
        texts += [text for spoken in muscle.translations.values() for text in spoken.values()]
        whole = plain(" ".join(texts))
        if all(word in whole for word in wanted):
            named = all(word in plain(f"{muscle} {muscle.anatomical_name}") for word in wanted)
            found.append((not named, plain(str(muscle)), muscle))
    return [muscle for _order, _name, muscle in sorted(found, key=lambda each: each[:2])]


def muscles_of(muscles: Iterable[Muscle], area: str) -> list[Muscle]:
    """The muscles of a body area: those near the surface first, then the deep ones, each by name."""
    here = [muscle for muscle in muscles if muscle.body_area.slug == area]
    return sorted(here, key=lambda muscle: (muscle.depth == Muscle.Depth.DEEP, plain(str(muscle))))
