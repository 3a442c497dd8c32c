"""Collect the processes that a run's programs leave to others when they end.

PostgreSQL's parent (pg_ctl) ends at once, and a program that is killed leaves its children. They
go to process 1, which in many a container collects nothing: dead processes would stay listed.
"""

import ctypes
import os
import sys
import time

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
WAIT_SECONDS = 3.0


def adopt_orphans() -> None:
    """From now on orphans below us become our children. Linux only; elsewhere nothing is done."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def collect_orphans() -> None:
    """Wait shortly until all our children are gone; to be called last, when all have ended."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.02)
        except ChildProcessError:
            return
