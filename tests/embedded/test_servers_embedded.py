from urllib.parse import unquote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection


@pytest.mark.django_db
def test_database_is_postgresql_18_and_knows_japanese_letters() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
        assert cursor.fetchone() == (18,)


def test_cache_is_on_the_servers_of_this_run() -> None:
    cache.set("here", "yes")
    assert cache.get("here") == "yes"
    assert unquote(settings.DATABASES["default"]["HOST"])
