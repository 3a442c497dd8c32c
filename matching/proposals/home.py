"""What the coordination puts on the home pages and on a need's page."""

from collections.abc import Iterator
from datetime import date
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
from django.urls import reverse
from django.utils import timezone

from matching.engagements.models import Engagement
from matching.proposals.models import Application, Bundle, Candidate, Proposal, Run
from municipalities.registry.querysets import is_coordinator
from municipalities.registry.queue import Panel, QueueItem, due_tag
from municipalities.vacancies.hooks import Section
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month

SHOWN = 20  # things of one kind on a home page; the board has them all
RUNS_SHOWN = 5  # the newest ones
# By its state: what a run waits for, the link's word, word and shape of the tag.
RUN_WORDS: dict[Run.Status, tuple[str, str, str, str]] = {
    Run.Status.QUEUED: ("計算の順番を待っています", "様子を見る", "計算待ち", "info"),
    Run.Status.RUNNING: ("計算が続いています", "様子を見る", "計算中", "info"),
    Run.Status.FINISHED: (
        "計算が終わりました。案を確かめて、市町に候補を示してください",
        "案を見る",
        "計算済み",
        "wait",
    ),
    Run.Status.FAILED: ("", "始め直す", "計算できず", "late"),
}
ModelT = TypeVar("ModelT", bound=Model)


def _title(proposal: Proposal) -> str:
    return f"{proposal.need.municipality.name}「{proposal.need.title}」"


def for_coordinator(user: Any) -> Iterator[QueueItem]:
    """What waits for the coordinator, and what waits for others with its date."""
    today = timezone.localdate()
    for proposal in _first_of_each_status(
        Proposal.objects.visible_to(user)
        .filter(status__in=[Proposal.Status.OFFERED, Proposal.Status.RANKED])
        .select_related("need__municipality")
        .only(
            "status",
            "ranked_by_default",
            "rank_due",
            "ranked_at",
            "need__title",
            "need__municipality__name",
        ),
        "rank_due",
    ):
        yield _proposal_item(proposal, today)
    for bundle in _first_of_each_status(
        Bundle.objects.visible_to(user)
        .filter(status__in=Bundle.OPEN)
        .select_related("specialist")
        .only("status", "answer_due", "decide_due", "specialist__pool_number"),
        Coalesce("decide_due", "answer_due"),
    ):
        yield _bundle_item(bundle, today)
    yield from _run_items(user)


def _run_items(user: Any) -> Iterator[QueueItem]:
    """The runs since the last finished one, that one included while nothing of it is offered: what
    failed before it was made up for."""
    waiting = (
        Need.objects.filter(runs=OuterRef("pk"), status=Need.Status.ACCEPTED)
        .not_over_on(timezone.localdate())
        .exclude(proposals__status__in=Proposal.OPEN)
    )
    runs = (
        Run.objects.visible_to(user)
        .only("number", "title", "status", "failure")
        .annotate(
            is_offered=Exists(Proposal.objects.filter(run=OuterRef("pk"))),
            has_waiting=Exists(waiting),
        )
    )
    for run in runs.order_by("-number")[:RUNS_SHOWN]:
        status = Run.Status(run.status)
        over = status == Run.Status.FINISHED
        if not over or (run.has_waiting and not run.is_offered):
            detail, action, label, kind = RUN_WORDS[status]
            url = reverse("admin:proposals_run_change", args=[run.pk])
            yield QueueItem(
                f"マッチング {run}", run.failure or detail, url, action, label=label, kind=kind
            )
        if over:
            return


def _first_of_each_status(rows: QuerySet[ModelT], order: str | Coalesce) -> list[ModelT]:
    """The first `SHOWN` of each status by `order`, in one query."""
    place = Window(RowNumber(), partition_by="status", order_by=[order, "pk"])
    return list(rows.annotate(place=place).filter(place__lte=SHOWN))


def _proposal_item(proposal: Proposal, today: date) -> QueueItem:
    """A proposal that waits for its approach, or for the town's ranking."""
    if proposal.status == Proposal.Status.RANKED:
        how = "提示の順" if proposal.ranked_by_default else "市町の希望"
        detail, action = f"{how}で順位が決まりました", "打診する"
        url, due = reverse("admin:proposals_board"), proposal.approach_due
    else:
        detail, action = "市町の順位付け待ち。過ぎると提示の順で進みます", "内容を見る"
        url = reverse("admin:proposals_proposal_change", args=[proposal.pk])
        due = proposal.rank_due
    return QueueItem(_title(proposal), detail, url, action, due=due, **due_tag(due or today, today))


def _bundle_item(bundle: Bundle, today: date) -> QueueItem:
    """An approach that waits for the person, for the towns, or for the signing."""
    what, detail, action, due = {
        Bundle.Status.APPROACHED: (
            "への打診",
            "意向の回答待ち。過ぎると次の候補に自動で移ります",
            "内容を見る",
            bundle.answer_due,
        ),
        Bundle.Status.ACCEPTED: (
            "の面接と決定",
            "市町の決定待ち。過ぎると見送りになり、次の候補に移ります",
            "内容を見る",
            bundle.decide_due,
        ),
        Bundle.Status.AGREED: ("の契約", "全員が合意しました", "締結する", bundle.sign_due),
    }[Bundle.Status(bundle.status)]
    return QueueItem(
        f"人材 {bundle.specialist.pool_number} {what}",
        detail,
        reverse("admin:proposals_bundle_change", args=[bundle.pk]),
        action,
        due=due,
        people=(bundle.specialist_id,),
        **due_tag(due or today, today),
    )


def coordinator_facts(user: Any) -> Iterator[Panel]:
    """How many accepted needs wait for a run, and how many are being coordinated."""
    going_on = Proposal.objects.visible_to(user).filter(status__in=Proposal.OPEN)
    yield Panel(
        label="マッチング待ちの案件",
        rows=Need.objects.visible_to(user)
        .filter(status=Need.Status.ACCEPTED)
        .not_over_on(timezone.localdate())
        .exclude(proposals__status__in=Proposal.OPEN),
        unit="件",
        url=reverse("admin:proposals_run_add") if is_coordinator(user) else "",
        url_of_none=False,
    )
    yield Panel(
        label="調整中の案件", rows=going_on, unit="件", url=reverse("admin:proposals_board")
    )


def for_town(user: Any) -> Iterator[QueueItem]:
    """What the town has to do: rank, open names, decide, confirm again."""
    today = timezone.localdate()
    proposals = Proposal.objects.visible_to(user).select_related("need__municipality")
    for proposal in proposals.filter(status=Proposal.Status.OFFERED).order_by("rank_due")[:SHOWN]:
        yield QueueItem(
            f"「{proposal.need.title}」の候補",
            "候補に順位を付けてください。過ぎると県が提示の順で進めます",
            reverse("town:proposal", args=[proposal.pk]),
            "順位を付ける",
            due=proposal.rank_due,
            **due_tag(proposal.rank_due, today),
        )
    accepted = (
        Candidate.objects.visible_to(user)
        .filter(
            status=Candidate.Status.ACCEPTED,
            proposal__status=Proposal.Status.ACCEPTED,
            bundle__status=Bundle.Status.ACCEPTED,
        )
        .select_related("proposal__need", "bundle")
        .order_by("bundle__decide_due")[:SHOWN]
    )
    for candidate in accepted:
        due = candidate.bundle.decide_due if candidate.bundle else None
        detail, action = _next_of(candidate)
        yield QueueItem(
            f"「{candidate.proposal.need.title}」の候補{candidate.letter}",
            f"{detail}。過ぎると見送りになります",
            reverse("town:proposal", args=[candidate.proposal_id]),
            action,
            due=due,
            **due_tag(due or today, today),
        )

    sent = Application.objects.visible_to(user).filter(status=Application.Status.SENT)
    for application in sent.select_related("vacancy").order_by("sent_at")[:SHOWN]:
        yield QueueItem(
            f"募集「{application.vacancy.position_title}」への応募",
            "登録されている専門人材からの応募です。返事をしてください",
            reverse("town:application", args=[application.pk]),
            "内容を見る",
        )


def _next_of(candidate: Candidate) -> tuple[str, str]:
    changed = candidate.bundle is not None and candidate.bundle.terms_version > 1
    if changed and candidate.proposal.document_number:  # who has not decided confirms nothing again
        return "日数と負担額が変わりました。もう一度確認してください", "確認する"
    if candidate.town_asked_at is None:
        return "本人が引き受けました。お名前の開示を希望してください", "開示を希望する"
    if not candidate.is_open:
        return "本人の開示の同意を待っています", "内容を見る"
    return "面接を行い、決定してください", "決定へ進む"


def for_specialist(user: Any) -> Iterator[QueueItem]:
    """What the person has to answer."""
    today = timezone.localdate()
    bundles = Bundle.objects.visible_to(user)
    for bundle in bundles.filter(status=Bundle.Status.APPROACHED).order_by("answer_due")[:SHOWN]:
        yield QueueItem(
            "市町からの打診",
            "引き受けるかどうかをお答えください。過ぎると次の方へ移ります",
            reverse("specialist:approach", args=[bundle.pk]),
            "内容を見て答える",
            due=bundle.answer_due,
            people=(bundle.specialist_id,),
            **due_tag(bundle.answer_due, today),
        )
    for bundle in bundles.filter(status=Bundle.Status.ACCEPTED).order_by("decide_due")[:SHOWN]:
        if bundle.confirmed_version < bundle.terms_version:
            yield QueueItem(
                "条件の変更",
                "市町か期間が減り、条件が変わりました。確認してください。過ぎると見送りになります",
                reverse("specialist:approach", args=[bundle.pk]),
                "確認する",
                due=bundle.decide_due,
                **due_tag(bundle.decide_due or today, today),
            )
    asked = (
        Candidate.objects.visible_to(user)
        .filter(
            status=Candidate.Status.ACCEPTED,
            town_asked_at__isnull=False,
            person_agreed_at__isnull=True,
        )
        .select_related("proposal__need__municipality")
    )
    for candidate in asked:
        yield QueueItem(
            f"{candidate.proposal.need.municipality.name}がお名前の開示を希望しています",
            "同意すると、この市町だけにお名前と所属が表示されます",
            reverse("specialist:approach", args=[candidate.bundle_id]),
            "内容を見る",
        )


# What the page of a need says once its engagement is over.
ENDED = {
    Engagement.Status.ENDED: (
        "契約の期間が終わりました。日数と負担額は、契約のページに残っています。"
    ),
    Engagement.Status.TERMINATED: (
        "契約は、中途で解除されました。最後の日と理由は、契約のページにあります。"
        "ほかの人を探すときは、新しい案件を出してください。"
    ),
}
STEP_OF_NEED_PAGE = {
    Proposal.Status.OFFERED: 3,
    Proposal.Status.RANKED: 4,
    Proposal.Status.APPROACHED: 4,
    Proposal.Status.ACCEPTED: 5,
    Proposal.Status.DECIDED: 7,
    Proposal.Status.SIGNED: 8,
}


def waits_for_run(need: Need) -> bool:
    """Whether nothing goes on with an accepted need: it may go into a run, be given up for a
    vacancy, or be returned to its town."""
    return (
        need.status == Need.Status.ACCEPTED
        and not need.is_over(first_of_month(timezone.localdate()))
        and not need.proposals.filter(status__in=Proposal.OPEN).exists()
    )


def newest_plan() -> Run | None:
    """The plan that an accepted need can be added to: that of the newest finished run."""
    runs = Run.objects.filter(status=Run.Status.FINISHED).only("number").order_by("-number")
    newest: Run | None = runs.first()
    return newest


def need_section(need: Need, user: Any) -> Section | None:
    """On the page of a need: how far its coordination has come, with a link."""
    proposal = (
        Proposal.objects.visible_to(user).filter(need=need).with_run().order_by("-pk")
    ).first()
    may_start = is_coordinator(user) and waits_for_run(need)
    if proposal is None:
        if not may_start:
            return None
        return Section("proposals/need_waits.html", {"need": need, "run": newest_plan()})
    engagement = _engagement_of(proposal)
    return Section(
        template="proposals/need_section.html",
        context={
            "proposal": proposal,
            "engagement": engagement,
            "may_start": may_start,
            "run": newest_plan() if may_start else None,
        },
        step=STEP_OF_NEED_PAGE.get(Proposal.Status(proposal.status), 0),
        sentence=ENDED.get(Engagement.Status(engagement.status), "") if engagement else "",
    )


def _engagement_of(proposal: Proposal) -> Engagement | None:
    """The engagement that a signed proposal led to."""
    if proposal.status != Proposal.Status.SIGNED:
        return None
    return Engagement.objects.filter(
        bundle__candidates__proposal=proposal,
        bundle__candidates__status=Candidate.Status.SIGNED,
    ).first()
