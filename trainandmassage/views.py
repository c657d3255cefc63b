"""The health page, and what people see when a page fails."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients.models import Delivery, ReminderSchedule

log = logging.getLogger(__name__)

LATE = timedelta(minutes=5)  # reliability.md 3b, step 7


@login_not_required
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """For machines: does the database answer, and does a letter wait longer than five minutes? 503 when ill.

    A reminder that nobody has planned yet waits too: with worker or beat dead there is no letter to be late.
    """
    try:
        waiting = oldest_due(timezone.now())
    except Error:
        log.exception("The health page cannot reach the database.")
        return JsonResponse({"database": "down"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    late = waiting > LATE
    return JsonResponse(
        {
            "database": connection.vendor,
            "oldest_due_letter_seconds": int(waiting.total_seconds()),
            "letters": "late" if late else "on time",
        },
        status=HTTPStatus.SERVICE_UNAVAILABLE if late else HTTPStatus.OK,
    )


def oldest_due(now: datetime) -> timedelta:
    """For how long the oldest letter that is due, planned or not, has been waiting; nothing waiting: no time."""
    letters = Delivery.objects.live().filter(due_at__lte=now).aggregate(oldest=Min("due_at"))
    schedules = ReminderSchedule.objects.filter(active=True, next_due_at__lte=now)
    unplanned = schedules.aggregate(oldest=Min("next_due_at"))
    return max(
        (now - each["oldest"] for each in (letters, unplanned) if each["oldest"]), default=timedelta(0)
    )


# ---- Error pages -------------------------------------------------------------------------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.bad_request(request, exception, template_name="400.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.permission_denied(request, exception, template_name="403.html")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return defaults.page_not_found(request, exception, template_name="404.html")


def server_error(request: HttpRequest, *args: Any) -> HttpResponse:
    """Drawn without the request: whatever failed may fail again in a context processor."""
    return HttpResponseServerError(render_to_string("500.html"))
