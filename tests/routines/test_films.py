"""What somebody may send instead of a film: nothing of it is kept as it was sent, and nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import pytest
from PIL import Image

from routines import films
from routines.films import FILM, POSTER, FilmRefused, encode, write_film
from tests.routines.films import film, still

MATROSKA = b"\x1a\x45\xdf\xa3"


def sent(folder: Path, content: bytes) -> Path:
    path = folder / "sent"
    path.write_bytes(content)
    return path


def test_a_film_becomes_small_silent_and_forgets_its_title(tmp_path: Path) -> None:
    content = film(size=(1280, 720), rate=48, frames=48, sound=True, title="CANARY")

    kept = write_film(sent(tmp_path, content), tmp_path)

    assert (kept.width, kept.height, kept.seconds) == (640, 360, 1)
    with av.open(str(tmp_path / FILM)) as written:
        assert [stream.type for stream in written.streams] == ["video"]
        stream = written.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.frames <= 25
    content = (tmp_path / FILM).read_bytes()
    assert b"CANARY" not in content
    assert content.index(b"moov") < content.index(b"mdat")
    with Image.open(tmp_path / POSTER) as poster:
        assert (poster.format, poster.size) == ("WEBP", (640, 360))


@pytest.mark.parametrize(
    ("kind", "codec"), [("mp4", "libx264"), ("mov", "libx264"), ("webm", "libvpx-vp9"), ("webm", "libvpx")]
)
def test_the_usual_kinds_are_taken(tmp_path: Path, kind: str, codec: str) -> None:
    kept = encode(sent(tmp_path, film(kind=kind, codec=codec)), tmp_path)

    assert (kept.width, kept.height, kept.seconds) == (64, 48, 1)


@pytest.mark.parametrize(("turned", "size"), [(90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_a_film_stands_as_the_camera_was_held(tmp_path: Path, turned: int, size: tuple[int, int]) -> None:
    """Turned against the clock, what was above is on the left, below, on the right."""
    encode(sent(tmp_path, film(turned=turned)), tmp_path)

    picture = still(tmp_path / FILM).convert("L")
    width, height = picture.size
    places = {"left": (4, height // 2), "below": (width // 2, height - 4), "right": (width - 4, height // 2)}
    light = {name for name, place in places.items() if picture.getpixel(place) > 200}
    assert picture.size == size
    assert {90: "left", 180: "below", 270: "right"}[turned] in light


REFUSED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "empty": ("unreadable", lambda: b""),
    "text": ("unreadable", lambda: b"Hello" * 100),
    "playlist": ("unreadable", lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"),
    "list of files": ("unreadable", lambda: b"ffconcat version 1.0\nfile /etc/passwd\n"),
    "page": ("unreadable", lambda: b"<html><script>alert(1)</script>"),
    "AVI": ("unreadable", lambda: film(kind="avi")),
    "MP4 in its beginning only": ("unreadable", lambda: b"\0\0\0\x18ftypmp42" + b"\xff" * 5_000),
    "WebM in its beginning only": ("unreadable", lambda: MATROSKA + b"\xff" * 5_000),
    "without an end": ("unreadable", lambda: film()[:600]),
    "codec that nobody films with": ("unreadable", lambda: film(kind="matroska", codec="ffv1")),
    "more than a minute": ("long", lambda: film(rate=1, frames=62)),
    "larger than 4K": ("large", lambda: film(size=(4_200, 2_400), frames=1)),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_such_film_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    code, make = REFUSED[name]

    with pytest.raises(FilmRefused) as refused:
        encode(sent(tmp_path, make()), tmp_path)

    assert refused.value.code == code


def test_a_film_that_says_nothing_of_its_length_is_stopped_at_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "MOST_SECONDS", 2)
    monkeypatch.setattr(av, "time_base", 10**15)  # whatever a film says is short

    with pytest.raises(FilmRefused, match="long"):
        encode(sent(tmp_path, film(frames=60)), tmp_path)


def test_decoding_is_bounded_by_time_and_number_of_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films, "MOST_FRAMES", 5)

    with pytest.raises(FilmRefused, match="slow"):
        encode(sent(tmp_path, film()), tmp_path)


def test_whatever_a_decoder_raises_is_a_film_that_cannot_be_read(tmp_path: Path) -> None:
    broken = bytearray(film(frames=24))
    start = broken.index(b"moov")
    for place in range(start + 8, len(broken), 37):
        broken[place] ^= 0xFF

    with pytest.raises(FilmRefused):
        write_film(sent(tmp_path, bytes(broken)), tmp_path)


def test_a_process_that_dies_without_a_word_is_a_film_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(films.sys, "executable", "/bin/false")

    with pytest.raises(FilmRefused, match="unreadable"):
        write_film(sent(tmp_path, film()), tmp_path)
