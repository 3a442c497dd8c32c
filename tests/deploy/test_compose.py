"""The production start: what docker-compose.yml and the Dockerfile say, run without containers.

No container engine is needed here: the commands and health checks of web, worker and beat run as
processes of this machine, under production settings, on the servers of the test run.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from talentpool.embedded.bootstrap import LOCK, split_lock
from talentpool.embedded.place import find_binaries, find_place
from talentpool.embedded.servers import INITDB, free_port
from tests.deploy.compose import ROOT, OnHost, example_environ, read_services
from tests.worker import test_database_url

PORTAL = ("web", "worker", "beat")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "")
Start = Callable[..., OnHost]


@pytest.fixture
def start(transactional_db: None, tmp_path: Path) -> Iterator[Start]:
    """`start(name, **places)` runs one service of the compose file and waits for its health."""
    services = read_services(example_environ())
    running: list[OnHost] = []
    ours = {
        "DATABASE_URL": test_database_url(),
        "BROKER_URL": os.environ["BROKER_URL"],
        "CACHE_URL": os.environ["CACHE_URL"],
        "STATIC_ROOT": str(tmp_path / "static"),
    }

    def run(name: str, places: dict[str, str], environ: dict[str, str] | None = None) -> OnHost:
        service = OnHost(services[name], environ or ours, places, tmp_path / f"log-of-{name}")
        running.append(service)
        service.start()
        service.wait_until_healthy()
        return service

    yield run
    for service in running:
        service.end()


def collect_static(static: Path) -> None:
    """The Dockerfile's own command."""
    words = shlex.split(
        re.findall(r"SECRET_KEY=\S+ python manage.py collectstatic.*", DOCKERFILE)[0]
    )
    words = words[: words.index("&&")] if "&&" in words else words
    environ = {
        "PATH": os.environ["PATH"],
        "STATIC_ROOT": str(static),
        **dict([words[0].split("=")]),
    }
    subprocess.run([sys.executable, *words[2:]], check=True, cwd=ROOT, env=environ)
    assert (static / "staticfiles.json").exists()


def test_web_serves_and_its_check_tells_when_it_does_not(start: Start, tmp_path: Path) -> None:
    collect_static(tmp_path / "static")
    web = start("web", {"0.0.0.0:8000": f"127.0.0.1:{(port := free_port())}", ":8000": f":{port}"})
    assert web.stop() == 0
    assert not web.is_healthy()


def test_worker_answers_and_its_check_tells_when_it_does_not(start: Start) -> None:
    worker = start("worker", {})
    assert worker.stop() == 0
    assert not worker.is_healthy()


def test_beat_keeps_its_schedule_and_its_check_sees_it(start: Start, tmp_path: Path) -> None:
    beat = start("beat", {"/tmp/beat": str(tmp_path / "beat"), "find /tmp": f"find {tmp_path}"})
    assert beat.stop() == 0
    for written in tmp_path.glob("beat*"):
        os.utime(written, (0, 0))
    assert not beat.is_healthy()


def test_valkey_takes_its_password_by_standard_input(start: Start, tmp_path: Path) -> None:
    (tmp_path / "valkey-server").symlink_to(find_binaries(find_place()).valkey_server)
    port, password = free_port(), "secret-of-the-compose-test"
    service = read_services(example_environ())["valkey"]
    valkey = OnHost(
        service,
        {"VALKEY_PASSWORD": password},
        {'save ""': f'save ""\nbind 127.0.0.1\nport {port}'},
        tmp_path / "valkey.log",
    )
    valkey.environ["PATH"] = f"{tmp_path}:{os.environ['PATH']}"
    try:
        valkey.start()
        with redis.Redis(
            port=port,
            password=password,
            retry=redis.retry.Retry(redis.backoff.ConstantBackoff(0.1), 100),
        ) as client:
            assert client.ping()
        with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        shown = Path(f"/proc/{valkey.process.pid}/cmdline").read_bytes()
        assert password.encode() not in shown
    finally:
        valkey.end()


def test_every_setting_of_the_compose_file_is_in_the_example() -> None:
    named = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    assert named == set(example_environ())


@pytest.mark.parametrize("name", ["SECRET_KEY", "POSTGRES_PASSWORD", "VALKEY_PASSWORD"])
def test_no_start_without_its_secrets(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        read_services({**example_environ(), name: ""})


@pytest.mark.parametrize("name", [*PORTAL, "migrate", "postgres", "valkey"])
def test_services_are_closed(name: str) -> None:
    service = read_services(example_environ())[name]
    assert service["read_only"] is True
    assert service["user"].split(":")[0] not in {"", "0", "root"}
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "healthcheck" in service or name == "migrate"


def test_a_new_portal_knows_the_municipalities() -> None:
    command = read_services(example_environ())["migrate"]["command"]
    assert "manage.py migrate --no-input && exec python manage.py load_reference" in command[-1]


def test_nothing_but_web_is_published_and_only_to_the_proxy() -> None:
    services = read_services(example_environ())
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"]}


def test_postgresql_is_made_as_the_embedded_one() -> None:
    arguments = read_services(example_environ())["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
    assert arguments.split() == [each for each in INITDB if each.split("=")[0] not in OWN_INITDB]


OWN_INITDB = {"--username", "--auth"}


def test_image_starts_web_and_does_not_run_as_root() -> None:
    services = read_services(example_environ())
    command = re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[-1]
    assert json.loads(command) == services["web"]["command"]
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == [services["web"]["user"]]


def test_image_takes_the_locks_first_part_and_no_more_than_the_portals_files() -> None:
    sed = re.findall(r"sed '([^']+)' requirements.lock", DOCKERFILE)[0]
    taken = subprocess.run(
        ["sed", sed, str(LOCK)], check=True, capture_output=True, text=True
    ).stdout
    assert taken.endswith(split_lock(LOCK.read_text("utf-8"))["portal"])
    copied = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    areas = ["talentpool", "municipalities", "matching", "consultations", "templates", "static"]
    assert copied == ["requirements.lock .", "manage.py ./", *(f"{each} {each}" for each in areas)]
