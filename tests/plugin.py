"""The pytest plugin that starts PostgreSQL and Valkey, loaded with `-p` (see pyproject.toml).

pytest-django reads the settings before any conftest.py, so the servers' addresses must stand in the
environment before that. One pair of servers serves a whole run: with xdist the controller starts
them, and each worker process takes its own database (pytest-django's) and its own broker numbers.
"""

import gc
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from talentpool.embedded.place import CannotStart
from talentpool.embedded.throwaway import throwaway_servers
from talentpool.embedded.watchdog import Watchdog

ROOT = Path(__file__).resolve().parent.parent
NO_GAP_FILES = "The generalized assignment files are missing"
NO_CHROMIUM = "Chromium is not installed"
INSTALL_CHROMIUM = (
    "brew install --cask chromium"
    if sys.platform == "darwin"
    else "sudo apt-get install -y chromium fonts-noto-cjk"
)
# The shell without a window comes first: it takes a seventh less of a test's processor time.
CHROMIUM_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)

# Python looks for garbage at 700 new objects. Almost all that a run makes while it collects the
# tests stays: to look that through again and again took a third of the time of collecting them.
NEW_OBJECTS_BEFORE_GARBAGE_COLLECTION = 50_000

_servers = ExitStack()


def find_chromium() -> str | None:
    """Path of a Chromium of this machine, or None. CHROMIUM names one in an unusual place."""
    names = (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES)
    return next((path for name in names if name and (path := shutil.which(name))), None)


def gap_dir_path() -> Path:
    """Where the generalized assignment files are looked for; they are not in the project."""
    return ROOT / os.environ.get("GAP_DIR", "../shared/data/gap")


def broker_urls(broker: str, number: int) -> dict[str, str]:
    """Settings that put one process of the run on database numbers of its own.

    Two test processes must not take each other's messages, nor share rate limits.
    """
    parts = urlsplit(broker)
    if parts.scheme == "redis+socket":
        own = f"redis+socket://{parts.path}?virtual_host={2 * number}"
        return {"BROKER_URL": own, "CACHE_URL": f"unix://{parts.path}?db={2 * number + 1}"}
    return {
        "BROKER_URL": parts._replace(path=f"/{2 * number}").geturl(),
        "CACHE_URL": parts._replace(path=f"/{2 * number + 1}").geturl(),
    }


def set_clock(day: str) -> None:
    """Let the portal's clock go on from this hour of another day, before a test module is read.

    For a run by hand: `TEST_DAY=2027-03-31 pytest tests/municipalities`. What holds today only
    fails on that day. The real clock stays with the database, processes and browsers, so that two
    tests fail on any other day: one of a form version in force, which the database compares with
    its own day, and one of a worker process that is to find an import that was lost.
    """
    from django.utils import timezone

    real = timezone.now
    shift = timedelta(days=(date.fromisoformat(day) - timezone.localdate()).days)

    def shifted() -> datetime:
        return real() + shift

    timezone.now = shifted


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, args: list[str]
) -> Generator[None, Any, Any]:
    """A wrapper, so that it comes before pytest-django's own reading of the settings."""
    gc.set_threshold(NEW_OBJECTS_BEFORE_GARBAGE_COLLECTION)
    os.environ["DJANGO_SETTINGS_MODULE"] = "talentpool.settings"
    os.environ["TALENTPOOL_PROFILE"] = "test"
    needless = early_config.pluginmanager.is_blocked("django") or {"--help", "-h"} & set(args)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker:
        number = 1 + int(worker.removeprefix("gw"))
        os.environ.update(broker_urls(os.environ["BROKER_URL"], number))
    elif not needless:
        try:
            watchdog = Watchdog()
            _servers.callback(watchdog.end)
            servers = _servers.enter_context(throwaway_servers(watchdog))
        except CannotStart as error:
            raise pytest.UsageError(str(error)) from error
        os.environ["DATABASE_URL"] = servers.database
        os.environ.update(broker_urls(servers.broker, 0))
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    day = os.environ.get("TEST_DAY", "")
    if day:
        set_clock(day)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    gc.freeze()  # modules and collected tests are there until the end


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _servers.close()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in the last lines what could not be tested here, and the one command that mends it."""
    reasons = [str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", [])]
    browser = sum(NO_CHROMIUM in reason for reason in reasons)
    if browser:
        terminalreporter.write_line(
            f"{browser} browser tests were skipped, for there is no Chromium: {INSTALL_CHROMIUM}"
        )
    if any(NO_GAP_FILES in reason for reason in reasons):
        terminalreporter.write_line(
            f"The generalized assignment files were not tested, for {gap_dir_path()} is missing:"
            " GAP_DIR=DIR names another place."
        )
