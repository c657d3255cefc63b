"""Inline rows with an order that the database keeps unique."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import F
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext_lazy as _

from routines.composing import OUT_OF_THE_WAY


class RankedForm(forms.ModelForm):
    """A row whose order is only a wish: the formset gives out the places."""

    order = forms.IntegerField(label=_("order"), required=False, min_value=1, max_value=999)

    def _get_validation_exclusions(self) -> set[str]:
        # Two rows that change places would each find the other's order taken.
        return {*super()._get_validation_exclusions(), "order"}


class RankedFormSet(BaseInlineFormSet):
    """Rows are counted from 1 without gaps, as wished; equal wishes keep their place on the page, empty ones come last.

    Where rows are counted within a group (tight and weak muscles), `group` names its field.
    """

    group: str | None = None

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:
        forms_left = [form for form in self.forms if self._stays(form)]
        forms_left.sort(key=lambda form: form.cleaned_data.get("order") or 1000)
        counts: dict[Any, int] = {}
        for form in forms_left:
            group = form.cleaned_data[self.group] if self.group else None
            counts[group] = counts.get(group, 0) + 1
            form.instance.order = counts[group]
        self.get_queryset().update(order=F("order") + OUT_OF_THE_WAY)
        saved = super().save(commit)
        self.model._default_manager.bulk_update(
            [form.instance for form in forms_left if form.instance.pk and not form.has_changed()], ["order"]
        )
        return saved

    def _stays(self, form: Any) -> bool:
        return bool(form.cleaned_data) and not self._should_delete_form(form)


class RankedInline(admin.TabularInline):
    form = RankedForm
    formset = RankedFormSet
    extra = 1
