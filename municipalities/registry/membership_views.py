"""The coordinator's page on which the membership of a member of staff ends."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from municipalities.registry.access import SignedInRequest, for_coordinator
from municipalities.registry.memberships import EndRefused, end_membership, why_not
from municipalities.registry.models import Membership
from talentpool.pages.forms import PortalForm


@for_coordinator
def end(request: SignedInRequest, pk: int) -> HttpResponse:
    """所属を終える: asks first."""
    membership: Membership = get_object_or_404(
        Membership.objects.select_related("user", "municipality"), pk=pk
    )
    back = reverse("admin:registry_membership_changelist")
    refusal = why_not(membership, by=request.user)
    if refusal is None and request.method == "POST":
        try:
            end_membership(membership.pk, by=request.user)
        except EndRefused as late:
            refusal = str(late)
        else:
            messages.success(
                request,
                f"{membership.user.name}さんの所属を終えました。"
                "同じメールアドレスを、あらためて招待できます。",
            )
            return redirect(back)
    if refusal is not None:
        messages.error(request, refusal)
        return redirect(back)
    return render(
        request,
        "registry/end_membership.html",
        {
            "form": PortalForm(),
            "question": "この人の所属を終えますか",
            "objects": [f"{membership.user.name}（{membership}）"],
            "consequence": "今日で所属が終わり、すぐにサインアウトされ、"
            "サインインもできなくなります。異動や復帰のときは、新しい役割であらためて招待します。",
            "action_label": "所属を終える",
            "cancel_url": back,
        },
    )
