"""What every process pays for when it starts."""

import os
import subprocess
import sys

from talentpool.embedded.bootstrap import ROOT

LOAD = "import django, sys; django.setup(); import talentpool.urls; print(*sys.modules)"
HEAVY = {"openpyxl", "numpy", "highspy", "python_calamine"}


def test_libraries_that_few_requests_need_are_not_loaded_at_the_start() -> None:
    """openpyxl alone takes as long to load as Django."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD],
        check=True,
        cwd=ROOT,
        env={**os.environ, "TALENTPOOL_PROFILE": "test"},
        capture_output=True,
        text=True,
    )
    assert HEAVY & set(done.stdout.split()) == set()
