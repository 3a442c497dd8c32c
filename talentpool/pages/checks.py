"""System check: every main link, and every page that belongs to one, leads somewhere."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from talentpool.pages.nav import broken_nav


@register(Tags.urls)
def nav_links_resolve(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The main links of the area {area!r} name what is not there: {url_name}",
            hint="Add the URL, or take it out of the app's register_nav() or register_page().",
            id="pages.E001",
        )
        for area, url_name in broken_nav()
    ]
