"""The outbox in the admin: what waits, what failed, what is unknown."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest

from talentpool.outbox.models import Message
from talentpool.outbox.services import send_again
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
    actions = ["send_mails_again"]
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

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        """Auditors read; coordinators decide."""
        return bool(self.admin_site.may_write(request))  # type: ignore[attr-defined]

    @admin.action(
        description="送れなかった・不明のメールをもう一度送る", permissions=["send_again"]
    )
    def send_mails_again(self, request: HttpRequest, queryset: Any) -> None:
        sent = sum(send_again(message, by=request.user) for message in queryset)  # type: ignore[arg-type]
        messages.success(
            request,
            f"{sent}件をもう一度送ります。送信済みと送信待ちのものは、そのままです。",
        )
