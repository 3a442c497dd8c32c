"""What a page said that it showed, so that a button decides on nothing else (A-23)."""

from django.http import HttpRequest

from talentpool.conventions.numbers import number_in


def version_read(request: HttpRequest) -> int:
    """The version of the text that stood on the page; 0, which none is, for what is no number."""
    return number_in(request.POST.get("version", ""))
