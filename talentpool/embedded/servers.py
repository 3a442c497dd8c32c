"""Start and stop PostgreSQL and Valkey from their wheels.

`DATABASE_URL` and `BROKER_URL`, when set, replace them: whatever is set is used as it is.
"""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

from talentpool.embedded.place import Binaries, CannotStart, Place, find_binaries
from talentpool.embedded.watchdog import Watchdog

# With LC_CTYPE C, pg_trgm finds no Japanese letters at all; the built-in provider does not depend
# on the locales that happen to be installed.
INITDB = [
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--lc-ctype=C.UTF-8",
    "--encoding=UTF8",
    "--username=talentpool",
    "--auth=scram-sha-256",
]
LONGEST_SOCKET_PATH = 100  # the system's limit is 104 to 108 bytes
START_SECONDS = 60
# For runs whose data nobody keeps: what a crash of the machine could lose does not matter.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Servers:
    """How the portal reaches its servers, and whether those that we run are still there."""

    def __init__(self, database: str, broker: str, own: Mapping[str, "Postgres | Valkey"]) -> None:
        self.database = database
        self.broker = broker
        self.own = own

    def environ(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database, "BROKER_URL": self.broker}

    def gone(self) -> str | None:
        """The name of a server of ours that takes no connections any more, or None."""
        return next((name for name, server in self.own.items() if not server.answers()), None)


@contextmanager
def running_servers(
    place: Place,
    folder: Path,
    watchdog: Watchdog,
    *,
    throwaway: bool = False,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[Servers]:
    """Both servers with their data in `folder`, stopped at the end; those set in `environ` as set.

    `throwaway` trades durability for speed. Raises CannotStart with one sentence.
    """
    database, broker = environ.get("DATABASE_URL"), environ.get("BROKER_URL")
    with ExitStack() as running:
        own: dict[str, Postgres | Valkey] = {}
        if not (database and broker):
            binaries = find_binaries(place)
        if not broker:
            own["Valkey"] = valkey = Valkey(place, binaries, folder)
            running.callback(valkey.stop)
            valkey.start(watchdog)
            broker = valkey.url()
        if not database:
            own["PostgreSQL"] = postgres = Postgres(place, binaries, folder, throwaway=throwaway)
            running.callback(postgres.stop)
            watchdog.guard_postgres(postgres.stop_command(), place)
            postgres.start()
            database = postgres.url()
        yield Servers(database, broker, own)


class Postgres:
    """One cluster with one database named talentpool, under `folder`/postgres."""

    def __init__(
        self, place: Place, binaries: Binaries, folder: Path, *, throwaway: bool = False
    ) -> None:
        self.place = place
        self.bin = binaries.postgres_bin
        self.data = folder / "postgres"
        self.password_file = folder / "postgres.password"
        self.log = folder / "postgres.log"
        self.options = THROWAWAY if throwaway else {}
        self.host, self.port = str(folder / "run"), 5432
        if len(f"{self.host}/.s.PGSQL.{self.port}") > LONGEST_SOCKET_PATH:
            self.host, self.port = "127.0.0.1", free_port()

    def start(self) -> None:
        """Make the cluster if there is none, start it, and wait until it answers."""
        if not (self.data / "PG_VERSION").exists():
            self._create()
        self._refuse_other_version()
        self.stop()  # one that a killed start has left behind
        settings = {
            "listen_addresses": "" if self.host.startswith("/") else self.host,
            "unix_socket_directories": self.host if self.host.startswith("/") else "",
            "unix_socket_permissions": "0700",
            "port": str(self.port),
            "max_connections": "200",
            "timezone": "Asia/Tokyo",
            "log_timezone": "Asia/Tokyo",
            **self.options,
        }
        if self.host.startswith("/"):
            self.place.private_folder(Path(self.host))
        written = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
        conf = self.data / "postgresql.auto.conf"
        conf.write_text(written, encoding="utf-8")
        self.place.hand_over(conf)
        if not self.log.exists():
            self.log.touch()
            self.place.hand_over(self.log)
        self._run(
            "pg_ctl", "start", "-D", self.data, "-l", self.log, "-w", "-t", str(START_SECONDS)
        )

    def stop(self) -> None:
        """Stop the server, if it runs, without waiting for those still connected."""
        if (self.data / "postmaster.pid").exists():
            subprocess.run(
                self.stop_command(),
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **self.place.as_account(),
            )

    def stop_command(self) -> list[str]:
        pg_ctl, wait = str(self.bin / "pg_ctl"), ["-w", "-t", "20"]
        return [pg_ctl, "stop", "-D", str(self.data), "-m", "fast", *wait]

    def answers(self) -> bool:
        """Whether it takes connections."""
        if self.host.startswith("/"):
            return takes_connections(f"{self.host}/.s.PGSQL.{self.port}")
        return takes_connections((self.host, self.port))

    def url(self) -> str:
        password = self.password_file.read_text(encoding="ascii").strip()
        host = quote(self.host, safe="")
        return f"postgres://talentpool:{password}@{host}:{self.port}/talentpool"

    def _create(self) -> None:
        self.password_file.touch(0o600)
        self.password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        self.place.hand_over(self.password_file)
        if self.data.exists():
            shutil.rmtree(self.data)  # a first start that was killed half way
        part = self.data.with_name("postgres.part")
        if part.exists():
            shutil.rmtree(part)
        self.place.private_folder(part)
        self._run("initdb", "-D", part, f"--pwfile={self.password_file}", "--no-sync", *INITDB)
        create = b"CREATE DATABASE talentpool;\n"
        self._run("postgres", "--single", "-D", part, "-j", "postgres", given=create)
        part.rename(self.data)

    def _refuse_other_version(self) -> None:
        has = (self.data / "PG_VERSION").read_text().strip()
        shown = self._run("postgres", "--version").split()[-1]
        if shown.split(".")[0] != has:
            raise CannotStart(
                f"The data in {self.data.parent} is of PostgreSQL {has}, the wheel is {shown}:"
                " begin anew with `make demo RESET=1`."
            )

    def _run(self, program: str, *arguments: str | Path, given: bytes = b"") -> str:
        # pg_ctl leaves the server behind with its descriptors: a file, as a pipe would never end.
        said = self.log.with_name("postgres.start.log")
        with said.open("w+b") as output:
            done = subprocess.run(
                [str(self.bin / program), *map(str, arguments)],
                check=False,
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "Asia/Tokyo"},
                input=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                **self.place.as_account(),
            )
            output.seek(0)
            text = output.read().decode(errors="replace")
        if done.returncode != 0:
            last = " / ".join(line for line in text.splitlines()[-4:] if line.strip())
            raise CannotStart(
                f"PostgreSQL's {program} failed: {last} (more in {self.log.parent}/postgres*.log)."
            )
        return text


class Valkey:
    """The broker and cache; it keeps nothing on disk, for the database is the system of record."""

    def __init__(self, place: Place, binaries: Binaries, folder: Path) -> None:
        self.place = place
        self.program = binaries.valkey_server
        self.folder = folder
        self.socket = folder / "run" / "valkey.sock"
        self.port = 0
        self.password = ""
        if len(str(self.socket)) > LONGEST_SOCKET_PATH:
            self.port, self.password = free_port(), secrets.token_urlsafe(24)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, watchdog: Watchdog) -> None:
        """Start it in the watchdog's process group and wait until it takes connections."""
        self.place.private_folder(self.folder / "run")
        self.socket.unlink(missing_ok=True)
        lines = ['save ""', "appendonly no", "databases 64", "loglevel warning", "daemonize no"]
        lines += [f"dir {self.folder / 'run'}", "maxmemory-policy noeviction"]
        if self.port:
            lines += ["bind 127.0.0.1", f"port {self.port}", f"requirepass {self.password}"]
        else:
            lines += ["port 0", f"unixsocket {self.socket}", "unixsocketperm 700"]
        log = self.folder / "valkey.log"
        with log.open("ab") as output:
            # The settings go in by standard input, so that no list of processes shows a password.
            self.process = subprocess.Popen(
                [str(self.program), "-"],
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=watchdog.group,
                **self.place.as_account(),
            )
        assert self.process.stdin is not None  # noqa: S101  (for the type checker)
        self.process.stdin.write(("\n".join(lines) + "\n").encode())
        self.process.stdin.close()
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise CannotStart(f"Valkey did not start: its log is {log}.")
            time.sleep(0.05)

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def answers(self) -> bool:
        """Whether it takes connections."""
        return takes_connections(("127.0.0.1", self.port) if self.port else str(self.socket))

    def url(self) -> str:
        if self.port:
            return f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        return f"redis+socket://{self.socket}"  # Celery's word for it


def takes_connections(address: str | tuple[str, int]) -> bool:
    """Whether something listens on a unix socket (a path) or a TCP address."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as client:
        try:
            client.connect(address)
        except OSError:
            return False
    return True


def free_port() -> int:
    """A loopback port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
