"""Pictures that somebody uploads: read within limits and written anew, never stored as sent (reliability.md I2)."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

MOST_BYTES = 15 * 1024 * 1024
# What a decoder needs less than 200 MB for: a PNG comes whole and with transparency, a WebP in four copies
MOST_PIXELS = {"JPEG": 40_000_000, "PNG": 24_000_000, "WEBP": 12_000_000}
MOST_OF_A_PROFILE = 64 * 1024  # bytes; those of cameras and phones have less than 4,000
FORMATS = tuple(MOST_PIXELS)
WIDTHS = (480, 1280)
STRIP = 256  # rows

one_at_a_time = threading.Lock()


class PictureRefused(ValueError):
    """The file is no picture that can be taken; the text says why."""


@dataclass(frozen=True)
class Written:
    """A picture as WebP, at most so wide, without anything that the camera noted."""

    width: int
    height: int
    content: bytes


def write_anew(file: BinaryIO, widths: Sequence[int] = WIDTHS) -> list[Written]:
    """The picture in each of these widths, smallest first; a smaller original is not made larger.

    Only the first frame counts, and the name of the file does not. Raises PictureRefused for what is too large, broken
    or another kind of file: by its size before it is read, by its measures before it is decoded.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PictureRefused(_("The picture is larger than %(mb)d MB.") % {"mb": MOST_BYTES // (1024 * 1024)})
    try:
        with one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is stricter
            with Image.open(BytesIO(content), formats=FORMATS) as picture:
                check_pixels(picture)
                upright = decoded(picture, max(widths) * 2)
    except (PictureRefused, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise PictureRefused(_("The picture has too many pixels.")) from error
    except Exception as error:  # a decoder may fail in any way on a file that was made to break it
        raise PictureRefused(_("This is no picture that can be read: JPEG, PNG or WebP.")) from error
    return [written(upright, width) for width in sorted(widths)]


def check_pixels(picture: Image.Image) -> None:
    most = MOST_PIXELS[picture.format or ""]
    if picture.width * picture.height > most:
        raise PictureRefused(
            _("The picture has more than %(million)d million pixels.") % {"million": most // 1_000_000}
        )


def decoded(picture: Image.Image, side: int) -> Image.Image:
    """Upright, in plain colours, with about so many pixels on its longer side."""
    share = side / max(picture.size)
    # A JPEG is decoded at a fraction of its size where that is enough
    picture.draft("RGB", (round(picture.width * share), round(picture.height * share)))
    picture.load()
    small = reduced(picture, max(picture.size) // side)
    if small.mode.startswith("I"):  # 16 bits of grey: the upper half of them
        small = small.point(lambda value: value / 256).convert("L")
    small.info = picture.info
    small.getexif().update(picture.getexif())
    upright = ImageOps.exif_transpose(small)
    whole = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    profile = picture.info.get("icc_profile") or b""
    return in_plain_colours(whole, profile) if upright.mode in ("RGB", "RGBA") else whole


def reduced(picture: Image.Image, factor: int) -> Image.Image:
    """Each square of so many pixels becomes one; in strips, so that there is never a second large copy."""
    if factor < 2 or picture.mode in ("1", "P") or picture.mode.startswith("I"):
        return picture
    into = Image.new(picture.mode, (-(-picture.width // factor), -(-picture.height // factor)))
    rows = STRIP * factor
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        into.paste(strip.reduce(factor), (0, top // factor))
    return into


def in_plain_colours(picture: Image.Image, profile: bytes) -> Image.Image:
    """Phones note wider colours than a screen is asked for; a profile that cannot be read is left out."""
    if not 0 < len(profile) <= MOST_OF_A_PROFILE:
        return picture
    try:
        plain = ImageCms.profileToProfile(
            picture, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        )
    except (ImageCms.PyCMSError, OSError, ValueError):
        return picture
    return plain or picture


def written(whole: Image.Image, width: int) -> Written:
    small = whole.copy()
    small.thumbnail((width, width * 2), Image.Resampling.LANCZOS)
    into = BytesIO()
    # Named, because the encoder would take them over from what was read
    small.save(into, "WEBP", quality=82, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return Written(small.width, small.height, into.getvalue())
