"""The one way to a file's bytes (A-30)."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from talentpool.files.access import room_named
from talentpool.files.checks import TYPES
from talentpool.files.models import StoredFile
from talentpool.files.services import read


@require_GET
def download(request: HttpRequest, key: UUID) -> HttpResponse:
    """Send a clean file that the account may read, after the room has written down who looks.

    Always to be saved, never shown by the browser; a sandbox without scripts if it is all the same.
    """
    user: Any = request.user
    file: StoredFile = get_object_or_404(
        StoredFile.objects.visible_to(user).downloadable(), key=key
    )
    room = room_named(file.room)
    if room is None:
        raise Http404
    try:
        content = read(file)
    except OSError as error:
        raise Http404 from error
    room.opened(file, user)
    return HttpResponse(
        content,
        content_type=TYPES[file.kind],
        headers={
            "Content-Disposition": "attachment; "
            f"filename=\"file.{file.kind}\"; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
