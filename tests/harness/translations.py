"""Compiled translations are committed, since a bare machine has no msgfmt; this compiles them and compares.

python -m tests.harness.translations           fails, naming them, when a .mo does not say what its .po says
python -m tests.harness.translations --write   compiles those
"""

import sys
from collections import Counter
from pathlib import Path

import polib

from practice import ROOT


def says(catalogue: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], object]:
    """What a catalogue translates to what. Comments, the order and what is untranslated or uncertain do not count."""
    plural_forms = catalogue.metadata.get("Plural-Forms")
    entries: dict[tuple[str | None, str], object] = {(None, ""): plural_forms}
    for entry in catalogue.translated_entries():
        entries[entry.msgctxt or None, entry.msgid] = (entry.msgid_plural, entry.msgstr, entry.msgstr_plural)
    return entries


def twice(source: Path) -> list[str]:
    """Messages that a .po holds more than once: msgfmt refuses it, and which one counts is chance."""
    counted = Counter((entry.msgctxt or None, entry.msgid) for entry in polib.pofile(str(source)))
    return [message for (_context, message), number in counted.items() if number > 1]


def outdated(locale: Path) -> list[Path]:
    """The .po files below that folder whose .mo is missing or says something else."""
    sources = sorted(locale.rglob("*.po"))
    return [path for path in sources if not is_compiled(path)]


def is_compiled(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return compiled.exists() and says(polib.mofile(str(compiled))) == says(polib.pofile(str(source)))


def main(write: bool) -> int:
    stale = outdated(ROOT / "locale")
    for path in stale:
        name = path.relative_to(ROOT)
        if write:
            polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
            print(f"{name} compiled")
        else:
            print(f"{name} is not compiled: python3 practice.py fmt")
    return 1 if stale and not write else 0


if __name__ == "__main__":
    sys.exit(main("--write" in sys.argv[1:]))
