"""System check: every main link leads somewhere."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from talentpool.pages.nav import broken_nav


@register(Tags.urls)
def nav_links_resolve(**kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The main link {item.label!r} of the area {area!r} has no page: {item.url_name}",
            hint="Add the URL, or take the link out of the app's register_nav().",
            id="pages.E001",
        )
        for area, item in broken_nav()
    ]
