"""Fits of the confidence in the admin: read the check, decide whether to use one."""

from typing import Any, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from municipalities.registry.access import SignedInRequest
from municipalities.registry.querysets import is_coordinator
from talentpool.pages.admin import ReadOnlyAdmin, number_or_404
from talentpool.specialists.confidence import KINDS, SIGN_IN, Parameters
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import AvailabilitySignal, ConfidenceFit
from talentpool.specialists.services.fits import confirm_fit, parameters_in_force


@admin.register(ConfidenceFit)
class ConfidenceFitAdmin(ReadOnlyAdmin):
    """Made each month when enough answers have come, or by `manage.py refit_confidence`."""

    list_display = ["number", "made_at", "answers", "held_back", "better", "confirmed_at"]

    @admin.display(description="番号", ordering="pk")
    def number(self, row: ConfidenceFit) -> str:
        return str(row)

    @admin.display(description="いまの値と比べて")
    def better(self, row: ConfidenceFit) -> str:
        return "よく当たる" if row.is_better else "当たらない"

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        return fit_page(cast(SignedInRequest, request), number_or_404(object_id))


def fit_page(request: SignedInRequest, pk: str) -> HttpResponse:
    """One fit beside what counts now; POST puts it into force."""
    row = get_object_or_404(ConfidenceFit.objects.visible_to(request.user), pk=pk)
    if request.method == "POST" and is_coordinator(request.user):
        try:
            confirm_fit(row.pk, by=request.user)
        except PoolRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "新しい値を使い始めました。")
        return redirect("admin:specialists_confidencefit_change", row.pk)
    context = {
        "row": row,
        "values": _beside(row.values, parameters_in_force()),
        "may_confirm": is_coordinator(request.user) and row.is_better and row.confirmed_at is None,
    }
    return render(request, "specialists/admin/fit.html", context)


def _beside(new: Parameters, now: Parameters) -> list[tuple[str, str, str]]:
    """Each value in words: new, and as it counts now."""
    labels = {SIGN_IN: "サインインした", **dict(AvailabilitySignal.Kind.choices)}
    rows = [
        ("確認した直後に引き受ける割合", f"{new.fresh:.0%}", f"{now.fresh:.0%}"),
        ("長く確認がないときの割合", f"{new.floor:.0%}", f"{now.floor:.0%}"),
        ("確認の効き目が半分になる日数", f"{new.half_life:.0f}日", f"{now.half_life:.0f}日"),
        (
            "手がかりの効き目が半分になる日数",
            f"{new.signal_half_life:.0f}日",
            f"{now.signal_half_life:.0f}日",
        ),
    ]
    rows += [
        (f"「{labels[kind]}」の重み", f"{new.ratios[kind]:.2f}倍", f"{now.ratios[kind]:.2f}倍")
        for kind in KINDS
    ]
    return rows
