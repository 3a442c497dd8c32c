"""Forms of the coordination."""

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from functools import partial
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from matching.proposals.dates import (
    in_form,
    refuse_before_decisions,
    refuse_before_offer,
    refuse_extension,
    usual_date,
    usual_extension,
)
from matching.proposals.errors import Refused
from matching.proposals.models import Bundle, Candidate, Pin, Proposal, Run
from matching.proposals.offer_check import RareOffer
from matching.proposals.rarity import Less
from matching.proposals.reasons import AsideReason
from matching.proposals.services.approaches import ANSWER_BUSINESS_DAYS, next_candidate
from municipalities.vacancies.models import Need
from talentpool.pages.fields import JapaneseDateField
from talentpool.pages.forms import PortalForm
from talentpool.vocabulary.models import EngagementForm

RANK_BUSINESS_DAYS = 7  # that a town is given to rank, where nobody sets another date


def _not_past(day: date) -> None:
    if day < timezone.localdate():
        raise ValidationError("今日以降の日付を入れてください。")


def _not_future(day: date) -> None:
    if day > timezone.localdate():
        raise ValidationError("今日までの日付を入れてください。")


class NeedsField(forms.ModelMultipleChoiceField):
    """Needs with their town in full."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.municipality.name}「{obj.title}」"


class StartRunForm(PortalForm):
    title = forms.CharField(
        label="名称", max_length=60, help_text="例：令和9年度当初。結果の一覧に表示されます。"
    )
    needs = NeedsField(
        label="対象の案件",
        queryset=Need.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "案件を1つ以上選んでください。"},
    )
    policy = forms.ChoiceField(
        label="決め方",
        choices=Run.Policy.choices,
        initial=Run.Policy.TOWNS_FIRST,
        widget=forms.RadioSelect,
        help_text="標準は、どの市町にも1件目が届くことを2件目より先にします。「充足率の低い市町から」は、"
        "求めた人数に対して決まった割合がいちばん低い市町から順に引き上げます。得点の合計だけで決めると、"
        "届かない市町が増えることがあります。計算の後で、3つの決め方を並べて比べられます。",
    )
    wall_seconds = forms.IntegerField(
        label="計算時間の上限(秒)",
        min_value=5,
        max_value=300,
        initial=60,
        help_text="過ぎたときは、それまでに見つかった案と、上限との差を示します。",
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)  # a second click makes no second run

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        open_needs = (
            Need.objects.visible_to(user)
            .filter(status=Need.Status.ACCEPTED)
            .not_over_on(timezone.localdate())
            .exclude(proposals__status__in=Proposal.OPEN)
            .select_related("municipality")
            .order_by("municipality__kana", "pk")
        )
        field = cast(NeedsField, self.fields["needs"])
        field.queryset = open_needs
        self.initial.setdefault("needs", [need.pk for need in open_needs])
        self.initial.setdefault("request_key", uuid.uuid4())


class OfferForm(PortalForm):
    """Which needs of a plan go to their towns, and by when the towns rank."""

    needs = forms.MultipleChoiceField(
        label="提示する案件",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "案件を1つ以上選んでください。"},
    )
    rank_due = JapaneseDateField(label="順位付けの期限", validators=[_not_past])

    def __init__(self, *args: Any, needs: Sequence[Need], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.MultipleChoiceField, self.fields["needs"])
        field.choices = [(str(need.pk), str(need.pk)) for need in needs]
        self.initial.setdefault("rank_due", usual_date(RANK_BUSINESS_DAYS, needs))


def _less_of(row: RareOffer) -> list[str]:
    return list(row.rarity.less)


class ToldLessForm(PortalForm):
    """For each candidate whom a town might recognise: what it reads less exactly."""

    def __init__(self, *args: Any, rows: list[RareOffer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in rows:
            self.fields[row.field] = forms.MultipleChoiceField(
                label=f"{row.person.pool_number} の見せ方",
                choices=Less.choices,
                initial=partial(_less_of, row),
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="印を付けた項目を、大まかにして見せます。",
            )
        self.prepare()


class RankForm(PortalForm):
    """One radio group per candidate: 第1希望 … or not this time."""

    wants_assessor = forms.BooleanField(
        label="面接の評価者の派遣を県に頼む",
        required=False,
        help_text="判断に迷うときは、県や他市町の専門職員が採点に加わります。",
    )

    def __init__(self, *args: Any, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Others have left, or have not agreed to the words in force yet.
        candidates = [row for row in candidates if row.allows("pass_over") and row.may_be_told]
        choices = [(str(n), f"第{n}希望") for n in range(1, len(candidates) + 1)]
        choices.append(("none", "今回は希望しない"))
        self.candidates = candidates
        for candidate in candidates:
            self.fields[f"rank_{candidate.blind_id}"] = forms.ChoiceField(
                label=f"候補{candidate.letter}の順位", choices=choices, widget=forms.RadioSelect
            )
        self.order_fields([*(f"rank_{c.blind_id}" for c in candidates), "wants_assessor"])
        self.prepare()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        given = sorted(
            int(value) for key, value in data.items() if key.startswith("rank_") and value != "none"
        )
        if not self.errors and given != list(range(1, len(given) + 1)):
            raise ValidationError(
                "第1希望から順に付けてください。同じ順位を2人に付けることはできません。"
            )
        return data

    def ranks(self) -> dict[int, int | None]:
        """Candidate pk → rank, or None for "not this time"."""
        result: dict[int, int | None] = {}
        for candidate in self.candidates:
            value = self.cleaned_data[f"rank_{candidate.blind_id}"]
            result[candidate.pk] = None if value == "none" else int(value)
        return result


class ApproachForm(PortalForm):
    """One of many on its page: `person` is whom it approaches, `proposals` are those ticked."""

    answer_due = JapaneseDateField(label="回答の期限", validators=[_not_past])

    def __init__(
        self,
        *args: Any,
        person: int,
        needs: Sequence[Need] = (),
        proposals: Collection[int] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, auto_id=f"id_{person}_%s", **kwargs)
        self.person, self.proposals = person, proposals
        self.initial.setdefault("answer_due", usual_date(ANSWER_BUSINESS_DAYS, needs))


class AnswerForm(PortalForm):
    """The person's answer to an approach."""

    answer = forms.ChoiceField(
        label="お返事",
        choices=[("accept", "引き受けたい"), ("decline", "今回は断る")],
        widget=forms.RadioSelect,
    )
    agreed = forms.MultipleChoiceField(
        label="お名前と所属を見せてよい市町",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="引き受けるときだけ選びます。市町ごとに決められ、契約までは取り消せます。",
    )
    reason = forms.ChoiceField(
        label="断る理由",
        required=False,
        choices=[("", "選んでください"), *Bundle.DeclineReason.choices],
        help_text="断るときだけ選びます。次からの打診に生かします。市町には伝えません。",
    )
    terms_version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, towns: list[tuple[str, str]], terms_version: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("terms_version", terms_version)
        field = cast(forms.MultipleChoiceField, self.fields["agreed"])
        field.choices = [(code, f"{name}に見せてよい") for code, name in towns]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") == "decline" and not data.get("reason"):
            self.add_error("reason", "断る理由を選んでください。")
        return data


class InterviewForm(PortalForm):
    held_on = JapaneseDateField(label="面接日", validators=[_not_future])

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal

    def clean_held_on(self) -> date:
        return _since_offer(self.proposal, self.cleaned_data["held_on"], "面接日")


def _since_offer(proposal: Proposal, day: date, what: str) -> date:
    try:
        refuse_before_offer(proposal, day, what)
    except Refused as refusal:
        raise in_form(refusal) from refusal
    return day


class CandidateForm(PortalForm):
    """A verb on the candidate whom the page showed: the mark travels along, so that a page that
    was left open never touches the next one in line."""

    candidate = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.proposal = proposal
        self.marks = dict(proposal.candidates.values_list("blind_id", "pk"))
        current = proposal.candidates.filter(status=Candidate.Status.ACCEPTED).first()
        self.initial.setdefault("candidate", current.blind_id if current else "")

    def clean_candidate(self) -> int:
        """The candidate's primary key."""
        try:
            return self.marks[self.cleaned_data["candidate"]]
        except KeyError:
            raise ValidationError("この候補は、この案件の候補ではありません。") from None


class DecideForm(CandidateForm):
    """The town's decision. The version of the terms travels along: a change in between shows."""

    document_number = forms.CharField(
        label="文書番号", max_length=40, help_text="例：総第123号。決裁を受けた文書の番号です。"
    )
    decided_on = JapaneseDateField(label="決裁日", validators=[_not_future])
    terms_version = forms.IntegerField(widget=forms.HiddenInput)

    def clean_decided_on(self) -> date:
        return _since_offer(self.proposal, self.cleaned_data["decided_on"], "決裁日")


class StepBackForm(CandidateForm):
    reason = forms.ChoiceField(
        label="見送る理由",
        widget=forms.RadioSelect,
        choices=[(reason.value, reason.label) for reason in Proposal.TOWN_REASONS],
        help_text="「面接の結果」を選ぶと、次の希望順位の人へ県が打診します。",
    )


class SkipForm(CandidateForm):
    """The mark is of the candidate who is next: a page left open skips nobody else."""

    reason = forms.ChoiceField(
        label="見送る理由",
        widget=forms.RadioSelect,
        choices=AsideReason.choices,
        help_text="市町には、県が見送ったことだけを知らせます。",
    )

    def __init__(self, *args: Any, proposal: Proposal, **kwargs: Any) -> None:
        following = next_candidate(proposal)
        mark = following.blind_id if following else ""
        super().__init__(*args, proposal=proposal, initial={"candidate": mark}, **kwargs)


class EndProposalForm(PortalForm):
    reason = forms.ChoiceField(
        label="終える理由",
        widget=forms.RadioSelect,
        choices=[(reason.value, reason.label) for reason in Proposal.PREFECTURE_REASONS],
        help_text="市町にも表示します。",
    )


class PinForm(PortalForm):
    reason = forms.ChoiceField(
        label="固定する理由",
        widget=forms.RadioSelect,
        choices=Pin.Reason.choices,
        help_text="県の記録に残します。市町と本人には知らせません。",
    )


class ReleasePinForm(PortalForm):
    reason = forms.ChoiceField(
        label="固定を解く理由", widget=forms.RadioSelect, choices=Pin.ReleaseReason.choices
    )


class EndApproachForm(PortalForm):
    reason = forms.ChoiceField(
        label="終える理由",
        widget=forms.RadioSelect,
        choices=AsideReason.choices,
        help_text="市町と本人には、県が打診を終えたことだけを知らせます。",
    )


class ExtendForm(PortalForm):
    """A later date. The date that the page showed goes along: a page left open moves no other."""

    until = JapaneseDateField(label="新しい期限")
    shown = forms.DateField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, due: date, needs: list[Need], **kwargs: Any) -> None:
        self.due, self.needs = due, needs
        later = usual_extension(due, needs)
        super().__init__(*args, initial={"until": later, "shown": due}, **kwargs)

    def clean_until(self) -> date:
        day: date = self.cleaned_data["until"]
        if day == self.due:  # sent twice
            return day
        try:
            refuse_extension(self.due, day, self.needs)
        except Refused as refusal:
            raise in_form(refusal) from refusal
        return day


class SignForm(PortalForm):
    signed_on = JapaneseDateField(label="締結日", validators=[_not_future])
    form = forms.ModelChoiceField(
        label="任用等の形態", queryset=EngagementForm.objects.filter(active=True)
    )

    def __init__(self, *args: Any, candidates: list[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.candidates = candidates
        self.initial.setdefault("signed_on", timezone.localdate())

    def clean_signed_on(self) -> date:
        day: date = self.cleaned_data["signed_on"]
        try:
            refuse_before_decisions(self.candidates, day)
        except Refused as refusal:
            raise in_form(refusal) from refusal
        return day
