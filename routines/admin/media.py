"""Pictures and films of one exercise: add, describe, order, take off."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from routines.films import FILM, POSTER, FilmRefused
from routines.media import (
    LARGE,
    REFUSALS,
    SMALL,
    TooManyOfAKind,
    add_film,
    add_link,
    add_photo,
    address,
    move_up,
    take_off,
)
from routines.models import MOST_OF_A_KIND, Exercise, ExerciseMedia, is_key
from routines.pictures import PictureRefused

Kind = ExerciseMedia.Kind
WEB = RegexValidator(
    r"^https?://[^\s<>\"]+\Z", gettext_lazy("Write the whole address, with https:// before it.")
)
SAFE_WEB = RegexValidator(r"^https://[^\s<>\"]+\Z", gettext_lazy("The address must begin with https://."))


# ---- Forms -----------------------------------------------------------------------------------------------------------


class WordsForm(forms.Form):
    """What is told of a picture or film."""

    alt = forms.CharField(
        label=gettext_lazy("What it shows"),
        max_length=200,
        help_text=gettext_lazy("Read to people who do not see it."),
    )
    author = forms.CharField(label=gettext_lazy("Author"), max_length=200, required=False)
    licence = forms.CharField(label=gettext_lazy("Licence"), max_length=200, required=False)
    link = forms.CharField(
        label=gettext_lazy("Where it is from"),
        max_length=500,
        required=False,
        validators=[WEB],
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    @property
    def words(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in WordsForm.base_fields}


class NewForm(WordsForm):
    """`key` is made with the page, so that sending it twice adds one."""

    key = forms.UUIDField(initial=uuid.uuid4, required=False, widget=forms.HiddenInput)


class PhotoForm(NewForm):
    file = forms.FileField(
        label=gettext_lazy("Picture"),
        allow_empty_file=True,  # it is refused as no picture
        help_text=gettext_lazy("JPEG, PNG or WebP, up to 15 MB. Where it was taken is not kept."),
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
    )
    field_order = ["file"]


class FilmForm(NewForm):
    file = forms.FileField(
        label=gettext_lazy("Film"),
        allow_empty_file=True,
        help_text=gettext_lazy("MP4, WebM or MOV, up to one minute and 80 MB. It is shown without sound."),
        widget=forms.ClearableFileInput(attrs={"accept": "video/mp4,video/webm,video/quicktime"}),
    )
    field_order = ["file"]


class LinkForm(NewForm):
    link = forms.CharField(
        label=gettext_lazy("Address"),
        max_length=500,
        validators=[SAFE_WEB],
        help_text=gettext_lazy("It opens in a window of its own. Nothing of it is shown here."),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    field_order = ["link"]


NEW_FORMS: dict[str, type[NewForm]] = {Kind.PHOTO: PhotoForm, Kind.FILM: FilmForm, Kind.LINK: LinkForm}


@dataclass(frozen=True)
class Card:
    """One picture, film or link on the page."""

    row: ExerciseMedia
    form: WordsForm
    is_first: bool
    is_open: bool

    @property
    def picture(self) -> str:
        return address(self.row.token, LARGE) if self.row.kind == Kind.PHOTO else ""

    @property
    def film(self) -> str:
        ready = self.row.kind == Kind.FILM and self.row.state == self.row.State.READY
        return address(self.row.token, FILM) if ready else ""

    @property
    def poster(self) -> str:
        return address(self.row.token, POSTER)

    @property
    def small(self) -> str:
        return address(self.row.token, SMALL)

    @property
    def refusal(self) -> Any:
        return REFUSALS.get(self.row.reason, REFUSALS["unreadable"])


@dataclass(frozen=True)
class Adding:
    """A way to add something: its form, or none where there are enough."""

    kind: Kind
    form: NewForm | None
    is_open: bool

    @property
    def word(self) -> Any:
        words = {
            Kind.PHOTO: _("Add a picture"),
            Kind.FILM: _("Add a film"),
            Kind.LINK: _("Link to a film elsewhere"),
        }
        return words[self.kind]


# ---- The page ----------------------------------------------------------------------------------------------------------


class MediaPages(admin.ModelAdmin):
    """Adds the page of pictures and films to the admin of exercises."""

    def media_is_given(self, row: ExerciseMedia) -> bool:
        """Whether somebody's plan keeps it; another app may know."""
        return False

    def film_added(self) -> None:
        """A film waits to be prepared; another app has somebody who does it."""

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., Any], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            page("<int:pk>/media/", self.media_page, "routines_exercise_media"),
            *super().get_urls(),
        ]

    def seen_exercise(self, request: HttpRequest, pk: int) -> Exercise:
        """An exercise that this person sees and may change."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        seen = self.get_queryset(request).filter(pk=pk).values("pk")
        return get_object_or_404(Exercise.objects.with_details(), pk__in=seen)

    def media_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        exercise = self.seen_exercise(request, pk)
        act, _colon, what = request.POST.get("act", "").partition(":")
        bound: forms.Form | None = None
        if request.method == "POST":
            if act in NEW_FORMS:
                bound = self.added(request, exercise, act)
            else:
                bound = self.changed(request, exercise, act, what)
            if bound is None:
                return redirect("admin:routines_exercise_media", exercise.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Pictures and films"),
            "exercise": exercise,
            "cards": cards(exercise, act, what, bound),
            "adding": ways_to_add(exercise, act, bound),
            "waiting": any(row.state == row.State.WAITING for row in exercise.shown_media),
        }
        request.current_app = self.admin_site.name
        status = 422 if bound is not None else 200
        return TemplateResponse(request, "admin/routines/exercise/media.html", context, status=status)

    def added(self, request: HttpRequest, exercise: Exercise, kind: str) -> forms.Form | None:
        """Adds what was sent; the form with its errors where it cannot be."""
        form = NEW_FORMS[kind](request.POST, request.FILES, prefix=kind)
        if not form.is_valid():
            return form
        words = {**form.words, "key": form.cleaned_data["key"]}
        try:
            if kind == Kind.PHOTO:
                add_photo(exercise, form.cleaned_data["file"], **words)
                messages.success(request, _("The picture is added."))
            elif kind == Kind.FILM:
                add_film(exercise, form.cleaned_data["file"], **words)
                self.film_added()
                messages.success(request, _("The film is being prepared. You need not wait here."))
            else:
                add_link(exercise, **words)
                messages.success(request, _("The link is added."))
        except TooManyOfAKind as error:
            form.add_error(None, str(error))
        except PictureRefused as error:
            form.add_error("file", str(error))
        except FilmRefused as error:
            form.add_error("file", str(REFUSALS[error.code]))
        else:
            self.log_change(request, exercise, _("Pictures and films changed."))
            return None
        return form

    def changed(self, request: HttpRequest, exercise: Exercise, act: str, what: str) -> forms.Form | None:
        """Does what a button of a card says. What is gone already is gone."""
        row = next((row for row in exercise.shown_media if is_key(what) and row.pk == int(what)), None)
        if row is None:
            messages.info(request, _("This was taken off in the meantime."))
        elif act == "words":
            form = words_form(row, request.POST)
            if not form.is_valid():
                return form
            ExerciseMedia.objects.filter(pk=row.pk).update(**form.words)
            self.log_change(request, exercise, _("Pictures and films changed."))
            messages.success(request, _("Saved."))
        elif act == "up":
            move_up(row)
        elif act == "off" and take_off(row, given=self.media_is_given(row), now=timezone.now()):
            self.log_change(request, exercise, _("Pictures and films changed."))
            messages.success(request, _("It is taken off. Programs that people follow keep it."))
        return None


def words_form(row: ExerciseMedia, data: Any = None) -> WordsForm:
    form = WordsForm(
        data,
        prefix=f"words-{row.pk}",
        initial={name: getattr(row, name) for name in WordsForm.base_fields},
    )
    if row.kind == Kind.LINK:
        form.fields["link"] = LinkForm.base_fields["link"]
    return form


def cards(exercise: Exercise, act: str, what: str, bound: forms.Form | None) -> list[Card]:
    found = []
    for row in exercise.shown_media:
        mine = act == "words" and what == str(row.pk) and isinstance(bound, WordsForm)
        form = bound if mine and isinstance(bound, WordsForm) else words_form(row)
        found.append(Card(row, form, row.order == 0, mine))
    return found


def ways_to_add(exercise: Exercise, act: str, bound: forms.Form | None) -> list[Adding]:
    taken = [row.kind for row in exercise.shown_media]
    found = []
    for kind, form_class in NEW_FORMS.items():
        mine = act == kind and isinstance(bound, NewForm)
        empty = form_class(prefix=kind, initial={"alt": exercise.text("name")})
        form = bound if mine and isinstance(bound, NewForm) else empty
        full = taken.count(Kind(kind)) >= MOST_OF_A_KIND and not mine
        found.append(Adding(Kind(kind), None if full else form, mine or (kind == Kind.PHOTO and not taken)))
    return found
