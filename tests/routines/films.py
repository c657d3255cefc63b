"""Films for tests, made when they are asked for."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
from PIL import Image


def film(
    *,
    kind: str = "mp4",
    codec: str = "libx264",
    size: tuple[int, int] = (64, 48),
    rate: int = 12,
    frames: int = 12,
    turned: int = 0,
    sound: bool = False,
    title: str = "",
) -> bytes:
    """A film whose upper half is white."""
    picture = Image.new("RGB", size, "black")
    picture.paste("white", (0, 0, size[0], size[1] // 2))
    into = BytesIO()
    with av.open(into, "w", format=kind) as made:
        if title:
            made.metadata["title"] = title
        stream = made.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.time_base = Fraction(1, rate)
        if turned:
            stream.set_display_rotation(turned)
        voice = made.add_stream("aac", rate=44_100) if sound else None
        for number in range(frames):
            frame = av.VideoFrame.from_image(picture)
            frame.pts, frame.time_base = number, Fraction(1, rate)
            made.mux(stream.encode(frame))
        made.mux(stream.encode(None))
        if voice is not None:
            silence = av.AudioFrame(format="fltp", layout="stereo", samples=1024)
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            silence.rate, silence.pts = 44_100, 0
            made.mux(voice.encode(silence))
            made.mux(voice.encode(None))
    return into.getvalue()


def still(path: Path) -> Image.Image:
    """The first frame of a film."""
    with av.open(str(path)) as kept:
        image: Image.Image = next(kept.decode(video=0)).to_image()
    return image
