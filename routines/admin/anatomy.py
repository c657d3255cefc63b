"""Muscles, joints, body areas, and the patterns that a therapist works with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import CharField, Prefetch, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from routines.admin.entries import CatalogueAdmin, LinesField, RowFormSet, Rows, ShelfAdmin, entry_form
from routines.admin.lookups import OfferedLookups
from routines.admin.ranked import InRoles, RankedInline
from routines.models import (
    BodyArea,
    Imbalance,
    ImbalanceArea,
    ImbalanceJoint,
    ImbalanceMuscle,
    Joint,
    JointMotion,
    Muscle,
    MuscleMotion,
    MusclePartner,
    Region,
)

ANATOMY = ("imbalance", "muscle", "musclepartner", "joint", "bodyarea", "region", "screeningquestion")


@admin.register(Region)
class RegionAdmin(CatalogueAdmin):
    shelf = ANATOMY
    form = entry_form(Region, ["name"])
    list_display = ["name", "order"]
    search_fields = ["name", "slug"]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "order"],
                "description": _("Parts of the body for filters, from head to foot."),
            },
        )
    ]


@admin.register(BodyArea)
class BodyAreaAdmin(CatalogueAdmin):
    shelf = ANATOMY
    form = entry_form(BodyArea, ["name"])
    list_display = ["name", "map_view", "sided"]
    list_filter = ["map_view", "sided"]
    search_fields = ["name", "slug"]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "map_view", "sided"],
                "description": _(
                    "A place that a person can point to. Pain and local conditions are noted by area."
                ),
            },
        )
    ]


class Motions(RowFormSet):
    def make_way(self, rows: QuerySet[Any]) -> None:
        """Muscles refer to a motion, so it keeps its row and only gives its name away."""
        rows.update(motion=Concat(Value("~"), Cast("pk", CharField())))


class JointMotionInline(Rows):
    model = JointMotion
    formset = Motions
    extra = 1
    leads_to = ["joint"]


@admin.register(Joint)
class JointAdmin(CatalogueAdmin):
    shelf = ANATOMY
    texts = ["name", "anatomical_name"]
    form = entry_form(Joint, texts)
    list_display = ["name", "anatomical_name", "region", "sided"]
    list_filter = ["region", "sided"]
    list_select_related = ["region"]
    search_fields = ["name", "anatomical_name", "slug"]
    inlines = [JointMotionInline]
    fieldsets = [(None, {"fields": ["name", "anatomical_name", "region", "sided"]})]


class MuscleMotionInline(Rows):
    model = MuscleMotion
    extra = 1
    leads_to = ["motion__joint"]
    verbose_name = _("movement that it makes")
    verbose_name_plural = _("movements that it makes")


@admin.register(JointMotion)
class JointMotionAdmin(OfferedLookups):
    """Only searched, from the page of a muscle; motions are edited on the page of their joint."""

    search_fields = ["motion", "joint__name"]
    list_select_related = ["joint"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("joint")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Muscle)
class MuscleAdmin(CatalogueAdmin):
    shelf = ANATOMY
    texts = ["name", "anatomical_name", "action"]
    form = entry_form(Muscle, texts)
    list_display = ["name", "anatomical_name", "region", "body_area"]
    list_filter = ["region", "body_area", "joints", "tissue", "depth"]
    list_select_related = ["region", "body_area"]
    search_fields = ["name", "anatomical_name", "slug"]
    readonly_fields = ["partners"]
    inlines = [MuscleMotionInline]
    fieldsets = [
        (None, {"fields": ["name", "anatomical_name", "action"]}),
        (
            _("Where it is"),
            {
                "fields": ["region", "body_area", "sided", "map_view", "depth", "tissue"],
                "description": _(
                    "Fascia can be released but not strengthened; the review of a program warns."
                ),
            },
        ),
        (
            _("What it works with"),
            {
                "fields": ["joints", "partners"],
                "description": _(
                    "A partner makes the opposite movement or shares the job. When a tight muscle belongs to no "
                    "pattern, its opposite partners are the ones to strengthen."
                ),
            },
        ),
    ]

    @admin.display(description=_("partners"))
    def partners(self, muscle: Muscle) -> str:
        pairs = [
            (pair.second if pair.first_id == muscle.pk else pair.first, pair.get_relation_display(), pair.pk)
            for pair in MusclePartner.objects.of(muscle).select_related("first", "second")
        ]
        add = reverse(f"{self.admin_site.name}:routines_musclepartner_add")
        return format_html(
            '<ul class="rows">{}</ul><a href="{}?first={}">{}</a>',
            format_html_join(
                "",
                '<li><a href="{}">{}</a>: {}</li>',
                (
                    (
                        reverse(f"{self.admin_site.name}:routines_musclepartner_change", args=[pk]),
                        other,
                        relation,
                    )
                    for other, relation, pk in pairs
                ),
            ),
            add,
            muscle.pk,
            _("Add a partner"),
        )


class PartnerForm(forms.ModelForm):
    class Meta:
        model = MusclePartner
        fields = ["first", "second", "relation"]
        labels = {"first": _("Muscle"), "second": _("Partner")}

    def clean(self) -> dict[str, Any] | None:
        """A pair is the same from both sides; it is kept with the smaller key first."""
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("first"), cleaned.get("second")
        if first and second:
            cleaned["first"], cleaned["second"] = sorted([first, second], key=lambda muscle: muscle.pk)
        return cleaned


@admin.register(MusclePartner)
class MusclePartnerAdmin(ShelfAdmin):
    shelf = ANATOMY
    form = PartnerForm
    list_display = ["first", "second", "relation"]
    list_filter = ["relation"]
    list_select_related = ["first", "second"]
    search_fields = ["first__name", "second__name"]


class ImbalanceMuscleInline(RankedInline):
    model = ImbalanceMuscle
    formset = InRoles
    fields = ["role", "place", "muscle"]
    leads_to = ["muscle"]
    verbose_name = _("muscle")
    verbose_name_plural = _("muscles: tight ones are released first, weak ones strengthened after")


class ImbalanceJointInline(RankedInline):
    model = ImbalanceJoint
    fields = ["place", "joint", "alteration", "plain_words"]
    leads_to = ["joint"]
    verbose_name = _("joint")
    verbose_name_plural = _("joints that move differently: for you, and in plain words for the client")


class ImbalanceAreaInline(RankedInline):
    model = ImbalanceArea
    fields = ["place", "area"]
    leads_to = ["area"]
    verbose_name = _("pain area")
    verbose_name_plural = _("where it is usually felt")


@admin.register(Imbalance)
class ImbalanceAdmin(CatalogueAdmin):
    shelf = ANATOMY
    texts = ["name", "client_words", "refer_if", "note"]
    form = entry_form(Imbalance, texts, sources=LinesField(label=_("sources")))
    list_display = ["name", "tight", "weak", "basis"]
    list_filter = ["muscles__muscle__region", "pain_areas__area", "muscles__muscle", "joints__joint", "basis"]
    search_fields = ["name", "client_words", "slug", "muscles__muscle__name"]
    inlines = [ImbalanceMuscleInline, ImbalanceJointInline, ImbalanceAreaInline]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "client_words", "usual_sides"],
                "description": _(
                    "A working pattern for you, never a diagnosis. Clients read the sentence in their own words, "
                    "not the name."
                ),
            },
        ),
        (
            _("Safety"),
            {
                "fields": ["screening_groups", "refer_if"],
                "description": _(
                    "Clients with this pattern are asked the questions of these groups, and those for everybody."
                ),
            },
        ),
        (_("Background"), {"fields": ["note", "basis", "sources"], "classes": ["collapse"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        parts = ImbalanceMuscle.objects.select_related("muscle")
        return super().get_queryset(request).prefetch_related(Prefetch("muscles", parts))

    @admin.display(description=_("tight"))
    def tight(self, imbalance: Imbalance) -> str:
        return self._muscles(imbalance, ImbalanceMuscle.Role.TIGHT)

    @admin.display(description=_("weak"))
    def weak(self, imbalance: Imbalance) -> str:
        return self._muscles(imbalance, ImbalanceMuscle.Role.WEAK)

    def _muscles(self, imbalance: Imbalance, role: str) -> str:
        return ", ".join(str(part.muscle) for part in imbalance.muscles.all() if part.role == role)
