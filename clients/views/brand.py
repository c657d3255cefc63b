"""The practice's colours and logo, for whoever looks at a page: nobody's secret, kept for ever under their own names."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import path, register_converter
from django.views.decorators.http import require_safe

from clients.access import PersonRequest
from clients.branding import brand_digest, logo_file, sheet

FOR_EVER = "public, max-age=31536000, immutable"


class SheetConverter:
    regex = "[0-9a-f]{12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PictureConverter(SheetConverter):
    regex = "[0-9a-f]{32}"


register_converter(SheetConverter, "sheet")
register_converter(PictureConverter, "picture")


@login_not_required
@require_safe
def brand(request: PersonRequest, digest: str) -> HttpResponse:
    """The style sheet of this name. Whoever asks for an earlier one is sent to the one that holds."""
    now = brand_digest(request.practice)
    if not now or not request.practice:
        raise Http404
    if digest != now:
        return redirect("brand", now)
    response = HttpResponse(sheet(request.practice.colours), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = FOR_EVER
    return response


@login_not_required
@require_safe
def logo(request: PersonRequest, name: str) -> HttpResponse:
    picture = logo_file(request.practice, name)
    if picture is None:
        raise Http404
    response = HttpResponse(picture.getvalue(), content_type="image/webp")
    response["Cache-Control"] = FOR_EVER
    return response


brand_urls = [
    path("brand-<sheet:digest>.css", brand, name="brand"),
    path("logo-<picture:name>.webp", logo, name="logo"),
]
