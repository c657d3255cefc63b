"""Exercises and programs that come from elsewhere and go elsewhere: read, compared, brought in, handed out."""

from routines.exchange.bringing import bring, look
from routines.exchange.files import Bundle, Refused, opened, uploaded
from routines.exchange.incoming import Collection
from routines.exchange.known import known
from routines.exchange.reading import read
from routines.exchange.report import Report

__all__ = [
    "Bundle",
    "Collection",
    "Refused",
    "Report",
    "bring",
    "known",
    "look",
    "opened",
    "read",
    "uploaded",
]
