"""The gate before the application: so many requests at once, so many waiting, 503 to others (D-10).

Without it everything waits in the web server's queue, and when more comes than can be answered each
answer is late, also long after the rush. Who is turned away at once is told when to come again.
"""

from collections.abc import Callable, Iterable, Iterator
from threading import BoundedSemaphore
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

AT_ONCE = 4  # requests that a process works at
WAITING = 12  # that wait for their turn in it, beside those
STREAMS = 4  # exports on their way out, however slowly somebody takes them
# Of a process of the web server: some more, to turn away whoever comes beside these.
THREADS = 24
LONGEST_WAIT_SECONDS = 10.0
RETRY_AFTER_SECONDS = 10
# The process is alive and ready however much there is to do; what a page is shown with costs a
# moment, and without it a page that was answered would be a bare one.
PAST_THE_GATE = ("/healthz", "/readyz", "/static/")

PAGE = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>ただいま混み合っています</title>
</head>
<body>
<main>
<h1>ただいま混み合っています</h1>
<p>利用が集中しているため、表示できませんでした。いま行った操作は、行われていません。</p>
<p><strong>10秒ほど待ってから</strong>、ページを開き直してください。入力の途中だったときは、\
ブラウザーで前のページに戻り、もう一度送ってください。</p>
</main>
</body>
</html>
""".encode()
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Length", str(len(PAGE))),
    ("Cache-Control", "no-store"),
    ("Retry-After", str(RETRY_AFTER_SECONDS)),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
]


class Gate:
    """A WSGI application around another. Its server needs more threads than `at_once` + `waiting` +
    `streams`: these stand in threads, and those that are turned away need one for a moment."""

    def __init__(
        self,
        application: Application,
        *,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
        streams: int = STREAMS,
        longest_wait: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._application = application
        self._longest_wait = longest_wait
        self._turn = BoundedSemaphore(at_once)
        self._room = BoundedSemaphore(at_once + waiting)
        self._streams = BoundedSemaphore(streams)

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if str(environ.get("PATH_INFO", "")).startswith(PAST_THE_GATE):
            return self._application(environ, start_response)
        if not self._room.acquire(blocking=False):
            return _turned_away(environ, start_response)
        if not self._turn.acquire(timeout=self._longest_wait):
            self._room.release()
            return _turned_away(environ, start_response)
        said: list[Any] = []
        try:
            body = self._application(environ, lambda *status: said.append(status))
        finally:
            self._turn.release()
            self._room.release()
        if getattr(body, "streaming", False):
            if not self._streams.acquire(blocking=False):
                Stream(body, lambda: None).close()
                return _turned_away(environ, start_response)
            body = Stream(body, self._streams.release)
        start_response(*said[-1])
        return body


class Stream:
    """A body that is read from the database while it goes out, which may be long after its turn. It
    counts until it has been sent or given up: the server calls `close` in any case (PEP 3333)."""

    def __init__(self, body: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._body, self._leave = body, leave
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        if not self._is_open:
            return
        self._is_open = False
        try:
            if hasattr(self._body, "close"):
                self._body.close()
        finally:
            self._leave()


def _turned_away(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("503 Service Unavailable", HEADERS)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [PAGE]
