"""Any list of the workplace as a CSV file, safe to open in a spreadsheet (reliability.md I4)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

MOST_ROWS = 20_000
AT_ONCE = 500
TAG = re.compile(r"<[^>]*>")
FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "|",
    "%",
)  # what a spreadsheet takes for the beginning of a formula


def safe(value: object) -> str:
    """The value as a cell that no spreadsheet calculates: an apostrophe before words that look like a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float | Decimal):
        return text
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text


def moment(at: datetime | None) -> str:
    """The local day and time as every spreadsheet sorts it; empty where there is none."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def csv_of(name: str, lines: Iterable[Iterable[object]]) -> HttpResponse:
    """The lines as a download, with a mark that tells a spreadsheet the encoding."""
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    csv.writer(answer).writerows([safe(cell) for cell in line] for line in lines)
    return answer


def plain(value: object) -> str:
    """In one line; markup of ours becomes spaces, what somebody typed stays as it is."""
    text = unescape(TAG.sub(" ", value)) if isinstance(value, SafeString) else str(value)
    return " ".join(text.split())


class CsvList(admin.ModelAdmin):
    """A list that can be taken along as it is filtered, searched and sorted, by whoever may read it."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_csv"
        return [path("csv/", self.admin_site.admin_view(self.csv_view), name=name), *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        rows = super().get_changelist_instance(request)
        self.complete(request, rows.result_list)
        return rows

    def csv_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        back = reverse(f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            rows = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            return redirect(back)
        if rows.result_count > MOST_ROWS:
            messages.error(
                request,
                _("This list has more than %(number)d rows. Filter it first.") % {"number": MOST_ROWS},
            )
            return redirect(f"{back}?{request.GET.urlencode()}" if request.GET else back)
        return csv_of(self.opts.model_name or "list", self.lines_of(request, rows))

    def lines_of(self, request: HttpRequest, rows: ChangeList) -> Iterator[list[object]]:
        columns = [name for name in rows.list_display if name != "action_checkbox"]
        yield [capfirst(str(label_for_field(name, self.model, self))) for name in columns]
        rows.list_per_page = AT_ONCE
        for number in range(1, -(-rows.result_count // AT_ONCE) + 1):
            rows.page_num = number
            rows.get_results(request)
            page = list(rows.result_list)
            self.complete(request, page)
            for row in page:
                yield [self.cell(row, name) for name in columns]

    def complete(self, request: HttpRequest, rows: Sequence[Any]) -> None:
        """Adds to the rows of one page what their columns read and the query did not bring."""

    def cell(self, row: Any, name: Any) -> str:
        """The column as the list shows it, without its markup."""
        field, _attribute, value = lookup_field(name, row, self)
        if isinstance(value, bool):
            return str(_("yes") if value else _("no"))
        if field is not None and not field.is_relation:
            value = dict(field.flatchoices).get(value, value)
        return "" if value is None else plain(value)
