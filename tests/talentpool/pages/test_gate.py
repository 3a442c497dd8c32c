"""D-10: more than can be answered is turned away with 503 and Retry-After, at once."""

from collections.abc import Iterable
from threading import Event, Thread
from typing import Any

from django.conf import settings

from talentpool.pages.gate import AT_ONCE, STREAMS, THREADS, WAITING, Gate


class Slow:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = Event(), Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.begun.set()
        if environ["PATH_INFO"] == "/broken":
            raise ValueError
        if environ["PATH_INFO"] != "/healthz":
            assert self.go_on.wait(10)
        start_response("200 OK", [])
        return [b"done"]


def ask(gate: Gate, path: str = "/", method: str = "GET") -> tuple[str, dict[str, str], bytes]:
    said: list[Any] = []
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method}
    body = b"".join(gate(environ, lambda status, headers: said.extend([status, dict(headers)])))
    return said[0], said[1], body


def test_what_does_not_fit_is_turned_away_and_what_waits_is_answered() -> None:
    slow = Slow()
    gate = Gate(slow, at_once=1, waiting=1)
    answers: list[str] = []
    two = [Thread(target=lambda: answers.append(ask(gate)[0])) for _ in range(2)]
    for thread in two:
        thread.start()
    assert slow.begun.wait(10)
    while gate._room.acquire(blocking=False):  # until the second one stands in it
        gate._room.release()
    status, headers, body = ask(gate)
    assert (status[:3], headers["Retry-After"]) == ("503", "10")
    assert "混み合っています" in body.decode()
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert ask(gate, method="HEAD")[2] == b""
    assert ask(gate, "/healthz")[0] == "200 OK"  # alive however much there is to do
    slow.go_on.set()
    for thread in two:
        thread.join(10)
    assert answers == ["200 OK", "200 OK"]
    assert ask(gate)[0] == "200 OK"


def test_who_has_waited_too_long_is_turned_away_and_an_error_gives_the_turn_back() -> None:
    slow = Slow()
    gate = Gate(slow, at_once=1, waiting=1, longest_wait=0.01)
    for _ in range(3):
        try:
            ask(gate, "/broken")
        except ValueError:
            continue
    thread = Thread(target=ask, args=(gate,))
    slow.begun.clear()
    thread.start()
    assert slow.begun.wait(10)
    assert ask(gate)[0][:3] == "503"
    slow.go_on.set()
    thread.join(10)


def test_slow_downloads_hold_no_turn_and_are_so_many_at_most() -> None:
    class Export:
        streaming, closed = True, 0

        def __iter__(self) -> Any:
            return iter([b"row"])

        def close(self) -> None:
            Export.closed += 1

    def export(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return Export()

    gate = Gate(export, at_once=1, waiting=0, streams=1)
    said: list[str] = []

    def begin() -> Any:
        return gate({"PATH_INFO": "/"}, lambda status, headers: said.append(status))

    slow = begin()
    assert b"".join(begin()).startswith(b"<!doctype html>")
    assert (said, Export.closed) == (["200 OK", "503 Service Unavailable"], 1)
    for _ in range(2):
        slow.close()  # given back once
    assert b"".join(begin()) == b"row"


def test_what_shows_a_page_and_tells_of_the_process_needs_no_turn() -> None:
    slow = Slow()
    slow.go_on.set()
    gate = Gate(slow, at_once=1, waiting=0)
    assert gate._room.acquire()
    assert ask(gate)[0][:3] == "503"
    for path in ("/healthz", "/readyz", "/static/css/portal.css"):
        assert ask(gate, path)[0] == "200 OK"


def test_the_server_has_threads_to_turn_people_away_with() -> None:
    assert THREADS > AT_ONCE + WAITING + STREAMS
    for file in ("Dockerfile", "docker-compose.yml"):
        assert f'"--threads", "{THREADS}"' in (settings.BASE_DIR / file).read_text(), file
