"""What must not stand in a log: the token of a link is a key to somebody's account, the words of an error may be health
data (reliability.md A6, P5)."""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType
from typing import Any

# Every part of a path that is long enough to be a token; a long word lost with them costs little
TOKENS = re.compile(r"(?<=/)[\w-]{20,}(?=$|[/\s?\"'])", re.ASCII)


class HideTokens(logging.Filter):
    """Puts dots where a token stood, as Django logs the whole path of a request that went wrong; and the class of an error
    where its words were to stand, as Django tells what failed after a commit."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = hide(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(hide(arg) for arg in record.args)
        return True


class WordlessErrors(logging.Formatter):
    """Tells where an error arose and of which class it is, never its words: a database repeats in them the row it refused."""

    def formatException(  # noqa: N802 -- named by logging
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        error, told, seen = ei[1], [], set()
        while error is not None and id(error) not in seen:  # two errors may be each other's cause
            seen.add(id(error))
            told.append(f"{''.join(traceback.format_tb(error.__traceback__))}{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n\n".join(reversed(told))


def hide(value: Any) -> Any:
    if isinstance(value, BaseException):
        return type(value).__qualname__
    return TOKENS.sub("…", value) if isinstance(value, str) else value
