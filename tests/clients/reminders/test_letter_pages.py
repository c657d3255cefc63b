"""The pages behind a letter: stopping reminders without a login (R9), and the demo's mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client as Web
from django.urls import reverse

from clients.models import Client, ReminderSchedule
from clients.reminders.filemail import FolderBackend
from clients.reminders.schedules import plan_letters
from tests.clients.reminders.people import NOON, SEVEN, make_reminded, notice, ring

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Iterator[Client]:
    with time_machine.travel(NOON, tick=False):
        yield make_reminded()


def page_of(client: Client) -> str:
    return reverse("reminder_letters", args=[client.reminder_schedule.token])


def one_click_of(client: Client) -> str:
    return reverse("unsubscribe", args=[client.reminder_schedule.token])


def schedule_of(client: Client) -> dict[str, Any]:
    return ReminderSchedule.objects.values("active", "weekly", "next_due_at").get(client=client)


# ---- One click ----------------------------------------------------------------------------------------------------


def test_one_click_stops_reminders_without_cookie_login_or_csrf(client: Client) -> None:
    web = Web(enforce_csrf_checks=True)

    answer = web.post(one_click_of(client), "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not answer.cookies
    assert schedule_of(client) == {"active": False, "weekly": False, "next_due_at": None}


def test_one_click_can_be_repeated(client: Client, web: Web) -> None:
    """A mail program may try five times; there is no limit and no other answer."""
    answers = [web.post(one_click_of(client)).status_code for _ in range(20)]

    assert answers == [200] * 20
    assert not schedule_of(client)["active"]


def test_one_click_holds_for_a_letter_that_is_planned_already(client: Client, web: Web) -> None:
    plan_letters(SEVEN)
    web.post(one_click_of(client))

    ring(SEVEN)

    assert client.deliveries.get(kind="daily").reason == "unsubscribed"
    assert mail.outbox == []


def test_looking_at_a_link_changes_nothing(client: Client, web: Web) -> None:
    """Mail scanners look at every link, a hundred times."""
    before = schedule_of(client)

    for _ in range(25):
        for address in (one_click_of(client), page_of(client)):
            web.get(address)
            web.head(address)

    assert schedule_of(client) == before
    assert web.get(one_click_of(client)).headers["Location"] == page_of(client)


@pytest.mark.parametrize("page", ["unsubscribe", "reminder_letters"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_link_is_a_page_that_helps(web: Web, page: str, method: str) -> None:
    answer = getattr(web, method)(reverse(page, args=["no-such-token"]))

    assert answer.status_code == 404
    assert "This link does not work" in answer.content.decode()


# ---- The page -----------------------------------------------------------------------------------------------------


def test_the_page_names_nobody_and_is_kept_by_nobody(client: Client, web: Web) -> None:
    answer = web.get(page_of(client))

    words = answer.content.decode()
    assert client.name not in words
    assert client.user.email not in words
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "strict-origin"


@pytest.mark.parametrize(
    ("wishes", "active", "weekly"),
    [
        (["stop"], False, False),
        (["stop", "stop"], False, False),
        (["stop", "start"], True, False),
        (["weekly"], True, True),
        (["weekly", "every_day"], True, False),
        (["weekly", "stop", "start"], True, True),
        (["sell_everything"], True, False),
    ],
)
def test_each_button_acts_and_can_be_taken_back(
    client: Client, web: Web, wishes: list[str], active: bool, weekly: bool
) -> None:
    for wish in wishes:
        answer = web.post(page_of(client), {"wish": wish}, follow=True)

    after = schedule_of(client)
    assert (after["active"], after["weekly"], after["next_due_at"]) == (
        active,
        weekly,
        SEVEN if active else None,
    )
    assert ("Reminders are off" in answer.content.decode()) is not active


def test_the_page_offers_what_can_be_chosen_now(client: Client, web: Web) -> None:
    def offers() -> list[str]:
        words = web.get(page_of(client)).content.decode()
        return [wish for wish in ("stop", "start", "weekly", "every_day") if f'value="{wish}"' in words]

    assert offers() == ["stop", "weekly"]
    web.post(page_of(client), {"wish": "weekly"})
    assert offers() == ["stop", "every_day"]
    web.post(page_of(client), {"wish": "stop"})
    assert offers() == ["start"]


def test_the_pages_form_is_guarded_against_forgery(client: Client) -> None:
    """Only the one click goes without the check."""
    answer = Web(enforce_csrf_checks=True).post(page_of(client), {"wish": "stop"})

    assert answer.status_code == 403
    assert schedule_of(client)["active"]


# ---- The demo's mailbox -------------------------------------------------------------------------------------------


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """A demo that has sent two letters."""
    settings.DEMO = True
    settings.EMAIL_BACKEND = "clients.reminders.filemail.FolderBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    for number in (1, 2):
        with time_machine.travel(SEVEN.replace(minute=number), tick=False):
            notice(number)
            ring(SEVEN.replace(minute=number))
    return tmp_path / "mail"


DEMO_PAGES = ["demo_mail", "demo_letter", "demo_letter_html"]


def demo_page(page: str, folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    return reverse(page, args=[] if page == "demo_mail" else [names[0]])


def test_letters_are_files_named_by_time_reader_and_letter(folder: Path) -> None:
    files = sorted(folder.iterdir())

    assert [path.name[:26] for path in files] == ["2026-03-10_18-01-00.000000", "2026-03-10_18-02-00.000000"]
    assert all(path.name.endswith("@example.org_account_notice.eml") for path in files)
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert "A word" in files[0].read_text()


def test_a_recipient_cannot_choose_where_a_letter_is_written(tmp_path: Path) -> None:
    message = mail.EmailMessage("s", "b", "a@example.org", ['"../../etc/x"@example.org'])

    FolderBackend(file_path=str(tmp_path / "mail")).send_messages([message])

    assert [path.parent for path in (tmp_path / "mail").iterdir()] == [tmp_path / "mail"]


def test_the_list_shows_the_newest_letter_first(folder: Path, web: Web) -> None:
    words = web.get(reverse("demo_mail")).content.decode()

    newest, oldest = sorted((path.name for path in folder.iterdir()), reverse=True)
    assert 0 < words.index(newest) < words.index(oldest)


def test_the_list_says_when_there_is_no_letter(settings: Any, tmp_path: Path, web: Web) -> None:
    settings.DEMO = True
    settings.EMAIL_FILE_PATH = str(tmp_path / "none")

    assert "No letter yet" in web.get(reverse("demo_mail")).content.decode()


def test_a_letter_shows_its_links_beside_the_frame(
    client: Client, settings: Any, tmp_path: Path, web: Web
) -> None:
    settings.DEMO = True
    settings.EMAIL_BACKEND = "clients.reminders.filemail.FolderBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    ring(SEVEN)

    answer = web.get(reverse("demo_letter", args=[next(tmp_path.iterdir()).name]))

    words = answer.content.decode()
    assert '<a href="http://localhost:8000/today/">' in words
    assert f'<a href="http://localhost:8000{page_of(client)}">' in words
    assert answer.context["mail"].letter == "reminder"


def test_the_letter_itself_has_a_policy_of_its_own(folder: Path, web: Web) -> None:
    answer = web.get(demo_page("demo_letter_html", folder))

    policy = {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}
    assert policy == {"default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'"}
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "About your account." in answer.content.decode()


@pytest.mark.parametrize("page", DEMO_PAGES)
def test_without_the_demo_there_is_no_mailbox(folder: Path, settings: Any, web: Web, page: str) -> None:
    address = demo_page(page, folder)
    assert web.get(address).status_code == 200

    settings.DEMO = False

    assert web.get(address).status_code == 404


def test_where_mail_leaves_by_smtp_there_is_no_mailbox(settings: Any, web: Web) -> None:
    settings.DEMO = True
    settings.EMAIL_FILE_PATH = ""

    assert web.get(reverse("demo_mail")).status_code == 404


@pytest.mark.parametrize("name", ["..", "../db.sqlite3", "%2e%2e%2fdb.sqlite3", "secret.eml", ".hidden.eml"])
def test_the_mailbox_opens_nothing_but_letters(folder: Path, web: Web, name: str) -> None:
    (folder / "secret.eml").write_text("Subject: secret")
    (folder.parent / "db.sqlite3").write_text("secret")

    answers = [web.get(f"/demo/mail/{name}/{tail}") for tail in ("", "html/")]

    assert [answer.status_code for answer in answers] == [404, 404]
