"""What somebody may send instead of a picture: nothing of it is kept as it was sent, and nothing breaks."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from routines.pictures import MOST_BYTES, PictureRefused, write_anew

SECRET = b"<script>alert(1)</script>"
GPS = 34853
MAKE, ORIENTATION = 271, 274


def saved(image: Image.Image, kind: str, **how: object) -> bytes:
    into = BytesIO()
    image.save(into, kind, **how)
    return into.getvalue()


def plain(kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (60, 40)) -> bytes:
    return saved(Image.new(mode, size), kind)


def zipped(name: str, content: bytes) -> bytes:
    into = BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return into.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_header(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG that says that it is so large; nothing of that size is in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(data))
        + chunk(b"IEND", b"")
    )


def jpeg_header(width: int, height: int) -> bytes:
    sent = bytearray(saved(Image.new("RGB", (8, 8)), "JPEG"))
    at = sent.index(b"\xff\xc0") + 5
    sent[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(sent)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (60, 40), colour) for colour in ("red", "lime", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def photographed() -> bytes:
    """As a phone sends it: on its side, with the place and the maker, and a comment."""
    image = Image.new("RGB", (60, 40), "white")
    image.paste("black", (0, 0, 30, 40))
    noted = Image.Exif()
    noted[MAKE], noted[ORIENTATION] = "MAKER-CANARY", 6
    noted.get_ifd(GPS)[2] = (52.0, 31.0, 12.0)
    return saved(image, "JPEG", exif=noted, comment="COMMENT-CANARY")


REFUSED: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"Hello",
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": lambda: b"<!doctype html><html><body>" + SECRET,
    "gif": lambda: plain("GIF"),
    "gif with a script": lambda: plain("GIF").replace(b"GIF89a", b"GIF89a/*", 1) + b"*/" + SECRET,
    "bmp": lambda: plain("BMP"),
    "tiff": lambda: plain("TIFF"),
    "icon": lambda: plain("ICO"),
    "postscript": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file",
    "pdf": lambda: plain("PDF"),
    "archive": lambda: zipped("a.png", plain()),
    "archive that grows": lambda: zipped("a", b"0" * 20_000_000),
    "playlist": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "30,000 x 30,000 PNG": lambda: png_header(30_000, 30_000),
    "one row of 2,000,000,000": lambda: png_header(2_000_000_000, 1),
    "nothing wide": lambda: png_header(0, 40),
    "60,000 x 60,000 JPEG": lambda: jpeg_header(60_000, 60_000),
    "25 million pixels": lambda: png_header(5_000, 5_000),
    "header alone": lambda: plain()[:33],
    "half a JPEG": lambda: saved(Image.effect_noise((200, 200), 90).convert("RGB"), "JPEG")[:9_000],
    "half a PNG": lambda: saved(Image.effect_noise((200, 200), 90).convert("RGB"), "PNG")[:20_000],
    "half a WebP": lambda: saved(Image.effect_noise((200, 200), 90).convert("RGB"), "WEBP")[:2_000],
    "PNG of another size than it says": lambda: png_header(60, 40, b"\0" * 10),
    "too many bytes": lambda: plain() + b"\0" * MOST_BYTES,
    "text that grows": lambda: b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + chunk(b"zTXt", b"a\0\0" + zlib.compress(b"0" * 80_000_000)),
    "HEIC": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100,
    "NULs": lambda: b"\0" * 10_000,
}  # fmt: skip

TAKEN: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: plain("JPEG"),
    "WebP": lambda: plain("WEBP"),
    "PNG": plain,
    "PNG with a page behind it": lambda: plain() + b"<html>" + SECRET,
    "JPEG with an archive behind it": lambda: plain("JPEG") + zipped("a.html", SECRET),
    "PNG with a text": lambda: plain()[:33] + chunk(b"tEXt", b"Comment\0" + SECRET) + plain()[33:],
    "CMYK": lambda: plain("JPEG", "CMYK"),
    "grey": lambda: plain("JPEG", "L"),
    "palette": lambda: plain("PNG", "P"),
    "two colours": lambda: plain("PNG", "1"),
    "16 bits": lambda: plain("PNG", "I;16"),
    "transparent": lambda: plain("PNG", "RGBA"),
    "grey and transparent": lambda: plain("PNG", "LA"),
    "moving PNG": lambda: animated("PNG"),
    "moving WebP": lambda: animated("WEBP"),
    "one pixel": lambda: plain("PNG", "RGB", (1, 1)),
    "a line": lambda: plain("PNG", "RGB", (20_000, 1)),
    "a column": lambda: plain("PNG", "RGB", (1, 20_000)),
    "progressive": lambda: saved(Image.new("RGB", (60, 40)), "JPEG", progressive=True),
    "profile that is none": lambda: saved(Image.new("RGB", (60, 40)), "PNG", icc_profile=SECRET * 10),
    "from a phone": photographed,
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_a_sentence(name: str) -> None:
    with pytest.raises(PictureRefused) as refused:
        write_anew(BytesIO(REFUSED[name]()))

    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("name", TAKEN)
def test_nothing_is_kept_as_it_was_sent(name: str) -> None:
    sent = TAKEN[name]()

    for each in write_anew(BytesIO(sent)):
        assert each.content not in sent
        assert not any(canary in each.content for canary in (SECRET, b"CANARY", b"alert", b"PK\x03\x04"))
        with Image.open(BytesIO(each.content)) as kept:
            assert (kept.format, kept.size) == ("WEBP", (each.width, each.height))
            assert not kept.getexif()
            assert not {"icc_profile", "xmp", "exif", "comment"} & kept.info.keys()
            assert getattr(kept, "n_frames", 1) == 1


def test_a_picture_stands_upright_and_forgets_where_it_was_taken() -> None:
    small, _large = write_anew(BytesIO(photographed()))

    assert (small.width, small.height) == (40, 60)
    with Image.open(BytesIO(small.content)) as kept:
        top, bottom = kept.convert("L").getpixel((20, 5)), kept.convert("L").getpixel((20, 55))
    assert top < 60 < 200 < bottom


def test_16_bits_of_grey_keep_their_lights_and_shadows() -> None:
    row = struct.pack("<60H", *[5_000] * 30, *[60_000] * 30)
    image = Image.frombytes("I;16", (60, 40), row * 40)

    small, _large = write_anew(BytesIO(saved(image, "PNG")))

    with Image.open(BytesIO(small.content)) as kept:
        dark, light = kept.convert("L").getpixel((10, 20)), kept.convert("L").getpixel((50, 20))
    assert abs(dark - 19) < 8
    assert abs(light - 234) < 8


def test_a_large_picture_is_made_small_and_a_small_one_is_not_made_large() -> None:
    large = write_anew(BytesIO(saved(Image.new("RGB", (4_000, 3_000), "teal"), "JPEG")))
    small = write_anew(BytesIO(plain()))

    assert [(each.width, each.height) for each in large] == [(480, 360), (1280, 960)]
    assert [(each.width, each.height) for each in small] == [(60, 40), (60, 40)]


def test_the_first_frame_of_a_moving_picture_is_kept() -> None:
    small, _large = write_anew(BytesIO(animated("WEBP")))

    with Image.open(BytesIO(small.content)) as kept:
        red, green, _blue = kept.convert("RGB").getpixel((30, 20))
    assert red > 200 > 60 > green
