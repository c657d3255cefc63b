"""The practice's own settings: one row, for the owner to change."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from clients.admin import numbers, queue
from clients.admin.pages import draw, refused
from clients.forms.workplace import PracticeForm
from clients.models import Practice, Role, User
from clients.practice import this_practice


@admin.register(Practice)
class PracticeAdmin(admin.ModelAdmin):
    """One page instead of a list of one."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_active and request.user.role == Role.OWNER

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("numbers/", view(numbers.of_practice), name="clients_practice_numbers"),
            path("numbers/attention/", view(queue.of_practice), name="clients_practice_attention"),
            path("numbers/<slug:rule>/", view(numbers.rule_of_practice), name="clients_practice_rule"),
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
            form.save()
            messages.success(request, _("Saved."))
            return redirect("admin:clients_practice_changelist")
        return draw(
            request,
            "practice",
            title=_("Practice"),
            status=refused(form) if form is not None else 200,
            practice=this_practice(),
            form=form,
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
