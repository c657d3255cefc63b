"""People who sign in, people who are cared for, and who sees whom."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.practice import validate_zone, zone_of
from routines.models import BodyArea, ConditionTag
from routines.models.base import filled


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    THERAPIST = "therapist", _("Therapist")
    OFFICE = "office", _("Office")
    CLIENT = "client", _("Client")


STAFF_ROLES = ["owner", "therapist", "office"]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)


class User(AbstractBaseUser):
    """Somebody who can sign in, by e-mail. Clients may have no password: they get a link by mail."""

    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.CLIENT)
    is_active = models.BooleanField(_("may sign in"), default=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    zone = models.CharField(_("time zone"), max_length=64, blank=True, validators=[validate_zone])
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=filled("email"), name="user_email_filled"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """May enter the workplace."""
        return self.role != Role.CLIENT

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """By role; which rows is always a question for `visible_to`."""
        if not self.is_active or not self.is_staff:
            return False
        if self.role == Role.OFFICE:
            return perm in {"clients.view_client", "clients.view_delivery"}
        return perm.split(".")[0] in {"clients", "routines"}

    def has_perms(self, perms: list[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perms)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff and app_label in {"clients", "routines"}


class Side(models.TextChoices):
    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both sides")
    NONE = "none", _("no side")


class ScopedQuerySet(models.QuerySet):
    """Rows that hang on a client. `client_path` leads from the row to its client.

    A client sees their own rows, the owner all, a therapist those of the clients in whose care team they are
    at that moment; office sees rows only where `for_office` says so. Anybody else sees nothing.
    """

    client_path = "client"
    for_office = False

    def visible_to(self, user: Any, at: datetime | None = None) -> Self:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.role == Role.OWNER:
            return self
        if user.role == Role.CLIENT:
            return self.filter(**{f"{self.client_path}__user" if self.client_path else "user": user})
        if user.role == Role.OFFICE:
            return self if self.for_office else self.none()
        seen = CareTeam.objects.current(at or timezone.now()).filter(therapist=user).values("client")
        return self.filter(**{f"{self.client_path or 'pk'}__in": seen})


class ClientQuerySet(ScopedQuerySet):
    client_path = ""
    for_office = True

    def in_care(self) -> ClientQuerySet:
        return self.filter(ended_at__isnull=True)


class Client(models.Model):
    """A person in care. Account and e-mail may be missing: then the program is followed on paper.

    `changes_seen_at` is when they last looked at what was changed in their plan.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.OneToOneField(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="client", editable=False
    )
    name = models.CharField(_("name"), max_length=120)
    email = models.EmailField(
        _("e-mail"), max_length=254, blank=True, help_text=_("Empty for a client who follows on paper.")
    )
    zone = models.CharField(_("time zone"), max_length=64, validators=[validate_zone])
    language = models.CharField(_("language"), max_length=10, default="en")
    complaint = models.CharField(
        _("complaint"), max_length=200, blank=True, help_text=_("In the client's words.")
    )
    side = models.CharField(_("side of the complaint"), max_length=5, choices=Side, default=Side.NONE)
    notes = models.TextField(_("private notes"), blank=True, help_text=_("Never shown to the client."))
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("care ended"), null=True, blank=True, editable=False)
    changes_seen_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("client")
        verbose_name_plural = _("clients")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=filled("name", "zone"), name="client_named"),
            models.CheckConstraint(condition=Q(side__in=Side.values), name="client_side"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone_info(self) -> ZoneInfo:
        return zone_of(self.zone)

    def local_date(self, at: datetime) -> Any:
        """The client's own day at that moment."""
        return at.astimezone(self.zone_info).date()


class ZoneChange(models.Model):
    """The client's clock was set to another zone. Which day it was at a moment in the past follows from these rows."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="zone_changes")
    old = models.CharField(max_length=64)
    new = models.CharField(max_length=64)
    at = models.DateTimeField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of zone")
        verbose_name_plural = _("changes of zone")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=filled("old", "new"), name="zonechange_filled"),
            models.CheckConstraint(condition=~Q(old=F("new")), name="zonechange_to_another"),
        ]

    def __str__(self) -> str:
        return self.new


class CareTeamQuerySet(models.QuerySet):
    def current(self, at: datetime) -> CareTeamQuerySet:
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at)


class CareTeam(models.Model):
    """Who sees a client, from when to when. A cover's access ends by itself."""

    class Capacity(models.TextChoices):
        RESPONSIBLE = "responsible", _("Responsible")
        COVER = "cover", _("Cover")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="care_team", verbose_name=_("client")
    )
    therapist = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="care_for", verbose_name=_("therapist")
    )
    capacity = models.CharField(_("as"), max_length=12, choices=Capacity, default=Capacity.RESPONSIBLE)
    since = models.DateTimeField(_("from"), default=timezone.now)
    until = models.DateTimeField(_("to"), null=True, blank=True)

    objects = CareTeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("care")
        verbose_name_plural = _("care")
        ordering = ["-since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__in=["responsible", "cover"]), name="careteam_capacity"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("since")), name="careteam_from_to"
            ),
            models.UniqueConstraint(
                fields=["client"],
                condition=Q(capacity="responsible", until__isnull=True),
                name="careteam_one_responsible",
            ),
            models.CheckConstraint(
                condition=Q(capacity="responsible") | Q(until__isnull=False), name="careteam_cover_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.therapist} · {self.get_capacity_display()}"

    @property
    def last_moment(self) -> datetime | None:
        """What ends at midnight ends with the day before."""
        return self.until - timedelta(microseconds=1) if self.until else None


class CareDecision(models.Model):
    """Care ended, taken up again, handed over, or covered for a while: when, by whom, why.

    `therapist` is who answers from then on, or who covers `since`, `until`. With a `key` a decision that is sent twice
    is taken once.
    """

    class Kind(models.TextChoices):
        ENDED = "ended", _("Care ended")
        RESUMED = "resumed", _("Taken into care again")
        HANDED_OVER = "handed_over", _("Handed over")
        COVERED = "covered", _("Cover given")
        COVER_ENDED = "cover_ended", _("Cover ended")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="care_decisions")
    kind = models.CharField(max_length=12, choices=Kind)
    therapist = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    key = models.UUIDField(null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision about care")
        verbose_name_plural = _("decisions about care")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["ended", "resumed"], therapist__isnull=True)
                | Q(kind__in=["handed_over", "covered", "cover_ended"], therapist__isnull=False),
                name="caredecision_kind_and_therapist",
            ),
            models.CheckConstraint(
                condition=Q(kind="covered", since__isnull=False, until__isnull=False, until__gt=F("since"))
                | (~Q(kind="covered") & Q(since__isnull=True, until__isnull=True)),
                name="caredecision_cover_from_to",
            ),
            models.UniqueConstraint(fields=["client", "key"], name="caredecision_key_once"),
            models.CheckConstraint(condition=filled("reason"), name="caredecision_reason"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class StaffDecision(models.Model):
    """Who of the team was let in, got another role, was shut out or let in again: when, by whom, why.

    `by` is empty for whoever has the keys of the machine (`manage.py invite_staff`).
    """

    class Kind(models.TextChoices):
        INVITED = "invited", _("Invited")
        ROLE_CHANGED = "role_changed", _("Another role")
        DEACTIVATED = "deactivated", _("Deactivated")
        REACTIVATED = "reactivated", _("Let in again")

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_decisions")
    kind = models.CharField(max_length=12, choices=Kind)
    old_role = models.CharField(max_length=10, choices=Role, blank=True)
    new_role = models.CharField(max_length=10, choices=Role, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("decision about the team")
        verbose_name_plural = _("decisions about the team")
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["invited", "role_changed", "deactivated", "reactivated"]),
                name="staffdecision_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="invited", old_role="", new_role__in=STAFF_ROLES)
                | Q(kind__in=["deactivated", "reactivated"], old_role="", new_role="")
                | (
                    Q(kind="role_changed", old_role__in=STAFF_ROLES, new_role__in=STAFF_ROLES)
                    & ~Q(old_role=F("new_role"))
                ),
                name="staffdecision_roles",
            ),
            models.CheckConstraint(
                condition=Q(kind="invited") | filled("reason"), name="staffdecision_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class AccessLink(models.Model):
    """A link sent by mail: invitation or sign-in. Only the digest of its token is kept; one POST uses it up."""

    class Purpose(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        SIGN_IN = "sign_in", _("Sign-in")

    purpose = models.CharField(max_length=10, choices=Purpose)
    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, null=True, blank=True, related_name="access_links"
    )
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, blank=True, related_name="access_links"
    )
    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("link by mail")
        verbose_name_plural = _("links by mail")
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["invitation", "sign_in"]), name="accesslink_purpose"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="accesslink_expires"),
            models.CheckConstraint(
                condition=Q(client__isnull=False, user__isnull=True)
                | Q(client__isnull=True, user__isnull=False),
                name="accesslink_for_one_person",
            ),
            models.CheckConstraint(condition=~Q(digest="") & ~Q(email=""), name="accesslink_filled"),
        ]

    def __str__(self) -> str:
        return self.get_purpose_display()


class ClientTagQuerySet(ScopedQuerySet):
    def on(self, day: Any) -> ClientTagQuerySet:
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class ClientTag(models.Model):
    """A condition of this client. A local one without an area counts for the whole body, which is the safer reading."""

    class Source(models.TextChoices):
        THERAPIST = "therapist", _("Therapist")
        SCREENING = "screening", _("Client's answer")

    client = models.ForeignKey(
        Client, on_delete=models.CASCADE, related_name="tags", verbose_name=_("client")
    )
    tag = models.ForeignKey(
        ConditionTag, on_delete=models.PROTECT, related_name="+", verbose_name=_("condition")
    )
    area = models.ForeignKey(
        BodyArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    side = models.CharField(_("side"), max_length=5, choices=Side, default=Side.BOTH)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    source = models.CharField(_("from whom"), max_length=10, choices=Source, default=Source.THERAPIST)
    added_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )

    objects = ClientTagQuerySet.as_manager()

    class Meta:
        verbose_name = _("condition of a client")
        verbose_name_plural = _("conditions of clients")
        ordering = ["valid_from", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(side__in=Side.values), name="clienttag_side"),
            models.CheckConstraint(
                condition=Q(source__in=["therapist", "screening"]), name="clienttag_source"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="clienttag_from_to",
            ),
            models.UniqueConstraint(
                fields=["client", "tag", "side"],
                condition=Q(valid_to__isnull=True, area__isnull=True),
                name="clienttag_once",
            ),
            models.UniqueConstraint(
                fields=["client", "tag", "area", "side"],
                condition=Q(valid_to__isnull=True, area__isnull=False),
                name="clienttag_once_an_area",
            ),
        ]

    def __str__(self) -> str:
        return str(self.tag)
