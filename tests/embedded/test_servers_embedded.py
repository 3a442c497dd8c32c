"""The servers of the test run are the real ones, and they know Japanese letters."""

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from django.db import connection

from talentpool.embedded.checks import japanese_search_works
from tests.plugin import broker_urls


@pytest.mark.django_db
def test_pg_trgm_sees_japanese_letters() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(show_trgm('認証基盤'))")
        assert cursor.fetchone() == (5,)
    assert run_checks(databases=["default"]) == []


def test_cache_is_on_the_servers_of_this_run() -> None:
    cache.set("here", "yes")
    assert cache.get("here") == "yes"


def test_each_test_process_has_broker_numbers_of_its_own() -> None:
    assert broker_urls("redis+socket:///run/v.sock", 2) == {
        "BROKER_URL": "redis+socket:///run/v.sock?virtual_host=4",
        "CACHE_URL": "unix:///run/v.sock?db=5",
    }
    assert broker_urls("redis://:pw@db:6379/0", 1) == {
        "BROKER_URL": "redis://:pw@db:6379/2",
        "CACHE_URL": "redis://:pw@db:6379/3",
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("with_extension", [True, False])
def test_check_refuses_a_database_that_cannot_search_japanese(with_extension: bool) -> None:
    ours = connection.settings_dict["NAME"]
    blind = f"{ours}_ctype_c"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{blind}"')
        cursor.execute(
            f'CREATE DATABASE "{blind}" TEMPLATE template0 LOCALE_PROVIDER libc'
            " LC_CTYPE 'C' LC_COLLATE 'C' ENCODING 'UTF8'"
        )
    try:
        use_database(blind)
        if with_extension:
            with connection.cursor() as cursor:
                cursor.execute("CREATE EXTENSION pg_trgm")
        found = run_checks(databases=["default"])
        assert [message.id for message in found] == ["embedded.E001"]
    finally:
        use_database(ours)
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{blind}"')


def use_database(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def test_check_is_silent_when_no_database_is_asked_for() -> None:
    assert japanese_search_works(databases=None) == []
