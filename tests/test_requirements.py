"""The two files that pip installs, as `practice.py lock` compiles them."""

import re
import tomllib

import pytest

from practice import ROOT, RUNTIME, WITH_TESTS

REQUIREMENT = re.compile(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)


def pins(requirements: str) -> dict[str, str]:
    return dict(REQUIREMENT.findall((ROOT / requirements).read_text()))


def named(dependencies: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", dependency)[0].lower() for dependency in dependencies}


def test_the_tests_pin_all_that_runs_at_the_same_versions():
    runtime, with_tests = pins(RUNTIME), pins(WITH_TESTS)

    assert {name: with_tests.get(name) for name in runtime} == runtime


def test_every_dependency_of_the_project_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert named(project["project"]["dependencies"]) - set(pins(RUNTIME)) == set()
    assert named(project["dependency-groups"]["test"]) - set(pins(WITH_TESTS)) == set()


@pytest.mark.parametrize("requirements", [RUNTIME, WITH_TESTS])
def test_requirements_name_no_place_to_fetch_from(requirements):
    text = (ROOT / requirements).read_text()

    assert [
        word for word in ("http", "--index", "--find-links", "file:", "git+", " @ ") if word in text
    ] == []


@pytest.mark.parametrize("requirements", [RUNTIME, WITH_TESTS])
def test_every_pin_has_a_hash(requirements):
    blocks = re.split(r"\n(?=\S)", (ROOT / requirements).read_text().strip())

    assert [block for block in blocks if "--hash=sha256:" not in block] == []
