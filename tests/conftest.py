"""Fixtures for all tests: a real worker process, a real browser, and axe."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.core.cache import cache
from django.db import connections
from django.test import TransactionTestCase
from playwright.sync_api import Page, Playwright

from tests.emptying import empty_tables
from tests.plugin import NO_CHROMIUM, find_chromium
from tests.worker import WorkerProcess

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The test database; tests that commit leave it by our own, cheaper way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_tables)
        yield


@pytest.fixture(autouse=True)
def no_counts_of_earlier_tests(request: pytest.FixtureRequest) -> None:
    """All tests come from one address: none is refused for what the others asked (A-09)."""
    asks = {"db", "transactional_db", "world"}.intersection(request.fixturenames)
    if asks or request.node.get_closest_marker("django_db"):
        cache.clear()


@pytest.fixture
def celery_worker_process(transactional_db: None, tmp_path: Path) -> Iterator[WorkerProcess]:
    """A real `celery worker` on the test database and broker, ready for tasks.

    The test's data is committed, so that the worker sees it. `kill_hard()` is `kill -9`;
    `start()` brings a worker back.
    """
    worker = WorkerProcess(tmp_path / "worker.log")
    worker.flush_broker()
    try:
        worker.start()
        yield worker
    finally:
        worker.kill_hard()
        worker.flush_broker()


# A list of fifty equal rows says to axe what two of them say, and takes as long as fifty.
MARK_EQUAL_ROWS = """
  () => {
    const shape = (element) => `${element.tagName}.${element.className}` +
      `[${["role", "type", "aria-label", "href"].map((name) => element.hasAttribute(name))}]` +
      `(${[...element.children].map(shape)})`;
    for (const parent of document.querySelectorAll("tbody, ul, ol, select")) {
      const seen = {};
      for (const row of parent.children) {
        const its = shape(row);
        seen[its] = (seen[its] || 0) + 1;
        if (seen[its] > 2) row.dataset.equalRow = "";
      }
    }
  }
"""
RUN_AXE = """
  async (options) => (await axe.run({exclude: ["[data-equal-row]"]}, options)).violations
"""


@pytest.fixture(scope="session")
def playwright(playwright: Playwright) -> Iterator[Playwright]:
    """Close what was opened under Playwright's event loop before the loop goes.

    Django keeps connections apart by loop: what tests open after the first browser test is another
    connection than that of the set-up, and would hold the test database when it is dropped.
    """
    yield playwright
    connections.close_all()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """What pytest-playwright starts: this machine's Chromium, or the test is skipped."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip(NO_CHROMIUM)
    # Playwright's event loop runs in the tests' thread; Django would take it for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    return {"executable_path": chromium, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    return {"locale": "ja-JP", "timezone_id": "Asia/Tokyo"}


@pytest.fixture
def axe() -> Callable[..., list[str]]:
    """`axe(page) == []` says that axe finds nothing on the page as it is shown now.

    `rules` names the rules to run; without it all run. Of rows of one shape it sees the first two.
    """

    def run(page: Page, rules: Sequence[str] = ()) -> list[str]:
        if page.evaluate("window.axe === undefined"):
            page.evaluate(AXE_SCRIPT)
            page.add_init_script(AXE_SCRIPT)  # the pages after this one have it from the start
        # preload would read the style sheets again, by <style> elements that the policy refuses
        options: dict[str, Any] = {
            "resultTypes": ["violations"],
            "preload": False,
            "rules": {"target-size": {"enabled": True}},  # WCAG 2.2 (C-03), off by default
        }
        if rules:
            options["runOnly"] = list(rules)
        page.evaluate(MARK_EQUAL_ROWS)
        found = page.evaluate(RUN_AXE, options)
        return [
            f"{rule['id']}: {rule['help']}: {node['html']}"
            for rule in found
            for node in rule["nodes"]
        ]

    return run
