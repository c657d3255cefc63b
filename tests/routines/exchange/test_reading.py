"""Each shape is read in our own terms; what is broken, huge or foreign is refused whole."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from routines.exchange import Refused, known, opened, read
from routines.exchange.files import MOST_ROWS
from routines.exchange.proposing import cue_of, plain_text, position_of
from routines.models import Position
from tests.routines.exchange.shapes import (
    TABLE,
    open_entry,
    open_files,
    open_zip,
    packed,
    photo,
    read_bytes,
    record,
    wger_records,
    wger_zip,
)

pytestmark = pytest.mark.django_db


# ---- Shapes ----


def test_a_file_for_each_exercise_is_read_with_proposals() -> None:
    (exercise,) = read_bytes(open_zip()).exercises

    assert exercise.key == "bird-dog"
    assert exercise.content["kind"] == "strengthen"
    assert exercise.content["position"] == "quadruped"
    assert exercise.content["needs_floor"] is True
    assert exercise.content["side_mode"] == "each_side"
    assert exercise.content["cue"] == "Begin on all fours. Extend one arm and the opposite leg."
    assert [row["muscle"] for row in exercise.content["muscles"] if row["role"] == "target"] == [
        "gluteus_maximus"
    ]
    assert (exercise.licence, exercise.undecided) == ("Unlicense", ())
    assert exercise.content["reps"] == 12  # the usual dose of its kind


def test_the_dose_is_that_of_the_kind() -> None:
    (exercise,) = read_bytes(open_zip(open_entry(modality="stretching"))).exercises

    assert (exercise.content["kind"], exercise.content["hold_seconds"]) == ("release_stretch", 30)


def test_a_stretch_with_the_foam_roller_is_proposed_as_self_massage() -> None:
    (exercise,) = read_bytes(open_zip(open_entry(modality="stretching", equipment="foam roll"))).exercises

    assert (exercise.content["kind"], exercise.content["equipment"]) == ("release_smr", ["foam_roller"])


def test_a_word_without_a_counterpart_is_named_never_guessed() -> None:
    entry = open_entry(primaryMuscles=["neck"], equipment="barbell", modality="strongman")
    (exercise,) = read_bytes(open_zip(entry)).exercises

    assert {(each.what, each.word) for each in exercise.unknown} == {
        ("muscle", "neck"), ("equipment", "barbell"), ("kind", "strongman"),
    }  # fmt: skip
    assert set(exercise.undecided) == {"kind", "muscles"}
    assert "equipment" not in exercise.content


def test_an_entry_that_the_collection_took_from_elsewhere_is_refused_alone() -> None:
    collection = read_bytes(open_zip(open_entry(), open_entry(id="other", source="somewhere")))

    assert [each.key for each in collection.exercises] == ["bird-dog"]
    assert [each.key for each in collection.refused] == ["other"]


def test_without_a_licence_nothing_of_it_is_taken() -> None:
    files = open_files(open_entry()) | {"db/LICENSE": "All rights reserved."}
    collection = read_bytes(packed(files))

    assert (collection.exercises, len(collection.refused)) == ([], 1)


def test_pictures_are_found_by_the_path_in_the_entry() -> None:
    entry = open_entry(images=["bird-dog/0.jpg", "bird-dog/1.jpg"])
    (exercise,) = read_bytes(open_zip(entry, **{"bird-dog__0": photo()})).exercises

    assert [(each.name, each.read is not None) for each in exercise.pictures] == [
        ("bird-dog/0.jpg", True), ("bird-dog/1.jpg", False),
    ]  # fmt: skip
    assert exercise.pictures[0].licence == "Unlicense"


def test_fixtures_are_joined_by_key() -> None:
    collection = read_bytes(wger_zip())
    (exercise,) = collection.exercises

    assert exercise.name == "Crunch"
    assert exercise.content["cue"] == "Lie on your back & lift. Slowly."
    assert exercise.content["translations"] == {"de": {"name": "Rumpfbeuge", "cue": "Auf den Rücken legen."}}
    assert exercise.words["en"].splitlines() == ["Lie on your back & lift.", "Slowly.", "Keep the neck long"]
    assert set(exercise.undecided) == {"side_mode", "level"}
    assert {(each.what, each.word) for each in exercise.unknown} == {
        ("muscle", "Brachialis"),
        ("equipment", "Barbell"),
    }
    assert collection.texts == {"en": 1, "de": 1}


def test_author_and_licence_of_each_text_are_kept() -> None:
    (exercise,) = read_bytes(wger_zip()).exercises

    assert exercise.link == "https://wger.de/en/exercise/9/view/"
    assert (exercise.licence, exercise.author) == ("CC BY-SA 4.0", "Ada; wger contributors, https://wger.de")
    assert [(each["language"], each["author"], each["licence"]) for each in exercise.credits] == [
        ("", "Ada", "CC BY-SA 4.0"),
        ("de", "Bernd", "CC0 1.0"),
        ("en", "wger contributors, https://wger.de", "CC BY-SA 4.0"),
    ]


def test_a_category_without_a_counterpart_leaves_the_kind_open() -> None:
    rows = wger_records()["exercises/exercise-base-data"]
    rows[0]["fields"]["category"] = 15
    (exercise,) = read_bytes(wger_zip(**{"exercises/exercise-base-data": rows})).exercises

    assert "kind" in exercise.undecided
    assert ("category", "Cardio") in {(each.what, each.word) for each in exercise.unknown}


def test_an_exercise_without_an_english_text_is_refused_alone() -> None:
    rows = [row for row in wger_records()["exercises/translations"] if row["pk"] != 1]
    collection = read_bytes(wger_zip(**{"exercises/translations": rows}))

    assert [(each.key, each.name) for each in collection.refused] == [("1b020b3a", "Rumpfbeuge")]


def test_a_table_is_read() -> None:
    (exercise,) = read_bytes(TABLE.encode(), "mine.csv", "Mine").exercises

    assert exercise.content["translations"] == {
        "de": {"name": "Wandgleiten", "cue": "An der Wand hochgleiten."}
    }
    assert [row["muscle"] for row in exercise.content["muscles"]] == ["lower_trapezius", "serratus_anterior"]
    assert (exercise.undecided, exercise.link, exercise.author) == ((), "https://example.org/a1", "Ada")


def test_a_table_may_be_separated_by_semicolons() -> None:
    table = "key;name;text;licence\na1;Bridge;Lift, slowly.;CC0\n"
    (exercise,) = read_bytes(b"\xef\xbb\xbf" + table.encode(), "mine.csv", "mine").exercises

    assert (exercise.name, exercise.content["cue"]) == ("Bridge", "Lift, slowly.")
    assert set(exercise.undecided) == {"kind", "position", "side_mode", "level", "muscles"}


def test_a_cell_that_looks_like_a_formula_stays_text() -> None:
    table = 'key,name,text,licence,link\n=1+1,=cmd|calc,"@SUM(A1)",CC0,javascript:alert(1)\n'
    (exercise,) = read_bytes(table.encode(), "mine.csv", "mine").exercises

    assert (exercise.key, exercise.name, exercise.content["cue"]) == ("=1+1", "=cmd|calc", "@SUM(A1)")
    assert exercise.link == ""


def test_a_folder_is_read_like_its_zip(tmp_path: Path) -> None:
    for name, content in open_files(open_entry()).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(str(content))
    (tmp_path / "db" / "exercises" / "link.json").symlink_to("/etc/passwd")

    found = read(opened(tmp_path), known())

    assert [each.digest for each in found.exercises] == [
        each.digest for each in read_bytes(open_zip()).exercises
    ]


# ---- Words ----


@pytest.mark.parametrize(
    ("name", "text", "position"),
    [
        ("Seated row", "Stand up first.", Position.SEATED),
        ("Crunch", "Lie on your back.", Position.SUPINE),
        ("Side plank", "", Position.SIDE_LYING),
        ("Get-up", "Kneel, then stand.", None),
        ("Curl", "Lift the arm.", None),
    ],
)
def test_a_position_is_proposed_only_where_the_words_name_one(
    name: str, text: str, position: Position | None
) -> None:
    assert position_of(name, text) == position


def test_a_cue_is_as_many_sentences_as_fit() -> None:
    assert cue_of("One. Two. Three.", 9) == "One. Two."
    assert cue_of("word " * 200, 40).endswith("…")
    assert len(cue_of("x" * 1000)) <= 400


def test_markup_becomes_text() -> None:
    assert plain_text("<p>a &lt; b</p><style>p{}</style><p>c<br>d") == "a < b\nc\nd"
    assert plain_text("<" * 20_000) == "<" * 20_000


# ---- Refused whole ----

DEEP = b"[" * 100_000


def refused(content: bytes, name: str = "collection.zip", source: str = "mine") -> str:
    with pytest.raises(Refused) as error:
        read_bytes(content, name, source)
    return str(error.value)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        DEEP,
        b'{"format": "train-and-massage catalogue", "version": 1, "version": 1}',
        b'{"format": "train-and-massage catalogue", "version": 9, "source": "x", "exercises": []}',
        b'{"format": "train-and-massage catalogue", "version": 1, "source": "x", "exercises": [1]}',
        b'{"format": "train-and-massage catalogue", "version": 1, "source": "x", "exercises": []}',
        b'{"format": "train-and-massage catalogue", "version": NaN}',
        b'{"format": "train-and-massage catalogue", "version": 1, "source": "\\ud800"}',
        b'{"format": "train-and-massage catalogue", "version": 1, "source": "a\\u0000"}',
        b'{"format": "train-and-massage catalogue"' + b" " * 21 * 1024 * 1024 + b"}",
        b'{"something": "else"}',
        b"\xff\xfe",
        b"   ",
        b"[" + b"[]," * 1_100_000 + b'"train-and-massage catalogue"]',
    ],
    ids=[
        "broken", "deep", "key twice", "version", "no entry", "empty", "nan", "surrogate", "nul", "huge", "foreign", "binary",
        "blank", "many values",
    ],
)  # fmt: skip
def test_a_broken_huge_or_foreign_json_is_refused_whole(content: bytes) -> None:
    assert refused(content, "file.json")


def test_a_key_that_stands_twice_is_refused_whole() -> None:
    entries = {**open_files(open_entry()), "db/exercises/again.json": json.dumps(open_entry())}

    assert "twice" in refused(packed(entries))


def test_an_entry_that_is_none_makes_the_collection_a_foreign_one() -> None:
    assert refused(packed(open_files(open_entry()) | {"db/exercises/x.json": '{"id": "x"}'}))


@pytest.mark.parametrize(
    "changes",
    [
        {"core/licenses": []},
        {"more": [record("auth.user", 1, email="x")]},
        {"more": [record("exercises.exercise", 9, uuid="again")]},
        {"exercises/translations": [record("exercises.translation", 1, exercise=77, language=2)]},
        {"exercises/translations": [{"model": "exercises.translation", "pk": "x", "fields": {}}]},
        {"more": {"not": "a list"}},
    ],
)
def test_foreign_or_torn_fixtures_are_refused_whole(changes: dict[str, object]) -> None:
    assert refused(wger_zip(**changes))


@pytest.mark.parametrize(
    "table",
    [
        "key,name,text\na,b,c\n",
        "key,name,text,licence,colour\na,b,c,d,e\n",
        "key,name,text,licence,name\na,b,c,d,e\n",
        "key,name,text,licence\na,b,c\n",
        "key,name,text,licence\na,b,c,CC0\na,b,c,CC0\n",
        "key,name,text,licence\na,b\0,c,CC0\n",
        'key,name,text,licence\na,b,"' + "x" * 200_000 + '",CC0\n',
        "key,name,text,licence\n" + "a,b,c,CC0\n" * (MOST_ROWS + 1),
    ],
    ids=[
        "no licence",
        "unknown column",
        "column twice",
        "short row",
        "key twice",
        "nul",
        "huge cell",
        "rows",
    ],
)
def test_a_wrong_table_is_refused_whole(table: str) -> None:
    assert refused(table.encode(), "mine.csv")


def test_a_table_needs_a_name() -> None:
    assert "name" in refused(TABLE.encode(), "mine.csv", "")


def bomb() -> bytes:
    return packed({"exercises/a.json": b"0" * 30 * 1024 * 1024, "vocab/x.json": b""})


def with_link() -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        link = zipfile.ZipInfo("exercises/a.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return into.getvalue()


def twice() -> bytes:
    """The names of two files made one, where the zip says them."""
    return packed({"a.json": "1", "b.json": "2"}).replace(b"b.json", b"a.json")


@pytest.mark.parametrize(
    "made",
    [
        bomb,
        with_link,
        twice,
        lambda: packed({"../exercises/a.json": "{}"}),
        lambda: packed({"/exercises/a.json": "{}"}),
        lambda: packed({"C:\\a.json": "{}"}),
        lambda: packed({f"exercises/{number}": "" for number in range(20_001)}),
        lambda: open_zip()[:-200],
        lambda: open_zip().replace(b"PK\x05\x06", b"PK\x06\x07PK\x05\x06"),
    ],
    ids=["bomb", "link", "twice", "above", "absolute", "drive", "many files", "cut off", "zip64"],
)
def test_a_dangerous_zip_is_refused_whole(made: object) -> None:
    assert refused(made())  # type: ignore[operator]


def test_a_zip_of_a_zip_is_a_foreign_file() -> None:
    assert refused(packed({"inner.zip": open_zip()}))


def test_more_than_sixty_megabytes_are_refused() -> None:
    assert "60" in refused(b"PK\x03\x04" + b"\0" * 60 * 1024 * 1024)
