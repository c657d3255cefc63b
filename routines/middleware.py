"""What the catalogue answers before anybody asks who wants it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

GetResponse = Callable[[HttpRequest], HttpResponse]


class FigureMiddleware:
    """Answers with a figure without a session: the file depends on no cookie, so that a browser may really keep it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/figures/"):
            try:
                match = resolve(request.path_info)
                if match.url_name == "figure":
                    return match.func(request, *match.args, **match.kwargs)
            except (Resolver404, Http404):
                pass  # the page that says so is drawn for somebody
        return self.get_response(request)
