"""Which portal `manage.py` works on: the running demo, unless the environment names another."""

from pathlib import Path

import pytest

from talentpool.embedded.place import find_place
from talentpool.embedded.running import adopt_running_demo, note_environ

OWN = "postgres://me@db.example.jp/pool"
NOTED = {"DATABASE_URL": OWN, "TALENTPOOL_PROFILE": "demo", "PREFECTURE_CODE": "34"}


@pytest.mark.parametrize(
    ("given", "adopted"),
    [
        ({}, True),
        ({"PREFECTURE_CODE": "13"}, True),
        ({"DATABASE_URL": OWN}, True),  # make demo was started in this shell
        ({"DATABASE_URL": "postgres://other/pool"}, False),
        ({"DATABASE_URL": OWN, "SECRET_KEY": "k"}, False),
        ({"TALENTPOOL_PROFILE": "test"}, False),
    ],
)
def test_the_demo_is_adopted_where_nothing_else_is_named(
    given: dict[str, str], adopted: bool, state_folder: Path
) -> None:
    environ = {"TALENTPOOL_STATE": str(state_folder), **given}
    note_environ(find_place(environ), NOTED)
    assert adopt_running_demo(environ) is True
    assert (environ.get("TALENTPOOL_PROFILE") == "demo") is adopted
    assert environ.items() >= given.items()  # what was typed stays


def test_without_a_demo_nothing_is_adopted(state_folder: Path) -> None:
    environ = {"TALENTPOOL_STATE": str(state_folder)}
    assert adopt_running_demo(environ) is False
