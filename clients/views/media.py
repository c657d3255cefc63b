"""Pictures and films of exercises, each behind the same question as the pages that show them (reliability.md A5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from clients.access import lacks_second_factor
from clients.media import file_for
from routines.films import FILM, POSTER
from routines.media import LARGE, SMALL, TYPES, folder_of, root

# A file never changes under its name, and only this person's browser may keep it
KEPT = "private, max-age=31536000, immutable"
FILES = {"photo": (SMALL, LARGE), "film": (FILM, POSTER)}
RANGE = re.compile(r"bytes=(\d{1,12})?-(\d{1,12})?")
CHUNK = 64 * 1024


@require_safe
def exercise_media(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """A file of an exercise that this person sees; 404 for anybody else."""
    row = None if lacks_second_factor(request) else file_for(request.user, token)  # type: ignore[arg-type]
    if row is None or name not in FILES.get(row.kind, ()):
        raise Http404
    path = folder_of(row.token) / name
    if not path.is_file():
        raise Http404
    answer = by_the_proxy(path) if settings.MEDIA_ACCEL else from_here(request, path)
    answer["Content-Type"] = TYPES[name]
    answer["Content-Disposition"] = "inline"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = KEPT
    return answer


def by_the_proxy(path: Path) -> HttpResponse:
    """nginx sends the file from a location that only it may read."""
    answer = HttpResponse()
    answer["X-Accel-Redirect"] = f"{settings.MEDIA_ACCEL}{path.relative_to(root().parent)}"
    return answer


def from_here(request: HttpRequest, path: Path) -> HttpResponseBase:
    """The whole file, or the part that a player asks for."""
    size = path.stat().st_size
    asked = part_of(request.headers.get("Range", ""), size)
    if asked is None:
        answer: HttpResponseBase = FileResponse(path.open("rb"))
    elif asked.start >= size:
        answer = HttpResponse(status=416)
        answer["Content-Range"] = f"bytes */{size}"
    else:
        answer = StreamingHttpResponse(bytes_of(path, asked), status=206)
        answer["Content-Range"] = f"bytes {asked.start}-{asked.stop - 1}/{size}"
        answer["Content-Length"] = str(len(asked))
    answer["Accept-Ranges"] = "bytes"
    return answer


def part_of(header: str, size: int) -> range | None:
    """The bytes that the header asks for, beginning beyond the end where there are none; None for the whole file.

    What is not one plain range is ignored, as the standard allows.
    """
    match = RANGE.fullmatch(header.strip())
    if match is None or match.groups() == (None, None):
        return None
    first, last = match.groups()
    if first is None:
        return range(max(0, size - int(last)), size) if int(last) else range(size, size)
    stop = min(int(last) + 1, size) if last is not None else size
    if last is not None and int(last) < int(first):
        return None
    return range(int(first), max(stop, int(first)))


def bytes_of(path: Path, asked: range) -> Iterator[bytes]:
    left = len(asked)
    with path.open("rb") as file:
        file.seek(asked.start)
        while left and (chunk := file.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk
