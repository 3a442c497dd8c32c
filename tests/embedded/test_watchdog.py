"""Nothing is left of a run, however its starter ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded.processes import command_line, processes_of, wait_until_gone

RUN = "from talentpool.embedded.__main__ import main; import sys; sys.exit(main(sys.argv[1:]))"
REPORT = "import os, time; print(os.environ['DATABASE_URL'], flush=True); time.sleep(600)"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_and_no_folder_is_left(state_folder: Path, number: signal.Signals) -> None:
    environ = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    starter = subprocess.Popen(
        [sys.executable, "-c", RUN, "run", sys.executable, "-c", REPORT],
        env={**environ, "TALENTPOOL_STATE": str(state_folder)},
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout is not None
    assert starter.stdout.readline().startswith("postgres://talentpool:")
    ran = processes_of(state_folder)
    running = " ".join(command_line(pid) for pid in ran)
    assert "bin/postgres " in running
    assert "valkey-server " in running

    starter.send_signal(number)
    starter.wait(60)
    starter.stdout.close()

    assert wait_until_gone(state_folder, 30) == []
    if number != signal.SIGKILL:  # nobody is left as a name in the list of processes either
        assert [pid for pid in ran if Path(f"/proc/{pid}").exists()] == []
    assert [path.name for path in state_folder.glob("run-*")] == []
