"""The catalogue file and its translations: read, and refused whole when anything in them is wrong."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from routines.seeding.consistency import contradictions
from routines.seeding.languages import merge
from routines.seeding.schema import Problems
from routines.seeding.shape import CATALOGUE

DEFAULT_PATH = Path(__file__).resolve().parent.parent / "data" / "catalogue.yaml"


class CatalogueError(Exception):
    """The file cannot be used. `problems` names every key that is wrong, and in which way."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load(path: Path | str = DEFAULT_PATH) -> dict[str, Any]:
    """The content of the file, valid in every respect. Raises CatalogueError.

    The texts of the files beside it that are named for a language (`catalogue.de.yaml`) are merged into the
    `translations` of its entries.
    """
    path = Path(path)
    data = read(path)
    validate(data)
    for file in sorted(path.parent.glob(f"{glob.escape(path.stem)}.*{path.suffix}")):
        language = file.name.removeprefix(f"{path.stem}.").removesuffix(path.suffix)
        where = f"{file.name}: "
        if problems := merge(data, read(file, where), language):
            raise CatalogueError([where + problem for problem in problems])
    return data


def read(path: Path, where: str = "") -> Any:
    """What stands in the YAML file, right or wrong; `where` goes before complaints. Raises CatalogueError."""
    try:
        return parsed(path.read_text(encoding="utf-8"), where)
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError([f"{path} cannot be read: {error}"]) from error
    except yaml.YAMLError as error:
        raise CatalogueError([f"{path} is not YAML: {' '.join(str(error).split())}"]) from error


def parsed(source: str, where: str = "") -> Any:
    """As `yaml.safe_load`, but a key that stands twice is an error instead of a silent loss."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(source)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if repeated := list(_repeated_keys(node, "")):
            raise CatalogueError([where + key for key in repeated])
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _repeated_keys(node: yaml.Node, path: str) -> Iterator[str]:
    if isinstance(node, yaml.SequenceNode):
        for place, item in enumerate(node.value):
            yield from _repeated_keys(item, f"{path}[{place}]")
    elif isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = f"{path}.{key.value}" if path else str(key.value)
            if str(key.value) in seen:
                yield f"{here}: stands twice"
            seen.add(str(key.value))
            yield from _repeated_keys(value, here)


def validate(data: Any) -> None:
    """Raises CatalogueError unless the whole content is right."""
    problems: Problems = []
    CATALOGUE(data, "", problems)
    # References into a list of the wrong shape would only repeat the same complaint.
    if not problems:
        problems = list(contradictions(data))
    if problems:
        raise CatalogueError(problems)
