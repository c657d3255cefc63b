"""practice.py and the harnesses that it starts. Its commands as a whole are tried by .ci/run."""

import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from django.urls import reverse

import practice
from tests.harness import checks, suites, translations
from tests.harness.around import without_settings


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def is_alive(pid):
    """A zombie that nobody has waited for counts as gone."""
    state = practice.read_text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return bool(state) and state[0] != "Z"


# Set-up


def test_stamp_stands_for_one_python_and_one_requirements_file():
    stamp = {"python": "3.11.7", practice.RUNTIME: practice.digest(practice.RUNTIME)}

    assert practice.is_set_up(stamp, practice.RUNTIME, "3.11.7")
    assert not practice.is_set_up(stamp, practice.RUNTIME, "3.11.8")
    assert not practice.is_set_up(stamp, practice.WITH_TESTS, "3.11.7")
    assert not practice.is_set_up({**stamp, practice.RUNTIME: "old"}, practice.RUNTIME, "3.11.7")


def test_stamp_without_a_python_that_starts_is_worth_nothing():
    stamp = {"python": "", practice.RUNTIME: practice.digest(practice.RUNTIME)}

    assert not practice.is_set_up(stamp, practice.RUNTIME, "")


@pytest.mark.parametrize("content", [None, "", "half a fi", "[1]"])
def test_stamp_of_a_broken_set_up_reads_as_none(tmp_path, content):
    stamp = tmp_path / "set-up.json"
    if content is not None:
        stamp.write_text(content)

    assert practice.read_stamp(stamp) == {}


@pytest.mark.parametrize(
    ("built_with", "fits"), [("3.11.2", True), ("3.1.1", False), ("3.12.0", False), (None, False)]
)
def test_environment_of_another_python_is_made_anew(tmp_path, monkeypatch, built_with, fits):
    monkeypatch.setattr(practice, "VENV", tmp_path)
    if built_with:
        (tmp_path / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {built_with}\n")

    assert practice.was_built_for("3.11.9") is fits


def test_empty_environment_gets_a_path_and_a_home(tmp_path, monkeypatch):
    monkeypatch.setattr(practice, "VAR", tmp_path)

    env = practice.steady_environment({})

    assert "/usr/bin" in env["PATH"]
    assert Path(env["HOME"]) == tmp_path / "home"
    assert Path(env["HOME"]).is_dir()


def test_given_home_and_path_are_kept(tmp_path):
    given = {"PATH": "/opt/bin", "HOME": str(tmp_path)}

    assert practice.steady_environment(given) == given


def test_lock_is_held_by_one_and_awaited_by_the_next(tmp_path):
    lock = tmp_path / "new" / "lock"

    def refuse():
        raise RuntimeError("held")

    with practice.only_one(lock, refuse), pytest.raises(RuntimeError), practice.only_one(lock, refuse):
        pass
    with practice.only_one(lock, refuse):
        assert lock.exists()


# Run


def test_taken_port_is_named_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(SystemExit) as end:
            practice.require_port(port, patience=0)

    assert f"Port {port} is taken" in str(end.value)
    assert f"--port {port + 1}" in str(end.value)


def test_port_that_was_just_left_is_free():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

    practice.require_port(port, patience=0)


def test_secret_key_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "secret-key"

    practice.make_secret_key(path)
    key = path.read_text()
    practice.make_secret_key(path)

    assert path.read_text() == key
    assert len(key) >= 50
    assert path.stat().st_mode & 0o777 == 0o600


def test_run_is_a_demo_without_second_factor_unless_told():
    env = practice.embedded_environment({}, 8123)

    assert env["DEMO"] == "1"
    assert env["STAFF_SECOND_FACTOR"] == "0"
    assert env["SITE_URL"] == "http://localhost:8123"
    assert env["SECRET_KEY_FILE"].endswith("secret-key")


def test_run_on_a_named_database_invents_nobody_and_asks_for_the_second_factor():
    env = practice.embedded_environment(
        {"DATABASE_URL": "postgresql://db/practice", "SECRET_KEY": "given"}, 8000
    )

    assert env["DEMO"] == "0"
    assert env["STAFF_SECOND_FACTOR"] == "1"
    assert "SECRET_KEY_FILE" not in env


def test_what_is_given_wins_over_the_defaults():
    given = {"DEMO": "0", "STAFF_SECOND_FACTOR": "0", "SECURE": "1", "VAR_DIR": "/srv/practice"}

    assert given.items() <= practice.embedded_environment(given, 8000).items()


def test_welcome_names_address_logins_letters_and_the_missing_second_factor(tmp_path):
    (tmp_path / "demo.txt").write_text("Therapist: vera@example.org\n")

    text = practice.welcome(practice.embedded_environment({"VAR_DIR": str(tmp_path)}, 8000))

    assert "http://localhost:8000/" in text
    assert "Therapist: vera@example.org" in text
    assert str(tmp_path / "mail") in text
    assert f"http://localhost:8000{reverse('demo_mail')}" in text
    assert "second factor is OFF" in text


def test_welcome_of_a_real_practice_speaks_of_no_demo(tmp_path):
    given = {"VAR_DIR": str(tmp_path), "DEMO": "0", "EMAIL_URL": "smtp://mail.example"}
    (tmp_path / "demo.txt").write_text("Therapist: vera@example.org\n")

    text = practice.welcome(practice.embedded_environment(given, 8000))

    assert "vera@example.org" not in text
    assert "No letter is sent" not in text
    assert "second factor" not in text


# Supervisor: it runs in a process of its own, as its signals and its death are what is tested

SUPERVISED = """
    import os, sys
    from pathlib import Path
    from practice import Child, Supervisor

    folder = Path(sys.argv[1])
    body = sys.argv[2]
    code = f"import os, signal, sys, time; open({str(folder)!r} + '/' + str(os.getpid()), 'w').close(); {body}"
    Supervisor([Child("web", [sys.executable, "-c", code])], os.environ, patience=0.5).run()
    (folder / "ended").touch()
"""
SLEEPS = "time.sleep(60)"


@pytest.fixture
def supervisor(tmp_path):
    """Starts one over a child that does what it is told; gives the process and a function that lists the children's pids."""
    started = []

    def start(body=SLEEPS):
        command = [sys.executable, "-c", textwrap.dedent(SUPERVISED), str(tmp_path), body]
        started.append(subprocess.Popen(command, cwd=practice.ROOT, stdout=subprocess.PIPE, text=True))
        return started[0], lambda: [int(path.name) for path in tmp_path.iterdir() if path.name.isdigit()]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_supervisor_stops_its_children_and_ends_well(supervisor, tmp_path):
    process, pids = supervisor()
    wait_until(pids)

    process.send_signal(signal.SIGINT)

    assert process.wait(10) == 0
    assert (tmp_path / "ended").exists()
    assert [pid for pid in pids() if is_alive(pid)] == []


def test_supervisor_starts_a_killed_child_again(supervisor):
    process, pids = supervisor()
    wait_until(pids)

    os.kill(pids()[0], signal.SIGKILL)
    wait_until(lambda: len(pids()) == 2)
    process.terminate()
    said, _ = process.communicate(timeout=10)

    assert said == "web ended by signal 9; starting it again in 1 s.\n"


def test_supervisor_that_is_killed_leaves_no_orphan(supervisor):
    process, pids = supervisor()
    wait_until(pids)

    process.kill()

    wait_until(lambda: not is_alive(pids()[0]))


def test_child_that_will_not_stop_is_killed(supervisor):
    process, pids = supervisor(
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    assert process.stdout.readline() == "deaf\n"

    process.terminate()

    assert process.wait(10) == 0
    assert not is_alive(pids()[0])


def test_child_that_keeps_failing_is_started_ever_more_rarely(capsys):
    child = practice.Child("web", [sys.executable, "-c", "raise SystemExit(3)"])
    pauses = []

    for _ in range(3):
        child.start_at = 0
        child.look_after(os.environ)
        child.process.wait()
        child.look_after(os.environ)
        pauses.append(child.pause)

    assert pauses == [1, 2, 4]
    assert "web ended with code 3; starting it again in 4 s." in capsys.readouterr().out


# Test and check


@pytest.mark.parametrize(
    ("output", "closing"),
    [
        (
            ["tests/a.py ..\n", "==== 212 passed, 3 deselected in 30.12s ====\n"],
            "212 passed, 3 deselected in 30.12s",
        ),
        (
            ["\x1b[32m=== \x1b[1m2 passed\x1b[0m in 75.00s (0:01:15)\x1b[32m ===\x1b[0m\n"],
            "2 passed in 75.00s (0:01:15)",
        ),
        (
            [
                "== 2 passed in 1.00s ==\n",
                "(summary)         41851      1338    6041         287        95         96  \n",
            ],
            "2 passed in 1.00s; coverage 96 %",
        ),
        (["Segmentation fault\n"], "ended without a result"),
    ],
)
def test_closing_line_is_what_pytest_came_to(output, closing):
    assert suites.closing_line(output) == closing


def test_failed_run_says_so_first():
    assert suites.verdict(suites.POSTGRES, 1, ["== 1 failed, 2 passed in 1.00s =="], []) == (
        "PostgreSQL: FAILED, 1 failed, 2 passed in 1.00s",
        False,
    )


def test_run_that_selects_nothing_fails_unless_it_was_narrowed():
    assert suites.verdict(suites.POSTGRES, 5, ["== 9 deselected in 1.00s =="], [])[1] is False
    assert (
        suites.verdict(suites.POSTGRES, 5, ["== 9 deselected in 1.00s =="], ["tests/test_closed.py"])[1]
        is True
    )


@pytest.mark.parametrize(("e2e", "may_stand"), [(None, True), ("require", False)])
def test_missing_browser_is_the_last_word_and_a_failure_where_one_is_required(monkeypatch, e2e, may_stand):
    monkeypatch.delenv("E2E", raising=False)
    if e2e:
        monkeypatch.setenv("E2E", e2e)

    line, stands = suites.verdict(suites.BROWSER, suites.NO_BROWSER_CODE, [], [])

    assert line.splitlines()[-1] == "BROWSER TESTS NOT RUN: no Chromium"
    assert stands is may_stand


MEET = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / sys.argv[2]).touch()
end = time.monotonic() + 20
while len(list(folder.iterdir())) < 2 and time.monotonic() < end:
    time.sleep(0.05)
print("== 1 passed in 1.00s ==" if time.monotonic() < end else "== nobody came in 20.00s ==")
"""


def test_both_databases_are_tested_at_once_and_told_of_in_turn(monkeypatch, tmp_path, capfd):
    class Meeting(suites.Suite):
        """A run that waits until the other one has begun."""

        def command(self, extra):
            return [sys.executable, "-c", MEET, str(tmp_path), self.name]

    sqlite, postgres = Meeting("SQLite", "", None), Meeting("PostgreSQL", "", None)
    monkeypatch.setattr(suites, "POSTGRES", postgres)

    results = suites.run_all([sqlite, postgres], [])

    assert results == [("SQLite: 1 passed in 1.00s", True), ("PostgreSQL: 1 passed in 1.00s", True)]
    told = capfd.readouterr().out
    assert told.index("== SQLite") < told.index("== PostgreSQL")


LEAVE = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
(folder / sys.argv[2]).touch()
end = time.monotonic() + 20
while sys.argv[2] == "long" and not (folder / "third").exists() and time.monotonic() < end:
    time.sleep(0.05)
print(sys.argv[2], "saw", sorted(each.name for each in folder.iterdir()))
print("== 1 passed in 1.00s ==" if time.monotonic() < end else "== nobody came in 20.00s ==")
"""


@pytest.mark.parametrize("order", [["long", "short", "third"], ["short", "long", "third"]])
def test_next_run_begins_when_one_of_two_has_ended(tmp_path, capfd, order):
    class Leaving(suites.Suite):
        """The long one waits until the third one has begun."""

        def command(self, extra):
            return [sys.executable, "-c", LEAVE, str(tmp_path), self.name]

    results = suites.run_all([Leaving(name, "", None) for name in order], [])

    assert results == [(f"{name}: 1 passed in 1.00s", True) for name in order]
    told = capfd.readouterr().out
    assert re.findall(r"^== (\w+)$", told, re.MULTILINE) == order
    assert re.findall(r"^(\w+) saw", told, re.MULTILINE) == order


def test_coverage_has_its_floor_only_when_the_whole_suite_runs():
    assert "slipcover" in suites.SQLITE.command([])
    assert "slipcover" not in suites.SQLITE.command(["tests/clients"])
    assert "slipcover" not in suites.POSTGRES.command([])


def test_tests_and_checks_never_see_a_real_practice():
    given = {"DATABASE_URL": "postgresql://real", "SECRET_KEY_FILE": "/run/key", "LANG": "C.UTF-8"}

    assert without_settings(given) == {"LANG": "C.UTF-8"}


def test_check_returns_what_the_tool_said():
    passed, output, _ = checks.Check("one", [sys.executable, "-c", "raise SystemExit('a reason')"]).run()

    assert (passed, output) == (False, "a reason\n")


# Translations

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "one day"
msgid_plural "%(n)s days"
msgstr[0] "ein Tag"
msgstr[1] "%(n)s Tage"

#, fuzzy
msgid "Today"
msgstr "Gestern"
"""


def test_translation_is_outdated_until_it_is_compiled(tmp_path, monkeypatch):
    source = tmp_path / "locale" / "de" / "django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO)
    monkeypatch.setattr(translations, "ROOT", tmp_path)

    assert translations.main(write=False) == 1
    assert translations.main(write=True) == 0
    assert translations.main(write=False) == 0
    source.write_text(PO.replace("ein Tag", "1 Tag"))
    assert translations.main(write=False) == 1
