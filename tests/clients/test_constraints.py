"""Every constraint of people, plans, records and letters refuses what it is there to refuse (reliability.md D4)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F, Subquery

from clients.adjusting import change_step, pause_assignment, resume_assignment
from clients.demo import builders
from clients.demo.builders import NOW
from clients.easing import ease
from clients.measuring import record_measurement
from clients.models import (
    AccessLink,
    ActivityList,
    AssignedPhase,
    AssignedStep,
    Assignment,
    AssignmentPause,
    CareDecision,
    CareTeam,
    CareTick,
    Client,
    ClientTag,
    ContactRecord,
    Delivery,
    Dismissal,
    Document,
    ExerciseNote,
    Finding,
    HealthChange,
    HomeSetup,
    JointFinding,
    LimbAnswer,
    Measurement,
    Message,
    MorningAnswer,
    Need,
    OutcomeResponse,
    OwnExercise,
    OwnMeasure,
    OwnProgram,
    PainArea,
    PainDiaryEntry,
    PaperSheet,
    PhaseTransition,
    Practice,
    ReminderSchedule,
    SafetyBlock,
    Screening,
    ScreeningAnswer,
    SessionItem,
    SessionItemStep,
    SessionNote,
    SessionReading,
    SetRecord,
    SkipRecord,
    StaffDecision,
    StopEvent,
    Suppression,
    TemplateUpdate,
    TendernessReading,
    TenderSpot,
    Threshold,
    TightnessReading,
    TooHard,
    TrainingSession,
    User,
    Visit,
    WarningOverride,
    ZoneChange,
)
from clients.recording import record_set, record_skip, stop
from clients.remembering import record_own_note
from clients.spots import Point, mark, take_away
from clients.telling import (
    Site,
    record_limb,
    record_morning,
    record_note,
    record_pain_diary,
    record_tenderness,
    report_health_change,
)
from clients.tightness import record_tightness
from routines.models import Exercise, Muscle, Program
from tests.constraints import Attack, assert_refused, changed, doubled, every_constraint

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
DAY = timedelta(days=1)
SOMEBODY = Subquery(User.objects.order_by("pk").values("pk")[:1])


@pytest.fixture
def something_of_everything():
    """At least one row of each model, in every state that an attack needs. An attack that is refused leaves it as it was."""
    builders.make_practice()
    owner, therapist = builders.make_owner(), builders.make_therapist()
    client = builders.make_client(therapist=therapist)
    other = builders.make_client(therapist=therapist)
    CareTeam.objects.create(client=client, therapist=owner, capacity="cover", since=NOW, until=NOW + DAY)
    for person in ({"client": client}, {"user": client.user}):
        AccessLink.objects.create(
            purpose="invitation",
            digest=uuid4().hex,
            email="a@example.org",
            created_at=NOW,
            expires_at=NOW + DAY,
            **person,
        )
    builders.tag(client, "osteoporosis", valid_to=TODAY + DAY)
    builders.tag(client, "pregnancy")
    builders.tag(client, "acute_inflammation", "sole", side="left")
    builders.agree(client, "smr_buttock_ball_wall", "osteoporosis")
    OwnExercise.objects.create(exercise=Exercise.objects.get(slug="clam"), therapist=therapist)
    OwnProgram.objects.create(program=Program.objects.get(slug="program_plantar_heel"), therapist=therapist)
    for about in (None, client):
        WarningOverride.objects.create(
            program=Program.objects.get(slug="program_plantar_heel"),
            client=about,
            warning="four_days",
            about="clam",
            sentence="Asked for 4 days.",
            reason="She wants it.",
            by=therapist,
            at=NOW,
        )
    assignment = builders.assign(client, now=NOW - 9 * DAY)
    builders.screen(client, now=NOW - 9 * DAY)
    session = builders.train(client, now=NOW - 8 * DAY, pain_after=3)
    item = session.items.first()
    record_set(item, 1, builders.prescribed(item), key="later", now=NOW - 7 * DAY)
    for key in ("first", "second"):
        record_skip(item, skipped=True, reason="no_time", key=key, now=NOW - 7 * DAY)
    site = Site(Muscle.objects.get(slug="piriformis"), "right")
    record_tightness(session, site, "before", 6, key="tight", now=NOW - 8 * DAY)
    record_limb(session, "less", key="limb", now=NOW - 8 * DAY)
    record_note(session, "It was easier today.", key="note", now=NOW - 8 * DAY)
    record_own_note(session, item.exercise_id, "Ball a bit higher", key="own", now=NOW - 8 * DAY)
    record_morning(client, session.local_date, "fine", 2, key="morning", now=NOW - 7 * DAY)
    record_tenderness(client, site, 5, key="tender", now=NOW - 7 * DAY)
    record_pain_diary(client, TODAY - 6 * DAY, 3, key="diary", now=NOW - 6 * DAY)
    report_health_change(client, key="changed", now=NOW - 9 * DAY)
    for key in ("one", "two"):
        stop(session, item, choice="too_strong", key=key, now=NOW - 7 * DAY)
    pause_assignment(assignment, until=None, by=therapist, reason="Flu", now=NOW - 6 * DAY)
    resume_assignment(assignment, by=therapist, reason="Well", now=NOW - 5 * DAY)
    pause_assignment(assignment, until=None, by=therapist, reason="Holiday", now=NOW - 4 * DAY)
    builders.advance(assignment, now=NOW - 3 * DAY)
    change_step(
        AssignedStep.objects.filter(phase__kind="strengthen").first(),
        by=therapist,
        reason="",
        now=NOW,
        note="New",
    )
    builders.check_in(client, yes=["fever_unwell"])
    builders.talk(client)
    builders.check_in(client, yes=["chest_breath"])
    builders.assign(other, "program_plantar_heel")
    Delivery.objects.create(
        client=client, local_date=TODAY, kind="daily", letter="reminder", due_at=NOW, not_after=NOW + DAY
    )
    for _number in (1, 2):
        Message.objects.create(
            client=client, by=client.user, from_client=True, text="Is a door as good?", at=NOW, key=uuid4()
        )
    ZoneChange.objects.create(client=client, old="Europe/Berlin", new="America/New_York", at=NOW)
    CareDecision.objects.create(client=other, kind="ended", by=therapist, at=NOW, reason="All is well.")
    CareDecision.objects.create(
        client=other, kind="covered", therapist=owner, since=NOW, until=NOW + DAY, by=therapist, at=NOW,
        reason="Holidays.", key=uuid4(),
    )  # fmt: skip
    decided = {"user": therapist, "by": owner, "at": NOW, "reason": "Because."}
    StaffDecision.objects.create(kind="invited", new_role="therapist", **decided)
    StaffDecision.objects.create(kind="role_changed", old_role="therapist", new_role="owner", **decided)
    StaffDecision.objects.create(kind="deactivated", **decided)
    Need.objects.create(client=client, assignment=assignment, kind="silent", rank=9, since=TODAY, key="long")
    Dismissal.objects.create(client=client, kind="silent", key="long", by=therapist, at=NOW, reason="Away")
    Threshold.objects.create(client=client, numbers={"silent_days": 5}, by=therapist, at=NOW, reason="Calm")
    builders.rate(client, "activities", [4, 5], now=NOW - DAY)
    flexion = OwnMeasure.objects.create(client=client, name="Hip flexion", unit="°", by=therapist)
    record_measurement(flexion, {"none": Decimal(95)}, day=TODAY, by=therapist, key="flexion", now=NOW)
    builders.examine(client, now=NOW - 9 * DAY)
    builders.examine(
        client,
        found=[("piriformis", "right", "tight", 7)],
        joints=[("hip", "right", "held turned out")],
        pain=[("buttock", "right", 5)],
        close=False,
    )
    PaperSheet.objects.create(
        client=client, first_day=TODAY - DAY, last_day=TODAY, key="sheet", by=therapist, at=NOW
    )
    HomeSetup.objects.create(client=client, level=2, minutes=15, tools_at=NOW, tools_by=therapist)
    spots = {"by": therapist, "seen": [], "sides": ["left", "right"]}
    first = mark(client, item.exercise_id, Point("back", 590, 520), now=NOW, **spots)
    mark(client, item.exercise_id, Point("back", 410, 520), now=NOW, **spots)
    take_away(client, first.pk, by=therapist, now=NOW)
    third = builders.make_client(therapist=therapist)
    builders.assign(third)
    hard = builders.train(third, partial={"smr_buttock_ball_wall": 0}, finish=False)
    ease(hard, hard.items.get(set_records=None).exercise_id, key="hard", now=NOW)
    for number in (1, 2):
        Document.objects.create(
            client=client, number=number, title="Referral", kind="pdf", name=f"{number}.pdf", size=9, key=uuid4(),
            at=NOW, by=therapist,
        )  # fmt: skip
    gone = {"withdrawn_at": NOW, "withdrawn_by": therapist, "withdrawal_reason": "Wrong."}
    Document.objects.filter(number=2).update(**gone)
    for number in (1, 2):
        Suppression.objects.create(address_hash=f"{number}", reason="hard_bounce", since=NOW)


def second_like_first(model: type[models.Model], field: str) -> Attack:
    def attack() -> object:
        first, second = model.objects.order_by("pk")[:2]
        return model.objects.filter(pk=second.pk).update(**{field: getattr(first, field)})

    return attack


def without_index(name: str, attack: Attack) -> Attack:
    """The attack alone with one of two rules that refuse it. The index is back when the attack has failed."""

    def attack_alone() -> object:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP INDEX "{name}"')
        return attack()

    return attack_alone


def prescription(model: type[models.Model], name: str) -> dict[str, list[Attack]]:
    """Ranges of the dose, one below and one above each."""
    return {
        f"{name}_sets": [changed(model, sets=0), changed(model, sets=21)],
        f"{name}_reps": [changed(model, reps=0), changed(model, reps=201)],
        f"{name}_hold": [changed(model, hold_seconds=3601)],
        f"{name}_rest": [changed(model, rest_seconds=601)],
        f"{name}_per_day": [changed(model, per_day=0), changed(model, per_day=4)],
        f"{name}_days_per_week": [changed(model, days_per_week=0), changed(model, days_per_week=8)],
        f"{name}_tempo_whole_or_none": [
            changed(model, tempo_lift=1, tempo_hold=None, tempo_lower=1),
            changed(model, tempo_lift=None, tempo_hold=None, tempo_lower=1),
            changed(model, tempo_lift=61, tempo_hold=0, tempo_lower=1),
            changed(model, tempo_lift=1, tempo_hold=61, tempo_lower=1),
            changed(model, tempo_lift=1, tempo_hold=0, tempo_lower=61),
        ],
    }


def record(model: type[models.Model], name: str) -> dict[str, list[Attack]]:
    """What every revision keeps to."""
    return {
        f"{name}_key": [doubled(model, revision=99)],
        f"{name}_key_filled": [changed(model, key="")],
        f"{name}_revision_from_1": [changed(model, revision=0)],
        f"{name}_once_a_revision": [doubled(model, key="another")],
    }


EACH_SIDE = {"side_mode": "each_side", "side": "both"}
SOME_EXERCISE = Subquery(Exercise.objects.filter(slug="walking").values("pk"))
ACTIVE, LOCKED, PHASE_DONE = {"state": "active"}, {"state": "locked"}, {"state": "done"}
OPEN_PAUSE = {"until": None}
PLANNED, EVENT = {"kind": "daily"}, {"kind": ""}
OPEN_BLOCK, LIFTED = {"lifted_at": None}, {"lifted_at__isnull": False}

ATTACKS: dict[str, list[Attack]] = {
    # The practice and its people
    "practice_only_one": [doubled(Practice, id=2)],
    "practice_named": [
        changed(Practice, name=""),
        changed(Practice, zone=""),
        changed(Practice, emergency_number=""),
    ],
    "user_email_once": [lambda: User.objects.bulk_create([User(email=User.objects.first().email.upper())])],
    "user_email_filled": [changed(User, email="")],
    "user_role": [changed(User, role="admin"), changed(User, role="")],
    "user.email": [without_index("user_email_once", doubled(User))],
    "client_named": [changed(Client, name=""), changed(Client, zone="")],
    "client_side": [changed(Client, side="up"), changed(Client, side="")],
    "client.uuid": [doubled(Client, user=None)],
    "client.user": [doubled(Client, {"user__isnull": False}, uuid=uuid4())],
    "caredecision_kind_and_therapist": [
        changed(CareDecision, kind="forgotten"),
        changed(CareDecision, {"kind": "ended"}, kind="handed_over"),
        changed(CareDecision, {"kind": "ended"}, therapist=SOMEBODY),
    ],
    "caredecision_reason": [changed(CareDecision, reason="")],
    "caredecision_cover_from_to": [
        changed(CareDecision, {"kind": "ended"}, since=NOW),
        changed(CareDecision, {"kind": "ended"}, since=NOW, until=NOW + DAY),
        changed(CareDecision, {"kind": "covered"}, since=None),
        changed(CareDecision, {"kind": "covered"}, until=None),
        changed(CareDecision, {"kind": "covered"}, until=F("since")),
    ],
    "caredecision_key_once": [doubled(CareDecision, {"kind": "covered"})],
    "staffdecision_kind": [changed(StaffDecision, kind="forgotten")],
    "staffdecision_roles": [
        changed(StaffDecision, {"kind": "invited"}, new_role=""),
        changed(StaffDecision, {"kind": "invited"}, new_role="client"),
        changed(StaffDecision, {"kind": "invited"}, old_role="office"),
        changed(StaffDecision, {"kind": "role_changed"}, new_role=F("old_role")),
        changed(StaffDecision, {"kind": "role_changed"}, new_role="client"),
        changed(StaffDecision, {"kind": "role_changed"}, old_role=""),
        changed(StaffDecision, {"kind": "deactivated"}, new_role="owner"),
    ],
    "staffdecision_reason": [
        changed(StaffDecision, {"kind": "role_changed"}, reason=""),
        changed(StaffDecision, {"kind": "deactivated"}, reason=""),
    ],
    "careteam_capacity": [changed(CareTeam, {"capacity": "cover"}, capacity="friend")],
    "careteam_from_to": [
        changed(CareTeam, {"capacity": "cover"}, until=F("since")),
        changed(CareTeam, {"capacity": "cover"}, until=NOW - DAY),
    ],
    "careteam_one_responsible": [doubled(CareTeam, {"capacity": "responsible"})],
    "careteam_cover_ends": [changed(CareTeam, {"capacity": "cover"}, until=None)],
    "accesslink_purpose": [changed(AccessLink, purpose="gift")],
    "accesslink_expires": [changed(AccessLink, expires_at=F("created_at"))],
    "accesslink_for_one_person": [
        changed(AccessLink, client=None, user=None),
        lambda: AccessLink.objects.filter(user=None).update(user=User.objects.first()),
    ],
    "accesslink_filled": [changed(AccessLink, digest=""), changed(AccessLink, email="")],
    "accesslink.digest": [doubled(AccessLink)],
    "clienttag_side": [changed(ClientTag, side="up")],
    "clienttag_source": [changed(ClientTag, source="rumour")],
    "clienttag_from_to": [changed(ClientTag, {"valid_to__isnull": False}, valid_from=TODAY + 2 * DAY)],
    "clienttag_once": [doubled(ClientTag, {"valid_to": None, "area": None})],
    "clienttag_once_an_area": [doubled(ClientTag, {"valid_to": None, "area__isnull": False})],
    "ownexercise.exercise": [doubled(OwnExercise)],
    "ownprogram.program": [doubled(OwnProgram)],
    "warningoverride_filled": [
        changed(WarningOverride, **{field: ""}) for field in ("warning", "about", "sentence", "reason")
    ],
    "warningoverride_ended_after": [changed(WarningOverride, ended_at=NOW - DAY)],
    "warningoverride_once": [doubled(WarningOverride, {"client": None})],
    "warningoverride_once_for_client": [doubled(WarningOverride, {"client__isnull": False})],
    "templateupdate_once": [doubled(TemplateUpdate)],
    "templateupdate_version": [changed(TemplateUpdate, version="")],
    "templateupdate_answer": [changed(TemplateUpdate, answer="")],
    "templateupdate_reason": [changed(TemplateUpdate, answer="taken", reason="")],
    # Plans
    "assignment_side": [changed(Assignment, side="up")],
    "assignment_from_to": [changed(Assignment, ended_on=TODAY - 10 * DAY)],
    "assignment_program_once_at_a_time": [doubled(Assignment)],
    "assignmentpause_from_to": [changed(AssignmentPause, OPEN_PAUSE, until=TODAY - 5 * DAY)],
    "assignmentpause_reason": [changed(AssignmentPause, reason="")],
    "assignmentpause_one_open": [
        doubled(AssignmentPause, OPEN_PAUSE),
        changed(AssignmentPause, {"until__isnull": False}, until=None),
    ],
    "assignedphase_order": [doubled(AssignedPhase, LOCKED), changed(AssignedPhase, {"order": 1}, order=0)],
    "assignedphase_one_active": [
        doubled(AssignedPhase, ACTIVE, order=9),
        changed(
            AssignedPhase,
            {**LOCKED, "assignment__client__assignments__phases__state": "done"},
            state="active",
            started_on=TODAY,
        ),
    ],
    "assignedphase_kind": [changed(AssignedPhase, kind="rest")],
    "assignedphase_days": [changed(AssignedPhase, review_by_day=F("min_days") - 1)],
    "assignedphase_state_and_days": [
        changed(AssignedPhase, LOCKED, state="paused"),
        changed(AssignedPhase, LOCKED, ended_on=TODAY),
        changed(AssignedPhase, ACTIVE, started_on=None),
        changed(AssignedPhase, ACTIVE, ended_on=TODAY),
        changed(AssignedPhase, PHASE_DONE, started_on=None),
        changed(AssignedPhase, PHASE_DONE, ended_on=None),
        changed(AssignedPhase, PHASE_DONE, ended_on=F("started_on") - 1),
    ],
    **prescription(AssignedStep, "assignedstep"),
    "assignedstep_order": [
        doubled(AssignedStep, {"valid_until": None, "replaces": None}),
        changed(AssignedStep, {"valid_until__isnull": False}, valid_until=None),
    ],
    "assignedstep_kind": [changed(AssignedStep, kind="dance")],
    "assignedstep_side_mode": [changed(AssignedStep, side_mode="upside_down")],
    "assignedstep_side": [changed(AssignedStep, side="front")],
    "assignedstep_weekdays": [
        changed(AssignedStep, weekdays=days)
        for days in ("", "8", "0", "21", "11", "7654321", "mon", " 1", "1\n")
    ],
    "assignedstep_day_range": [changed(AssignedStep, start_after_days=5, until_days=5)],
    "assignedstep_from_to": [changed(AssignedStep, valid_until=TODAY - 10 * DAY)],
    "assignedstep_taken_out_by_somebody": [
        changed(AssignedStep, removal_reason="Nobody said it"),
        changed(AssignedStep, {"valid_until": None}, removed_by=SOMEBODY, removal_reason="Still there"),
    ],
    "assignedstep_first_side": [
        changed(AssignedStep, EACH_SIDE, first_side="both"),
        changed(AssignedStep, {"side_mode": "each_side", "side": "right"}, first_side="right"),
        changed(AssignedStep, {"side_mode": "not_sided"}, first_side="left"),
    ],
    "assignedstep_extra_set": [
        changed(AssignedStep, EACH_SIDE, extra_set_side="up"),
        changed(AssignedStep, {"side_mode": "each_side", "side": "right"}, extra_set_side="right"),
        changed(AssignedStep, {"side_mode": "not_sided"}, extra_set_side="left"),
        changed(AssignedStep, EACH_SIDE, extra_set_side="left", sets=20),
    ],
    "assignedstep.replaces": [doubled(AssignedStep, {"replaces__isnull": False}, order=99)],
    "phasetransition_kind": [changed(PhaseTransition, {"kind": "paused"}, kind="forgotten")],
    "phasetransition_reason": [changed(PhaseTransition, {"kind": "advanced"}, reason="")],
    "phasetransition_person_and_phases": [
        changed(PhaseTransition, {"kind": "advanced"}, by=None),
        changed(PhaseTransition, {"kind": "advanced"}, from_phase=None),
        changed(PhaseTransition, {"kind": "advanced"}, to_phase=None),
        changed(PhaseTransition, {"kind": "started"}, kind="stepped_back", reason="Because"),
    ],
    "zonechange_filled": [changed(ZoneChange, new=""), changed(ZoneChange, old="")],
    "zonechange_to_another": [changed(ZoneChange, new=F("old"))],
    "phasetransition_decided_by_somebody": [
        changed(PhaseTransition, {"kind": "paused"}, kind=kind, by=None, reason="Because")
        for kind in ("held", "carried_on", "alongside", "release_enough", "referred", "numbers")
    ],
    "phasetransition_only_moves_lead_somewhere": [
        changed(PhaseTransition, {"kind": "advanced"}, kind=kind)
        for kind in ("held", "ready", "alongside", "release_only", "step_back_proposed")
    ],
    "phasetransition_event_once": [
        lambda: PhaseTransition.objects.filter(kind__in=["started", "paused"]).update(
            event="red/1", assignment=PhaseTransition.objects.order_by("pk").values("assignment")[:1]
        )
    ],
    # Safety
    "contactrecord_channel": [changed(ContactRecord, channel="pigeon")],
    "contactrecord_note": [changed(ContactRecord, note="")],
    "screening_key": [doubled(Screening)],
    "screening_key_filled": [changed(Screening, key="")],
    "screeninganswer_once": [doubled(ScreeningAnswer)],
    "screeninganswer_effect": [changed(ScreeningAnswer, effect="shrug")],
    "safetyblock_effect": [changed(SafetyBlock, effect="tag")],
    "safetyblock_lifted_by_a_contact": [
        changed(SafetyBlock, OPEN_BLOCK, lifted_at=NOW),
        changed(SafetyBlock, LIFTED, contact=None),
        changed(SafetyBlock, LIFTED, lifted_at=None),
    ],
    "caretick_once": [doubled(CareTick)],
    # Records
    "trainingsession_once": [doubled(TrainingSession, key="another")],
    "trainingsession_key": [doubled(TrainingSession, number=2)],
    "trainingsession_number": [changed(TrainingSession, number=0), changed(TrainingSession, number=4)],
    "trainingsession_key_filled": [changed(TrainingSession, key="")],
    "trainingsession_source": [changed(TrainingSession, source="hearsay")],
    "trainingsession_sheet_is_paper": [
        changed(TrainingSession, sheet=Subquery(PaperSheet.objects.values("pk")[:1])),
    ],
    "papersheet_key": [doubled(PaperSheet)],
    "papersheet_key_filled": [changed(PaperSheet, key="")],
    "papersheet_from_to": [changed(PaperSheet, last_day=F("first_day") - DAY)],
    "trainingsession_whole_after_short": [
        changed(TrainingSession, whole_at=F("started_at")),
        changed(TrainingSession, short=True, whole_at=F("started_at") - timedelta(seconds=1)),
    ],
    "trainingsession_from_to": [changed(TrainingSession, finished_at=F("started_at") - timedelta(seconds=1))],
    **prescription(SessionItem, "sessionitem"),
    "sessionitem_order": [changed(SessionItem, {"order": 1}, order=0)],
    "sessionitem_once_a_side": [doubled(SessionItem, {"stands_in_for": None}, order=99)],
    "sessionitem_not_for_itself": [changed(SessionItem, {"stand_in": None}, stands_in_for=F("pk"))],
    "sessionitem_spared": [
        changed(SessionItem, {"stands_in_for": None}, spared=1),
        changed(SessionItem, {"stands_in_for__isnull": False}, spared=20),
    ],
    "sessionitem.stands_in_for": [doubled(SessionItem, {"stands_in_for__isnull": False}, order=99)],
    "toohard_once_a_session": [doubled(TooHard, key="another")],
    "toohard_key": [doubled(TooHard, exercise_id=SOME_EXERCISE)],
    "toohard_key_filled": [changed(TooHard, key="")],
    "sessionitem_kind": [changed(SessionItem, kind="dance")],
    "sessionitem_side_mode": [changed(SessionItem, side_mode="upside_down")],
    "sessionitem_side": [changed(SessionItem, side="front")],
    "sessionitemstep_once": [doubled(SessionItemStep)],
    **record(SetRecord, "setrecord"),
    "setrecord_number": [changed(SetRecord, number=0), changed(SetRecord, number=21)],
    "setrecord_reps": [changed(SetRecord, reps=501)],
    "setrecord_seconds": [changed(SetRecord, seconds=7201)],
    "setrecord_load": [
        changed(SetRecord, load_kg=Decimal("-0.1")),
        changed(SetRecord, load_kg=Decimal("500.1")),
    ],
    "setrecord_band": [changed(SetRecord, band="pink"), changed(SetRecord, band="Red")],
    **record(SkipRecord, "skiprecord"),
    "skiprecord_reason": [changed(SkipRecord, reason="dog"), changed(SkipRecord, reason="")],
    **record(SessionReading, "sessionreading"),
    "sessionreading_measure": [changed(SessionReading, measure="mood")],
    "sessionreading_0_to_10": [changed(SessionReading, value=-1), changed(SessionReading, value=11)],
    **record(MorningAnswer, "morninganswer"),
    "morninganswer_word": [changed(MorningAnswer, word="great"), changed(MorningAnswer, word="")],
    "morninganswer_0_to_10": [changed(MorningAnswer, pain=11)],
    "morninganswer_on_a_later_day": [
        changed(MorningAnswer, answered_on=F("after_day")),
        changed(MorningAnswer, after_day=TODAY),
    ],
    **record(PainDiaryEntry, "paindiaryentry"),
    "paindiaryentry_0_to_10": [changed(PainDiaryEntry, value=11)],
    **record(TendernessReading, "tendernessreading"),
    "tendernessreading_side": [
        changed(TendernessReading, side="both"),
        changed(TendernessReading, side=""),
    ],
    "tendernessreading_0_to_10": [changed(TendernessReading, value=11)],
    **record(TightnessReading, "tightnessreading"),
    "tightnessreading_side": [changed(TightnessReading, side="up"), changed(TightnessReading, side="")],
    "tightnessreading_moment": [changed(TightnessReading, moment="during")],
    "tightnessreading_0_to_10": [changed(TightnessReading, value=11)],
    **record(LimbAnswer, "limbanswer"),
    "limbanswer_direction": [
        changed(LimbAnswer, direction="sideways"),
        changed(LimbAnswer, direction=""),
    ],
    **record(SessionNote, "sessionnote"),
    **record(ExerciseNote, "exercisenote"),
    "healthchange_key": [doubled(HealthChange)],
    "healthchange_key_filled": [changed(HealthChange, key="")],
    "stopevent_key": [doubled(StopEvent)],
    "stopevent_key_filled": [changed(StopEvent, key="")],
    "stopevent_choice": [changed(StopEvent, choice="hungry")],
    # The morning queue
    "need_once_a_program": [doubled(Need)],
    "need_kind": [changed(Need, kind="bored"), changed(Need, kind="mail")],
    "need_key_filled": [changed(Need, key="")],
    "dismissal_once": [doubled(Dismissal)],
    "dismissal_kind": [changed(Dismissal, kind=kind) for kind in ("block", "stop", "unread", "")],
    "dismissal_filled": [changed(Dismissal, key=""), changed(Dismissal, reason="")],
    "threshold_reason": [changed(Threshold, reason="")],
    # Findings
    "visit_key": [second_like_first(Visit, "key")],
    "visit_key_filled": [changed(Visit, key="")],
    "visit_from_to": [changed(Visit, {"closed_at__isnull": False}, closed_at=NOW - 10 * DAY)],
    "visit_one_open": [changed(Visit, {"closed_at__isnull": False}, closed_at=None)],
    "finding_once": [doubled(Finding)],
    "finding_side": [changed(Finding, side="both"), changed(Finding, side="")],
    "finding_state": [changed(Finding, state="sore"), changed(Finding, state="")],
    "finding_0_to_10": [changed(Finding, rating=11)],
    "finding_judged": [changed(Finding, judged="guess"), changed(Finding, judged="")],
    "jointfinding_once": [doubled(JointFinding)],
    "jointfinding_side": [changed(JointFinding, side="both")],
    "jointfinding_words": [changed(JointFinding, alteration="")],
    "painarea_once": [doubled(PainArea)],
    "painarea_side": [changed(PainArea, side="both")],
    "painarea_0_to_10": [changed(PainArea, rating=11)],
    "homesetup_level": [changed(HomeSetup, level=0), changed(HomeSetup, level=6)],
    "homesetup_minutes": [changed(HomeSetup, minutes=2), changed(HomeSetup, minutes=91)],
    "homesetup_tools_told": [changed(HomeSetup, tools_at=None)],
    "homesetup.client": [doubled(HomeSetup)],
    # The tender spot
    "tenderspot_one_stands": [doubled(TenderSpot, {"ended_at__isnull": True})],
    "tenderspot_on_the_map": [
        changed(TenderSpot, {"side": "left"}, view="front", x=1001),
        changed(TenderSpot, y=1001),
    ],
    "tenderspot_view": [changed(TenderSpot, side="none", view=view) for view in ("side", "")],
    "tenderspot_on_its_side": [
        changed(TenderSpot, {"side": "left"}, x=501),
        changed(TenderSpot, {"side": "left"}, view="front", x=499),
        changed(TenderSpot, {"side": "right"}, view="front", x=501),
        changed(TenderSpot, {"side": "right"}, view="soles", x=499),
        changed(TenderSpot, side="both"),
        changed(TenderSpot, side=""),
    ],
    "tenderspot_ended_by_somebody": [
        changed(TenderSpot, {"ended_at__isnull": True}, ended_at=NOW),
        changed(TenderSpot, {"ended_at__isnull": False}, ended_by=None),
        changed(TenderSpot, {"ended_at__isnull": False}, ended_at=None),
        changed(TenderSpot, {"ended_at__isnull": False}, ended_at=NOW - DAY),
    ],
    # Letters
    "reminderschedule_days": [
        changed(ReminderSchedule, days=days) for days in ("", "8", "0", "21", "11", "7654321", "mon")
    ],
    "reminderschedule_filled": [changed(ReminderSchedule, token=""), changed(ReminderSchedule, zone="")],
    "reminderschedule_next_whole": [
        changed(ReminderSchedule, next_due_at=None, next_local_date=TODAY),
        changed(ReminderSchedule, next_due_at=NOW, next_local_date=None),
    ],
    "reminderschedule.client": [doubled(ReminderSchedule, token="another")],
    "reminderschedule.token": [second_like_first(ReminderSchedule, "token")],
    "delivery_planned_once": [doubled(Delivery, PLANNED)],
    "delivery_event_once": [doubled(Delivery, EVENT)],
    "delivery_planned_or_event": [
        changed(Delivery, PLANNED, event_id="both"),
        changed(Delivery, PLANNED, local_date=None),
        changed(Delivery, PLANNED, kind="hourly"),
        changed(Delivery, EVENT, event_id=""),
        changed(Delivery, EVENT, kind="daily"),
    ],
    "delivery_addressed": [changed(Delivery, EVENT, client=None, user=None)],
    "delivery_status": [changed(Delivery, status="lost")],
    "delivery_sending_has_a_lease": [
        changed(Delivery, status="sending", lease_token="mine"),
        changed(Delivery, status="sending", lease_until=NOW),
    ],
    "delivery_sent_when": [changed(Delivery, status="sent"), changed(Delivery, sent_at=NOW)],
    "delivery_reason": [changed(Delivery, status=status) for status in ("skipped", "failed", "missed")],
    "delivery_not_after": [changed(Delivery, not_after=F("due_at") - timedelta(seconds=1))],
    "suppression_filled": [changed(Suppression, address_hash=""), changed(Suppression, reason="")],
    # Messages
    "message_filled": [changed(Message, text="")],
    "message_seen_after": [changed(Message, seen_at=NOW - timedelta(seconds=1))],
    "message.key": [second_like_first(Message, "key")],
    # Documents
    "document_filled": [changed(Document, title=""), changed(Document, name="")],
    "document_kind": [changed(Document, kind="html"), changed(Document, kind="")],
    "document_not_empty": [changed(Document, size=0)],
    "document_number": [changed(Document, number=0), changed(Document, number=101)],
    "document_numbered_once": [second_like_first(Document, "number")],
    "document_withdrawn_by_somebody": [
        changed(Document, {"number": 1}, withdrawn_at=NOW),
        changed(Document, {"number": 1}, withdrawn_by=SOMEBODY),
        changed(Document, {"number": 1}, withdrawal_reason="Alone."),
        changed(Document, {"number": 2}, withdrawn_at=None),
        changed(Document, {"number": 2}, withdrawn_by=None),
        changed(Document, {"number": 2}, withdrawal_reason=""),
        changed(Document, {"number": 2}, withdrawn_at=NOW - DAY),
    ],
    "document.name": [second_like_first(Document, "name")],
    "document.key": [second_like_first(Document, "key")],
    # Outcome measures
    "activitylist_key": [doubled(ActivityList)],
    "activitylist_key_filled": [changed(ActivityList, key="")],
    **record(OutcomeResponse, "outcomeresponse"),
    "ownmeasure_named": [changed(OwnMeasure, name="")],
    "ownmeasure_better": [changed(OwnMeasure, better="sideways"), changed(OwnMeasure, better="")],
    "ownmeasure_once": [doubled(OwnMeasure)],
    **record(Measurement, "measurement"),
    "measurement_side": [changed(Measurement, side="both"), changed(Measurement, side="")],
    "suppression.address_hash": [second_like_first(Suppression, "address_hash")],
}


def test_every_constraint_is_attacked():
    assert set(ATTACKS) == set(every_constraint("clients"))


def test_database_refuses(something_of_everything, subtests):
    for name, attacks in ATTACKS.items():
        for attack in attacks:
            with subtests.test(name):
                assert_refused("clients", name, attack)


def test_database_refuses_numbers_below_zero(something_of_everything, subtests):
    """Django gives such columns a rule of its own."""
    tried = 0
    for model in apps.get_app_config("clients").get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.PositiveSmallIntegerField):
                with subtests.test(f"{model.__name__}.{field.name}"):
                    with pytest.raises(IntegrityError), transaction.atomic():
                        model.objects.update(**{field.name: -1})
                    tried += 1
    assert tried > 20
