"""The practice's own settings: one row, a page for each question, for the owner to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.admin import numbers, queue, team
from clients.admin.numbers import owner_only
from clients.admin.pages import draw, refused, settings_links
from clients.branding import THEMES, keep_logo, logo_of, own_colours, remove_logo
from clients.emails import specimen
from clients.forms.practice import LetterForm, LogoForm, LookForm, PracticeForm, WordsForm
from clients.models import Delivery, Practice, Role, User
from clients.practice import offered_languages, rewrite, this_practice
from clients.wording import PLACEHOLDERS, WORDED, letter_words
from routines.pictures import PictureRefused

GET_AND_POST = ["GET", "HEAD", "POST"]

# As in clients.views.letters: a letter brings its own looks, inline, and fetches and runs nothing.
PREVIEW_POLICY = {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [SELF]}
# When each letter is sent
SAYS = {
    Delivery.Letter.INVITATION: gettext_lazy("When you invite a client."),
    Delivery.Letter.REMINDER: gettext_lazy("On a day with a session that is not done yet."),
    Delivery.Letter.PLAN_CHANGED: gettext_lazy("When something in the program has changed."),
    Delivery.Letter.MESSAGE: gettext_lazy("When you have written to a client."),
    Delivery.Letter.SIGN_IN: gettext_lazy("When a client asks for a link to sign in."),
}


@admin.register(Practice)
class PracticeAdmin(admin.ModelAdmin):
    """Pages for each question instead of a list of one."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.role == Role.OWNER

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"clients_practice_{name}")

        return [
            page("look/", look, "look"),
            page("look/usual/", usual_look, "usual_look"),
            page("look/logo/", logo, "logo"),
            page("look/logo/remove/", no_logo, "no_logo"),
            page("words/", words, "words"),
            page("letters/", letters, "letters"),
            page("letters/<str:letter>/<str:language>/", letter_words_page, "letter"),
            page("letters/<str:letter>/<str:language>/usual/", usual_letter, "usual_letter"),
            page("letters/<str:letter>/<str:language>/preview/", preview, "preview"),
            page("team/", team.show, "team"),
            page("team/csv/", team.as_csv, "team_csv"),
            page("team/invite/", team.invite, "invite"),
            page("team/<int:pk>/", team.member, "member"),
            page("team/<int:pk>/again/", team.send_again, "invite_again"),
            page("team/<int:pk>/<str:act>/", team.decide, "decide"),
            page("numbers/", numbers.of_practice, "numbers"),
            page("numbers/attention/", queue.of_practice, "attention"),
            page("numbers/<slug:rule>/", numbers.rule_of_practice, "rule"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        practice = this_practice()
        may_change = self.has_change_permission(request)
        form = PracticeForm(request.POST or None, instance=practice) if may_change else None
        if form is not None and form.is_valid():
            form.save(commit=False).save(update_fields=PracticeForm.Meta.fields if practice else None)
            messages.success(request, _("Saved."))
            return redirect("admin:clients_practice_changelist")
        return draw(
            request,
            "practice",
            title=_("Practice"),
            status=refused(form) if form is not None else 200,
            practice=this_practice(),
            form=form,
            links=settings_links("changelist"),
            team=User.objects.filter(is_active=True).exclude(role=Role.CLIENT).order_by("name", "email"),
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return redirect("admin:clients_practice_changelist")


# ---- Look -----------------------------------------------------------------------------------------------------------


@require_http_methods(GET_AND_POST)
def look(request: HttpRequest) -> HttpResponse:
    """The colour and the logo. `take` answers a refusal with the colour that was offered."""
    practice = owner_only(request)
    data = request.POST.copy() if request.method == "POST" else None
    if data is not None:
        theme, _colon, colour = data.get("take", "").partition(":")
        if theme in THEMES:
            data[theme] = colour
    form = LookForm(data, practice=practice)
    if form.is_valid():
        practice.colours = form.colours()
        practice.save(update_fields=["colours"])
        messages.success(request, _("Saved. Every page has this colour now."))
        return redirect("admin:clients_practice_look")
    return draw_look(request, practice, form, LogoForm(), refused(form))


def draw_look(
    request: HttpRequest, practice: Practice, form: LookForm, logo_form: LogoForm, status: int
) -> HttpResponse:
    return draw(
        request,
        "practice_look",
        title=_("Colours"),
        status=status,
        form=form,
        logo_form=logo_form,
        logo=logo_of(practice),
        own=own_colours(practice.colours),
        links=settings_links("look"),
    )


@require_POST
def usual_look(request: HttpRequest) -> HttpResponse:
    practice = owner_only(request)
    practice.colours = {}
    practice.save(update_fields=["colours"])
    messages.success(request, _("The pages have their usual colours again."))
    return redirect("admin:clients_practice_look")


@require_POST
def logo(request: HttpRequest) -> HttpResponse:
    practice = owner_only(request)
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            keep_logo(practice, form.cleaned_data["logo"].file)
        except PictureRefused as error:
            form.add_error("logo", str(error))
        else:
            messages.success(request, _("Saved. The logo stands on every page and in every letter now."))
            return redirect("admin:clients_practice_look")
    return draw_look(request, practice, LookForm(practice=practice), form, 422)


@require_POST
def no_logo(request: HttpRequest) -> HttpResponse:
    remove_logo(owner_only(request))
    messages.success(request, _("The logo is removed."))
    return redirect("admin:clients_practice_look")


# ---- Words ----------------------------------------------------------------------------------------------------------


def language_or_404(practice: Practice, language: str) -> str:
    if language not in dict(offered_languages(practice)):
        raise Http404
    return language


@require_http_methods(GET_AND_POST)
def words(request: HttpRequest) -> HttpResponse:
    practice = owner_only(request)
    offered = offered_languages(practice)
    usual = practice.language if practice.language in dict(offered) else offered[0][0]
    language = language_or_404(practice, request.GET.get("language", usual))
    here = reverse("admin:clients_practice_words")
    form = WordsForm(request.POST or None, initial=practice.texts.get(language, {}))
    if form.is_valid():
        own = {place: text for place, text in form.cleaned_data.items() if text}
        rewrite(practice, "texts", lambda kept: {**kept, language: own})
        messages.success(request, _("Saved."))
        return redirect(f"{here}?language={language}")
    tongues = [(word, f"{here}?language={code}", code == language) for code, word in offered]
    return draw(
        request,
        "practice_words",
        title=_("Words"),
        status=refused(form),
        form=form,
        tongues=tongues if len(offered) > 1 else [],
        links=settings_links("words"),
    )


# ---- Letters --------------------------------------------------------------------------------------------------------


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """Each letter to clients, with the languages in which the practice has words of its own."""
    practice = owner_only(request)
    offered = offered_languages(practice)
    rows = [
        {
            "label": letter.label,
            "says": SAYS[letter],
            "languages": [
                (word, reverse("admin:clients_practice_letter", args=[letter, code]), bool(letter_words(practice, letter, code)))
                for code, word in offered
            ],
        }
        for letter in WORDED
    ]  # fmt: skip
    return draw(
        request,
        "practice_letters",
        title=_("Letters"),
        rows=rows,
        links=settings_links("letters"),
    )


def letter_or_404(practice: Practice, letter: str, language: str) -> Delivery.Letter:
    if letter not in WORDED:
        raise Http404
    language_or_404(practice, language)
    return Delivery.Letter(letter)


@require_http_methods(GET_AND_POST)
def letter_words_page(request: HttpRequest, letter: str, language: str) -> HttpResponse:
    practice = owner_only(request)
    found = letter_or_404(practice, letter, language)
    own = practice.letters.get(letter, {}).get(language, {})
    form = LetterForm(request.POST or None, initial=own)
    if form.is_valid():
        keep_letter(practice, letter, language, form.words())
        messages.success(request, _("Saved. Letters that are sent from now on say so."))
        return redirect("admin:clients_practice_letter", letter, language)
    tongues = [
        (word, reverse("admin:clients_practice_letter", args=[letter, code]), code == language)
        for code, word in offered_languages(practice)
    ]
    return draw(
        request,
        "practice_letter",
        title=str(found.label),
        status=refused(form),
        form=form,
        letter=letter,
        language=language,
        own=own,
        tongues=tongues if len(tongues) > 1 else [],
        placeholders=[(f"{{{name}}}", word) for name, word in PLACEHOLDERS.items()],
        logo=logo_of(practice),
        subject=specimen(letter, practice, language, str(request.user)).subject,
        links=settings_links("letters"),
    )


def keep_letter(practice: Practice, letter: str, language: str, own: dict[str, str]) -> None:
    rewrite(practice, "letters", lambda kept: {**kept, letter: {**kept.get(letter, {}), language: own}})


@require_POST
def usual_letter(request: HttpRequest, letter: str, language: str) -> HttpResponse:
    practice = owner_only(request)
    letter_or_404(practice, letter, language)
    keep_letter(practice, letter, language, {})
    messages.success(request, _("This letter has its usual words again."))
    return redirect("admin:clients_practice_letter", letter, language)


@xframe_options_sameorigin
@csp(PREVIEW_POLICY)  # type: ignore[arg-type]
@require_safe
def preview(request: HttpRequest, letter: str, language: str) -> HttpResponse:
    """The letter as it would be sent now, for the frame on the page above."""
    practice = owner_only(request)
    letter_or_404(practice, letter, language)
    return HttpResponse(specimen(letter, practice, language, str(request.user)).html)
