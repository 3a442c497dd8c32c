"""What the page of a form was opened on, as a browser sends it back (A-23)."""

import re

from django.test import Client


def opened(client: Client, url: str) -> dict[str, str]:
    """The hidden input of the page; nothing where there is none."""
    page = client.get(url).content.decode()
    found = re.search(r'name="opened" value="(\w+)"', page)
    return {"opened": found[1]} if found else {}


def opened_rows(client: Client, url: str) -> dict[str, str]:
    """The hidden inputs of the rows of tables in the admin."""
    page = client.get(url).content.decode()
    return dict(re.findall(r'name="([\w-]+-opened)" value="(\w+)"', page))
