"""The browser fixtures work, axe really finds, and a missing Chromium is said in the last lines."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.plugin import INSTALL_CHROMIUM, ROOT, find_chromium

PAGE = '<!doctype html><html lang="ja"><title>試験</title><main><h1>試験</h1>{}</main></html>'
HERE = Path(__file__).relative_to(ROOT)


def test_axe_finds_what_is_wrong_and_nothing_else(
    page: Page, axe: Callable[[Page], list[str]]
) -> None:
    page.set_content(PAGE.format("<p>本文</p>"))
    assert axe(page) == []
    page.set_content(PAGE.format('<img src="data:,"><p>本文</p>'))
    assert [found.split(":")[0] for found in axe(page)] == ["image-alt"]


def test_without_chromium_the_last_lines_say_how_to_get_it(tmp_path: Path) -> None:
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", f"{HERE}::{FIRST}", "-p", "no:cacheprovider"],
        check=False,
        cwd=ROOT,
        env={**environ, "PATH": str(tmp_path), "CHROMIUM": ""},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    *_, said, counted = done.stdout.splitlines()
    assert said == (f"1 browser tests were skipped, for there is no Chromium: {INSTALL_CHROMIUM}")
    assert "1 skipped" in counted


FIRST = test_axe_finds_what_is_wrong_and_nothing_else.__name__


def test_chromium_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / "my-browser"
    browser.touch(mode=0o755)
    monkeypatch.setenv("CHROMIUM", str(browser))
    assert find_chromium() == str(browser)
    monkeypatch.setenv("CHROMIUM", "")
    monkeypatch.setenv("PATH", "")
    assert find_chromium() is None
