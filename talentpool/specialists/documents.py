"""Who reads a person's documents, and that each opening is written down (B-07)."""

from typing import Any

from talentpool.files.access import FileRoom
from talentpool.specialists.models import Document
from talentpool.specialists.services.profile_views import log_views
from talentpool.specialists.services.registration import FILE_ROOM


def _readable(user: Any) -> Any:
    """The person and prefectural staff; never a town (B-08)."""
    return Document.objects.visible_to(user).values_list("file_id", flat=True)


def _opened(file: Any, user: Any) -> None:
    document = Document.objects.select_related("specialist").get(file=file)
    if document.specialist.user_id != user.pk:
        log_views(
            [document.specialist_id],
            viewer=user,
            scope="file",
            purpose=f"書類（{document.get_kind_display()}）を開くため",
        )


ROOM = FileRoom(FILE_ROOM, _readable, _opened)
