"""The demo as a process of its own, as somebody would start it."""

import os
import subprocess
import sys
import urllib.request
from pathlib import Path

from talentpool.embedded.bootstrap import ROOT
from talentpool.embedded.servers import free_port
from tests.embedded.processes import command_line, processes_of


class Demo:
    """The demo as a process of its own, on a free port."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.port = free_port()
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        # A proxy that leads nowhere: what runs on this machine is not asked by it.
        kept["http_proxy"] = "http://127.0.0.1:9"
        self.environ = {**kept, "TALENTPOOL_STATE": str(state), "PORT": str(self.port)}

    def start(self) -> list[str]:
        """Start it; what it says up to its ready line."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "talentpool.embedded", "demo"],
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return self.read_until("Ready: ")

    def read_until(self, beginning: str) -> list[str]:
        lines: list[str] = []
        for line in self.process.stdout or ():
            lines.append(line.rstrip("\n"))
            if line.startswith(beginning):
                return lines
        raise AssertionError("\n".join(lines))

    def refused(self, **environ: str) -> str:
        """What another start beside it says; it must be refused."""
        done = subprocess.run(
            [sys.executable, "-m", "talentpool.embedded", "demo"],
            check=False,
            cwd=ROOT,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert len(done.stderr.splitlines()) == 1
        return done.stderr

    def ended(self) -> int:
        """Wait for its end; its exit status."""
        status = self.process.wait(60)
        if self.process.stdout:
            self.process.stdout.close()
        return status

    def get(self, path: str) -> int:
        url = f"http://127.0.0.1:{self.port}{path}"
        straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with straight.open(url, timeout=20) as answer:
            return int(answer.status)

    def pids(self, program: str) -> list[int]:
        return [pid for pid in processes_of(self.state) if program in command_line(pid)]
