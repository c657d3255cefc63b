"""manage.py prepare: what stands between an update and its first page."""

from io import StringIO

import pytest
from django.core.management import call_command

from clients.management.commands import prepare


@pytest.fixture
def folders(settings, tmp_path):
    """A practice with nothing in it but one style sheet."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("body { color: black }")
    settings.VAR_DIR = tmp_path / "var"
    settings.BROKER_DIR = tmp_path / "var" / "broker"
    settings.STATIC_ROOT = tmp_path / "var" / "static"
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    return tmp_path


def test_static_files_are_collected_once(folders):
    assert prepare.collect_static() is True
    assert prepare.collect_static() is False
    assert (folders / "var" / "static" / "page.css").exists()


def test_static_files_are_collected_again_when_one_changes(folders):
    prepare.collect_static()
    (folders / "source" / "page.css").write_text("body { color: navy }")

    assert prepare.collect_static() is True
    assert "navy" in (folders / "var" / "static" / "page.css").read_text()


def test_static_files_are_collected_again_when_somebody_cleared_them_away(folders):
    prepare.collect_static()
    (folders / "var" / "static" / "sources.sha256").unlink()

    assert prepare.collect_static() is True


@pytest.mark.django_db
def test_prepare_without_demo_seeds_the_catalogue_and_invents_nobody(folders, settings):
    settings.DEMO = False
    said = StringIO()

    call_command("prepare", stdout=said)

    assert "Catalogue" in said.getvalue()
    assert not (folders / "var" / "demo.txt").exists()
    assert (folders / "var" / "broker" / "messages").is_dir()


@pytest.mark.django_db
def test_prepare_of_a_demo_keeps_its_logins_for_the_welcome(folders, settings, monkeypatch):
    settings.DEMO = True
    monkeypatch.setattr("clients.management.commands.make_demo.OTHERS", 0)
    monkeypatch.setattr("clients.demo.lives.LIVES", ())  # the therapists' logins are enough here

    call_command("prepare", stdout=StringIO())

    assert "@" in (folders / "var" / "demo.txt").read_text()
