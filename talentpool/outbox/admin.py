"""The outbox in the admin: what waits, what failed, what is unknown."""

from django.contrib import admin

from talentpool.outbox.models import Message
from talentpool.pages.admin import ReadOnlyAdmin


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = [
        "created_at",
        "kind",
        "in_bulk",
        "state",
        "attempts",
        "not_before",
        "last_error",
    ]
    list_filter = ["state", "kind", "in_bulk"]
    # The payload holds addresses: it is not shown.
    fields = [
        "kind",
        "in_bulk",
        "key",
        "state",
        "attempts",
        "not_before",
        "finished_at",
        "last_error",
    ]
