"""What stands on a page, for tests that read it."""

from __future__ import annotations


def main_of(page: str) -> str:
    """What this page is about, without what stands on every page."""
    return page.partition("<main")[2].partition("</main>")[0]
