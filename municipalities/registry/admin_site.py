"""The admin site: the coordinators' place of work. Apps add screens in their `get_urls`."""

from dataclasses import replace
from functools import partial
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from municipalities.registry.querysets import is_coordinator, is_prefectural
from municipalities.registry.queue import QueueItem, log_people_shown, panels, sections, work_queue
from talentpool.pages.admin import PortalAdmin
from talentpool.privacy.inventory import leads_to_secret

# Auditors come for the records, and see what waits for the others.
FOR_AUDITORS = {
    "title": "いまの状況",
    "reads_only": True,
    "records": [
        ("監査記録", "admin:audit_event_changelist"),
        ("閲覧の警告", "admin:rights_viewalert_changelist"),
        ("送信箱", "admin:outbox_message_changelist"),
    ],
}


class NotingAutocomplete(AutocompleteJsonView):
    """What a field offers while somebody types; the page of the model notes what is shown."""

    model_admin: PortalAdmin

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        self.model_admin.note_offered(self.request, list(context["object_list"]))
        return context


class PoolAdminSite(AdminSite):
    site_header = "管理画面"
    site_title = "管理画面"
    index_title = "今日すること"
    enable_nav_sidebar = False

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self._kept_registers: dict[tuple[Any, ...], SafeString] = {}

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the portal's own pages only. What packages register by themselves (sessions, second
        factors, groups) goes by Django's permission tables, which the portal does not use."""
        if admin_class is not None and issubclass(admin_class, PortalAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """The registers, worked out once a request and only where a page shows them: Django asks
        for them on every page, for a sidebar that the portal does not have."""
        kept = request.__dict__.setdefault("_portal_app_lists", {})
        if app_label not in kept:
            work_out = partial(super().get_app_list, request, app_label)
            kept[app_label] = SimpleLazyObject(work_out)
        return kept[app_label]

    def has_permission(self, request: HttpRequest) -> bool:
        return is_prefectural(request.user)

    def leads_to_secret(self, model: type[Model], lookup: str) -> bool:
        """Whether the lookup asks for what is 秘密: no list is filtered by it."""
        return leads_to_secret(model, lookup)

    def may_write(self, request: HttpRequest) -> bool:
        """Auditors read; coordinators and prefectural approvers write."""
        return is_coordinator(request.user)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one sign-in (A-05): the admin's own form is not reachable."""
        if request.user.is_authenticated:
            return redirect("home")
        target = request.GET.get("next") or reverse("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({'next': target})}")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """One way to change a password: the one that asks who it is and tells the owner (A-04)."""
        return redirect("account_change_password")

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        answer: Any = NotingAutocomplete.as_view(admin_site=self)(request)
        return cast(HttpResponse, answer)

    def index(self, request: HttpRequest, extra_context: Any = None) -> Any:
        items = work_queue("coordinator", request.user)
        log_people_shown(items, request.user)
        context = {
            "work_queue": items,
            "home_panels": panels("coordinator", request.user),
            "home_sections": sections("coordinator", request.user),
            "registers": self._registers(request),
            **(extra_context or {}),
        }
        if not self.may_write(request):
            context |= {"work_queue": [_to_read(item) for item in items], **FOR_AUDITORS}
        return super().index(request, context)

    def _registers(self, request: HttpRequest) -> SafeString:
        """All registers as the home page shows them. Kept in the process for each set of what
        somebody may do with them: their names and addresses stay as they are while it runs."""
        may = tuple(
            (one.has_module_permission(request), *one.get_model_perms(request).values())
            for one in self._registry.values()
        )
        if may not in self._kept_registers:
            context = {"app_list": self.get_app_list(request), "show_changelinks": True}
            self._kept_registers[may] = render_to_string("admin/app_list.html", context, request)
        return self._kept_registers[may]


def _to_read(item: QueueItem) -> QueueItem:
    """What waits for the prefecture, as an auditor sees it: there is nothing to do but look."""
    return replace(item, action="見る")
