"""No line of a log tells what was typed or opens a link."""

import logging
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client
from gunicorn.config import Config

from talentpool.pages.access_log import AccessLogger
from talentpool.pages.masking import MaskPaths, masked

TOKEN = "mPq3-Zk_T8aYw0Jh5sLdVn2cXe7RfGb9uIoA4tQx1yE"
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/register/{TOKEN}/", "/register/***/"),
        (f"/subscribe/{TOKEN}/confirm/", "/subscribe/***/confirm/"),
        ("/availability/12:1vKJxQ:abcdefGHIJ0123456789/", "/availability/***/"),
        (
            "/account/password/reset/key/1-cx3abcdefghijklmnop/",
            "/account/password/reset/key/***/",
        ),
        (
            "/admin/specialists/specialist/12/change/?q=%E8%A6%8B",
            "/admin/specialists/specialist/12/change/",
        ),
        ("/admin/specialists/interestdeclaration/", "/admin/specialists/interestdeclaration/"),
        ("/vacancies/34-2026-0001/", "/vacancies/34-2026-0001/"),
    ],
)
def test_tokens_and_queries_are_hidden(path: str, shown: str) -> None:
    assert masked(path) == shown


def test_a_line_of_the_web_server_holds_neither() -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": f"/register/{TOKEN}/?q=%E8%A6%8B%E6%9C%AC",
        "PATH_INFO": f"/register/{TOKEN}/",
        "QUERY_STRING": "q=%E8%A6%8B%E6%9C%AC",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_REFERER": f"https://portal.example.jp/register/{TOKEN}/",
    }
    config = Config()
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
    atoms = AccessLogger(config).atoms(answer, [], environ, timedelta(seconds=1))
    line = config.access_log_format % atoms
    assert "GET /register/***/ HTTP/1.1" in line
    assert TOKEN not in line
    assert "%E8" not in line


@pytest.mark.django_db
def test_a_lost_page_is_logged_without_its_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.handler.addFilter(MaskPaths())
    with caplog.at_level(logging.WARNING, logger="django.request"):
        Client().get(f"/register/{TOKEN}/")
    assert [line for line in caplog.messages if "/register/***/" in line]
    assert TOKEN not in caplog.text


def test_every_way_to_start_the_web_uses_it() -> None:
    for name in ("Dockerfile", "docker-compose.yml", "talentpool/embedded/demo.py"):
        text = (ROOT / name).read_text()
        assert (
            text.count("--access-logfile")
            == text.count("talentpool.pages.access_log.AccessLogger")
            == 1
        )
