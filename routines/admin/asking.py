"""What the builder says against a design, and what the therapist answers: a reason beside each warning."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from routines.review import DesignWarning

Key = tuple[str, str]  # the slug of a warning, and what it is about
UNFINISHED = {"no_phases", "empty_phase"}  # nothing to argue about: such a program cannot be given
MOST_ASKED = 40  # warnings that are asked for a reason on one page; a browser sends no thousand fields


@dataclass(frozen=True)
class Said:
    """The reason with which a warning was overridden; `by` and `at` once it is saved."""

    reason: str
    by: str = ""
    at: datetime | None = None


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Your reason"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@dataclass(frozen=True)
class Asked:
    """A warning as the page shows it: with the reason that was given, or with a field for one."""

    warning: DesignWarning
    token: str
    form: ReasonForm | None = None
    said: Said | None = None

    @property
    def is_new(self) -> bool:
        """Given on this page and not saved yet."""
        return self.said is not None and self.said.at is None

    @property
    def is_wrong(self) -> bool:
        return self.said is None and self.form is not None and bool(self.form.errors)


def token_of(key: Key) -> str:
    """The name of a warning in the fields of the page: short, and it says nothing of what it is about."""
    return hashlib.sha256("\n".join(key).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Answers:
    """What the page sent beside the warnings. `agreed` are those whose reason was given by its button, `reopened` those taken back."""

    data: QueryDict
    act: str = ""
    what: str = ""

    @property
    def agreed(self) -> set[str]:
        found = set(self.data.getlist("agreed"))
        return found | {self.what} if self.act == "keep" else found - self.taken_back

    @property
    def reopened(self) -> set[str]:
        return set(self.data.getlist("reopened")) | self.taken_back

    @property
    def taken_back(self) -> set[str]:
        return {self.what} if self.act == "reopen" else set()

    def typed(self, token: str) -> str:
        return self.data.get(f"why-{token}-reason", "")

    def asks(self, token: str) -> bool:
        """Whether a reason is to be judged: its button was pressed, or it is saved with the program."""
        return token in self.agreed or (self.act == "save" and bool(self.typed(token).strip()))


def ask(warnings: Iterable[DesignWarning], stored: Mapping[str, Said], answers: Answers) -> Iterator[Asked]:
    """Each warning with what was said to it; `stored` by its token. The same warning about two steps is one."""
    seen: set[str] = set()
    for warning in warnings:
        token = token_of(warning.key)
        if token in seen:
            continue
        if warning.slug in UNFINISHED:
            yield Asked(warning, token)
        elif token in stored and token not in answers.reopened:
            yield Asked(warning, token, said=stored[token])
        elif len(seen) >= MOST_ASKED:
            yield Asked(warning, token)
        elif answers.asks(token):
            form = ReasonForm({f"why-{token}-reason": answers.typed(token)}, prefix=f"why-{token}")
            said = Said(form.cleaned_data["reason"]) if form.is_valid() else None
            yield Asked(warning, token, form, said)
        else:
            form = ReasonForm(initial={"reason": answers.typed(token)}, prefix=f"why-{token}")
            yield Asked(warning, token, form)
        seen.add(token)
