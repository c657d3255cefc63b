"""What the log of a page that failed says: where, never what anybody wrote."""

import logging
import sys

from django.conf import settings

from trainandmassage.logs import HideTokens, WordlessErrors

WORDS = "Failing row contains (1, Ana Silva, Deep ache in the right buttock)"


def refuse() -> None:
    try:
        raise ValueError(WORDS)
    except ValueError as error:
        raise LookupError(WORDS) from error


def told() -> str:
    try:
        refuse()
    except LookupError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "A page failed", None, sys.exc_info())
    return WordlessErrors().format(record)


def test_log_says_where_and_of_which_class_but_not_the_words():
    assert "Ana Silva" not in told()
    assert "test_logs.py" in told()
    assert "in refuse" in told()


def test_log_names_the_cause_before_what_came_of_it():
    lines = told().splitlines()

    assert lines.index("ValueError") < lines.index("LookupError")


def test_log_ends_where_two_errors_are_each_others_cause():
    first, second = ValueError(WORDS), LookupError(WORDS)
    first.__cause__, second.__cause__ = second, first

    told = WordlessErrors().formatException((ValueError, first, None))

    assert told.split() == ["LookupError", "ValueError"]


def test_every_line_of_a_practice_is_written_so():
    handler = settings.LOGGING["handlers"]["console"]

    assert settings.LOGGING["formatters"][handler["formatter"]]["()"] == "trainandmassage.logs.WordlessErrors"


def test_what_failed_after_a_commit_is_told_without_its_words():
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, "Error calling look (%s).", (ValueError(WORDS),), None
    )

    HideTokens().filter(record)

    assert record.getMessage() == "Error calling look (ValueError)."
