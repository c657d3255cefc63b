"""The therapist's workplace: Django's admin with our titles, our order and the front page of the day."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from clients.covering import covered_by
from clients.dashboard import count_in_need, todays_people
from clients.messaging import count_unread

# Word, URL name, icon, and the beginnings of the URL names that belong to it.
PLACES: tuple[tuple[Any, str, str, tuple[str, ...]], ...] = (
    (_("Today"), "index", "today", ("index",)),
    (_("Clients"), "clients_client_changelist", "people", ("client",)),
    (
        _("Programs"),
        "routines_program_changelist",
        "program",
        ("routines_program", "routines_rule"),
    ),
    (
        _("Exercises"),
        "routines_exercise_changelist",
        "exercise",
        ("routines_exercise", "routines_equipment", "routines_export"),
    ),
    (_("Muscles & patterns"), "routines_imbalance_changelist", "muscle", ("routines_",)),
    (_("Messages"), "messages", "message", ("messages", "client_messages")),
    (_("Letters"), "clients_delivery_changelist", "mail", ("clients_delivery",)),
    (_("Report"), "report", "report", ("report",)),
    (_("Practice"), "clients_practice_changelist", "practice", ("clients_practice",)),
)
# Places that are no list of one model, and the permission that opens them.
OPENED_BY = {"messages": "clients.view_message", "report": "clients.view_assignment"}
OUR_APPS = ["clients", "routines"]


def greeting(user: Any, hour: int) -> str:
    """By the clock of whoever reads it."""
    words = _("Good morning") if hour < 12 else _("Good afternoon") if hour < 18 else _("Good evening")
    return f"{words}, {user}"


class Workplace(admin.AdminSite):
    site_title = _("Workplace")
    site_header = _("Train and Massage")
    index_title = _("Today")
    enable_nav_sidebar = False
    index_template = "admin/index.html"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Our two apps only: what allauth and Django bring (secrets of factors among them) has no page here."""
        models: list[Any] = (
            [model_or_iterable] if isinstance(model_or_iterable, type) else list(model_or_iterable)
        )
        ours = [model for model in models if model._meta.app_label in OUR_APPS]
        super().register(ours, admin_class, **options)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """As Django's, with our rail."""
        context = super().each_context(request)
        context["workplace_nav"] = self.rail(request)
        if practice := getattr(request, "practice", None):
            context["site_header"] = practice.name
        return context

    def places(self, request: HttpRequest) -> list[tuple[Any, str, str, str]]:
        """(word, url, name, icon) of each place that this person may open."""
        if not self.has_permission(request):
            return []
        return [
            (word, url, name, icon)
            for word, name, icon, _beginnings in PLACES
            if self.may_open(request, name) and (url := self.find(name))
        ]

    def rail(self, request: HttpRequest) -> list[tuple[Any, str, bool, int, str]]:
        """(word, url, is current, count, icon) of each place that this person may open."""
        here = (request.resolver_match.url_name or "") if request.resolver_match else ""
        fitting = [
            (len(beginning), name)
            for _word, name, _icon, beginnings in PLACES
            for beginning in beginnings
            if here.startswith(beginning)
        ]
        current = max(fitting, default=(0, ""))[1]
        return [
            (word, url, name == current, self.count(request, name), icon)
            for word, url, name, icon in self.places(request)
        ]

    def get_urls(self) -> list[Any]:
        from clients.admin import messaging, searching  # noqa: PLC0415 -- what registers at this site is read when it stands

        return [
            path("messages/", self.admin_view(messaging.show_all), name="messages"),
            path("messages/csv/", self.admin_view(messaging.as_csv), name="messages_csv"),
            path("search/", self.admin_view(searching.search), name="search"),
            *super().get_urls(),
        ]

    def lists(self, request: HttpRequest) -> list[tuple[str, str]]:
        """(word, url) of every list of rows that this person may open."""
        return [
            (str(capfirst(model_admin.opts.verbose_name_plural)), url)
            for model_admin in self._registry.values()
            if model_admin.has_view_permission(request)
            and (url := self.find(f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist"))
        ]

    def find(self, name: str) -> str:
        """The place's address; empty while nothing is registered there."""
        try:
            return reverse(f"{self.name}:{name}")
        except NoReverseMatch:
            return ""

    def may_open(self, request: HttpRequest, name: str) -> bool:
        if name in OPENED_BY:
            return request.user.has_perm(OPENED_BY[name])
        return name == "index" or any(
            f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_changelist" == name
            and model_admin.has_view_permission(request)
            for model_admin in self._registry.values()
        )

    def count(self, request: HttpRequest, name: str) -> int:
        """What waits at this place: people who need somebody, people who have written. 0 elsewhere."""
        if name == "index":
            return self.count_in_need(request)
        return self.count_unread(request) if name == "messages" else 0

    def count_unread(self, request: HttpRequest) -> int:
        """How many people wrote what nobody has read: once for each request, however often the rail is drawn."""
        if not hasattr(request, "people_unread"):
            request.people_unread = count_unread(request.user)  # type: ignore[attr-defined]
        counted: int = request.people_unread  # type: ignore[attr-defined]
        return counted

    def count_in_need(self, request: HttpRequest) -> int:
        """How many people need somebody: once for each request, however often the rail is drawn."""
        if not hasattr(request, "people_in_need"):
            request.people_in_need = count_in_need(request.user, timezone.now())  # type: ignore[attr-defined]
        counted: int = request.people_in_need  # type: ignore[attr-defined]
        return counted

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        people = todays_people(
            request.user,
            timezone.now(),
            page=request.GET.get("page", "1"),
            queue=request.GET.get("queue", "1"),
        )
        request.people_in_need = people.needy  # type: ignore[attr-defined]
        context = {
            **self.each_context(request),
            "title": self.index_title,
            "people": people,
            "greeting": greeting(request.user, timezone.localtime().hour),
            "covering": covered_by(request.user, timezone.now()),  # type: ignore[arg-type]
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, self.index_template, context)

    def app_index(  # type: ignore[override]
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The rail leads everywhere: a list of Django's apps says nothing to a therapist."""
        return redirect(f"{self.name}:index")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Empty: Django would ask after each permission of each model for every page, and no page of ours shows the list."""
        return []

    # ---- Signing in is one door for everybody ---------------------------------------------------------------------

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the one sign-in page; somebody who is signed in and does not belong here is told so."""
        if self.has_permission(request):
            return redirect(f"{self.name}:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        wanted = request.GET.get("next", "")
        return redirect_to_login(wanted if wanted.startswith(home := reverse(f"{self.name}:index")) else home)

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_logout")

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")
