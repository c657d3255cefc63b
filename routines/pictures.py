"""Pictures that somebody uploads: read within limits and written anew, never stored as sent (reliability.md I2)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

MOST_BYTES = 15 * 1024 * 1024
MOST_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
WIDTHS = (480, 1280)


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

    Only the first frame counts. Raises PictureRefused for what is too large, broken or another kind of file.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise PictureRefused(_("The picture is larger than %(mb)d MB.") % {"mb": MOST_BYTES // (1024 * 1024)})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise PictureRefused(_("The picture has too many pixels."))
                picture.load()
                upright = ImageOps.exif_transpose(picture)
                mode = "RGBA" if upright.has_transparency_data else "RGB"
                whole = upright.convert(mode)
    except PictureRefused:
        raise
    except Exception as error:  # a decoder may fail in any way on a file that was made to break it
        raise PictureRefused(_("This is no picture that can be read: JPEG, PNG or WebP.")) from error
    return [written(whole, width) for width in sorted(widths)]


def written(whole: Image.Image, width: int) -> Written:
    small = whole.copy()
    small.thumbnail((width, width * 4), Image.Resampling.LANCZOS)
    into = BytesIO()
    small.save(into, "WEBP", quality=82, method=4)
    return Written(small.width, small.height, into.getvalue())
