"""Where the servers' state goes for root and for ordinary users, and why it sometimes cannot."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from talentpool.embedded import place as place_module
from talentpool.embedded.place import CannotStart, find_binaries, find_place

AS_ROOT = os.geteuid() == 0


def test_state_is_where_it_is_told_to_be(state_folder: Path) -> None:
    place = find_place({"TALENTPOOL_STATE": str(state_folder / "state")})
    assert place.state == state_folder / "state"
    assert (place.account is None) == (not AS_ROOT)


@pytest.mark.skipif(AS_ROOT, reason="Root has a place of its own.")
def test_an_ordinary_users_state_follows_xdg(tmp_path: Path) -> None:
    place = find_place({"XDG_STATE_HOME": str(tmp_path)})
    assert place.state == tmp_path / "talentpool"
    assert stat.S_IMODE(place.state.stat().st_mode) == 0o700


@pytest.mark.skipif(not AS_ROOT, reason="Only root's servers run as another account.")
def test_roots_servers_run_as_an_account_that_can_run_the_copies() -> None:
    place = find_place({})
    assert place.state == Path("/var/lib/talentpool")
    assert place.account is not None
    assert place.account.pw_name in place_module.ACCOUNTS
    binaries = find_binaries(place)
    assert place.state in binaries.postgres_bin.parents
    assert binaries.valkey_server.stat().st_uid == 0  # the account cannot change what it runs


@pytest.mark.skipif(not AS_ROOT, reason="Only root's servers run as another account.")
def test_a_place_that_the_account_cannot_enter_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(
        CannotStart, match=r"cannot enter .*/closed/state: choose .*TALENTPOOL_STATE"
    ):
        find_place({"TALENTPOOL_STATE": str(closed / "state")})
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@pytest.fixture
def strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.skipif(not AS_ROOT, reason="Only root's servers run as another account.")
def test_a_strict_umask_of_root_closes_no_folder_of_ours(
    state_folder: Path, strict_umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = state_folder / "state"
    find_place({"TALENTPOOL_STATE": str(made)})
    assert stat.S_IMODE(made.stat().st_mode) == 0o755
    monkeypatch.setattr(place_module, "ROOT_STATE", state_folder / "own")
    place_module.ROOT_STATE.mkdir()  # as an earlier start left it
    find_place({})
    assert stat.S_IMODE(place_module.ROOT_STATE.stat().st_mode) == 0o755
    somebodys = state_folder / "somebodys"
    somebodys.mkdir()
    with pytest.raises(CannotStart, match="cannot enter"):
        find_place({"TALENTPOOL_STATE": str(somebodys)})
    assert stat.S_IMODE(somebodys.stat().st_mode) == 0o700


def test_a_place_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotStart, match="choose a folder of your own with TALENTPOOL_STATE=DIR"):
        find_place({"TALENTPOOL_STATE": str(tmp_path / "file" / "state")})


def test_no_account_to_run_as(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place_module, "ACCOUNTS", ("no-such-account",))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(CannotStart, match="run this command as an ordinary user"):
        find_place({})
