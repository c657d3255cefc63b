"""Tags on programs: words of the therapists under which they find them again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routines.models import Program, ProgramTag

MOST_TAGS = 8


class TagsField(forms.CharField):
    """Tags with commas between them, each once whatever its capitals."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Tags"))
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 500)
        kwargs.setdefault("help_text", gettext_lazy("Words to find it by, with commas between them."))
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", "list": "program-tags"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list | tuple | QuerySet) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        names = {key_of(name): " ".join(name.split()) for name in reversed(text.split(",")) if name.strip()}
        found = list(reversed(names.values()))
        if long := [name for name in found if len(name) > ProgramTag.LONGEST]:
            raise forms.ValidationError(
                _("“%(tag)s” is too long for a tag: at most %(number)d characters.")
                % {"tag": long[0], "number": ProgramTag.LONGEST}
            )
        if len(found) > MOST_TAGS:
            raise forms.ValidationError(_("At most %(number)d tags.") % {"number": MOST_TAGS})
        return found


def key_of(name: str) -> str:
    return " ".join(name.split()).casefold()


def set_tags(program: Program, names: Iterable[str]) -> None:
    """Gives the program exactly these tags. A tag that is there in other capitals stays as it is written."""
    wanted = {key_of(name): name for name in names}
    ProgramTag.objects.bulk_create(
        [ProgramTag(key=key, name=name) for key, name in wanted.items()], ignore_conflicts=True
    )
    program.tags.set(ProgramTag.objects.filter(key__in=wanted))


def tags_in_use(programs: QuerySet[Program]) -> Sequence[ProgramTag]:
    """The tags of these programs, each once, for whoever sees these programs."""
    used = Program.tags.through.objects.filter(program__in=programs.order_by().values("pk"))
    return list(ProgramTag.objects.filter(pk__in=used.values("programtag")))
