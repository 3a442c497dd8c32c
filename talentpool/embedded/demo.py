"""`make demo`: servers, web, worker and beat as one run that starts and stops together."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import unicodedata
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from talentpool.embedded.bootstrap import ROOT
from talentpool.embedded.place import CannotStart, find_place
from talentpool.embedded.running import note_environ
from talentpool.embedded.servers import Servers, running_servers
from talentpool.embedded.state import empty_state, locked_state
from talentpool.embedded.watchdog import Watchdog
from talentpool.pages.gate import THREADS

DEFAULT_PORT = "8000"
SAMPLE_CONTACT = "電話 000-000-0000（見本）、メール pool@example.lg.jp（見本）"
READY_SECONDS = 180
STOP_SECONDS = 8
ALONE = ("--without-gossip", "--without-mingle")  # there is no other worker to ask at the start
# A program that was killed is started again; one that ends by itself too often ends the run.
MOST_RESTARTS, RESTART_WINDOW_SECONDS = 5, 60.0


def run_demo(environ: Mapping[str, str], *, stop_with_parent: bool = False) -> None:
    """Run the portal until KeyboardInterrupt. PORT, RESET and TALENTPOOL_STATE are read from
    `environ`, as are DATABASE_URL and BROKER_URL.

    Raises CannotStart with one sentence.
    """
    parent = os.getppid() if stop_with_parent else None
    port = _read_port(environ)
    place = find_place(environ)
    with locked_state(place, f"http://localhost:{port}/") as lock:
        _refuse_taken(port)
        if environ.get("RESET", "") not in {"", "0"}:
            if environ.get("DATABASE_URL"):
                raise CannotStart(
                    "RESET=1 empties the embedded database only: empty the one that DATABASE_URL"
                    " names yourself."
                )
            empty_state(place)
        for name in ("log", "mail", "static", "beat"):
            (place.state / name).mkdir(exist_ok=True)
        watchdog = Watchdog(lock)
        try:
            print("Starting PostgreSQL and Valkey ...", flush=True)
            with running_servers(place, place.state, watchdog, environ=environ) as servers:
                demo_environ = {
                    **environ,
                    **servers.environ(),
                    "TALENTPOOL_PROFILE": "demo",
                    "DJANGO_SETTINGS_MODULE": "talentpool.settings",
                    "SITE_URL": f"http://localhost:{port}",
                    "CONTACT": environ.get("CONTACT") or SAMPLE_CONTACT,
                    "EMAIL_FILE_PATH": str(place.state / "mail"),
                    "FILES_ROOT": str(place.state / "files"),
                    "STATIC_ROOT": str(place.state / "static"),
                    "PYTHONUNBUFFERED": "1",
                }
                watchdog.guard_path(note_environ(place, demo_environ))
                print("Preparing the database ...", flush=True)
                signins = _prepare(demo_environ, watchdog)
                programs = _programs(port, place.state, demo_environ, watchdog)
                try:
                    web, worker, beat = programs
                    web.start()
                    worker.start()
                    _wait_until_ready(port, [web, worker], demo_environ)
                    beat.start()
                    print(_greeting(port, place.state, signins), flush=True)
                    _watch_over(programs, servers, parent)
                finally:
                    _stop(programs)
        finally:
            watchdog.end()


class Program:
    """One program of the portal, in the run's process group, with its log."""

    def __init__(
        self, name: str, argv: list[str], log: Path, environ: Mapping[str, str], group: int
    ) -> None:
        self.name = name
        self.argv = argv
        self.log = log
        self.environ = environ
        self.group = group
        self.process: subprocess.Popen[bytes] | None = None
        self.ends: deque[float] = deque(maxlen=MOST_RESTARTS)

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.argv],
                cwd=ROOT,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=self.group,
            )

    def ended(self) -> str | None:
        """How it ended, in words, or None while it runs."""
        status = self.process.poll() if self.process else None
        if status is None:
            return None
        return f"signal {-status}" if status < 0 else f"exit status {status}"

    def start_again(self, how: str) -> None:
        """Start it again after it ended. Raises CannotStart when it ends by itself too often."""
        if not how.startswith("signal"):
            now = time.monotonic()
            if len(self.ends) == MOST_RESTARTS and now - self.ends[0] < RESTART_WINDOW_SECONDS:
                raise CannotStart(
                    f"{self.name} ends again and again ({how}): its log is {self.log}."
                )
            self.ends.append(now)
        print(f"{self.name} ended ({how}) and is started again.", flush=True)
        self.start()


def _programs(
    port: int, state: Path, environ: Mapping[str, str], watchdog: Watchdog
) -> list[Program]:
    web = ["gunicorn", "talentpool.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    web += ["--threads", str(THREADS), "--preload", "--access-logfile", "-", "--no-control-socket"]
    web += ["--logger-class", "talentpool.pages.access_log.AccessLogger"]
    celery = ["celery", "--app", "talentpool"]
    argvs = {
        "web": web,
        "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", *ALONE],
        "beat": [
            *celery,
            "beat",
            "--schedule",
            str(state / "beat" / "schedule"),
            "--loglevel",
            "INFO",
        ],
    }
    logs = state / "log"
    return [
        Program(name, argv, logs / f"{name}.log", environ, watchdog.group)
        for name, argv in argvs.items()
    ]


def _read_port(environ: Mapping[str, str]) -> int:
    given = environ.get("PORT") or DEFAULT_PORT
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= 65535:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise CannotStart(
                f"Port {port} is open to root only: choose one from 1024 on, as in"
                f" `make demo PORT={DEFAULT_PORT}`."
            ) from error
        except OSError as error:
            other = port + 1 if port < 65535 else int(DEFAULT_PORT)
            raise CannotStart(
                f"Port {port} is taken: stop what uses it, or choose another port, as in"
                f" `make demo PORT={other}`."
            ) from error


def _prepare(environ: Mapping[str, str], watchdog: Watchdog) -> list[list[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "talentpool.embedded.prepare"],
        cwd=ROOT,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        process_group=watchdog.group,
        text=True,
    )
    signins: list[list[str]] = []
    try:
        for line in process.stdout or ():
            if line.startswith("["):  # the sign-ins, as JSON; all else is for the reader
                signins = json.loads(line)
            else:
                print(line, end="", flush=True)
        process.wait()
    finally:
        process.kill()
    if process.returncode != 0:
        raise CannotStart(
            "Preparing the database failed (the lines above say why): `make demo RESET=1` begins"
            " anew with an empty one."
        )
    return signins


def _wait_until_ready(port: int, programs: list[Program], environ: Mapping[str, str]) -> None:
    """Wait for the web server's /readyz and for the worker's answer."""
    os.environ.update(environ)  # the Celery application reads the settings in this process
    from talentpool.celery import app

    end = time.monotonic() + READY_SECONDS
    waiting = {"web", "worker"}
    while waiting:
        for program in programs:
            if how := program.ended():
                raise CannotStart(
                    f"{program.name} did not start ({how}): its log is {program.log}."
                )
        if time.monotonic() > end:
            raise CannotStart(
                f"Not ready after {READY_SECONDS} seconds, waiting for {' and '.join(waiting)}:"
                f" the logs are in {programs[0].log.parent}."
            )
        if "web" in waiting and _web_is_ready(port):
            waiting.remove("web")
        if "worker" in waiting and app.control.ping(timeout=0.3):
            waiting.remove("worker")
        time.sleep(0.1)


def _web_is_ready(port: int) -> bool:
    # Not by the proxy that a site may have set for everything.
    straight = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with straight.open(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _watch_over(programs: list[Program], servers: Servers, parent: int | None) -> None:
    """Start again what ended, until Ctrl-C. Raises CannotStart when a server is gone."""
    while parent is None or os.getppid() == parent:
        for program in programs:
            if how := program.ended():
                program.start_again(how)
        if name := servers.gone():
            raise CannotStart(f"{name} is gone, so the run ends; start it again with `make demo`.")
        time.sleep(1)
    raise KeyboardInterrupt


def _stop(programs: list[Program]) -> None:
    running = [each.process for each in programs if each.process and each.process.poll() is None]
    for process in running:
        process.send_signal(signal.SIGTERM)
    end = time.monotonic() + STOP_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


WALKTHROUGH = ".venv/bin/python manage.py walkthrough"


def _greeting(port: int, state: Path, signins: Sequence[Sequence[str]]) -> str:
    rows = [("Role", "Mail address", "Password"), *signins]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    table = [
        "  "
        + "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    ]
    own_place = os.environ.get("TALENTPOOL_STATE", "")
    named = f"TALENTPOOL_STATE={shlex.quote(own_place)} " if own_place else ""
    return "\n".join(
        [
            "",
            *(line.rstrip() for line in table),
            "",
            f"  Data and logs: {state} (`make demo RESET=1` begins anew). Ctrl-C stops everything.",
            f"  Walkthrough:   {named}{WALKTHROUGH} --url http://127.0.0.1:{port}",
            "",
            f"Ready: http://localhost:{port}/",
        ]
    )


def _width(text: str) -> int:
    """Columns on a terminal: Japanese letters take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "FW" else 1 for letter in text)
