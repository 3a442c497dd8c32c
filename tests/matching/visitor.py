"""A person at the pages: reads them with Django's test client and sends the forms they give."""

from typing import Any

from django.test import Client

from talentpool.embedded.walkthrough.browser import Form, Page
from talentpool.users.models import User


class Visitor:
    """Somebody who is signed in."""

    def __init__(self, user: User) -> None:
        self.client = Client()
        self.client.force_login(user)

    def get(self, path: str, status: int = 200) -> Page:
        answer = self.client.get(path, follow=True)
        assert answer.status_code == status, (path, answer.status_code)
        return Page(answer.request["PATH_INFO"], answer.status_code, answer.content)

    def send(self, page: Page, form: Form, /, **values: Any) -> Page:
        """Send a form of `page` as it stands, with `values` filled in. A page that says what is
        wrong in the form is answered as such (422), every other one as done."""
        data: dict[str, Any] = {}
        for name, value in form.fields:
            data.setdefault(name, []).append(value)
        answer = self.client.post(form.action or page.url, {**data, **values}, follow=True)
        wrong = b'id="errors"' in answer.content
        assert answer.status_code == (422 if wrong else 200), (form.action or page.url, wrong)
        return Page(answer.request["PATH_INFO"], answer.status_code, answer.content)

    def send_twice(self, page: Page, form: Form, /, **values: Any) -> Page:
        """A double click: the second answer must be the page of the first."""
        first = self.send(page, form, **values)
        second = self.send(page, form, **values)
        assert second.url == first.url
        return second


def date_parts(name: str, day: Any) -> dict[str, int]:
    """The three inputs of a date."""
    return {f"{name}_0": day.year, f"{name}_1": day.month, f"{name}_2": day.day}
