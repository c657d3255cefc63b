from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from clients.practice import this_practice


def practice(request: HttpRequest) -> dict[str, Any]:
    """`practice` for every page: name, phone, emergency number."""
    return {
        "practice": getattr(request, "practice", None) or this_practice(),
        "person": getattr(request, "person", None),
    }
