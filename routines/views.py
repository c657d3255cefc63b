"""The figures of the catalogue, for whoever looks: nobody's secret, kept for ever under a name that changes with them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from routines.figures.files import DIGEST, content

FOR_EVER = "public, max-age=31536000, immutable"


@login_not_required
@require_safe
def figure(request: HttpRequest, version: str, name: str, file: str) -> HttpResponse:
    """One file of a figure. Whoever asks for an earlier version is sent to the one that holds."""
    drawing = content(name, file)
    if drawing is None:
        raise Http404
    if version != DIGEST:
        return redirect("figure", DIGEST, name, file)
    response = HttpResponse(drawing, content_type="image/svg+xml")
    response["Cache-Control"] = FOR_EVER
    return response
