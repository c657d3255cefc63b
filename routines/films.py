"""Films that somebody uploads: decoded within limits and encoded anew, small and silent, never kept as sent (reliability.md I2).

    python -m routines.films SOURCE FOLDER

runs in a process of its own, since a file that was made to break a decoder may break its process: `write_film` starts
it, bounds its time and memory, and reads what it says.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from routines.pictures import written

MOST_BYTES = 80 * 1024 * 1024
MOST_SECONDS = 60
SPARE = 0.5  # seconds: an editor's minute is a frame or two longer
MOST_PIXELS = 4096 * 2304
MOST_STREAMS = 8
MOST_FRAMES = MOST_SECONDS * 240
CODECS = frozenset({"h264", "hevc", "vp8", "vp9", "av1", "mpeg4"})
SIDE, RATE = 640, 24
LONGEST_WORK = 60  # seconds of the decoder, then the process is stopped
MOST_MEMORY = 2 * 1024**3
FILM, POSTER = "film.mp4", "poster.webp"


class FilmRefused(ValueError):
    """The file is no film that can be taken; `code` is one of media.REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class WrittenFilm:
    width: int
    height: int
    seconds: int
    size: int


def container_of(head: bytes) -> str:
    """Which demuxer may read a file that begins so; FFmpeg's own guess would take playlists. Raises FilmRefused."""
    if head[4:8] == b"ftyp":
        return "mov"  # and MP4
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"  # WebM
    raise FilmRefused("unreadable")


def write_film(source: Path, folder: Path) -> WrittenFilm:
    """Writes film and poster into the folder. Raises FilmRefused."""
    command = [sys.executable, "-m", "routines.films", str(source), str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 -- our own module, and paths that we made
            command,
            cwd=Path(__file__).resolve().parent.parent,
            capture_output=True,
            timeout=LONGEST_WORK + 15,
            check=False,
            text=True,
        )
        said = json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise FilmRefused("slow") from error
    except ValueError as error:  # it ended without a word
        raise FilmRefused("unreadable") from error
    if "refused" in said:
        raise FilmRefused(said["refused"])
    return WrittenFilm(**said)


# ---- In the other process ----------------------------------------------------------------------------------------------


def encode(source: Path, folder: Path) -> WrittenFilm:
    """Raises FilmRefused for what lies beyond the limits or cannot be read."""
    try:
        with source.open("rb") as file:
            container = container_of(file.read(16))
            file.seek(0)
            with av.open(
                file, "r", format=container, io_open=nothing_else, metadata_errors="replace"
            ) as film:
                stream = checked(film)
                turned = Turned()
                frames = (turned.upright(frame) for frame in bounded(film, stream))
                width, height, last = encode_frames(frames, folder)
    except FilmRefused:
        raise
    except Exception as error:  # a decoder may fail in any way on a file that was made to break it
        raise FilmRefused("unreadable") from error
    for name in (FILM, POSTER):
        with (folder / name).open("rb") as kept:
            os.fsync(kept.fileno())
    return WrittenFilm(width, height, max(1, round(last / RATE)), (folder / FILM).stat().st_size)


def nothing_else(*args: Any) -> Any:
    """A film may name other files, on this machine or elsewhere: none is opened."""
    raise FilmRefused("unreadable")


def checked(film: InputContainer) -> VideoStream:
    """The film's picture, when all that is known before decoding lies within the limits."""
    if len(film.streams) > MOST_STREAMS or not film.streams.video:
        raise FilmRefused("unreadable")
    stream = film.streams.video[0]
    context = stream.codec_context
    if context.name not in CODECS or context.width < 1 or context.height < 1:
        raise FilmRefused("unreadable")
    if context.width * context.height > MOST_PIXELS:
        raise FilmRefused("large")
    if film.duration and film.duration / av.time_base > MOST_SECONDS + SPARE:
        raise FilmRefused("long")
    stream.thread_type = "AUTO"
    context.thread_count = 2
    return stream


def bounded(film: InputContainer, stream: VideoStream) -> Iterator[tuple[int, VideoFrame]]:
    """Frames with their places at the rate that is written, at most one for each place."""
    began, last = time.monotonic(), -1
    first: float | None = None
    for number, frame in enumerate(film.decode(stream)):
        if number > MOST_FRAMES or time.monotonic() - began > LONGEST_WORK:
            raise FilmRefused("slow")
        if frame.width * frame.height > MOST_PIXELS:
            raise FilmRefused("large")
        if frame.pts is None:
            continue
        first = frame.time if first is None else first
        if frame.time - first > MOST_SECONDS + SPARE:
            raise FilmRefused("long")
        place = int((frame.time - first) * RATE + 0.01)
        if place > last:
            last = place
            yield place, frame


class Turned:
    """Makes frames small and turns them as the camera was held."""

    def __init__(self) -> None:
        self.graph: Graph | None = None

    def upright(self, placed: tuple[int, VideoFrame]) -> tuple[int, VideoFrame]:
        place, frame = placed
        share = min(1.0, SIDE / max(frame.width, frame.height))
        width, height = (max(2, round(side * share / 2) * 2) for side in (frame.width, frame.height))
        turn = frame.rotation % 360  # against the clock
        small = frame.reformat(width, height, "yuv420p")
        if turn not in (90, 180, 270):
            return place, small
        if self.graph is None:
            self.graph = graph_for(small, turn)
        small.pts, small.time_base = place, Fraction(1, RATE)
        self.graph.vpush(small)
        return place, self.graph.vpull()


def graph_for(frame: VideoFrame, turn: int) -> Graph:
    graph = Graph()
    begin = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, RATE)
    )
    turns = {90: ["cclock"], 180: ["clock", "clock"], 270: ["clock"]}[turn]
    graph.link_nodes(begin, *(graph.add("transpose", each) for each in turns), graph.add("buffersink"))
    graph.configure()
    return graph


def encode_frames(frames: Iterator[tuple[int, VideoFrame]], folder: Path) -> tuple[int, int, int]:
    """Width, height and the place of the last frame of what was written."""
    out: VideoStream | None = None
    last = 0
    poster: Image.Image | None = None
    with av.open(str(folder / FILM), "w", format="mp4", options={"movflags": "+faststart"}) as film:
        for place, picture in frames:
            if out is None:
                out = film.add_stream("libx264", rate=RATE)
                out.width, out.height, out.pix_fmt = picture.width, picture.height, "yuv420p"
                out.time_base = out.codec_context.time_base = Fraction(1, RATE)
                out.options = {"preset": "veryfast", "crf": "25", "profile": "main", "threads": "2"}
            if poster is None or place <= RATE:  # what stands still shows the first second's end
                poster = picture.to_image()
            frame = picture.reformat(out.width, out.height, "yuv420p")
            frame.pts, frame.time_base, frame.pict_type = place, Fraction(1, RATE), 0
            film.mux(out.encode(frame))
            last = place
        if out is None or poster is None:
            raise FilmRefused("unreadable")
        film.mux(out.encode(None))
    (folder / POSTER).write_bytes(written(poster, SIDE).content)
    return out.width, out.height, last + 1


def main(source: Path, folder: Path) -> dict[str, Any]:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    av.logging.set_level(None)
    try:
        return vars(encode(source, folder))
    except FilmRefused as error:
        return {"refused": error.code}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))  # noqa: T201 -- to the process that started it
