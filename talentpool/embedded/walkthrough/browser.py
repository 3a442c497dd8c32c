"""A small browser: cookies, forms with their hidden fields and defaults, no JavaScript."""

import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any

TIMEOUT_SECONDS = 60


class Unexpected(Exception):
    """A page was not what the step expects; says which and how."""


@dataclass
class Form:
    """A form as the page gives it: what would be sent if nothing were touched."""

    action: str = ""
    method: str = "get"
    fields: list[tuple[str, str]] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects forms, links and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._select = ""
        self._picked: list[str] = []
        self._textarea: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        if tag == "a" and values.get("href"):
            self.links.append(values["href"] or "")
        elif tag == "form":
            self._form = Form(values.get("action") or "", (values.get("method") or "get").lower())
            self.forms.append(self._form)
        elif self._form is None:
            return
        elif tag == "input":
            self._input(self._form, name, values)
        elif tag == "button":
            self._form.buttons.append((name, values.get("value") or ""))
        elif tag == "select":
            self._select, self._picked = name, []
            self._form.names.add(name)
            self._form.options[name] = []
        elif tag == "option" and self._select:
            value = values.get("value") or ""
            self._form.options[self._select].append(value)
            if "selected" in values:
                self._picked.append(value)
        elif tag == "textarea":
            self._textarea, self._text = name, []
            self._form.names.add(name)

    @staticmethod
    def _input(form: Form, name: str, values: dict[str, str | None]) -> None:
        kind = (values.get("type") or "text").lower()
        if kind in {"submit", "button", "image"}:
            form.buttons.append((name, values.get("value") or ""))
            return
        if not name:
            return
        form.names.add(name)
        value = values.get("value") or ""
        if kind in {"checkbox", "radio"}:
            form.options.setdefault(name, []).append(value or "on")
            if "checked" not in values:
                return
            value = value or "on"
        form.fields.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._form is not None and self._select:
            chosen = self._picked or self._form.options[self._select][:1]
            self._form.fields += [(self._select, value) for value in chosen]
            self._select = ""
        elif tag == "textarea" and self._form is not None and self._textarea is not None:
            self._form.fields.append((self._textarea, "".join(self._text).removeprefix("\n")))
            self._textarea = None


class Page:
    """One answer of the portal."""

    def __init__(self, url: str, status: int, body: bytes) -> None:
        self.url = url
        self.status = status
        self.body = body
        self.text = body.decode("utf-8", "replace")
        reader = _Reader()
        reader.feed(self.text)
        self.forms = reader.forms
        self.links = reader.links

    def must_say(self, *words: str) -> "Page":
        """The page holds all of these words."""
        for word in words:
            if word not in self.text:
                raise Unexpected(f"{self.url} does not say 「{word}」")
        return self

    def must_not_say(self, *words: str) -> "Page":
        """The page holds none of these words."""
        for word in words:
            if word in self.text:
                raise Unexpected(f"{self.url} says 「{word}」, which it must not")
        return self

    def form_with(self, *names: str, action: str = "") -> Form:
        """The form that has all these fields or buttons (and whose action ends so)."""
        for form in self.forms:
            known = form.names | {name for name, _ in form.buttons}
            if set(names) <= known and form.action.endswith(action):
                return form
        raise Unexpected(f"{self.url} has no form with {', '.join(names) or action}")

    def link(self, pattern: str) -> str:
        """The first link whose address fits the regular expression."""
        for link in self.links:
            if re.search(pattern, link):
                return link
        raise Unexpected(f"{self.url} has no link to {pattern}")


class Browser:
    """One person at the portal."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(CookieJar()),
            urllib.request.ProxyHandler({}),  # the portal runs here, whatever proxy the site has
        )

    def get(self, address: str, status: int = 200) -> Page:
        request = urllib.request.Request(self._absolute(address))  # noqa: S310  # http, given
        return self._open(request, status)

    def submit(
        self,
        page: Page,
        form: Form,
        values: dict[str, Any] | None = None,
        *,
        button: tuple[str, str] | None = None,
        status: int | tuple[int, ...] = 200,
    ) -> Page:
        """Send the form with `values` in place of its own; a list sends a name several times.

        Raises Unexpected for a name that the form does not have: nobody could type it.
        """
        values = values or {}
        unknown = set(values) - form.names
        if unknown:
            raise Unexpected(f"{page.url}: the form has no {', '.join(sorted(unknown))}")
        pairs = [(name, value) for name, value in form.fields if name not in values]
        for name, value in values.items():
            each = value if isinstance(value, list) else [value]
            pairs += [(name, str(one)) for one in each]
        if button is not None:
            pairs.append(button)
        request = urllib.request.Request(  # noqa: S310  # the portal given on the command line
            urllib.parse.urljoin(page.url, form.action or page.url),
            data=urllib.parse.urlencode(pairs).encode(),
            headers={"Referer": page.url},
        )
        return self._open(request, status)

    def _absolute(self, address: str) -> str:
        return urllib.parse.urljoin(self.base + "/", address)

    def _open(self, request: urllib.request.Request, status: int | tuple[int, ...]) -> Page:
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                page = Page(answer.geturl(), answer.status, answer.read())
        except urllib.error.HTTPError as error:
            page = Page(request.full_url, error.code, error.read())
        except (OSError, HTTPException) as error:  # refused, cut off in the middle, too late
            why = getattr(error, "reason", None) or error or type(error).__name__
            raise Unexpected(f"{request.full_url} cannot be reached: {why}") from error
        if page.status not in (status if isinstance(status, tuple) else (status,)):
            raise Unexpected(f"{page.url} answered {page.status}, not {status}")
        return page
