"""Conflicts that arise after people were engaged or approached: found the same day, told at once.

Looked for each day over everybody, and at once for a town whose contracts or procurements changed
and for a person whose ties changed. A conflict becomes one case; a case is opened once.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from matching.engagements.models import Engagement, Share
from municipalities.registry.notices import tell_coordinators
from talentpool.audit import services as audit
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.services import request_task
from talentpool.specialists.conflicts.facts import Pair, assess_pairs
from talentpool.specialists.conflicts.rules import Decision, Finding, Result, Work
from talentpool.specialists.models import ConflictCase
from talentpool.users.models import User
from talentpool.vocabulary.models import Skill

PairSource = Callable[[set[int] | None, set[str] | None], Iterable[Pair]]
_sources: list[PairSource] = []


def register_pairs(source: PairSource) -> None:
    """Add who else is at work for a town or about to be. A source gets people and towns to narrow
    down to (None: all)."""
    if source not in _sources:
        _sources.append(source)


def work_of_need(need: Any) -> Work:
    """What the rules ask about the work of a need, whose skills are prefetched."""
    return Work(
        first=need.first_month,
        last=add_months(need.last_month, 1) - timedelta(days=1),
        procurement=need.involves_procurement,
        skills=frozenset(row.skill_id for row in need.skills.all()),
    )


def engaged_pairs(people: set[int] | None, codes: set[str] | None) -> list[Pair]:
    """Who works for a town now or will, by signed engagements."""
    shares = Share.objects.filter(
        active=True,
        last_month__gte=first_of_month(timezone.localdate()),
    ).exclude(engagement__ended_on__lt=timezone.localdate())
    if people is not None:
        shares = shares.filter(engagement__specialist_id__in=people)
    if codes is not None:
        shares = shares.filter(municipality_id__in=codes)
    rows = shares.select_related("engagement", "need").prefetch_related("need__skills")
    return [
        Pair(row.engagement.specialist_id, row.municipality_id, work_of_need(row.need))
        for row in rows.order_by("pk")
    ]


register_pairs(engaged_pairs)


def ask_about_town(code: str) -> None:
    """Have a worker look at a town whose contracts or procurements changed."""
    now = timezone.now()
    request_task("engagements.watch_town", code, key=f"watch:town:{code}:{now.isoformat()}")


def ask_about_person(specialist_id: int) -> None:
    """Have a worker look at a person whose ties changed."""
    now = timezone.now()
    request_task(
        "engagements.watch_person", specialist_id, key=f"watch:p:{specialist_id}:{now.isoformat()}"
    )


def watch(*, people: set[int] | None = None, codes: set[str] | None = None) -> int:
    """Open a case for each conflict that nobody knows of yet, and tell the coordinators; returns
    how many. Run any number of times."""
    pairs = [pair for source in _sources for pair in source(people, codes)]
    opened = 0
    for pair, assessment in assess_pairs(pairs).items():
        for finding in assessment.findings:
            if finding.tie is not None and not finding.decided:
                opened += _open(pair, finding, ConflictCase.State.OPEN)
    return opened


def _open(pair: Pair, finding: Finding, state: ConflictCase.State) -> bool:
    """Make the case of a finding; False when it is there. A case whose finding has outgrown what
    was settled or known opens again."""
    with transaction.atomic():
        case, made = ConflictCase.objects.get_or_create(
            specialist_id=pair.specialist_id,
            municipality_id=pair.municipality_code,
            key=finding.key,
            defaults={
                "rule": finding.rule,
                "result": finding.result,
                "evidence": finding.evidence[:600],
                "deal_ends": finding.deal.ends if finding.deal else None,
                "found_on": timezone.localdate(),
                "state": state,
            },
        )
        if not made and not _reopen(case.pk, finding):
            return False
        case.refresh_from_db()
        again = "" if made else f":{timezone.now().isoformat()}"
        if case.state == ConflictCase.State.OPEN:
            tell_coordinators(
                subject="利益相反の確認が必要です",
                first_line="契約や調達、申告が変わり、利益相反のおそれが見つかりました。",
                path=f"/admin/specialists/conflictcase/{case.pk}/change/",
                key=f"conflict:{case.pk}{again}",
            )
        audit.record("open_conflict", case, by=None, detail={"rule": finding.rule})
    return True


def _reopen(case_id: int, finding: Finding) -> bool:
    """Open a case again whose decision, or what was known at the signing, does not cover the
    finding of today; whether. A case that is open takes over what is graver."""
    if finding.decided:
        return False
    case = ConflictCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    if case.state == ConflictCase.State.OPEN:
        if finding.result.rank > Result(case.result).rank:
            case.note(finding)
            case.save()
        return False
    decided = Result(case.decision) if case.decision else Result.NONE
    known = Decision(decided, case.measures, of=Result(case.result), ends=case.deal_ends)
    if known.covers(finding):
        return False
    case.note(finding)
    case.state = ConflictCase.State.OPEN
    case.decision = case.measures = ""
    case.decided_by = case.decided_at = None
    case.save()
    return True


def note_known(engagement: Engagement) -> None:
    """Keep what was known when an engagement was signed: only what comes later is an alert. Call
    it inside the signing."""
    shares = Share.objects.filter(engagement=engagement).select_related("need")
    pairs = [
        Pair(engagement.specialist_id, row.municipality_id, work_of_need(row.need))
        for row in shares.prefetch_related("need__skills").order_by("pk")
    ]
    for pair, assessment in assess_pairs(pairs).items():
        for finding in assessment.findings:
            if finding.tie is not None:
                _open(pair, finding, ConflictCase.State.KNOWN)


@transaction.atomic
def open_case(pair: Pair, key: str, *, by: User) -> ConflictCase | None:
    """The case of one finding of a pair, opened where there is none, for a coordinator to settle.
    None when the finding is no longer there."""
    case = ConflictCase.objects.filter(
        specialist_id=pair.specialist_id, municipality_id=pair.municipality_code, key=key
    ).first()
    if case is not None:
        return case
    for finding in assess_pairs([pair])[pair].findings:
        if finding.key == key and finding.tie is not None:
            made = ConflictCase(
                specialist_id=pair.specialist_id,
                municipality_id=pair.municipality_code,
                key=key,
                rule=finding.rule,
                found_on=timezone.localdate(),
            )
            made.note(finding)
            made.save()
            audit.record("open_conflict", made, by=by, detail={"rule": finding.rule})
            return made
    return None


def skills_of_all() -> frozenset[str]:
    """Every field of work: for a look at a person without a need."""
    return frozenset(Skill.objects.values_list("code", flat=True))
