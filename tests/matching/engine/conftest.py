"""The public benchmark files are not part of the project."""

from pathlib import Path

import pytest

from tests.plugin import NO_GAP_FILES, gap_dir_path


@pytest.fixture
def gap_dir() -> Path:
    """The folder of the public generalized assignment files (GAP_DIR); else the test is skipped.

    The last lines of the run say so.
    """
    folder = gap_dir_path()
    if not (folder / "optima.csv").is_file():
        pytest.skip(NO_GAP_FILES)
    return folder
