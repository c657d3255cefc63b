"""The sheet of paper as a form: a box for each tick, a small field for each number and letter, as they stand on the paper."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clients.care import NotInCare
from clients.forms.sessions import KeyedForm, new_key
from clients.keying import (
    Keyed,
    NothingToKey,
    Place,
    Returned,
    SheetChanged,
    Slot,
    Written,
    key_in,
    keyed_before,
    place_of,
    red_days,
    sheet_of,
    stops_of,
)
from clients.models import Client, Measure, SessionItem, User, localized
from clients.planning import PlannedItem
from clients.recording import SessionState
from clients.sheets import MORNING_LETTERS, STOP_LETTERS, Ask, asks_of, legend, side_word
from routines.models import ExerciseKind

TICK = "tick"  # the button that fills boxes; its value is the session, or this:
EVERYTHING = "all"


NOTHING = ("-", "\N{EN DASH}")  # how somebody leaves a place empty, which a script takes away


class Letter(forms.CharField):
    """One letter of the sheet's legend, small or capital, as the word that it stands for."""

    def __init__(self, letters: Mapping[str, str]) -> None:
        super().__init__(required=False, max_length=1)
        self.letters = letters
        self.error_messages["max_length"] = self.sentence

    @property
    def sentence(self) -> str:
        first, *_between, last = self.letters
        return _("%(first)s to %(last)s") % {"first": first, "last": last}

    def to_python(self, value: Any) -> str:
        letter = str(super().to_python(value) or "").upper()
        return "" if letter in NOTHING else letter

    def clean(self, value: Any) -> str:
        try:
            letter = super().clean(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(self.sentence) from error
        if letter and letter not in self.letters:
            raise forms.ValidationError(self.sentence)
        return str(self.letters[letter]) if letter else ""


class Number(forms.IntegerField):
    def __init__(self) -> None:
        words = gettext_lazy("0 to 10")
        super().__init__(required=False)
        self.error_messages["invalid"] = words

    def to_python(self, value: Any) -> int | None:
        return super().to_python("" if str(value or "").strip() in NOTHING else value)

    def clean(self, value: Any) -> int | None:
        number = super().clean(value)
        if number is not None and not 0 <= number <= 10:
            raise forms.ValidationError(self.error_messages["invalid"])
        return number


@dataclass(frozen=True)
class Cell:
    """One place of the sheet. `state`: open, dot (not due), done, partly, left (recorded), told (recorded), blank."""

    state: str
    slot: Slot
    name: str = ""
    value: str = ""
    label: str = ""
    checked: bool = False
    error: str = ""
    span: int = 1
    beside: bool = False  # not asked for by the sheet, so that no button ticks it

    @property
    def begins_day(self) -> bool:
        return self.slot.column.begins_day


@dataclass(frozen=True)
class Row:
    """One line of the sheet: an exercise on one side, or what is asked."""

    words: str
    cells: list[Cell]
    side: str = ""
    kind: str = ""
    letters: bool = False


class SheetForm(KeyedForm):
    done = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": gettext_lazy("Something here has changed.")}
    )
    draft = False

    def __init__(self, data: QueryDict | None = None, *, sheet: Returned) -> None:
        super().__init__(data)
        self.sheet = sheet
        self.asked = {
            field_name(ask, slot): (ask, slot) for slot in sheet.slots for ask in asks_open(sheet, slot)
        }
        for name, (ask, _slot) in self.asked.items():
            self.fields[name] = field_of(ask)
        boxes = [(box_of(slot, item), "") for slot in sheet.slots for item in slot.open]
        self.fields["done"].choices = boxes  # type: ignore[attr-defined]
        self.ticked = set(data.getlist("done")) if data is not None else set()

    def tick(self, what: str) -> None:
        """Ticks what the sheet asks for in a session, or in all of them; the page is drawn again and nothing is saved."""
        self.draft = True
        for slot in self.sheet.slots:
            if what in (EVERYTHING, slot.key):
                self.ticked |= {box_of(slot, item) for item in slot.items}

    def clean_done(self) -> dict[str, frozenset[Place]]:
        """{session: what is ticked}"""
        found: dict[str, set[Place]] = {}
        for box in self.cleaned_data["done"]:
            key, place = box.rsplit(".", 1)
            found.setdefault(key, set()).add(place_named(place))
        return {key: frozenset(places) for key, places in found.items()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "key" not in cleaned:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["key"] = new_key()  # type: ignore[index]
        if "done" not in cleaned or "key" not in cleaned:
            self.add_error(None, str(SheetChanged()))
            return cleaned
        for name, (ask, slot) in self.asked.items():
            if cleaned.get(name) in (None, "") or name in self.errors:
                continue
            if ask == Ask.MORNING:
                if not any(self.happened(each) for each in self.sheet.of_day(slot.day)):
                    self.add_error(name, _("tick first"))
            elif self.happened(slot):
                continue
            elif ask == Ask.BEFORE and slot.column.begins_day and slot.day in self.sheet.diary:
                self.add_error(name, _("is in the diary already"))
            elif ask != Ask.BEFORE or not slot.column.begins_day:
                self.add_error(name, _("tick first"))
        if not self.errors and not (self.written() or self.mornings()):
            self.add_error(None, _("Nothing stands here yet. Tick what is ticked on the paper."))
        return cleaned

    def happened(self, slot: Slot) -> bool:
        """Whether something was done, or begun and stopped."""
        if slot.recorded is not None:
            return begun(slot.recorded)
        stopped = self.cleaned_data.get(field_name(Ask.STOPPED, slot))
        return bool(stopped) or slot.key in self.cleaned_data["done"]

    def written(self) -> list[Written]:
        """What was told of each session, those of which nothing was told left out."""
        found = []
        for slot in self.sheet.slots:
            told = {
                ask.value: value
                for ask in Ask
                if ask not in (Ask.MORNING, Ask.STOPPED)
                and (value := self.cleaned_data.get(field_name(ask, slot))) is not None
            }
            done = self.cleaned_data["done"].get(slot.key, frozenset())
            stopped = self.cleaned_data.get(field_name(Ask.STOPPED, slot)) or ""
            if told or done or stopped:
                found.append(Written(slot, done, told, stopped))
        return found

    def mornings(self) -> dict[date, str]:
        told = {
            slot.day: self.cleaned_data.get(name)
            for name, (ask, slot) in self.asked.items()
            if ask == Ask.MORNING
        }
        return {day: word for day, word in told.items() if word}

    @property
    def status(self) -> int:
        return 200 if self.draft else super().status

    # ---- How it is drawn ------------------------------------------------------------------------------------------------

    def fault(self, name: str) -> str:
        """Why this field could not be taken; empty where it could, and where nothing was to be saved."""
        if self.draft or not self.is_bound or name not in self.errors:
            return ""
        return str(self.errors[name][0])

    @property
    def refusals(self) -> list[str]:
        """Why the sheet as a whole could not be taken."""
        return [] if self.draft or not self.is_bound else [str(error) for error in self.non_field_errors()]

    @property
    def faults(self) -> list[tuple[str, str, str]]:
        """(id, what, why) of each field that could not be taken, for the list above the sheet."""
        return [
            (name, label_of(ask.words, slot, of_the_day=ask.of_the_day), why)
            for name, (ask, slot) in self.asked.items()
            if (why := self.fault(name))
        ]

    @property
    def legend(self) -> list[tuple[str, str]]:
        return legend()

    @property
    def days(self) -> list[Slot]:
        """The first session of each day."""
        return [slot for slot in self.sheet.slots if slot.column.begins_day]

    @property
    def beside(self) -> bool:
        """Whether a box stands there that the sheet does not ask for."""
        return any(slot.open and slot.beside for slot in self.sheet.slots)

    @property
    def rows(self) -> list[Row]:
        """The exercises, in the order of the paper."""
        lines: dict[Place, tuple[PlannedItem | SessionItem, str]] = {}
        for slot in self.sheet.slots:
            for item in slot.open:
                lines.setdefault((item.exercise_id, item.side), (item, item.kind.value))
            for state in slot.recorded.items if slot.recorded else ():
                lines.setdefault((state.item.exercise_id, state.item.side), (state.item, state.item.kind))
        together = {exercise: n for n, (exercise, _side) in enumerate(lines)}
        first = {
            exercise: min(n for n, (other, _s) in enumerate(lines) if other == exercise)
            for exercise in together
        }
        kinds = {exercise: ExerciseKind(kind).order for (exercise, _side), (_item, kind) in lines.items()}
        places = sorted(lines, key=lambda place: (kinds[place[0]], first[place[0]]))
        return [
            Row(
                lines[place][0].name,
                [self.tick_cell(place, lines[place][0].name, slot) for slot in self.sheet.slots],
                side=side_word(place[1]),
                kind=lines[place][1],
            )
            for place in places
        ]

    def tick_cell(self, place: Place, name: str, slot: Slot) -> Cell:
        side = side_word(place[1])
        label = label_of(f"{name}, {side}" if side else name, slot)
        if slot.recorded is not None:
            found = [each for each in slot.recorded.items if (each.item.exercise_id, each.item.side) == place]
            if not found:
                return Cell("dot", slot)
            return Cell("done" if found[0].complete else "partly" if found[0].done else "left", slot)
        item = next((item for item in slot.open if place_of(item) == place), None)
        if item is None:
            return Cell("dot", slot)
        box = box_of(slot, item)
        return Cell(
            "open", slot, value=box, label=label, checked=box in self.ticked, beside=item in slot.beside
        )

    @property
    def asks(self) -> list[Row]:
        loading = any(slot.loading for slot in self.sheet.slots) or any(
            slot.recorded and Measure.EFFORT in slot.recorded.readings for slot in self.sheet.slots
        )
        return [
            Row(
                ask.words,
                [
                    self.ask_cell(ask, slot)
                    for slot in self.sheet.slots
                    if slot.column.begins_day or not ask.of_the_day
                ],
                letters=ask in (Ask.MORNING, Ask.STOPPED),
            )
            for ask in asks_of(loading=loading)
        ]

    def ask_cell(self, ask: Ask, slot: Slot) -> Cell:
        name = field_name(ask, slot)
        span = slot.column.span if ask.of_the_day else 1
        if name in self.asked:
            wrong = self.fault(name)
            typed = self.data.get(name, "") if self.is_bound else ""
            label = label_of(ask.words, slot, of_the_day=ask.of_the_day)
            return Cell("open", slot, name=name, value=typed, label=label, error=wrong, span=span)
        told = recorded_value(self.sheet, ask, slot)
        return Cell("told" if told else "blank", slot, value=told, span=span)


def label_of(what: str, slot: Slot, *, of_the_day: bool = False) -> str:
    """ "Clam, left, Wed 4 March"; with the session's number where the day has several."""
    words = {"what": what, "day": date_format(slot.day, "D j F"), "number": slot.column.number}
    if slot.column.goes > 1 and not of_the_day:
        return _("%(what)s, %(day)s, session %(number)d") % words
    return _("%(what)s, %(day)s") % words


def field_name(ask: Ask, slot: Slot) -> str:
    return f"{ask}-{slot.key}"


def field_of(ask: Ask) -> forms.Field:
    if ask == Ask.MORNING:
        return Letter({letter: word.value for letter, word in MORNING_LETTERS.items()})
    if ask == Ask.STOPPED:
        return Letter({letter: choice.value for letter, choice in STOP_LETTERS.items()})
    return Number()


def box_of(slot: Slot, item: PlannedItem) -> str:
    return f"{slot.key}.{item.exercise_id}-{item.side}"


def place_named(text: str) -> Place:
    exercise, side = text.rsplit("-", 1)
    return int(exercise), side


def begun(state: SessionState) -> bool:
    """Whether a recorded session has something that a morning can come after: of paper even one that was stopped at once."""
    return state.done_sets > 0 or state.session.sheet_id is not None


def asks_open(sheet: Returned, slot: Slot) -> Iterator[Ask]:
    """What can still be told of this session: what is recorded stays as it is."""
    if slot.column.begins_day and slot.day < sheet.today and slot.day not in sheet.mornings:
        slots = sheet.of_day(slot.day)
        if any(each.open or (each.recorded and begun(each.recorded)) for each in slots):
            yield Ask.MORNING
    if slot.recorded is not None:
        return
    if slot.open or slot.day not in sheet.diary:
        yield Ask.BEFORE
    if slot.open:
        yield Ask.WORST
        yield Ask.AFTER
        yield Ask.STOPPED
        if slot.loading:
            yield Ask.EFFORT


def recorded_value(sheet: Returned, ask: Ask, slot: Slot) -> str:
    if ask == Ask.MORNING:
        answer = sheet.mornings.get(slot.day)
        return next(
            (letter for letter, word in MORNING_LETTERS.items() if answer and word == answer.word), ""
        )
    if slot.recorded is not None:
        value = slot.recorded.readings.get(ask.value)
        return "" if value is None else str(value)
    if ask == Ask.BEFORE and slot.day in sheet.diary:
        return str(sheet.diary[slot.day])
    return ""


def day_named(text: str) -> date | None:
    """The day of an address; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def filled_in(
    client: Client, data: QueryDict | None, first: date | None, *, by: User, now: datetime
) -> tuple[SheetForm | None, Keyed | None]:
    """The sheet as a form, and what was taken in of it where it could be; no form where no program has begun."""
    today = client.local_date(now)
    try:
        form = SheetForm(data, sheet=sheet_of(client, today, first))
    except NothingToKey:
        return None, None
    if data is None:
        return form, None
    if TICK in data:
        form.tick(data.get(TICK, ""))
        return form, None
    key = key_of(data)
    if before := keyed_before(client, key):
        return form, before
    if not form.is_valid():
        return form, None
    try:
        return form, key_in(client, form.written(), form.mornings(), by=by, key=key, now=now)
    except NotInCare as error:
        form.add_error(None, str(error))
    except SheetChanged as error:
        form = SheetForm(data, sheet=sheet_of(client, today, first))
        form.add_error(None, str(error))
    return form, None


def key_of(data: QueryDict) -> str:
    """The sheet's key: of the form's own and of all that was told, so that other ticks in the same form are news."""
    told = [(name, sorted(data.getlist(name))) for name in sorted(data) if name != "csrfmiddlewaretoken"]
    return sha256(json.dumps(told).encode()).hexdigest()[:40]


def warnings_of(keyed: Keyed, now: datetime) -> list[str]:
    """What has to be read after saving: the message of each thing that was wrong, once, and the days that were red."""
    found = [
        f"{event.get_choice_display()}: {localized(event.texts, 'title')}" for event in stops_of(keyed.sheet)
    ]
    days = red_days(keyed.sheet, now)
    if days:
        words = get_text_list([date_format(day, "D j F") for day in days], _("and"))
        found.append(_("Too much by the rules of the program: %(days)s.") % {"days": words})
    return list(dict.fromkeys(found))


def taken_in(keyed: Keyed) -> str:
    """What was recorded, in a sentence."""
    number = keyed.sheet.sessions.count()
    if not number:
        return _("Recorded from the sheet.")
    return ngettext(
        "One session was recorded from the sheet.",
        "%(number)d sessions were recorded from the sheet.",
        number,
    ) % {"number": number}
