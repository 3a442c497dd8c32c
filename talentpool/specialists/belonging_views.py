"""区分・所属を変える, mounted in the admin: a coordinator registers a person under another firm."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.access import SignedInRequest, for_coordinator
from talentpool.conventions.era import format_wareki
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm
from talentpool.specialists import completeness
from talentpool.specialists.errors import EditedMeanwhile, PoolRefused
from talentpool.specialists.home import unsettled_url
from talentpool.specialists.models import Firm, Interest, Specialist
from talentpool.specialists.services import belonging, leaving, log_views


class BelongingForm(PortalForm):
    """The new kind and firm, and the last day at the firm before where there is one."""

    kind = forms.ChoiceField(
        label="区分", choices=Specialist.Kind.choices, widget=forms.RadioSelect
    )
    firm = forms.ModelChoiceField(
        label="所属事業者",
        queryset=Firm.objects.all(),
        required=False,
        empty_label="所属事業者なし",
        help_text="一覧にない会社は、先に「事業者」へ加えてください。",
    )
    until = JapaneseDateField(
        label="前の事業者の最後の日",
        help_text="この日から2年間、前の事業者は「2年以内の所属先」として扱われます。",
    )
    never_worked = forms.BooleanField(
        label="入力の誤りで、前の事業者で働いたことはない",
        required=False,
        help_text="前の事業者は、利益相反の判定に残りません。最後の日も使いません。",
    )
    reason = forms.CharField(
        label="変える理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="本人が読みます。例：転職したと、本人から電話で申し出があったため。",
    )
    opened = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        if person.firm_id is None:
            del self.fields["until"], self.fields["never_worked"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == Specialist.Kind.FIRM and not data.get("firm"):
            self.add_error("firm", "地場ベンダ等の方には、事業者を選んでください。")
        return data

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day > timezone.localdate():
            raise forms.ValidationError("今日までの日を入れてください。")
        return day


class KeptTieForm(PortalForm):
    """A tie that was kept from a registration by mistake, and why it goes."""

    tie = forms.ModelChoiceField(
        label="取り消す会社", queryset=Interest.objects.none(), widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label="取り消す理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="本人が読みます。例：事業者を間違えて入れたため。",
    )

    def __init__(self, *args: Any, ties: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tie: Any = self.fields["tie"]
        tie.queryset = ties
        tie.empty_label = None
        tie.label_from_instance = lambda row: f"{row.name}({format_wareki(row.until)}まで)"
        if len(ties) == 1:
            self.initial["tie"] = ties[0].pk


@for_coordinator
def belonging_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the person is registered under, what a change ends, and the form for it."""
    person = get_object_or_404(
        Specialist.objects.visible_to(request.user).select_related("firm"), pk=pk
    )
    today = timezone.localdate()
    initial = {
        "kind": person.kind,
        "firm": person.firm_id,
        "until": person.left_firm_on or today,
        "opened": belonging.belonging_of(person),
    }
    removes = "remove_tie" in request.POST
    sent = request.POST if request.method == "POST" else None
    form = BelongingForm(None if removes else sent, initial=initial, person=person)
    ties = Interest.objects.visible_to(request.user).filter(
        specialist=person, from_registration=True
    )
    tie_form = KeptTieForm(sent if removes else None, ties=ties, auto_id="id_kept_%s")
    if removes and tie_form.is_valid():
        belonging.remove_kept_tie(
            tie_form.cleaned_data["tie"], reason=tie_form.cleaned_data["reason"], by=request.user
        )
        messages.success(request, "前の所属の記録を取り消し、本人に知らせました。")
        return redirect("admin:specialists_specialist_belonging", person.pk)
    if form.is_bound and form.is_valid() and _change(request, person, form):
        messages.success(
            request, "区分と所属を決めました。変わったことは、本人と事業者に知らせます。"
        )
        return redirect(_next(request, person))
    log_views([person.pk], viewer=request.user, scope="name", purpose="区分と所属を変えるため")
    context = {
        **admin.site.each_context(request),
        "title": f"{person.pool_number}の区分・所属を変える",
        "person": person,
        "form": form,
        "tie_form": tie_form if ties else None,
        "ends": leaving.what_ends(person.pk),
        "alike": _alike(person),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "specialists/admin/belonging.html", context, status=status)


def _alike(person: Specialist) -> list[str]:
    """The kinds between which a change is one of the label only; none for other people."""
    alone = person.firm_id is None and person.kind in Specialist.BELONGING
    return [kind.label for kind in Specialist.BELONGING] if alone else []


def _next(request: SignedInRequest, person: Specialist) -> str:
    """Where to go on: to the others whose kind is unsettled, or to the registration; and what the
    new kind asks and nobody has entered yet."""
    was_unsettled = person.kind_unsettled_since is not None
    person.refresh_from_db()
    if lacks := completeness.missing_of(person).get("background", []):
        messages.warning(request, f"新しい区分で要る内容がまだありません：{'、'.join(lacks)}")
    page = "review" if lacks else "change"
    here = reverse(f"admin:specialists_specialist_{page}", args=[person.pk])
    return unsettled_url() if was_unsettled else here


def _change(request: SignedInRequest, person: Specialist, form: BelongingForm) -> bool:
    data = form.cleaned_data
    try:
        belonging.change_firm(
            person,
            kind=data["kind"],
            firm=data["firm"],
            until=data.get("until") or timezone.localdate(),
            opened=data["opened"],
            reason=data["reason"],
            never_worked=data.get("never_worked", False),
            by=request.user,
        )
    except EditedMeanwhile as refusal:
        sent = request.POST.copy()  # the next press changes what is saved now
        person.refresh_from_db()
        sent["opened"] = belonging.belonging_of(person)
        form.data = sent
        form.add_error(None, str(refusal))
    except PoolRefused as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False
