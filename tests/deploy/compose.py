"""docker-compose.yml as Compose would read it, and its commands as processes of this machine."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from talentpool.embedded.watchdog import Watchdog

ROOT = Path(__file__).resolve().parents[2]
VARIABLE = re.compile(r"\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}")


def example_environ() -> dict[str, str]:
    """What .env.example holds, with the secrets filled in."""
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name: value or name.lower().replace("_", "-") * 8 for name, value in given.items()}


def interpolate(text: str, environ: dict[str, str]) -> str:
    """`${NAME}`, `${NAME:-else}`, `${NAME:?why}` and `$$`. Raises KeyError for a missing one."""

    def value(match: re.Match[str]) -> str:
        if match.group() == "$$":
            return "$"
        name, kind, otherwise = match.groups()
        if environ.get(name) or kind is None:
            return environ.get(name, "")
        if kind == "-":
            return str(otherwise)
        raise KeyError(name)

    return VARIABLE.sub(value, text)


def read_services(environ: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The services by name, with all variables put in."""

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(each) for each in node]
        return interpolate(node, environ) if isinstance(node, str) else node

    services: dict[str, dict[str, Any]] = walk(
        yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    )
    return services


class OnHost:
    """One service run here, with its health check. `places` maps its paths and ports to ours."""

    def __init__(
        self,
        service: dict[str, Any],
        environ: dict[str, str],
        places: dict[str, str],
        log: Path,
    ) -> None:
        self.service = service
        self.places = places
        self.log = log
        programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environ = {**service.get("environment", {}), **environ, "PATH": programs}
        self.environ.setdefault("HOME", os.environ.get("HOME", "/"))
        self.watchdog = Watchdog()

    def start(self) -> None:
        command = [*self.service.get("entrypoint", []), *self.service["command"]]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [self._here(word) for word in command],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=self.watchdog.group,
            )

    def is_healthy(self) -> bool:
        """Run the health check once, as Compose does."""
        kind, *words = self.service["healthcheck"]["test"]
        words = [self._here(word) for word in words]
        done = subprocess.run(
            words if kind == "CMD" else ["sh", "-c", *words],
            check=False,
            cwd=ROOT,
            env=self.environ,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return done.returncode == 0

    def wait_until_healthy(self) -> None:
        end = time.monotonic() + 180
        while not self.is_healthy():
            said = self.log.read_text(errors="replace")
            assert self.process.poll() is None, said
            assert time.monotonic() < end, said
            time.sleep(0.2)

    def stop(self) -> int:
        """SIGTERM as Compose sends it; the exit status."""
        self.process.terminate()
        return self.process.wait(60)

    def end(self) -> None:
        if hasattr(self, "process"):
            self.process.kill()
            self.process.wait()
        self.watchdog.end()

    def _here(self, word: str) -> str:
        for theirs, ours in self.places.items():
            word = word.replace(theirs, ours)
        return word
