"""From upload to download: random places, quota, scan and its failures, headers, orphans."""

import os
import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from talentpool.files import access, services
from talentpool.files.access import FileRoom, register_file_room
from talentpool.files.errors import FileRefused
from talentpool.files.models import StoredFile
from talentpool.files.scanners import EICAR, Verdict, scan
from talentpool.files.tasks import scan as scan_task
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.factories import make_coordinator, make_editor

pytestmark = pytest.mark.django_db
CSV = "項目,値\n年数,7\n".encode()


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A disk of its own, a scanner, and a room whose files the uploader alone reads."""
    settings.FILES_ROOT, settings.FILES_SCANNER = tmp_path, "sample:"
    settings.SECOND_FACTOR_REQUIRED = False
    monkeypatch.setattr(access, "_rooms", {})
    register_file_room(
        FileRoom(
            "desk",
            lambda user: StoredFile.objects.filter(uploaded_by=user).values_list("pk", flat=True),
            lambda file, user: None,
        )
    )
    return tmp_path


def put(
    by: User, *, name: str = "年数.csv", content: bytes = CSV, holder: str = "a:1"
) -> StoredFile:
    return services.store(name=name, content=content, room="desk", holder=holder, by=by)


def places(root: Path) -> list[Path]:
    return [path for path in root.glob("**/*") if path.is_file()]


def test_a_file_lies_under_a_random_name_until_the_scan_lets_it_out(root: Path) -> None:
    user = make_editor()
    file = put(user)
    [path] = places(root)
    assert "年数" not in str(path)
    assert path.suffix == ""
    assert path.read_bytes() == CSV
    client = Client()
    client.force_login(user)
    url = reverse("file_download", args=[file.key])
    assert client.get(url).status_code == 404
    task = Message.objects.get(key=f"file:{file.pk}:scan")
    assert task.payload == {"name": scan_task.name, "args": [file.pk]}
    scan_task(file.pk)
    scan_task(file.pk)  # delivered twice
    assert client.get(url).status_code == 200
    file.refresh_from_db()
    assert (file.state, file.tries) == ("clean", 1)


def test_a_download_is_saved_by_the_browser_and_never_shown() -> None:
    user = make_editor()
    file = put(user, name="年数 (写し).csv")
    services.scan_file(file.pk)
    client = Client()
    client.force_login(user)
    response = client.get(reverse("file_download", args=[file.key]))
    assert response.content == CSV
    assert response["Content-Type"] == "text/csv"
    assert response["Content-Disposition"] == (
        'attachment; filename="file.csv"; '
        "filename*=UTF-8''%E5%B9%B4%E6%95%B0%20%28%E5%86%99%E3%81%97%29.csv"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "no-store"
    assert client.head(reverse("file_download", args=[file.key])).status_code == 405


def test_who_looks_is_written_down_before_the_file_goes_out() -> None:
    user = make_editor()
    file = put(user)
    services.scan_file(file.pk)
    seen: list[Any] = []
    room = access.file_rooms()[0]
    register_file_room(FileRoom("desk", room.readable, lambda f, u: seen.append((f.pk, u.pk))))
    client = Client()
    client.force_login(user)
    client.get(reverse("file_download", args=[file.key]))
    assert seen == [(file.pk, user.pk)]


def test_others_find_nothing() -> None:
    file = put(make_editor())
    services.scan_file(file.pk)
    client = Client()
    assert client.get(reverse("file_download", args=[file.key])).status_code == 302
    client.force_login(make_editor("343099"))
    mine, none = (client.get(reverse("file_download", args=[key])) for key in (file.key, uuid4()))
    assert (mine.status_code, mine.content) == (none.status_code, none.content)
    assert mine.status_code == 404
    for stranger in (AnonymousUser(), make_coordinator()):
        assert not StoredFile.objects.visible_to(stranger).exists()


def test_what_is_infected_is_deleted_at_once(
    root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    user = make_editor()
    file = put(user, content=b"a,b\n" + EICAR + b"\n")
    with django_capture_on_commit_callbacks(execute=True):
        services.scan_file(file.pk)
    file.refresh_from_db()
    assert (file.state, file.storage_name, places(root)) == ("infected", "", [])
    client = Client()
    client.force_login(user)
    assert client.get(reverse("file_download", args=[file.key])).status_code == 404


def test_without_a_scanner_everything_is_held_and_asked_for_again(settings: Any) -> None:
    settings.FILES_SCANNER = ""
    user = make_editor()
    file = put(user)
    services.scan_file(file.pk)
    file.refresh_from_db()
    assert (file.state, file.tries) == ("waiting", 1)
    assert services.sweep_files() == 1
    assert Message.objects.filter(key=f"file:{file.pk}:scan:1").count() == 1
    client = Client()
    client.force_login(user)
    assert client.get(reverse("file_download", args=[file.key])).status_code == 404
    settings.FILES_SCANNER = "sample:"
    services.scan_file(file.pk)
    assert client.get(reverse("file_download", args=[file.key])).status_code == 200


class Clamd(threading.Thread):
    """Speaks ClamAV's protocol for one connection and answers `answer`."""

    def __init__(self, answer: bytes) -> None:
        super().__init__(daemon=True)
        self.answer, self.received = answer, b""
        self.line = socket.create_server(("127.0.0.1", 0))
        self.address = f"clamd://127.0.0.1:{self.line.getsockname()[1]}"
        self.start()

    def run(self) -> None:
        caller, _ = self.line.accept()
        with caller, self.line, caller.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while (length := struct.unpack(">I", stream.read(4))[0]) > 0:
                self.received += stream.read(length)
            caller.sendall(self.answer)


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (b"stream: OK\0", Verdict.CLEAN),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", Verdict.INFECTED),
        (b"INSTREAM size limit exceeded. ERROR\0", Verdict.UNAVAILABLE),
        (b"", Verdict.UNAVAILABLE),
    ],
)
def test_what_clamav_says(settings: Any, answer: bytes, verdict: Verdict) -> None:
    server = Clamd(answer)
    settings.FILES_SCANNER = server.address
    content = os.urandom(200_000)
    assert scan(content) is verdict
    server.join(5)
    assert server.received == content


def test_a_scanner_that_is_away_says_nothing(settings: Any, tmp_path: Path) -> None:
    settings.FILES_SCANNER = f"clamd://{tmp_path}/no.socket"
    assert scan(b"x") is Verdict.UNAVAILABLE


def test_the_quota_counts_by_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "QUOTA_FILES", 2)
    user = make_editor()
    first = put(user)
    put(user)
    with pytest.raises(FileRefused, match="2個"):
        put(user)
    put(user, holder="a:2")
    services.delete_file(first, by=user)
    put(user)
    monkeypatch.setattr(services, "QUOTA_BYTES", 30)
    with pytest.raises(FileRefused, match="MB"):
        put(user, holder="a:3", content=CSV * 2)


def test_a_full_disk_is_said_and_leaves_no_row(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    user = make_editor()
    settings.FILES_ROOT = "/proc/no-such-place"
    with pytest.raises(FileRefused, match="保存できません"):
        put(user)
    assert not StoredFile.objects.exists()


def test_deleting_takes_the_bytes_and_the_name(
    root: Path, django_capture_on_commit_callbacks: Any
) -> None:
    user = make_editor()
    file = put(user)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_file(file, by=user)
    file.refresh_from_db()
    assert (file.state, file.name, places(root)) == ("deleted", "削除済み", [])
    services.delete_file(file, by=user)  # a second time changes nothing


def test_bytes_without_a_row_go_after_a_day(root: Path) -> None:
    file = put(make_editor())
    old, new = root / "ab" / "old", root / "ab" / "new"
    for path in (old, new):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    day_ago = time.time() - services.ORPHAN_AFTER_SECONDS - 5
    os.utime(old, (day_ago, day_ago))
    os.utime(root / file.storage_name, (day_ago, day_ago))
    services.sweep_files()
    assert {path.name for path in places(root)} == {"new", Path(file.storage_name).name}


def test_the_database_holds_a_place_for_what_may_be_read() -> None:
    file = put(make_editor())
    broken = StoredFile.objects.filter(pk=file.pk)
    with (
        pytest.raises(IntegrityError, match="file_that_may_be_read_has_a_place"),
        transaction.atomic(),
    ):
        broken.update(state="infected")
    with (
        pytest.raises(IntegrityError, match="file_is_at_most_20_mebibytes"),
        transaction.atomic(),
    ):
        broken.update(size=21 * 1024 * 1024)
