"""The cast and the tools of every test. The people are made by the demo's own builders."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from threading import local
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.template.base import Template
from django.test import Client as Web
from django.utils import translation

# Several suites may share the machine: how long an example takes says nothing here.
hypothesis.settings.register_profile("practice", deadline=None)
hypothesis.settings.load_profile("practice")


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end, and each page that a test reads leaves thousands of objects.

    Looking through all of it for garbage time and again took a third of the suite's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 10)


@pytest.fixture(scope="session", autouse=True)
def contexts_of_pages_alone(django_test_environment: None) -> None:
    """Django tells the tests' client each template that is drawn, with a copy of its context: every field of a form is some.

    What a test asks for is the context of the page, so the outermost template alone is told.
    """
    tell, here = Template._render, local()

    def draw(self: Template, context: Any) -> Any:
        if getattr(here, "within", False):
            return self.nodelist.render(context)
        here.within = True
        try:
            return tell(self, context)
        finally:
            here.within = False

    Template._render = draw


class Catalogue:
    """The catalogue as it was seeded: reference data that every test finds, in whatever order they run.

    A test with real transactions ends by emptying every table; the rows are written back before the next test.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[type[Model], list[Model]]] = []
        self.blocker: Any = None

    def seed(self, blocker: Any) -> None:
        call_command("seed_catalogue", verbosity=0)
        models = apps.get_app_config("routines").get_models(include_auto_created=True)
        self.rows = [(model, list(model._base_manager.all())) for model in models]
        self.blocker = blocker

    def bring_back(self) -> None:
        """Nothing to do before the first test that uses the database, and after one that rolled back."""
        if not self.rows:
            return
        with self.blocker.unblock():
            first, rows = self.rows[0]
            if rows and first._base_manager.exists():
                return
            with transaction.atomic():
                for model, rows in self.rows:
                    model._base_manager.bulk_create(rows)


catalogue = Catalogue()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite lies in a file, as in real life: in memory, threads would share one connection and never wait."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        catalogue.seed(django_db_blocker)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    catalogue.bring_back()
    return (yield)


@pytest.fixture(autouse=True)
def plain_language() -> Iterator[None]:
    """A request leaves its language behind in its thread; the next request sets its own, the next test would not."""
    translation.activate(settings.LANGUAGE_CODE)
    yield
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def fresh_cache() -> None:
    """Rate limits live in the cache."""
    cache.clear()


@pytest.fixture(autouse=True)
def files_of_this_test(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Pictures and films of a test lie in a folder of its own, which is made when the first is written."""
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "media" / uuid4().hex


@pytest.fixture
def web() -> Web:
    return Web()


@pytest.fixture
def web_as() -> Callable[..., Web]:
    """A signed-in HTTP client: `web_as(user)`."""

    def sign_in(user: Any) -> Web:
        web = Web()
        web.force_login(user)
        return web

    return sign_in
