"""Who may see an upload."""

from typing import Any, Self

from django.db import models
from django.db.models import Q

from talentpool.files.access import file_rooms


class StoredFileQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """What the rooms say; nothing for anybody else, the uploader included."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        wanted = Q()
        for room in file_rooms():
            wanted |= Q(room=room.name, pk__in=room.readable(user))
        return self.filter(wanted) if wanted else self.none()

    def downloadable(self) -> Self:
        """Checked and found clean; what is not scanned is not sent (A-29)."""
        return self.filter(state="clean")

    def waiting(self) -> Self:
        """Not scanned yet, the longest first."""
        return self.filter(state="waiting").order_by("uploaded_at", "pk")
