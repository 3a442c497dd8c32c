"""From a plan to agreement: runs, proposals, candidates, bundles."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from matching.proposals import reasons
from matching.proposals.application import Application as Application
from matching.proposals.marks import new_blind_id as new_blind_id
from matching.proposals.pins import Pin as Pin
from matching.proposals.pins import RunPin as RunPin
from matching.proposals.querysets import (
    BundleQuerySet,
    CandidateQuerySet,
    ProposalQuerySet,
)
from matching.proposals.run import Run as Run
from matching.proposals.runparts import RunPart as RunPart
from matching.proposals.states import Moving, Transitions
from matching.proposals.studies import Study as Study
from talentpool.conventions.business_days import add_business_days
from talentpool.specialists.conflicts.rules import Result
from talentpool.specialists.models import Specialist

# The prefecture's own dates, in business days: after the ranking, and after the towns' last day.
APPROACH_BUSINESS_DAYS = 5
SIGN_BUSINESS_DAYS = 5

CONFLICT_TAGS = {
    Result.NONE: "ok",
    Result.MEASURES: "info",
    Result.CHECK: "wait",
    Result.NO: "late",
}


class Bundle(Moving):
    """One person and the needs that share this person in one approach: it binds its towns.

    `terms` are worked out from the towns still in it. When one drops out they are worked out
    anew, `terms_version` goes up, and the others and the person confirm again.
    """

    class Status(models.TextChoices):
        APPROACHED = "approached", "意向確認中"
        ACCEPTED = "accepted", "本人承諾"
        AGREED = "agreed", "全員合意"
        SIGNED = "signed", "締結済み"
        DECLINED = "declined", "辞退"
        EXPIRED = "expired", "期限切れ"
        DISSOLVED = "dissolved", "不成立"

    OPEN = (Status.APPROACHED, Status.ACCEPTED, Status.AGREED)
    ANSWERED = (Status.ACCEPTED, Status.AGREED)

    TRANSITIONS: ClassVar[Transitions] = {
        "accept": ((Status.APPROACHED,), Status.ACCEPTED),
        "shrink": ((Status.APPROACHED,), Status.APPROACHED),  # a town left before the answer
        "reopen": (ANSWERED, Status.ACCEPTED),  # a town left after it: all confirm again
        "confirm_terms": ((Status.ACCEPTED,), Status.ACCEPTED),
        "agree": ((Status.ACCEPTED,), Status.AGREED),
        "sign": ((Status.AGREED,), Status.SIGNED),
        "decline": (OPEN, Status.DECLINED),
        "expire": ((Status.APPROACHED, Status.ACCEPTED), Status.EXPIRED),
        "dissolve": (OPEN, Status.DISSOLVED),
    }

    class DeclineReason(models.TextChoices):
        SCHEDULE = "schedule", "日程が合わない"
        CONTENT = "content", "内容が専門と合わない"
        TERMS = "terms", "報酬や形態が合わない"
        CONFLICT = "conflict", "利益相反のおそれがある"
        EMPLOYER = "employer", "勤務先の承諾が得られない"
        OTHER = "other", "その他"

    specialist = models.ForeignKey(
        "specialists.Specialist",
        on_delete=models.PROTECT,  # who was asked is part of the record
        related_name="bundles",
        verbose_name="専門人材",
    )
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.APPROACHED)
    answer_due = models.DateField("回答期限")
    decide_due = models.DateField("市町の決定期限", null=True, blank=True)
    answered_at = models.DateTimeField("回答日時", null=True, blank=True)
    decline_reason = models.CharField(
        "辞退の理由", max_length=10, choices=DeclineReason, blank=True
    )
    terms_version = models.PositiveSmallIntegerField("条件の版", default=1)
    confirmed_version = models.PositiveSmallIntegerField("本人が確認した版", default=0)
    # What the person asked for when the terms were worked out: a later change of the registration
    # touches no terms that somebody has seen.
    half_day_rate_yen = models.PositiveIntegerField("単価(円/半日)", default=0)
    monthly_fixed_yen = models.PositiveIntegerField("月額の共通経費(円)", default=0)
    total_yen = models.PositiveBigIntegerField("契約額(円)")
    engagement = models.OneToOneField(
        "engagements.Engagement",
        on_delete=models.PROTECT,  # the coordination that led to a public record
        related_name="bundle",
        null=True,
        blank=True,
        verbose_name="シェア契約",
    )
    created_at = models.DateTimeField("打診日時", auto_now_add=True)
    closed_at = models.DateTimeField("終了日時", null=True, blank=True)

    objects = BundleQuerySet.as_manager()

    class Meta:
        verbose_name = "打診"
        verbose_name_plural = "打診"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="answered_bundle_has_time",
                condition=~Q(status__in=["accepted", "agreed", "signed"])
                | Q(answered_at__isnull=False, decide_due__isnull=False),
            ),
            models.CheckConstraint(
                name="declined_bundle_has_reason",
                condition=~Q(status="declined") | ~Q(decline_reason=""),
            ),
            models.CheckConstraint(
                name="signed_bundle_has_engagement",
                condition=Q(status="signed", engagement__isnull=False)
                | (~Q(status="signed") & Q(engagement__isnull=True)),
            ),
            models.CheckConstraint(
                name="closed_bundle_has_time",
                condition=Q(status__in=["approached", "accepted", "agreed"], closed_at__isnull=True)
                | Q(
                    status__in=["signed", "declined", "expired", "dissolved"],
                    closed_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="person_confirms_terms_that_exist",
                condition=Q(confirmed_version__lte=F("terms_version")),
            ),
            models.CheckConstraint(
                name="agreed_bundle_has_person_confirmation",
                condition=~Q(status__in=["agreed", "signed"])
                | Q(confirmed_version=F("terms_version")),
            ),
        ]

    def __str__(self) -> str:
        return f"打診 {self.pk}"

    @property
    def sign_due(self) -> date | None:
        """The day by which the prefecture signs what all have agreed to."""
        return add_business_days(self.decide_due, SIGN_BUSINESS_DAYS) if self.decide_due else None


class Proposal(Moving):
    """候補提示: the candidates offered to a town for one need, and how far it has come."""

    class Status(models.TextChoices):
        OFFERED = "offered", "市町の順位付け待ち"
        RANKED = "ranked", "打診の準備"
        APPROACHED = "approached", "本人の意向確認中"
        ACCEPTED = "accepted", "本人承諾・開示と面接"
        DECIDED = "decided", "市町が決定"
        SIGNED = "signed", "契約締結"
        CLOSED = "closed", "終了(不成立)"

    OPEN = (Status.OFFERED, Status.RANKED, Status.APPROACHED, Status.ACCEPTED, Status.DECIDED)
    CHOSEN = (Status.ACCEPTED, Status.DECIDED)  # the person has said yes

    TRANSITIONS: ClassVar[Transitions] = {
        "rank": ((Status.OFFERED,), Status.RANKED),
        "rank_by_default": ((Status.OFFERED,), Status.RANKED),
        "approach": ((Status.RANKED,), Status.APPROACHED),
        "skip": ((Status.RANKED,), Status.RANKED),  # nobody waits for who cannot be approached
        "accept": ((Status.APPROACHED,), Status.ACCEPTED),
        "record_interview": ((Status.ACCEPTED,), Status.ACCEPTED),
        "decide": ((Status.ACCEPTED,), Status.DECIDED),
        "correct": ((Status.DECIDED,), Status.DECIDED),  # what was written down, until it is signed
        "reopen": (CHOSEN, Status.ACCEPTED),  # the terms changed: confirm again
        "move_up": ((Status.RANKED, Status.APPROACHED, *CHOSEN), Status.RANKED),
        "sign": ((Status.DECIDED,), Status.SIGNED),
        "close": (OPEN, Status.CLOSED),
        "end": ((Status.OFFERED, Status.RANKED), Status.CLOSED),  # by the prefecture
    }

    CloseReason = reasons.CloseReason
    TOWN_REASONS = reasons.TOWN_REASONS
    PREFECTURE_REASONS = reasons.PREFECTURE_REASONS

    need = models.ForeignKey(
        "vacancies.Need",
        on_delete=models.PROTECT,  # the way to a decision is part of the record
        related_name="proposals",
        verbose_name="案件",
    )
    run = models.ForeignKey(
        Run,
        on_delete=models.PROTECT,  # the reasons of the proposal stand in the run
        related_name="proposals",
        verbose_name="マッチング実行",
    )
    status = models.CharField("状態", max_length=10, choices=Status, default=Status.OFFERED)
    rank_due = models.DateField("順位付けの期限")
    ranked_at = models.DateTimeField("順位付け日時", null=True, blank=True)
    ranked_by_default = models.BooleanField("期限により提示順", default=False)
    interview_on = models.DateField("面接日", null=True, blank=True)
    wants_assessor = models.BooleanField("評価者の派遣を希望", default=False)
    document_number = models.CharField("文書番号", max_length=40, blank=True)
    decided_on = models.DateField("決裁日", null=True, blank=True)
    confirmed_version = models.PositiveSmallIntegerField("市町が確認した条件の版", default=0)
    close_reason = models.CharField("終了の理由", max_length=14, choices=CloseReason, blank=True)
    created_at = models.DateTimeField("提示日時", auto_now_add=True)
    closed_at = models.DateTimeField("終了日時", null=True, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = "候補提示"
        verbose_name_plural = "候補提示"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_proposal_per_need",
                fields=["need"],
                condition=Q(status__in=["offered", "ranked", "approached", "accepted", "decided"]),
            ),
            models.CheckConstraint(
                name="ranked_proposal_has_time",
                condition=Q(status__in=["offered", "closed"]) | Q(ranked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="decided_proposal_has_document_number",
                condition=~Q(status__in=["decided", "signed"])
                | (~Q(document_number="") & Q(decided_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="closed_proposal_has_reason_and_time",
                condition=Q(status="closed", closed_at__isnull=False) & ~Q(close_reason="")
                | (~Q(status="closed") & Q(close_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"候補提示 {self.pk}"

    @property
    def approach_due(self) -> date | None:
        """The day by which the prefecture approaches the person that the town wants."""
        if self.ranked_at is None:
            return None
        return add_business_days(timezone.localdate(self.ranked_at), APPROACH_BUSINESS_DAYS)


class Candidate(Moving):
    """One person offered for one need, blind until both sides agree."""

    class Status(models.TextChoices):
        OFFERED = "offered", "提示中"
        UNWANTED = "unwanted", "市町が希望せず"
        APPROACHED = "approached", "打診中"
        ACCEPTED = "accepted", "本人承諾"
        DECLINED = "declined", "本人辞退"
        EXPIRED = "expired", "回答期限切れ"
        DROPPED = "dropped", "市町が見送り"
        UNAVAILABLE = "unavailable", "稼働枠なし"
        LEFT = "left", "候補から外れた"
        ASIDE = "aside", "県が見送り"
        SIGNED = "signed", "契約締結"

    IN_BUNDLE = (Status.APPROACHED, Status.ACCEPTED)

    TRANSITIONS: ClassVar[Transitions] = {
        "pass_over": ((Status.OFFERED,), Status.UNWANTED),
        "skip": ((Status.OFFERED,), Status.UNAVAILABLE),
        "approach": ((Status.OFFERED,), Status.APPROACHED),
        "accept": ((Status.APPROACHED,), Status.ACCEPTED),
        "ask_disclosure": ((Status.ACCEPTED,), Status.ACCEPTED),
        "set_disclosure": ((Status.ACCEPTED,), Status.ACCEPTED),
        "step_back": ((Status.ACCEPTED,), Status.DROPPED),
        "withdraw": (IN_BUNDLE, Status.DROPPED),
        "decline": (IN_BUNDLE, Status.DECLINED),
        "expire": (IN_BUNDLE, Status.EXPIRED),
        "lose_days": (IN_BUNDLE, Status.UNAVAILABLE),
        "leave": ((Status.OFFERED, *IN_BUNDLE), Status.LEFT),
        "set_aside": ((Status.OFFERED, *IN_BUNDLE), Status.ASIDE),
        "sign": ((Status.ACCEPTED,), Status.SIGNED),
    }

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="candidates")
    specialist = models.ForeignKey(
        "specialists.Specialist",
        on_delete=models.PROTECT,  # who was offered is part of the record
        related_name="candidacies",
        verbose_name="専門人材",
    )
    bundle = models.ForeignKey(
        Bundle,
        on_delete=models.PROTECT,  # which approach it was in is part of the record
        related_name="candidates",
        null=True,
        blank=True,
        verbose_name="打診",
    )
    blind_id = models.CharField("候補の記号", max_length=8, unique=True, default=new_blind_id)
    position = models.PositiveSmallIntegerField("提示の順")
    planned = models.BooleanField("案で割り当てた人", default=False)
    half_days = models.PositiveSmallIntegerField("量(半日/月)")
    score = models.IntegerField("適合点")
    terms = models.JSONField("適合点の内訳", default=list)
    conflict_result = models.CharField(
        "利益相反の判定",
        max_length=8,
        choices=[(result.value, result.label) for result in Result],
        default=Result.NONE,
    )
    conflict = models.CharField("利益相反の根拠", max_length=600, blank=True)
    conflict_measures = models.CharField("回避措置", max_length=300, blank=True)
    told_less = models.JSONField("見せ方を大まかにした項目", default=list, blank=True)
    status = models.CharField("状態", max_length=12, choices=Status, default=Status.OFFERED)
    aside_reason = models.CharField(
        "県が見送った理由", max_length=10, choices=reasons.AsideReason, blank=True
    )
    rank = models.PositiveSmallIntegerField("市町の順位", null=True, blank=True)
    hold = models.OneToOneField(
        "engagements.Hold",
        on_delete=models.PROTECT,  # released by its verb, never by deletion
        related_name="candidate",
        null=True,
        blank=True,
        verbose_name="仮押さえ",
    )
    agreed_half_days = models.PositiveSmallIntegerField("条件の量(半日/月)", null=True, blank=True)
    cost_yen = models.PositiveBigIntegerField("負担額(円)", null=True, blank=True)
    fixed_yen = models.PositiveBigIntegerField("うち共通経費(円)", null=True, blank=True)
    town_asked_at = models.DateTimeField("市町の開示希望", null=True, blank=True)
    person_agreed_at = models.DateTimeField("本人の開示同意", null=True, blank=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = "候補"
        verbose_name_plural = "候補"
        ordering = ["proposal", "position"]
        constraints = [
            models.UniqueConstraint(
                name="person_is_once_per_proposal", fields=["proposal", "specialist"]
            ),
            models.UniqueConstraint(
                name="rank_is_once_per_proposal",
                fields=["proposal", "rank"],
                condition=Q(rank__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_person_at_a_time_per_proposal",
                fields=["proposal"],
                condition=Q(status__in=["approached", "accepted", "signed"]),
            ),
            models.CheckConstraint(
                name="approached_candidate_has_bundle",
                condition=~Q(status__in=["approached", "accepted", "signed"])
                | Q(bundle__isnull=False, agreed_half_days__isnull=False, cost_yen__isnull=False),
            ),
            models.CheckConstraint(
                name="fixed_cost_is_part_of_cost",
                condition=Q(fixed_yen__isnull=True) | Q(cost_yen__gte=F("fixed_yen")),
            ),
            models.CheckConstraint(
                name="candidate_set_aside_has_reason",
                condition=~Q(status="aside") | ~Q(aside_reason=""),
            ),
            models.CheckConstraint(
                name="person_agrees_only_after_approach",
                condition=Q(person_agreed_at__isnull=True) | Q(status__in=["accepted", "signed"]),
            ),
        ]

    def __str__(self) -> str:
        return self.blind_id

    @property
    def conflict_kind(self) -> str:
        """The shape of the tag that says whether there is a conflict."""
        return CONFLICT_TAGS[Result(self.conflict_result)]

    def shown_status(self, proposal: Proposal) -> str:
        """The state in words; who was only offered when the proposal ended was not asked."""
        over = proposal.status in {Proposal.Status.SIGNED, Proposal.Status.CLOSED}
        if over and self.status == self.Status.OFFERED:
            return "打診なし"
        return str(self.get_status_display())

    @property
    def first_month(self) -> date:
        """The first month of the terms, where there are any; else of the need."""
        first: date = self.hold.first_month if self.hold else self.proposal.need.first_month
        return first

    @property
    def letter(self) -> str:
        """候補 A, B, C … by the order of the offer."""
        return chr(ord("A") + self.position - 1)

    @property
    def is_introducible(self) -> bool:
        """Whether the person agrees to be told of in words that count today: a query for each
        candidate that was not read `with_consent`."""
        known: bool | None = self.__dict__.get("introducible_now")
        if known is not None:
            return known
        return Specialist.objects.introducible().filter(pk=self.specialist_id).exists()

    @property
    def may_be_told(self) -> bool:
        """Whether the town may read of the person at all, blind or not (B-02): not of who has left,
        nor of who has not agreed to the words in force when the earlier ones count no more. What
        was signed is the town's own record."""
        if self.status in {self.Status.SIGNED, self.Status.LEFT}:
            return self.status == self.Status.SIGNED
        return self.is_introducible

    @property
    def is_open(self) -> bool:
        """Whether the town reads who it is: both agreed and, until the signature, still do."""
        both = self.town_asked_at is not None and self.person_agreed_at is not None
        if not both or self.status != self.Status.ACCEPTED:
            return both and self.status == self.Status.SIGNED
        return self.is_introducible
