"""Why this program, and what opens next, in words."""

import pytest
from django.utils import translation

from clients.demo import builders
from clients.explaining import in_sentence, opening, requirements, why
from clients.models import AssignedPhase, Assignment
from routines.models import Muscle, MusclePartner, PhaseKind
from tests.routines.catalogue_files import shipped


def texts(**fields: str) -> dict[str, dict[str, str]]:
    return {"": fields}


@pytest.fixture
def assignment() -> Assignment:
    return Assignment(
        side="right",
        why={
            "name": texts(name="Buttock-related sciatica"),
            "tight": [texts(name="Piriformis", action="Turns the hip out")],
            "weak": [texts(name="Side buttock muscle", action="Lifts the leg")],
            "partners": [texts(name="Side buttock muscle", action="Lifts the leg")],
            "joints": [texts(name="Hip", plain_words="The thigh does not turn freely.")],
        },
    )


def phase(**fields) -> AssignedPhase:
    return AssignedPhase(
        **{"order": 0, "kind": "release", "min_days": 7, "texts": texts(name="Ease")} | fields
    )


def test_why_names_tight_muscle_partner_and_joint(assignment):
    told = why(assignment, PhaseKind.RELEASE)

    assert told.chosen == (
        "Your therapist chose this program for a pattern often called buttock-related sciatica."
    )
    assert told.sentence == (
        "Easing your <strong>right piriformis</strong> comes first, so that the partner, the <strong>side buttock "
        "muscle</strong>, can take over more of the work at the <strong>hip</strong>."
    )
    assert [(part.name, part.words) for part in told.parts] == [
        ("Piriformis", "Turns the hip out"),
        ("Side buttock muscle", "Lifts the leg"),
        ("Hip", "The thigh does not turn freely."),
    ]


@pytest.mark.parametrize("kind", list(PhaseKind))
def test_why_promises_nothing_in_any_phase(assignment, kind):
    """domain.md 7.5: describe the plan, no diagnosis, no cure, nothing out of place."""
    told = why(assignment, kind)
    words = f"{told.chosen} {told.sentence}".lower()

    for banned in ("cure", "guarantee", "you have", "out of place", "misalign", "damage", "dissolve", "!"):
        assert banned not in words
    for name in ("piriformis", "side buttock muscle", "hip"):
        assert name in words


def test_why_of_the_last_phase_says_what_may_be(assignment):
    assert why(assignment, PhaseKind.MAINTAIN).sentence == (
        "A few minutes a week help to keep your <strong>right piriformis</strong> easy and the <strong>side buttock "
        "muscle</strong> strong, so that the <strong>hip</strong> may stay comfortable."
    )


def test_why_of_both_sides_names_no_side(assignment):
    assignment.side = "both"

    assert "your <strong>piriformis</strong>" in why(assignment, PhaseKind.RELEASE).sentence


def test_why_never_calls_a_muscle_its_own_partner(assignment):
    """In tennis elbow the wrist extensors are tight and weak."""
    assignment.why["partners"] = [texts(name="Piriformis"), texts(name="Triceps")]

    assert "the partner, the <strong>triceps</strong>" in why(assignment, PhaseKind.RELEASE).sentence


def test_why_prefers_a_partner_that_is_not_tight_itself(assignment):
    """In heel pain the lower calf is tight and weak, the shin muscle is only weak."""
    assignment.why["tight"] = [texts(name="Calf (upper)"), texts(name="Calf (lower)")]
    assignment.why["partners"] = [texts(name="Calf (lower)"), texts(name="Shin muscle")]

    assert "the partner, the <strong>shin muscle</strong>" in why(assignment, "release").sentence

    assignment.why["partners"] = [texts(name="Calf (lower)")]
    assert "the partner, the <strong>calf (lower)</strong>" in why(assignment, "release").sentence


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", list(PhaseKind))
@pytest.mark.parametrize("partners", [{"partners": []}, {}])
def test_why_without_a_pair_names_the_weak_muscle_and_no_partner(assignment, kind, language, partners):
    """A plan that was made before pairs were kept does not know them."""
    del assignment.why["partners"]
    assignment.why |= partners

    with translation.override(language):
        told = why(assignment, kind)

    assert "ide buttock muscle</strong>" in told.sentence
    assert "partner" not in f"{told.sentence} {[part.role for part in told.parts]}".lower()


@pytest.mark.django_db
@pytest.mark.parametrize("slug", [entry["slug"] for entry in shipped()["programs"]])
def test_why_of_a_shipped_program_calls_partners_what_the_catalogue_calls_partners(slug):
    assignment = builders.assign(builders.make_client(), slug)

    said = [told for told in (why(assignment, kind) for kind in PhaseKind) if "partner" in told.sentence]

    assert len(said) == 2
    for told in said:
        tight, weak = (Muscle.objects.get(name=part.name) for part in told.parts[:2])
        assert weak in {
            muscle for pair in MusclePartner.objects.of(tight) for muscle in (pair.first, pair.second)
        }


@pytest.mark.parametrize("lost", [["tight"], ["weak", "partners"], ["joints"]])
def test_why_without_one_of_the_three_only_names_the_pattern(assignment, lost):
    assignment.why |= {key: [] for key in lost}

    told = why(assignment, PhaseKind.RELEASE)

    assert told.sentence == ""
    assert len(told.parts) == 2


def test_why_of_a_program_without_a_pattern_is_nothing():
    assert why(Assignment(why={}), PhaseKind.RELEASE) is None


def test_why_escapes_what_somebody_named_a_muscle(assignment):
    assignment.why["tight"] = [texts(name="<script>alert(1)</script>")]

    assert "<script>" not in why(assignment, PhaseKind.RELEASE).sentence


def test_in_sentence_keeps_nouns_and_short_names_large():
    assert in_sentence("Side buttock muscle") == "side buttock muscle"
    assert in_sentence("TFL") == "TFL"
    with translation.override("de"):
        assert in_sentence("Seitlicher Gesäßmuskel") == "Seitlicher Gesäßmuskel"


def test_requirements_of_a_bare_phase_are_its_days():
    assert requirements(phase(min_days=1)) == ["At least 1 day in this phase"]


def test_requirements_tell_the_rule_in_words():
    numbers = {
        "min_completed_sessions_in_window": 5,
        "window_days": 14,
        "min_adherence_percent": 70,
        "tenderness_max": 3,
        "session_pain_max": 3,
        "mean_pain_max": 5,
    }
    sites = [{"slug": "piriformis", "texts": texts(name="Piriformis")}]

    assert requirements(phase(numbers={"rule": numbers}, tenderness_sites=sites)) == [
        "At least 7 days in this phase",
        "5 sessions in 14 days",
        "70 % of the planned exercises done",
        "Pressing is only a little tender, 3 or less of 10: piriformis",
        "Pain of 3 or less of 10",
    ]


def test_requirements_without_tracked_muscles_do_not_speak_of_pressing():
    assert requirements(phase(numbers={"rule": {"tenderness_max": 0}})) == ["At least 7 days in this phase"]


def test_requirements_of_no_pain_at_all_are_told_too():
    assert requirements(phase(numbers={"rule": {"mean_pain_max": 0}}))[-1] == "Pain of 0 or less of 10"


def test_opening_names_the_phase_that_follows():
    first, second = phase(), phase(order=1, kind="strengthen", texts=texts(name="Wake up"))

    assert (opening([first, second], first).name, opening([first, second], first).kind) == (
        "Wake up",
        PhaseKind.STRENGTHEN,
    )
    assert opening([first, second], second) is None
