"""Pictures and films of exercises: their rows, and the folder where their files lie."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from routines.media import TooManyOfAKind, add_photo, folder_of, root
from routines.models import Exercise, ExerciseMedia

pytestmark = pytest.mark.django_db


def picture(width: int = 60, height: int = 40) -> BytesIO:
    into = BytesIO()
    Image.new("RGB", (width, height), "teal").save(into, "PNG")
    into.seek(0)
    return into


@pytest.fixture
def exercise() -> Exercise:
    return Exercise.objects.get(slug="smr_buttock_ball_wall")


def test_a_picture_is_kept_in_two_sizes_and_named_by_its_exercise(exercise: Exercise) -> None:
    row = add_photo(exercise, picture(2000, 1000))

    names = sorted(path.name for path in folder_of(row.token).iterdir())
    assert names == ["large.webp", "small.webp"]
    assert (row.alt, row.order, row.width, row.height) == (exercise.name, 0, 1280, 640)
    with Image.open(folder_of(row.token) / "small.webp") as small:
        assert (small.format, small.size) == ("WEBP", (480, 240))


def test_a_fifth_picture_is_refused_and_leaves_no_file(exercise: Exercise) -> None:
    for _number in range(4):
        add_photo(exercise, picture())

    with pytest.raises(TooManyOfAKind):
        add_photo(exercise, picture())

    assert ExerciseMedia.objects.count() == len(list(root().glob("??/*"))) == 4
