"""The method, told honestly, for everybody who is signed in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def why_release_first(request: HttpRequest) -> HttpResponse:
    return render(request, "clients/why_release_first.html")
