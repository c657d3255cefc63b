"""What somebody hands over, a folder, a zip or one file, opened within limits and refused whole beyond them."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

MB = 1024 * 1024
MOST_BYTES = 60 * MB
MOST_UNPACKED = 200 * MB
MOST_FILES = 20_000
MOST_ROWS = 20_000
MOST_RATIO = 200
MOST_OF_A_TEXT_FILE = 20 * MB
MOST_MARKS = 1_000_000  # brackets and commas: what a JSON file may hold of values
MOST_DEPTH = 20
DIRECTORY_OF_A_FILE = 256  # bytes that a zip's list of contents may take for each file

NOT_DATA = ("__MACOSX/", ".git/")


class Refused(ValueError):
    """The whole file cannot be taken; the text says why. Nothing of it was written."""


@dataclass(frozen=True)
class Bundle:
    """Files by their path. Nothing is read before it is asked for."""

    readers: dict[str, Callable[[int], bytes]] = field(default_factory=dict)

    @property
    def paths(self) -> list[str]:
        return sorted(self.readers)

    def named(self, ending: str) -> list[str]:
        """Paths that end like this, as `exercises/muscles.json`, wherever the folder begins."""
        return [path for path in self.paths if path == ending or path.endswith(f"/{ending}")]

    def read(self, path: str, most: int = MOST_OF_A_TEXT_FILE) -> bytes:
        content = self.readers[path](most + 1)
        if len(content) > most:
            raise Refused(_("“%(file)s” is larger than %(mb)d MB.") % {"file": path, "mb": most // MB})
        return content


def opened(path: Path) -> Bundle:
    """A folder, a zip or a single file on disk."""
    if path.is_dir():
        return folder(path)
    try:
        with path.open("rb") as file:
            return uploaded(file, path.name)
    except OSError as error:
        raise Refused(_("“%(file)s” cannot be read.") % {"file": path.name}) from error


def folder(path: Path) -> Bundle:
    """What lies in the folder; links are not followed out of it."""
    readers: dict[str, Callable[[int], bytes]] = {}
    for found in sorted(path.rglob("*")):
        name = found.relative_to(path).as_posix()
        if found.is_symlink() or not found.is_file() or f"{name}/".startswith(NOT_DATA):
            continue
        readers[name] = beginning_of(found)
        if len(readers) > MOST_FILES:
            raise Refused(_("There are more than %(most)d files in it.") % {"most": MOST_FILES})
    return Bundle(readers)


def beginning_of(path: Path) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        with path.open("rb") as file:
            return file.read(most)

    return read


def uploaded(file: BinaryIO, name: str) -> Bundle:
    """The content of an uploaded file: a zip by what it holds, anything else by its name."""
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than %(mb)d MB.") % {"mb": MOST_BYTES // MB})
    if not content.strip():
        raise Refused(_("The file is empty."))
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return unpacked(content)
    return Bundle({PurePosixPath(name).name or "file": lambda most: content[:most]})


def unpacked(content: bytes) -> Bundle:
    """The files of a zip, none of which is written to disk."""
    look_at_directory(content)
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        entries = archive.infolist()
    except Exception as error:  # a zip that was made to break its reader may do so in any way
        raise Refused(_("This is no zip that can be read.")) from error
    if len(entries) > MOST_FILES:
        raise Refused(_("There are more than %(most)d files in it.") % {"most": MOST_FILES})
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Refused(_("Unpacked it is larger than %(mb)d MB.") % {"mb": MOST_UNPACKED // MB})
    readers: dict[str, Callable[[int], bytes]] = {}
    for entry in entries:
        look_at_entry(entry, readers)
        if not entry.is_dir() and not entry.filename.startswith(NOT_DATA):
            readers[entry.filename] = entry_of(archive, entry)
    return Bundle(readers)


def look_at_directory(content: bytes) -> None:
    """Its list of contents is read whole by whoever opens a zip, so its length is looked at before."""
    tail = content[-(65_535 + 22 + 20) :]
    if b"PK\x06\x07" in tail:
        raise Refused(_("This is no zip that can be read."))
    at = tail.find(b"PK\x05\x06")
    while at != -1:
        if int.from_bytes(tail[at + 12 : at + 16], "little") > MOST_FILES * DIRECTORY_OF_A_FILE:
            raise Refused(_("There are more than %(most)d files in it.") % {"most": MOST_FILES})
        at = tail.find(b"PK\x05\x06", at + 1)


def look_at_entry(entry: zipfile.ZipInfo, before: Iterable[str]) -> None:
    name, mode = entry.filename, entry.external_attr >> 16
    if (
        name.startswith("/")
        or "\\" in name
        or "\0" in name
        or ":" in name.split("/")[0]
        or ".." in name.split("/")
    ):
        raise Refused(_("A path in it leads out of its folder."))
    if stat.S_ISLNK(mode) or (mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR)):
        raise Refused(_("There is a link in it instead of a file."))
    if entry.flag_bits & 0x1:
        raise Refused(_("It is locked with a password."))
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(_("This is no zip that can be read."))
    if entry.file_size > MB and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
        raise Refused(_("“%(file)s” unpacks to far more than was sent.") % {"file": name})
    if name in before:
        raise Refused(_("“%(file)s” is in it twice.") % {"file": name})


def entry_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        try:
            with archive.open(entry) as file:
                return file.read(most)
        except Exception as error:  # as above
            raise Refused(_("“%(file)s” in the zip is damaged.") % {"file": entry.filename}) from error

    return read


# ---- JSON ----


class Marks:
    """How much of MOST_MARKS the files of one collection have used."""

    def __init__(self) -> None:
        self.left = MOST_MARKS

    def count(self, content: bytes) -> None:
        self.left -= content.count(b"[") + content.count(b"{") + content.count(b",")
        if self.left < 0:
            raise Refused(_("There is more in it than an exercise collection can hold."))


def parsed(content: bytes, name: str, marks: Marks) -> Any:
    """The JSON of a file: no key twice, no number without end, no half of a character, not deep."""
    marks.count(content)
    try:
        data = json.loads(content.decode("utf-8-sig"), object_pairs_hook=once, parse_constant=no_number)
    except RecursionError as error:
        raise Refused(_("“%(file)s” is nested too deep.") % {"file": name}) from error
    except KeyTwice as error:
        raise Refused(_("“%(file)s” names “%(key)s” twice.") % {"file": name, "key": error}) from error
    except (ValueError, UnicodeDecodeError) as error:
        raise Refused(_("“%(file)s” is no JSON that can be read.") % {"file": name}) from error
    look_into(data, name)
    return data


class KeyTwice(Exception):
    """A key stands twice in one object, so that one of the values would be lost."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        raise KeyTwice(next(key for key, _value in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return found


def no_number(_word: str) -> Any:
    raise ValueError("not a number")


def look_into(data: Any, name: str) -> None:
    """Goes down level by level, without recursion."""
    level: list[Any] = [data]
    for _depth in range(MOST_DEPTH):
        if not level:
            return
        level = [inner for value in level for inner in within(value, name)]
    if level:
        raise Refused(_("“%(file)s” is nested too deep.") % {"file": name})


def within(value: Any, name: str) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        yield from value.values()
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, str) and not is_text(value):
        raise Refused(_("“%(file)s” holds characters that no text may hold.") % {"file": name})


def is_text(value: str) -> bool:
    """Whether every database takes it: no NUL, no half of a character."""
    return (
        "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
        if not value.isascii()
        else "\0" not in value
    )
