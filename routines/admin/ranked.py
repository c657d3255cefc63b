"""Inline rows with an order that the database keeps unique."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from routines.admin.entries import RowFormSet, Rows
from routines.composing import OUT_OF_THE_WAY

LAST = 1000


class RankedForm(forms.ModelForm):
    """A row that says where it wishes to stand; the formset gives out the order.

    The order itself is no field of the form: two rows that change places would each find the other's taken.
    """

    place = forms.IntegerField(label=_("order"), required=False, min_value=1, max_value=LAST - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["place"].initial = self.instance.order


class RankedFormSet(RowFormSet):
    """Rows are counted from 1 without gaps, as wished; equal wishes keep their place on the page, empty ones come last.

    Where rows are counted within a group (tight and weak muscles), `group` names its field.
    """

    group: str | None = None

    @transaction.atomic
    def save(self, commit: bool = True) -> Any:
        wanted = [form for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
        wanted.sort(key=lambda form: form.cleaned_data["place"] or LAST)
        counts: dict[Any, int] = {}
        for form in wanted:
            group = form.cleaned_data[self.group] if self.group else None
            counts[group] = counts.get(group, 0) + 1
            form.instance.order = counts[group]
        rows = self.get_queryset()
        rows.update(order=F("order") + OUT_OF_THE_WAY)
        saved = super().save(commit)
        rows.bulk_update(
            [form.instance for form in wanted if form.instance.pk and not form.has_changed()], ["order"]
        )
        return saved


class InRoles(RankedFormSet):
    group = "role"


class RankedInline(Rows):
    form = RankedForm
    formset = RankedFormSet
