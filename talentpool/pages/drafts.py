"""What a person has typed into a form and not saved yet, kept on the server (C-08).

The script autosave.js sends the whole form; a room keeps the text in a row of its own, one per
person and page, and shows it again over what is saved. Saving is what decides.
"""

from django.http import JsonResponse, QueryDict
from django.utils import timezone

from talentpool.conventions.numbers import number_in

LARGEST_DRAFT = 50_000  # characters; the longest page holds about 5,000


def typed_in(sent: QueryDict) -> tuple[str, int] | None:
    """The form as it was sent, as text, and the version it was typed over (0 without one); None
    when it is no such form or too long to be one."""
    typed = sent.copy()
    typed.pop("csrfmiddlewaretoken", None)
    version = str(typed.pop("version", ["0"])[0])
    number, text = number_in(version), typed.urlencode()
    if (not number and version != "0") or len(text) > LARGEST_DRAFT:
        return None
    return text, number


def shown_again(typed: str, version: int = 0) -> QueryDict:
    """The data of a form that shows what was typed."""
    data = QueryDict(typed, mutable=True)
    data["version"] = str(version)
    return data


def kept() -> JsonResponse:
    """Tells the script that the draft is kept, and when."""
    return JsonResponse({"saved": True, "at": f"{timezone.localtime():%H:%M:%S}"})


def not_kept() -> JsonResponse:
    return JsonResponse({"saved": False}, status=409)
