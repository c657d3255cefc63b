"""The app on the home screen: nothing that it keeps or shows to everybody says whose it is (C5)."""

import json
import re

from django.contrib.staticfiles import finders
from django.test import Client as Web

from clients.models import StopEvent
from tests.clients.views.conftest import text


def test_manifest_names_the_practice_and_icons_that_exist(practice):
    found = Web().get("/manifest.webmanifest").json()

    assert found["name"] == practice.name
    assert found["display"] == "standalone"
    assert all(finders.find(icon["src"].removeprefix("/static/")) for icon in found["icons"])
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in found["icons"]}


def test_shell_is_the_same_for_everybody(ana, therapist):
    mine, nobodys = ana.get("/offline/"), Web().get("/offline/")

    def without_keys(response):
        return re.sub(r'name="key" value="[^"]+"', "", text(response))

    assert without_keys(mine) == without_keys(nobodys)
    assert ana.client.name not in text(mine)
    assert therapist.name not in text(mine)


def test_worker_keeps_the_shell_alone(ana):
    response = ana.get("/sw.js")

    kept = json.loads(re.search(r"SHELL = (.+);", response.content.decode())[1])
    assert response["Content-Type"].startswith("text/javascript")
    assert kept[0] == "/offline/"
    assert all(each.startswith("/static/") for each in kept[1:])
    assert all(finders.find(each.removeprefix("/static/")) for each in kept[1:])


def test_worker_keeps_every_sheet_and_script_of_the_shell(ana):
    shell = ana.get("/offline/").content.decode()
    kept = ana.get("/sw.js").content.decode()

    assert all(file in kept for file in re.findall(r'(?:href|src)="(/static/[^"]+)"', shell))


def test_worker_is_another_one_when_a_form_of_the_shell_asks_otherwise(ana, monkeypatch):
    def of_worker():
        return re.search(r'VERSION = "(\w+)"', ana.get("/sw.js").content.decode())[1]

    before = of_worker()
    assert of_worker() == before

    monkeypatch.setattr(StopEvent.Choice.OTHER, "_label_", "None of these")

    assert of_worker() != before
