"""`make faults`: the demo's processes are killed again and again while both lines are walked.

    python -m tests.bench.faults [ROUNDS]

Each round runs `manage.py walkthrough` against a running demo and kills (`kill -9`) the worker
every two seconds in between, in every second round beat as well. The walkthrough must pass all the
same, and after `kill -9` of the demo itself no process may be left. Prints one line a round.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from talentpool.embedded.bootstrap import ROOT
from talentpool.embedded.place import find_place
from tests.embedded.demo_process import Demo
from tests.embedded.processes import wait_until_gone

VICTIMS = ((" worker ",), (" worker ", " beat "))
PAUSE_SECONDS = 6.0  # a new worker is ready after some 3 s and must get to work in between


def walk_under_fire(demo: Demo, victims: tuple[str, ...]) -> tuple[int, int, str]:
    """One walkthrough; its exit status, how many kills it lived through, and its last line."""
    command = [sys.executable, "manage.py", "walkthrough", "--url", f"http://127.0.0.1:{demo.port}"]
    with tempfile.TemporaryFile("w+") as said:
        walk = subprocess.Popen(command, cwd=ROOT, env=demo.environ, stdout=said, stderr=said)
        kills = 0
        while True:
            try:
                status = walk.wait(PAUSE_SECONDS)
                break
            except subprocess.TimeoutExpired:
                for pid in demo.pids(victims[kills % len(victims)]):
                    os.kill(pid, signal.SIGKILL)
                kills += 1
        said.seek(0)
        return status, kills, said.read().strip().rpartition("\n")[2]


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 8
    state = Path(tempfile.mkdtemp(prefix="faults-", dir=find_place().state))
    state.chmod(0o755)
    failures = 0
    try:
        for number in range(rounds):
            demo = Demo(state)
            demo.start()
            began = time.monotonic()
            status, kills, last = walk_under_fire(demo, VICTIMS[number % len(VICTIMS)])
            seconds = time.monotonic() - began
            demo.process.kill()
            demo.ended()
            left = wait_until_gone(state, 60)
            print(
                f"round {number + 1}: exit {status}, {kills} kills, {seconds:.0f} s,"
                f" left behind: {len(left)}; {last}",
                flush=True,
            )
            failures += status != 0 or bool(left)
    finally:
        shutil.rmtree(state, ignore_errors=True)
    print(f"{rounds - failures} of {rounds} rounds passed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
