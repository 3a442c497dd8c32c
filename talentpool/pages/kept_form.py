"""What somebody typed into a form whose sending came too late.

A session that ends while a long answer is being typed must not take the text with it (A-04,
WCAG 2.2.5). The text waits in the next session of the same browser, for the same account only, and
is shown on the form's page until that form has been sent or the session ends.
"""

from django.http import HttpRequest

KEY = "kept_form"
ENDED = "session_ended"  # the sign-in page says once why one is there
MOST_CHARACTERS = 40_000
# Not typed by a person, or nothing that may lie in a session.
SECRET = ("password", "code", "token", "secret", "credential")
UNTYPED = {"csrfmiddlewaretoken", "version", "opened", "request_key", "verb", "next"}


def keep(request: HttpRequest, *, user_id: int) -> None:
    """Keep the typed texts of a POST in the request's session, for this account."""
    texts = [
        value.strip()
        for name, values in request.POST.lists()
        if name not in UNTYPED and not any(word in name.lower() for word in SECRET)
        for value in values
        if isinstance(value, str) and value.strip()
    ]
    if texts and sum(map(len, texts)) <= MOST_CHARACTERS:
        request.session[KEY] = {"path": request.path, "user": user_id, "texts": texts}


def note_end(request: HttpRequest) -> None:
    """The session has ended by time: the sign-in page, which is next, says so."""
    request.session[ENDED] = True


def has_ended(request: HttpRequest) -> bool:
    """Whether that is to be said now; said once."""
    return bool(hasattr(request, "session") and request.session.pop(ENDED, False))


def is_waiting(request: HttpRequest) -> bool:
    """Whether typed texts wait in this session, for whomever they are."""
    return hasattr(request, "session") and KEY in request.session


def kept(request: HttpRequest) -> list[str]:
    """The texts that wait for this page and this account."""
    row = request.session.get(KEY) if hasattr(request, "session") else None
    if not row or row["path"] != request.path or row["user"] != request.user.pk:
        return []
    texts: list[str] = row["texts"]
    return texts


def forget(request: HttpRequest) -> None:
    """The form arrived: nothing waits for it any more."""
    row = request.session.get(KEY)
    if row and row["path"] == request.path:
        del request.session[KEY]
