"""What must not stand in a log: the token of a link is a key to somebody's account (reliability.md A6)."""

from __future__ import annotations

import logging
import re
from typing import Any

# Every part of a path that is long enough to be a token; a long word lost with them costs little
TOKENS = re.compile(r"(?<=/)[\w-]{20,}(?=$|[/\s?\"'])", re.ASCII)


class HideTokens(logging.Filter):
    """Puts dots where a token stood: Django logs the whole path of a request that went wrong."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(hide(arg) for arg in record.args)
        return True


def hide(value: Any) -> Any:
    return TOKENS.sub("…", value) if isinstance(value, str) else value
