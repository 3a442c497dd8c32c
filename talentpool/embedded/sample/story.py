"""What has happened in the sample prefecture so far: one signed engagement, one approach that
waits, one ranking that waits, one pair pinned for the next run, a question that became an article
and one that waits."""

from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

from django.db.models import QuerySet
from django.utils import timezone

from consultations.desk import services as desk
from consultations.desk.models import Consultation
from consultations.knowledge import services as knowledge
from matching.pool import services as pool
from matching.proposals.models import Bundle, Candidate, Proposal, Run, Study
from matching.proposals.services import (
    agreement,
    approaches,
    offers,
    pinning,
    runs,
    signing,
    studies,
)
from municipalities.vacancies.models import Need
from municipalities.vacancies.services.budgets import state_budgets
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample.places import PINNED, RANKING, SIGNED, WAITING, here
from talentpool.rights import services as rights
from talentpool.specialists.models import Specialist
from talentpool.users.models import User

ASKED = (
    # town, topic, stage, title, question, answer
    (
        "343684",
        "PRC",
        Consultation.Stage.EVALUATION,
        "保守の見積の比べ方",
        "保守の見積を2社から受け取りました。どこを比べればよいでしょうか。",
        "作業の項目、対応の時間帯、点検の回数をそろえてから、単価と数量を分けて比べてください。"
        "そろっていない項目は、同じ前提での出し直しを求められます。",
    ),
    (
        "344311",
        "NW",
        Consultation.Stage.PLAN,
        "庁内無線の検討の順番",
        "庁内の無線を更新したいのですが、何から検討すればよいでしょうか。",
        "",
    ),
)


def tell(coordinator: User) -> None:
    """Play the story with the portal's verbs, in the order in which people would."""
    signed = tuple(here(code) for code in SIGNED)
    waiting = tuple(here(code) for code in WAITING)
    ranking = tuple(here(code) for code in RANKING)
    accepted = Need.objects.filter(status=Need.Status.ACCEPTED)
    needs = accepted.filter(municipality_id__in=[*signed, *waiting, *ranking])
    pinned = accepted.filter(municipality_id__in=[here(code) for code in PINNED])
    _state_budgets((*ranking, *(here(code) for code in PINNED)))
    run = runs.start_run(
        title="見本の1回目", need_ids=[need.pk for need in needs | pinned], by=coordinator
    )
    runs.solve_run(run.pk)
    run.refresh_from_db()
    if run.plan is None:
        return
    _ask_what_if(run, coordinator)
    due = add_business_days(timezone.localdate(), 7)
    offers.make_proposals(run, need_ids=[need.pk for need in needs], rank_due=due, by=coordinator)
    _pin(pinned, run, coordinator)
    _sign_for(signed, run, coordinator)
    _approach_for(waiting, run, coordinator)
    _consultations(coordinator)
    _demand(coordinator)
    _requests(coordinator)


def _state_budgets(codes: Iterable[str]) -> None:
    """What these towns can spend this fiscal year and in the next two."""
    this = fiscal_year(timezone.localdate())
    amounts: dict[int, int | None] = {this + ahead: 3_000_000 for ahead in range(3)}
    for code in codes:
        state_budgets(code, yen=amounts, read={}, by=_town_user(code))


def _pin(needs: QuerySet[Need], run: Run, coordinator: User) -> None:
    """Who is planned for these needs stays for the next run."""
    planned = {int(row["need"]) for row in (run.plan or {})["assignments"]}
    for need in needs.filter(pk__in=planned):
        pinning.pin_pair(run, need_id=need.pk, reason="wished", by=coordinator)


def _ask_what_if(run: Run, coordinator: User) -> None:
    """Two questions beside the plan, answered by the real solver."""
    for kind in (Study.Kind.SHORTAGES, Study.Kind.POLICIES):
        study = studies.start_study(run, kind=kind, asked={}, words=str(kind.label), by=coordinator)
        studies.solve_study(study.pk)


def _requests(coordinator: User) -> None:
    """One person asked by letter and waits too long already, one asked in the portal today."""
    late, fresh = Specialist.objects.filter(user__isnull=False).order_by("pk")[:2]
    today = timezone.localdate()
    rights.file_request(
        late,
        kind="disclosure",
        wish="登録票と、県の評価の写しがほしい。",
        received_on=today - timedelta(days=32),
        by=coordinator,
    )
    if fresh.user is not None:
        rights.file_request(
            fresh, kind="correction", wish="経験年数を12年に直してください。", by=fresh.user
        )


def _demand(coordinator: User) -> None:
    """One thing that a town did not find in the overview, and conditions that are kept."""
    first = add_months(first_of_month(timezone.localdate()), 4)
    pool.record_demand(
        skill_code="SEC",
        level=4,
        half_days=4,
        first_month=first,
        last_month=add_months(first, 11),
        note="監視の体制を、年間を通じて見直したい。",
        by=_town_user(here("343072")),
    )
    pool.save_search(
        name="自治体のネットワークに強い人",
        query=urlencode({"skill": "NW", "level": 3}),
        shared=True,
        by=coordinator,
    )


def _town_user(code: str) -> User:
    return User.objects.get(email=f"{code}@town.example.jp")


def _rank_as_offered(codes: tuple[str, ...], run: Run) -> list[Proposal]:
    proposals = list(Proposal.objects.filter(run=run, need__municipality_id__in=codes))
    for proposal in proposals:
        offers.rank_candidates(
            proposal.pk,
            ranks={candidate.pk: candidate.position for candidate in proposal.candidates.all()},
            by=_town_user(proposal.need.municipality_id),
        )
    return proposals


def _approach_for(codes: tuple[str, ...], run: Run, coordinator: User) -> list[Bundle]:
    """Approach each person whom these towns want first; towns with the same wish share."""
    groups: dict[int, list[int]] = {}
    for proposal in _rank_as_offered(codes, run):
        first = proposal.candidates.get(rank=1)
        groups.setdefault(first.specialist_id, []).append(proposal.pk)
    due = add_business_days(timezone.localdate(), 5)
    return [
        approaches.approach(proposal_ids=ids, answer_due=due, by=coordinator)
        for ids in groups.values()
    ]


def _sign_for(codes: tuple[str, ...], run: Run, coordinator: User) -> None:
    today = timezone.localdate()
    for bundle in _approach_for(codes, run, coordinator):
        person = bundle.specialist.user
        if person is None:
            continue
        approaches.accept(bundle.pk, agreed_codes=codes, terms_version=1, by=person)
        candidates = Candidate.objects.filter(bundle=bundle).order_by("pk")
        for position, candidate in enumerate(candidates.select_related("proposal__need"), start=1):
            town = _town_user(candidate.proposal.need.municipality_id)
            agreement.ask_disclosure(candidate.proposal_id, by=town)
            agreement.record_interview(candidate.proposal_id, held_on=today, by=town)
            agreement.decide(
                candidate.proposal_id,
                document_number=f"見本第{position}号",
                decided_on=today,
                terms_version=1,
                by=town,
            )
        signing.sign(bundle.pk, signed_on=today, form_code="10", by=coordinator)


def _consultations(coordinator: User) -> None:
    """One question that became an article, one that waits for its answer."""
    for town, topic, stage, title, question, answer in ASKED:
        editor = _town_user(here(town))
        consultation = desk.ask(
            Consultation(
                topic_id=topic,
                stage=stage,
                title=title,
                question=question,
                secrecy=Consultation.Secrecy.SHAREABLE,
                request_key=uuid4(),
            ),
            by=editor,
        )
        if not answer:
            continue
        desk.answer(consultation.pk, body=answer, request_key=uuid4(), by=coordinator)
        article = knowledge.propose_article(
            consultation.pk, title=title, question=question, answer=answer, by=coordinator
        )
        knowledge.approve_article(article.pk, by=editor)
