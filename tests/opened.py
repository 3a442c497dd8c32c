"""What the page of a form was opened on, as a browser sends it back (A-23)."""

import re

from django.test import Client


def opened(client: Client, url: str) -> dict[str, str]:
    """The hidden input of the page; nothing where there is none."""
    page = client.get(url).content.decode()
    found = re.search(r'name="opened" value="(\w+)"', page)
    return {"opened": found[1]} if found else {}
