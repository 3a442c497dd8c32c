"""What every process pays for and knows when it starts."""

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


NAMES = "from talentpool import settings as s; print(s.SITE_NAME, s.PREFECTURE_NAME)"


def test_another_prefecture_has_its_own_name() -> None:
    """No page of another prefecture calls itself Hiroshima's, whatever was forgotten."""
    unset = {"SITE_NAME": "", "PREFECTURE_OFFICE": ""}
    done = subprocess.run(
        [sys.executable, "-c", NAMES],
        check=True,
        cwd=ROOT,
        env={**os.environ, **unset, "TALENTPOOL_PROFILE": "test", "PREFECTURE_CODE": "16"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["富山県情報人材プール", "富山県"]
