"""The public benchmark files are not part of the project: say so where they are missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SAID: list[str] = []


@pytest.fixture
def gap_dir() -> Path:
    """The folder of the public generalized assignment files (GAP_DIR)."""
    root = Path(__file__).parents[3]
    folder = root / os.environ.get("GAP_DIR", "../shared/data/gap")
    if not (folder / "optima.csv").is_file():
        SAID.append("the public generalized assignment files are missing (GAP_DIR): not run")
        pytest.skip("GAP_DIR is missing")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in SAID:
        terminalreporter.write_line(line)
