"""`make demo`, as its command: one run that starts and stops together and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from talentpool.embedded.bootstrap import ROOT
from talentpool.embedded.demo import DEFAULT_PORT, run_demo
from talentpool.embedded.place import CannotStart, find_place
from talentpool.embedded.sample import PASSWORD
from talentpool.embedded.servers import free_port
from talentpool.embedded.state import empty_state
from tests.embedded.demo_process import Demo
from tests.embedded.processes import wait_until_gone

ROLES = ("県コーディネーター", "県決裁者", "監査", "市町担当", "市町決裁者", "専門人材")


@pytest.fixture
def demo(state_folder: Path) -> Iterator[Demo]:
    demo = Demo(state_folder)
    yield demo
    demo.process.kill()
    demo.ended()
    assert wait_until_gone(state_folder, 60) == []


def test_a_run_starts_mends_and_stops_as_one(demo: Demo, state_folder: Path) -> None:
    said = demo.start()
    assert said[-1] == f"Ready: http://localhost:{demo.port}/"
    assert said[0] == "Starting PostgreSQL and Valkey ..."
    signins = "\n".join(line for line in said if line.endswith(f"  {PASSWORD}"))
    assert [role for role in ROLES if role not in signins] == []
    assert demo.get("/readyz") == 200

    manage = [sys.executable, "manage.py", "check", "--database", "default"]
    assert subprocess.run(manage, check=False, cwd=ROOT, env=demo.environ).returncode == 0

    programs = {name: demo.pids(name) for name in ("gunicorn", " worker ", " beat ", "valkey")}
    assert all(programs.values())
    assert {os.getpgid(pid) for pids in programs.values() for pid in pids} == {
        os.getpgid(programs["gunicorn"][0])
    }

    assert "Already running (http://localhost:" in demo.refused()
    other = {"TALENTPOOL_STATE": str(state_folder / "other")}
    assert f"Port {demo.port} is taken" in demo.refused(**other)

    for pid in programs[" worker "]:
        os.kill(pid, signal.SIGKILL)
    assert demo.read_until("worker ")[-1] == "worker ended (signal 9) and is started again."

    demo.process.send_signal(signal.SIGTERM)
    assert demo.read_until("Stopped.")
    assert demo.ended() == 0
    assert wait_until_gone(state_folder, 0) == []
    assert not (state_folder / "environ.json").exists()

    # The data is kept: nothing is loaded a second time. Then the hardest stop.
    assert "Loading" not in " ".join(demo.start())
    demo.process.kill()
    demo.ended()
    assert wait_until_gone(state_folder, 60) == []


def test_beginning_anew_removes_only_what_runs_have_made(state_folder: Path) -> None:
    (state_folder / "postgres").mkdir()
    (state_folder / "postgres" / "PG_VERSION").write_text("18")
    (state_folder / "files").mkdir()
    (state_folder / "files" / "upload").touch()
    (state_folder / "mine.txt").touch()
    empty_state(find_place({"TALENTPOOL_STATE": str(state_folder)}))
    assert [path.name for path in state_folder.iterdir()] == ["mine.txt"]


def test_reset_does_not_touch_a_database_that_is_not_ours(state_folder: Path) -> None:
    environ = {"TALENTPOOL_STATE": str(state_folder), "RESET": "1", "PORT": str(free_port())}
    with pytest.raises(CannotStart, match="empty the one that DATABASE_URL names yourself"):
        run_demo({**environ, "DATABASE_URL": "postgres://elsewhere/db", "BROKER_URL": "redis://x"})


@pytest.mark.parametrize("port", ["0", "65536", "http", "８０００"])
def test_port_must_be_a_number(port: str) -> None:
    with pytest.raises(CannotStart, match="PORT must be a number from 1 to 65535"):
        run_demo({"PORT": port})


def test_the_readme_names_the_default_port() -> None:
    assert f"http://localhost:{DEFAULT_PORT}/" in (ROOT / "README.md").read_text("utf-8")


def test_manage_without_a_portal_is_one_sentence(state_folder: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "TALENTPOOL_STATE": str(state_folder)}
    done = subprocess.run(
        [sys.executable, "manage.py", "walkthrough"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"No demo runs with its data in {state_folder}, and")
    assert done.stderr.count("\n") == 1
