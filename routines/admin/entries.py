"""What all pages of the catalogue in the workplace share: in use first, retire instead of delete, other languages."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db import models, router, transaction
from django.db.models.deletion import Collector, ProtectedError, RestrictedError
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from routines.admin.lookups import OfferedLookups
from routines.composing import free_slug, slug_from
from routines.forms import RowsField
from routines.models import CatalogueEntry
from routines.seeding import is_edited

# The language of the shipped texts (catalogue.yaml, meta.language); other languages stand in `translations`.
CATALOGUE_LANGUAGE = "en"

# Columns of this length hold a sentence, not a name.
SENTENCE = 200


# ---- Forms ---------------------------------------------------------------------------------------------------------


class LinesField(forms.CharField):
    """A list of short texts, one on each line."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        kwargs.setdefault("help_text", _("One on each line."))
        super().__init__(**kwargs)
        self.widget.attrs.setdefault("rows", 3)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        lines = value if isinstance(value, list | tuple) else str(value or "").splitlines()
        return [line.strip() for line in lines if line.strip()]

    def run_validators(self, value: list[str]) -> None:
        super().run_validators("\n".join(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class EntryForm(forms.ModelForm):
    """An entry with its texts in the other languages; built for each model by `entry_form`."""

    translated: dict[str, tuple[str, str]] = {}  # name of the field: language, name of the text

    retired = forms.BooleanField(
        label=_("Retired"),
        required=False,
        help_text=_("No longer offered for new programs. Programs that people follow keep it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "retired" in self.fields:
            self.fields["retired"].initial = self.instance.retired_at is not None
        for name, (language, text) in self.translated.items():
            if name in self.fields:
                self.fields[name].initial = self.instance.translations.get(language, {}).get(text)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        translations = {language: dict(texts) for language, texts in self.instance.translations.items()}
        for name, (language, text) in self.translated.items():
            if cleaned.get(name):
                translations.setdefault(language, {})[text] = cleaned[name]
            else:
                translations.get(language, {}).pop(text, None)
        self.instance.translations = {language: texts for language, texts in translations.items() if texts}
        return cleaned


def other_languages() -> list[tuple[str, Any]]:
    return [(code, name) for code, name in settings.LANGUAGES if code != CATALOGUE_LANGUAGE]


def entry_form(
    model: type[CatalogueEntry],
    texts: Iterable[str],
    base: type[EntryForm] = EntryForm,
    **declared: forms.Field,
) -> type[EntryForm]:
    """A form class for this model: its texts once more for each other language, lists as lines."""
    fields: dict[str, Any] = dict(declared)
    translated = {}
    for language, language_name in other_languages():
        for text in texts:
            column = model._meta.get_field(text)
            name = f"{text}_{language}"
            label = format_lazy("{} ({})", column.verbose_name, language_name)  # type: ignore[union-attr]
            if isinstance(declared.get(text), LinesField):
                fields[name] = LinesField(label=label)
            else:
                long = isinstance(column, models.TextField)
                wide = (getattr(column, "max_length", None) or 0) >= SENTENCE
                fields[name] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=getattr(column, "max_length", None),
                    widget=forms.Textarea(attrs={"rows": 3 if long else 2}) if long or wide else None,
                )
            translated[name] = (language, text)
    meta = type("Meta", (), {"model": model, "fields": "__all__"})
    return type(f"{model.__name__}Form", (base,), {**fields, "translated": translated, "Meta": meta})


# ---- Lists ---------------------------------------------------------------------------------------------------------


class InUseFilter(admin.SimpleListFilter):
    """What may still be chosen, unless somebody asks for more."""

    title = _("in use")
    parameter_name = "in_use"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("retired", _("Retired")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if hasattr(queryset, "awaiting_review"):
            queryset = queryset.filter(awaits_review=False)  # they have a list of their own
        if self.value() == "retired":
            return queryset.filter(retired_at__isnull=False)
        return queryset if self.value() == "all" else queryset.in_use()

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("In use"),
        }
        for value, title in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }


class CalmFields:
    """Fields of a page or of its rows: room for sentences, and no small windows that edit something else from here."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.ManyToManyField):
            kwargs |= {"widget": forms.CheckboxSelectMultiple, "form_class": RowsField}
        elif isinstance(db_field, models.TextField):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 3})
        elif (
            isinstance(db_field, models.CharField)
            and not db_field.choices
            and (db_field.max_length or 0) >= SENTENCE
        ):
            kwargs["widget"] = forms.Textarea(attrs={"rows": 2})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(field, forms.ModelChoiceField):
            self.list_choices(field, request)
        for permission in ("can_add_related", "can_change_related", "can_view_related", "can_delete_related"):
            if field is not None and hasattr(field.widget, permission):
                setattr(field.widget, permission, False)
        return field

    def list_choices(self, field: forms.ModelChoiceField, request: HttpRequest) -> None:
        """The rows that this person sees, read once for all rows of a page; retired ones stand at the end.

        A plain list, because Django's search widget has no name that a screen reader could say.
        """
        if field.queryset is None:
            return
        entries = self.admin_site.get_model_admin(field.queryset.model).get_queryset(request)  # type: ignore[attr-defined]
        field.queryset = entries
        offered: list[Any] = []
        retired: list[Any] = []
        for entry in entries:
            if getattr(entry, "awaits_review", False):
                continue
            gone = isinstance(entry, CatalogueEntry) and entry.retired_at is not None
            (retired if gone else offered).append((entry.pk, field.label_from_instance(entry)))
        if field.empty_label is not None:
            offered.insert(0, ("", field.empty_label))
        field.choices = [*offered, (gettext("Retired"), retired)] if retired else offered


class RowFormSet(BaseInlineFormSet):
    """Changed rows make way before any is written, so that two of them may trade what only one can have."""

    def clean(self) -> None:
        super().clean()
        keys = [form.instance.pk for form in self.initial_forms if form.instance.pk]
        if len(keys) != len(set(keys)):
            raise forms.ValidationError(gettext("A row was sent twice. Open the page anew."))

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:
        changed = [form.instance.pk for form in self.initial_forms if form.has_changed()]
        self.make_way(self.get_queryset().filter(pk__in=changed))
        return super().save(commit)

    def make_way(self, rows: models.QuerySet[Any]) -> None:
        """Nothing refers to a row; saving its form writes it anew under its own key."""
        rows.delete()


class Rows(CalmFields, admin.TabularInline):
    """Rows that belong to an entry. `leads_to` is what a row is called by, read with all of them at once."""

    formset = RowFormSet
    extra = 1
    leads_to: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.select_related(*self.leads_to) if self.leads_to else rows


class ShelfAdmin(CalmFields, OfferedLookups):
    """A list with links to the lists that stand beside it, named by `shelf`."""

    shelf: Sequence[str] = ()
    change_list_template = "admin/routines/change_list.html"
    show_facets = admin.ShowFacets.NEVER
    show_full_result_count = False
    list_per_page = 60
    view_on_site = False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().changelist_view(request, {**(extra_context or {}), "shelf": self.neighbours(request)})

    def neighbours(self, request: HttpRequest) -> list[tuple[str, str, bool]]:
        """(word, address, is this one) of the lists on the same shelf."""
        found = []
        for name in self.shelf:
            model = apps.get_model("routines", name)
            url = reverse(f"{self.admin_site.name}:routines_{name}_changelist")
            found.append((capfirst(model._meta.verbose_name_plural), url, model is self.model))
        return found


class CatalogueAdmin(ShelfAdmin):
    """Browse and edit one kind of entries.

    `texts` are the fields that may be translated. Short names are made from `name_field` and never changed: the
    catalogue file and the rules refer to them. Where `shipped_may_retire` is false, the practice relies on what was
    shipped, and only entries made here can be taken out of use.
    """

    texts: Sequence[str] = ("name",)
    name_field = "name"
    shipped_may_retire = True
    actions = ["retire", "bring_back"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Whether an entry is in use is worth a column only where the list shows both."""
        columns = list(super().get_list_display(request))
        return [*columns, "in_use"] if request.GET.get(InUseFilter.parameter_name) == "all" else columns

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [InUseFilter, *super().get_list_filter(request)]

    def get_queryset(self, request: HttpRequest) -> Any:
        """Autocomplete offers only what is in use."""
        queryset: Any = super().get_queryset(request)
        match = request.resolver_match
        return queryset.in_use() if match is not None and match.url_name == "autocomplete" else queryset

    # ---- The page of one entry ----

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), "slug", "origin"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        fieldsets: list[Any] = list(super().get_fieldsets(request, obj))
        languages = [[f"{text}_{code}" for text in self.texts] for code, _name in other_languages()]
        if self.texts and languages:
            fieldsets.append(
                (
                    _("Other languages"),
                    {
                        "classes": ["collapse"],
                        "description": _(
                            "People read these texts when their language is set to it. "
                            "Where one is empty, they read the text above."
                        ),
                        "fields": [name for names in languages for name in names],
                    },
                )
            )
        if obj is not None:
            about = ["origin", "slug", *(["retired"] if self.may_retire(obj) else [])]
            fieldsets.append((_("About this entry"), {"fields": about}))
        return fieldsets

    @admin.display(description=_("origin"))
    def origin(self, obj: Any) -> str:
        if not obj.seed_hash:
            return gettext("Made here. Updates of the catalogue never touch it.")
        if is_edited(obj):
            return gettext("Shipped, and edited here. Updates of the catalogue leave it as it is.")
        return gettext(
            "As shipped. Updates of the catalogue may improve it; once you edit it, it stays yours."
        )

    @admin.display(description=_("in use"), boolean=True, ordering="retired_at")
    def in_use(self, obj: Any) -> bool:
        return obj.retired_at is None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not obj.slug:
            obj.slug = free_slug(self.model, slug_from(getattr(obj, self.name_field), self.model))
        # A box that was not shown comes back empty, which is nobody's wish.
        shown = flatten_fieldsets(self.get_fieldsets(request, obj if change else None))
        if "retired" in shown and "retired" in form.changed_data:
            obj.retired_at = timezone.now() if form.cleaned_data["retired"] else None
        super().save_model(request, obj, form, change)

    # ---- Retire, delete ----

    def may_retire(self, obj: Any) -> bool:
        return self.shipped_may_retire or not obj.seed_hash

    @admin.action(description=_("Retire: no longer offer them"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset: Any) -> None:
        chosen = queryset if self.shipped_may_retire else queryset.filter(seed_hash="")
        number = chosen.retire(timezone.now())
        self.message_user(
            request,
            ngettext("%(number)s entry retired.", "%(number)s entries retired.", number) % {"number": number},
            messages.SUCCESS,
        )

    @admin.action(description=_("Bring back: offer them again"), permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset: Any) -> None:
        number = queryset.bring_back()
        self.message_user(
            request,
            ngettext("%(number)s entry is in use again.", "%(number)s entries are in use again.", number)
            % {"number": number},
            messages.SUCCESS,
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what was made here and is used nowhere; anything else is retired, so that no history loses its words."""
        return (
            obj is not None
            and not obj.seed_hash
            and super().has_delete_permission(request, obj)
            and all(map(self.goes_along, users_of(obj)))
        )

    def goes_along(self, row: models.Model) -> bool:
        """Whether this row only says something about the entry, and goes with it; another app may have such rows."""
        return False

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Nothing stands in the way of what `has_delete_permission` lets pass."""
        *found, _protected = super().get_deleted_objects(objs, request)
        return *found, []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        for row in filter(self.goes_along, users_of(obj)):
            row.delete()
        super().delete_model(request, obj)


def uuid_or_none(value: str) -> uuid.UUID | None:
    """The key that came with a page, where it can be one."""
    try:
        return uuid.UUID(value)
    except ValueError:
        return None


def users_of(entry: models.Model) -> set[models.Model]:
    """The rows that keep this one from being deleted."""
    try:
        Collector(using=router.db_for_write(type(entry), instance=entry)).collect([entry])
    except ProtectedError as error:
        return error.protected_objects
    except RestrictedError as error:
        return error.restricted_objects
    return set()
