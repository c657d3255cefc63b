"""The German texts of the catalogue: complete, of the same meaning where it can be counted, refused whole when broken."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.utils import translation

from clients.demo import builders
from clients.explaining import why
from clients.models import AssignedStep
from routines.models import Checklist, Exercise, Imbalance, Message, Phase, Program, ScreeningQuestion
from routines.seeding import DEFAULT_PATH, CatalogueError, content_of, is_edited, load, seed
from routines.seeding.languages import merge
from routines.seeding.reading import read
from tests.routines.catalogue_files import entry, shipped

# Every text that a client, or the therapist in the client's language, reads.
TEXTS: dict[str, list[str]] = {
    "vocabulary.regions": ["name"],
    "vocabulary.equipment": ["name"],
    "body_areas": ["name"],
    "joints": ["name"],
    "muscles": ["name", "action"],
    "condition_tags": ["label", "rule"],
    "imbalances": ["name", "client_words"],
    "exercises": ["name", "cue", "cautions"],
    "screening_checklists": ["title", "intro", "none_label"],
    "screening_questions": ["question", "item"],
    "messages": ["title", "body"],
    "programs": ["name", "warm_up", "notes"],
}

# Read the same in both languages.
SAME = {"Piriformis"}

# Promises, alarm and what cannot be known (domain.md 7.5, 9).
UNSAID = (
    "heilt",
    "heilung",
    "garantier",
    "faszie",
    "verkleb",
    "verschoben",
    "verschlei",
    "schaden",
    "fehlstell",
    "!",
)


def rows(section: str) -> list[dict[str, Any]]:
    found: Any = shipped()
    for part in section.split("."):
        found = found[part]
    return list(found)


def parts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def pairs() -> Iterator[tuple[str, Any, Any]]:
    """The place of every text, the English and the German; None where there is no German."""
    for section, fields in TEXTS.items():
        for row in rows(section):
            german = row.get("translations", {}).get("de", {})
            for field in fields:
                if row.get(field) is not None:
                    yield f"{section} {row['slug']} {field}", row[field], german.get(field)
    for row in rows("imbalances"):
        words = [joint["plain_words"] for joint in row["joints"]]
        yield f"imbalances {row['slug']} plain_words", words, row["translations"]["de"].get("plain_words")
    for row in rows("outcome_measures"):
        german = row.get("translations", {}).get("de", {})
        if row["implement"]:
            yield f"outcome_measures {row['slug']} name", row["name"], german.get("name")
            asked = [question["text"] for question in row["questions"]]
            yield f"outcome_measures {row['slug']} questions", asked, german.get("questions")
            labels = [anchor["label"] for anchor in row["anchors"]]
            yield f"outcome_measures {row['slug']} anchors", labels, german.get("anchors")
            if "choose" in row:
                yield f"outcome_measures {row['slug']} choose", row["choose"]["text"], german.get("choose")
    for row in rows("programs"):
        for phase in row["phases"]:
            german = phase.get("translations", {}).get("de", {}).get("name")
            yield f"programs {row['slug']} {phase['name']}", phase["name"], german


# Each thing that an emergency or urgent question asks for.
CONDITIONS: dict[str, list[str]] = {
    "saddle_numbness": ["taubheitsgefühl", "verändert", "genitalien", "after", "oberschenkel"],
    "bladder_bowel": ["neue", "wasserlassen", "beginnen", "spüren", "kontrolle", "blase", "darm"],
    "sexual_function": ["neue", "gefühl", "funktion", "sex"],
    "both_legs": ["neue", "zunehmende", "schmerzen", "taubheit", "schwäche", "beiden beinen"],
    "leg_weakness_worsening": ["bein", "fuß", "schwächer", "schleift", "knickt weg"],
    "trauma": ["sturz", "unfall", "anderen verletzung", "6 wochen", "niemand untersucht"],
    "fever_unwell": ["fieber", "schüttelfrost", "krankheitsgefühl", "zusammen mit den schmerzen"],
    "chest_breath": ["brust", "plötzliche atemnot", "blut"],
    "calf_signs": ["wade", "bein", "geschwollen", "heiß", "rot", "neu schmerzhaft"],
    "arm_signs": ["arm", "geschwollen", "blau", "weiß", "kalt"],
    "headache_sudden": ["kopfschmerz", "plötzlich", "heftig", "schlimmste"],
    "headache_neuro": [
        "kopf- oder nackenschmerz", "sehstörungen", "doppelbilder", "sprechen", "schlucken", "taub", "hängende",
        "schwäche in einem arm oder bein", "verwirrtheit", "unsicherheit", "ohnmacht",
    ],
    "headache_other": [
        "50. geburtstag", "kopfverletzung", "fieber", "steifem nacken", "im liegen", "husten", "schwangerschaft",
        "stetig schlimmer",
    ],
    "neck_cord": ["ungeschickte hände", "gehen", "stromschläge", "wirbelsäule", "nacken"],
    "hot_joint": ["gelenk", "heiß", "rot und geschwollen"],
    "cannot_weight_bear": ["verletzung", "bein nicht belasten", "gelenk", "blockiert"],
    "arm_weakness": ["arm", "hand", "schwächer", "neu taub", "dinge fallen"],
}  # fmt: skip


# ---- The texts -----------------------------------------------------------------------------------------------------


def test_every_text_has_its_german_one() -> None:
    missing = [
        place
        for place, english, german in pairs()
        if english and not (german and all(part.strip() for part in parts(german)))
    ]

    assert missing == []
    assert sum(len(parts(english)) for _place, english, _german in pairs()) > 750


def test_lists_have_as_many_parts_in_german() -> None:
    assert [place for place, english, german in pairs() if len(parts(english)) != len(parts(german))] == []


def test_no_text_was_left_in_english() -> None:
    same = [
        part
        for _place, english, german in pairs()
        for part, other in zip(parts(english), parts(german), strict=True)
        if part == other
    ]

    assert set(same) <= SAME


def test_every_number_of_a_text_stands_in_the_german_one() -> None:
    """Six weeks, 50 years, 4 of 10: none is lost or changed."""
    differing = [
        (place, part, other)
        for place, english, german in pairs()
        for part, other in zip(parts(english), parts(german), strict=True)
        if sorted(re.findall(r"\d+", part)) != sorted(re.findall(r"\d+", other))
    ]

    assert differing == []


def test_german_promises_nothing_and_stays_calm() -> None:
    found = [
        (place, word)
        for place, _english, german in pairs()
        for part in parts(german)
        for word in UNSAID
        if word in part.lower()
    ]

    assert found == []


def test_cues_address_the_reader_politely() -> None:
    cues = [(place, german) for place, _english, german in pairs() if place.endswith(" cue")]

    assert [place for place, cue in cues if " Sie " not in cue or not cue.endswith(".")] == []
    assert [place for place, cue in cues if re.search(r"\b(du|dein|deine|dich|dir)\b", cue.lower())] == []


@pytest.mark.parametrize("slug", CONDITIONS)
def test_urgent_question_keeps_every_condition(slug: str) -> None:
    for text in entry("screening_questions", slug, shipped())["translations"]["de"].values():
        assert [condition for condition in CONDITIONS[slug] if condition not in text.lower()] == []


def test_every_emergency_and_urgent_question_is_read_above() -> None:
    urgent = [row["slug"] for row in rows("screening_questions") if row["effect"] in ("emergency", "urgent")]

    assert urgent == list(CONDITIONS)


# ---- The file ------------------------------------------------------------------------------------------------------


@cache
def german() -> dict[str, Any]:
    data: dict[str, Any] = read(DEFAULT_PATH.with_name("catalogue.de.yaml"))
    return data


@cache
def alone() -> dict[str, Any]:
    """The catalogue without its languages."""
    data: dict[str, Any] = read(DEFAULT_PATH)
    return data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The catalogue alone, without its languages."""
    shutil.copy(DEFAULT_PATH, tmp_path / "catalogue.yaml")
    return tmp_path


def write(folder: Path, data: Any, name: str = "catalogue.de.yaml") -> Path:
    (folder / name).write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return folder / "catalogue.yaml"


def changed(path: str, value: Any) -> dict[str, Any]:
    """The German file with this value at this path."""
    data = copy.deepcopy(german())
    *way, last = path.split(".")
    place: Any = data
    for part in way:
        place = place[part]
    place[last] = value
    return data


def test_catalogue_without_other_languages_is_read(folder: Path) -> None:
    assert "translations" not in entry("exercises", "bridge", load(folder / "catalogue.yaml"))


def test_any_language_beside_the_catalogue_is_read(folder: Path) -> None:
    write(
        folder, {"meta": {"schema_version": 1, "language": "de"}, "exercises": {"bridge": {"name": "Brücke"}}}
    )
    french = {"meta": {"schema_version": 1, "language": "fr"}, "exercises": {"bridge": {"name": "Pont"}}}

    data = load(write(folder, french, "catalogue.fr.yaml"))

    assert entry("exercises", "bridge", data)["translations"] == {
        "de": {"name": "Brücke"},
        "fr": {"name": "Pont"},
    }
    assert "translations" not in entry("exercises", "clam", data)


def test_languages_of_another_catalogue_are_not_read(folder: Path) -> None:
    data = load(write(folder, {"exercises": 7}, "ours.de.yaml"))

    assert "translations" not in entry("exercises", "bridge", data)


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("exercises.brigde", {"name": "Brücke"}, "exercises.brigde: there is no such entry in the catalogue"),
        ("exercises.bridge.nam", "Brücke", "exercises.bridge.nam: is not a known key"),
        ("exercises.bridge.dose", {"sets": 3}, "exercises.bridge.dose: is not a known key"),
        ("exercise", {}, "exercise: is not a known key"),
        ("vocabulary.phases", {}, "vocabulary.phases: is not a known key"),
        ("exercises", [], "exercises: must be a mapping of keys to values"),
        ("exercises.bridge", "Brücke", "exercises.bridge: must be a mapping of keys to values"),
        ("exercises.bridge.name", ["Brücke"], "exercises.bridge.name: must be text"),
        ("exercises.bridge.name", None, "exercises.bridge.name: must be text"),
        ("exercises.bridge.cue", " ", "exercises.bridge.cue: must not be empty"),
        ("exercises.bridge.name", "x" * 121, "exercises.bridge.name: must have at most 120 characters"),
        ("exercises.bridge.cautions", "Langsam.", "exercises.bridge.cautions: must be a list"),
        ("exercises.bridge.cautions", [7], "exercises.bridge.cautions[0]: must be text"),
        (
            "exercises.bridge.cautions",
            ["Langsam.", "Ruhig."],
            "exercises.bridge.cautions: must have 1, as many as in the catalogue, not 2",
        ),
        (
            "imbalances.lower_crossed.plain_words",
            ["Das Becken kippt nach vorn."],
            "imbalances.lower_crossed.plain_words: must have 3, as many as in the catalogue, not 1",
        ),
        (
            "programs.program_knee_valgus.phases",
            ["Lockern"],
            "programs.program_knee_valgus.phases: must have 4, as many as in the catalogue, not 1",
        ),
        (
            "outcome_measures",
            {"nprs": {"note": "Von 0 bis 10."}},
            "outcome_measures.nprs.note: the catalogue has no such text",
        ),
        ("meta.language", "at", "meta.language: must be de, as the name of the file says"),
        ("meta", {}, "meta.schema_version: is missing"),
    ],
)  # fmt: skip
def test_broken_language_is_refused_naming_the_key(path: str, value: Any, problem: str) -> None:
    assert problem in merge(copy.deepcopy(alone()), changed(path, value), "de")


def test_broken_language_is_refused_with_the_name_of_its_file(folder: Path) -> None:
    broken = {
        "meta": {"schema_version": 1, "language": "de"},
        "exercises": {"brigde": {"name": "Brücke"}, "clam": {"cautions": []}},
    }

    with pytest.raises(CatalogueError) as refused:
        load(write(folder, broken))

    assert refused.value.problems == [
        "catalogue.de.yaml: exercises.brigde: there is no such entry in the catalogue",
        "catalogue.de.yaml: exercises.clam.cautions: must have 1, as many as in the catalogue, not 0",
    ]


def test_texts_for_the_therapist_may_be_translated_too() -> None:
    data = copy.deepcopy(alone())

    assert merge(data, changed("imbalances.lower_crossed.note", "Nach Janda."), "de") == []
    assert entry("imbalances", "lower_crossed", data)["translations"]["de"]["note"] == "Nach Janda."


def test_language_of_the_catalogue_itself_is_refused(folder: Path) -> None:
    english = {"meta": {"schema_version": 1, "language": "en"}}

    with pytest.raises(CatalogueError) as refused:
        load(write(folder, english, "catalogue.en.yaml"))

    assert refused.value.problems == [
        "catalogue.en.yaml: meta.language: en is the language of the catalogue itself"
    ]


def test_text_that_the_catalogue_translates_itself_is_refused() -> None:
    data = copy.deepcopy(alone())
    entry("exercises", "bridge", data)["translations"] = {"de": {"name": "Steg"}}

    assert merge(data, german(), "de") == ["exercises.bridge.name: stands in the catalogue itself too"]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("meta:\n  language: [de\n", "is not YAML"),
        ("exercises:\n  clam: {name: A}\n  clam: {name: B}\n", "catalogue.de.yaml: exercises.clam: stands twice"),
        ("", "catalogue.de.yaml: the file: must be a mapping of keys to values"),
    ],
)  # fmt: skip
def test_language_that_cannot_be_read_is_refused(folder: Path, source: str, problem: str) -> None:
    (folder / "catalogue.de.yaml").write_text(source, encoding="utf-8")

    with pytest.raises(CatalogueError, match=re.escape(problem)):
        load(folder / "catalogue.yaml")


@pytest.mark.django_db
def test_command_refuses_a_broken_language_whole(folder: Path) -> None:
    texts = {"bridge": {"cautions": []}, "clam": {"name": "Andere Muschel"}}
    catalogue = write(folder, {"meta": {"schema_version": 1, "language": "de"}, "exercises": texts})

    with pytest.raises(CommandError, match=r"catalogue\.de\.yaml: exercises\.bridge\.cautions"):
        call_command("seed_catalogue", str(catalogue), verbosity=0)

    assert Exercise.objects.get(slug="clam").text("name", "de") == "Muschel"


# ---- In the database -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_entries_seeded_before_the_language_came_follow_unless_edited(folder: Path) -> None:
    seed(load(folder / "catalogue.yaml"))
    before = Exercise.objects.get(slug="clam")
    Exercise.objects.filter(slug="bridge").update(name="Our bridge")

    report, again = seed(shipped()), seed(shipped())

    clam, bridge = Exercise.objects.get(slug="clam"), Exercise.objects.get(slug="bridge")
    assert before.translations == bridge.translations == {}
    assert (clam.pk, clam.text("name", "de"), is_edited(clam)) == (before.pk, "Muschel", False)
    assert report.edited_here == again.edited_here == ["exercises bridge"]
    measures = [row for row in rows("outcome_measures") if "translations" in row]
    assert (report.new, report.updated) == (
        0,
        sum(len(rows(section)) for section in TEXTS) + len(measures) - 1,
    )
    assert (again.new, again.updated) == (0, 0)


@pytest.mark.django_db
def test_german_name_that_the_therapist_changed_is_kept() -> None:
    bridge = Exercise.objects.get(slug="bridge")
    bridge.translations["de"]["name"] = "Schulterbrücke"
    bridge.save()

    assert seed(shipped()).edited_here == ["exercises bridge"]
    assert Exercise.objects.get(slug="bridge").text("name", "de") == "Schulterbrücke"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "slug", "field", "text"),
    [
        (Exercise, "bridge", "cautions", ["Wenn die Oberschenkelrückseite krampft, stellen Sie die Fersen näher heran."]),
        (Imbalance, "lower_crossed", "name", "Unteres gekreuztes Muster"),
        (Checklist, "warning_signs", "none_label", "Nichts davon"),
        (ScreeningQuestion, "hot_joint", "item", "Ein Gelenk, das heiß, rot und geschwollen ist"),
        (Message, "urgent", "title", "Bitte holen Sie heute ärztlichen Rat"),
        (Program, "program_knee_valgus", "warm_up", "5 Minuten lockeres Gehen oder Gehen auf der Stelle"),
    ],
)  # fmt: skip
def test_entry_is_read_in_german(model: Any, slug: str, field: str, text: Any) -> None:
    row = model.objects.get(slug=slug)

    assert row.text(field, "en") == getattr(row, field) != text
    with translation.override("de"):
        assert row.text(field) == text
    assert not is_edited(row)


@pytest.mark.django_db
def test_phases_keep_their_german_names() -> None:
    names = [
        phase.translations["de"]["name"] for phase in Phase.objects.filter(program__slug=builders.SCIATICA)
    ]

    assert names[0] == "Das tiefe Gesäß lockern"
    assert len(names) == 4
    assert content_of(Program.objects.get(slug=builders.SCIATICA))["phases"][0]["translations"] == {
        "de": {"name": "Das tiefe Gesäß lockern"}
    }


@pytest.mark.django_db
def test_client_who_reads_german_follows_the_plan_in_german() -> None:
    assignment = builders.assign(builders.make_client(language="de"))
    step = AssignedStep.objects.get(
        phase__assignment=assignment, phase__kind="release", exercise__slug="smr_buttock_ball_wall"
    )

    with translation.override("de"):
        shown = (step.name, step.cue[:32], len(step.cautions), step.phase.name, assignment.name)
    with translation.override("en"):
        english = step.name

    assert shown == (
        "Selbstmassage mit Ball, Gesäß an der Wand",
        "Lehnen Sie die Außenseite des Ge",
        1,
        "Das tiefe Gesäß lockern",
        "Ischiasbeschwerden aus dem Gesäß: erst lockern, dann kräftigen",
    )
    assert english == "Ball release, buttock at a wall"


@pytest.mark.django_db
def test_why_is_told_in_german() -> None:
    assignment = builders.assign(builders.make_client(language="de"))

    with translation.override("de"):
        told = why(assignment, "release")

    assert told is not None
    assert "Ischiasbeschwerden aus dem Gesäß (Piriformis-Muster)" in told.chosen
    assert [(part.name, part.words) for part in told.parts] == [
        ("Piriformis", "Dreht die gestreckte Hüfte nach außen und führt die gebeugte Hüfte zur Seite"),
        ("Seitlicher Gesäßmuskel", "Hebt das Bein zur Seite und hält das Becken auf einem Bein gerade"),
        ("Hüfte", "Der Oberschenkel sitzt und dreht sich nicht frei in der Pfanne."),
    ]
