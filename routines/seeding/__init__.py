"""The shipped catalogue: read from its file, checked whole, brought into the database without losing an edit."""

from routines.seeding.reading import DEFAULT_PATH, CatalogueError, load, validate
from routines.seeding.sowing import SeedReport, content_of, is_edited, seed

__all__ = [
    "DEFAULT_PATH",
    "CatalogueError",
    "SeedReport",
    "content_of",
    "is_edited",
    "load",
    "seed",
    "validate",
]
