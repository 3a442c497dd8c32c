"""The staff's list of uploads: what is held because nobody has scanned it, what was infected."""

from django.contrib import admin

from talentpool.files.models import StoredFile
from talentpool.pages.admin import ReadOnlyAdmin


@admin.register(StoredFile)
class StoredFileAdmin(ReadOnlyAdmin):
    """Without file names: they may hold the name of a person."""

    list_display = ["pk", "kind", "size", "state", "tries", "tried_at", "uploaded_at"]
    list_filter = ["state", "kind"]
    fields = ["kind", "size", "state", "tries", "tried_at", "anonymous", "uploaded_at"]
