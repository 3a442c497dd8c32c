"""The town's pages of its contracts and planned procurements."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import SignedInRequest, for_municipality
from municipalities.registry.deal_forms import ContractForm, PartyFormSet, ProcurementForm
from municipalities.registry.deals import (
    DealRefused,
    barred_firms,
    save_contract,
    save_procurement,
)
from municipalities.registry.models import Municipality, PlannedProcurement, VendorContract
from municipalities.registry.querysets import municipality_code_of
from talentpool.pages.paging import keyset_page


def own_town(request: SignedInRequest) -> Municipality:
    """The municipality that the member of staff works for."""
    town: Municipality = Municipality.objects.get(code=municipality_code_of(request.user))
    return town


@for_municipality
def deal_list(request: SignedInRequest) -> HttpResponse:
    """Contracts and planned procurements of the town, and who may not bid."""
    today = timezone.localdate()
    contracts = VendorContract.objects.visible_to(request.user).select_related("skill")
    procurements = (
        PlannedProcurement.objects.visible_to(request.user)
        .select_related("skill")
        .prefetch_related("parties")
    )
    # Two lists on one page: a cursor belongs to one order, so it moves one of them.
    planned = keyset_page(procurements.still_there(today, today), request.GET, order=["decided_on"])
    current = keyset_page(contracts.filter(ends__gte=today), request.GET, order=["ends"])
    barred = barred_firms(own_town(request))
    numbers = {firm.corporate_number for firm in barred}
    rows = [
        (
            row,
            [party.name for party in row.parties.all() if party.corporate_number in numbers],
            row.is_overdue(today),
        )
        for row in planned
    ]
    return render(
        request,
        "registry/deals.html",
        {
            "contracts": current,
            "planned": planned,
            "past": contracts.filter(ends__lt=today).order_by("-ends", "pk")[:20],
            "procurements": rows,
            "barred": barred,
        },
    )


@for_municipality
def contract_new(request: SignedInRequest) -> HttpResponse:
    return _contract(request, VendorContract(municipality=own_town(request)))


@for_municipality
def contract_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    return _contract(
        request, get_object_or_404(VendorContract.objects.visible_to(request.user), pk=pk)
    )


def _contract(request: SignedInRequest, contract: VendorContract) -> HttpResponse:
    form = ContractForm(request.POST or None, instance=contract)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                save_contract(form.instance, by=request.user)
            except DealRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "契約を保存しました。")
                return redirect("town:deals")
        status = 422
    return render(
        request, "registry/contract.html", {"form": form, "contract": contract}, status=status
    )


@for_municipality
def procurement_new(request: SignedInRequest) -> HttpResponse:
    town = own_town(request)
    return _procurement(
        request, PlannedProcurement(municipality=town, prepared_from=timezone.localdate())
    )


@for_municipality
def procurement_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    return _procurement(
        request, get_object_or_404(PlannedProcurement.objects.visible_to(request.user), pk=pk)
    )


def _procurement(request: SignedInRequest, procurement: PlannedProcurement) -> HttpResponse:
    known = procurement.parties.all() if procurement.pk else ()
    initial = [
        {"name": party.name, "corporate_number": party.corporate_number, "role": party.role}
        for party in known
    ]
    # What was sent stands for itself: a row that equals one of the database is not left out.
    parties: Any = (
        PartyFormSet(request.POST, prefix="parties")
        if request.method == "POST"
        else PartyFormSet(initial=initial, prefix="parties")
    )
    form = ProcurementForm(request.POST or None, instance=procurement, parties=parties)
    status = 200
    if request.method == "POST":
        if form.is_valid() and parties.is_valid():
            try:
                save_procurement(form.instance, parties.parties(), by=request.user)
            except DealRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "調達の予定を保存しました。")
                return redirect("town:deals")
        status = 422
    return render(
        request,
        "registry/procurement.html",
        {"form": form, "parties": parties, "procurement": procurement},
        status=status,
    )
