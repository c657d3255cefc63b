"""What every page about people in the admin has in common: a therapist meets their own clients and nobody else's.

Django's own `get_queryset` is not enough (reliability.md M12): lists would be safe, but filters, the choices of a form
and a forged POST would still reach other people's clients. So the rows, the choices, the filters and the result of
every write are limited here, once, by `visible_to`.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import ShowFacets
from django.core.exceptions import PermissionDenied
from django.db.models import Field, ForeignKey, ManyToManyField, Model, QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import Http404, HttpRequest

from clients.access import get_client_for_staff
from clients.models import CareTeam, Client, Role, User
from clients.ownership import visible_exercises, visible_programs
from routines.admin.lookups import OfferedLookups
from routines.models import Exercise, Program


def carers() -> QuerySet[User]:
    """Who may be given a client, by name."""
    return User.objects.filter(is_active=True, role__in=[Role.OWNER, Role.THERAPIST]).order_by(
        "name", "email"
    )


def visible_rows(model: type[Model], request: HttpRequest) -> QuerySet[Any] | None:
    """The rows of a related model that this person may choose; None where the model holds nothing about people."""
    if model is User:
        return carers()
    if model is Program:
        return visible_programs(request.user)
    if model is Exercise:
        return visible_exercises(request.user)
    if model is CareTeam:
        return CareTeam.objects.filter(client__in=Client.objects.visible_to(request.user))
    rows = model._default_manager.all()
    if hasattr(rows, "visible_to"):
        visible: QuerySet[Any] = rows.visible_to(request.user)
        return visible
    if model._meta.app_label == "clients":
        return rows.none()  # a row about people that nobody has said who sees
    return None


class ScopedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row that offers only rows which this person sees."""

    def field_choices(
        self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin[Any]
    ) -> list[tuple[str, Any]]:
        rows = visible_rows(field.remote_field.model, request)
        if rows is None:
            return list(super().field_choices(field, request, model_admin))
        return [(row.pk, str(row)) for row in rows]


class ScopedAdmin(OfferedLookups):
    """Rows that hang on a client. Records stay: nothing is deleted here."""

    actions = None
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    client_field = "client"  # the path from the row to its client

    # ---- Which rows ---------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = visible_rows(self.model, request)
        if rows is None:
            raise TypeError(f"{self.model.__name__} does not say who sees it.")
        return rows.order_by(*self.get_ordering(request)) if self.get_ordering(request) else rows

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, if its client is this person's; the client is reached by the one door of the workplace."""
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            get_client_for_staff(request, self.client_of(found).pk)
        return found

    def client_of(self, row: Model) -> Client:
        for name in self.client_field.split("__") if self.client_field else ():
            row = getattr(row, name)
        if not isinstance(row, Client):
            raise TypeError(f"{self.client_field!r} does not lead to a client.")
        return row

    # ---- Which choices ------------------------------------------------------------------------------------------------

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        rows = visible_rows(db_field.remote_field.model, request)
        if rows is not None:
            kwargs["queryset"] = rows
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: ManyToManyField[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Any:
        rows = visible_rows(db_field.remote_field.model, request)
        if rows is not None:
            kwargs["queryset"] = rows
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> Any:
        """Without the small windows that add or change another row from here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for permission in ("can_add_related", "can_change_related", "can_view_related", "can_delete_related"):
            if field is not None and hasattr(field.widget, permission):
                setattr(field.widget, permission, False)
        return field

    # ---- Which writes -------------------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """The result is looked at again: a row that this person would not see is not written."""
        super().save_model(request, obj, form, change)
        self.refuse_foreign(request, obj)

    def save_formset(
        self, request: HttpRequest, form: ModelForm[Any], formset: BaseModelFormSet[Any, Any], change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        self.refuse_foreign(request, form.instance)

    def refuse_foreign(self, request: HttpRequest, obj: Any) -> None:
        """Undoes the whole write; Django's form views are one transaction."""
        if not self.get_queryset(request).filter(pk=obj.pk).exists():
            raise Http404


class HistoryAdmin(ScopedAdmin):
    """Records that nobody writes by hand: read only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def care_only(request: HttpRequest) -> None:
    """Health records are for those who give care, and for the owner; office staff have no business there."""
    if request.user.role == Role.OFFICE or not request.user.is_staff:  # type: ignore[union-attr]
        raise PermissionDenied
