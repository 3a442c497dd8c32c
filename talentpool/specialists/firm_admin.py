"""Firms in the admin, and who speaks for each: invite, replace, end."""

from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from municipalities.registry.access import SignedInRequest
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.conventions.numbers import number_in
from talentpool.pages.admin import GivenFilter, PortalAdmin
from talentpool.pages.opened import OpenedModelForm
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.entry import (
    ManagerForm,
    check_numbers_together,
    checked_corporate_number,
    checked_invoice_number,
)
from talentpool.specialists.models import EntryTicket, Firm
from talentpool.specialists.services import belonging, entry, firms


class FirmAdminForm(OpenedModelForm):
    """The numbers are checked as where a firm registers itself."""

    def clean_corporate_number(self) -> str:
        return checked_corporate_number(self.cleaned_data["corporate_number"])

    def clean_invoice_number(self) -> str:
        return checked_invoice_number(self.cleaned_data["invoice_number"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        check_numbers_together(self, data)
        return data


@admin.register(Firm)
class FirmAdmin(PortalAdmin):
    form = FirmAdminForm
    list_display = ["name", "corporate_number", "invoice_number"]
    list_filter = [("unseen_since", GivenFilter)]
    search_fields = ["name", "corporate_number"]
    readonly_fields = ["speaks"]

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/managers/",
            self.admin_site.admin_view(cast(Any, managers)),
            name="specialists_firm_managers",
        )
        return [own, *super().get_urls()]

    @admin.display(description="担当者")
    def speaks(self, firm: Firm) -> str:
        if firm.pk is None:
            return "保存すると、担当者を招待できます。"
        url = reverse("admin:specialists_firm_managers", args=[firm.pk])
        if firm.unseen_since is not None:
            words = "みずから登録した事業者です。担当者を見て、確かめたことを記録する"
            return format_html('<a href="{}">{}</a>', url, words)
        return format_html('<a href="{}">担当者を見る・招待する</a>', url)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            if change and "corporate_number" in form.changed_data:
                belonging.renumber_firm(obj, before=form.initial["corporate_number"])
            audit.record(
                "edit_firm" if change else "enter_firm",
                obj,
                by=cast(SignedInRequest, request).user,
                detail={"fields": sorted(form.changed_data)},
            )


def managers(request: SignedInRequest, pk: int) -> HttpResponse:
    """Who speaks for a firm now and did before; coordinators invite and end."""
    firm = get_object_or_404(Firm, pk=pk)
    may_write = is_coordinator(request.user)
    form = ManagerForm(request.POST if "invite" in request.POST else None)
    if request.method == "POST":
        if not may_write:
            raise Http404
        if _act(request, firm, form):
            return redirect("admin:specialists_firm_managers", pk=firm.pk)
    context = {
        **admin.site.each_context(request),
        "title": f"{firm.name}の担当者",
        "firm": firm,
        "form": form,
        "may_write": may_write,
        "invited": _invited(firm).filter(
            status=EntryTicket.Status.SENT, expires_at__gt=timezone.now()
        ),
        "rows": firm.managers.select_related("user").order_by("-until", "pk"),
    }
    status = 422 if form.is_bound else 200
    return render(request, "specialists/admin/firm_managers.html", context, status=status)


def _act(request: SignedInRequest, firm: Firm, form: ManagerForm) -> bool:
    """Carry out the pressed button; False when the form has errors."""
    if "seen" in request.POST:
        firms.note_seen(firm, by=request.user)
        messages.success(request, "事業者を確かめたと記録しました。")
        return True
    if "revoke" in request.POST:
        ticket = get_object_or_404(_invited(firm), pk=_number(request.POST["revoke"]))
        entry.revoke_manager(ticket, by=request.user)
        messages.success(request, "案内を取り消しました。リンクはもう使えません。")
        return True
    if not form.is_bound:
        manager = get_object_or_404(firm.managers, pk=_number(request.POST.get("end", "")))
        firms.end_manager(manager, by=request.user)
        messages.success(request, "担当者を終えました。")
        return True
    if not form.is_valid():
        return False
    try:
        link = entry.invite_manager(firm, form.cleaned_data["email"], by=request.user)
    except PoolRefused as refusal:
        form.add_error("email", str(refusal))
        return False
    sent, made = (
        "案内のメールを送りました。72時間使えます。",
        "担当者にして、メールで知らせました。",
    )
    messages.success(request, sent if link else made)
    return True


def _invited(firm: Firm) -> "QuerySet[EntryTicket]":
    """Whom the prefecture has asked to speak for the firm, by any link that was sent."""
    return firm.tickets.filter(way=EntryTicket.Way.MANAGER)


def _number(typed: str) -> int:
    number = number_in(typed)
    if not number:
        raise Http404
    return number
