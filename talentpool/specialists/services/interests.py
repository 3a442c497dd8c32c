"""A person declares what ties him or her to firms; coordinators settle conflicts."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from talentpool.audit import services as audit
from talentpool.specialists import terms
from talentpool.specialists.conflicts.facts import finding_now
from talentpool.specialists.conflicts.rules import BAR_YEARS, Finding, Result
from talentpool.specialists.models import (
    BarTerm,
    ConflictCase,
    Interest,
    InterestDeclaration,
    Specialist,
)
from talentpool.users.models import User

SAID = ("specialist_id", "kind", "corporate_number", "name", "since", "until", "note")
FIRST_BAR_TERM_FROM = date(2022, 4, 1)  # before any engagement of the portal
# What must happen when the ties of a person change; filled by matching.engagements.
_watchers: list[Callable[[int], None]] = []


def register_interest_watcher(watcher: Callable[[int], None]) -> None:
    """Add what is called, in the transaction, with the key of a person whose ties changed."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def ties_changed(specialist_id: int) -> None:
    """Have those who watch told that the ties of a person changed; call it in the transaction."""
    for watcher in _watchers:
        watcher(specialist_id)


@transaction.atomic
def save_interest(interest: Interest, *, by: User) -> Interest:
    """Keep a new or changed tie; that declares all ties anew. By the person, or for somebody
    without an account (`behalf.enter_for`). It counts as declared now, also one that is
    entered again later; that is kept once, and a second click declares nothing more."""
    if interest.pk is None:
        person: Specialist = Specialist.objects.select_for_update(of=("self",), no_key=True).get(
            pk=interest.specialist_id
        )
        facts = {name: getattr(interest, name) for name in SAID}
        same = Interest.objects.filter(**facts, from_registration=False).first()
        if same is not None and _was_just_declared(same, person):
            return same
        interest = same or interest
    interest.created_at = timezone.now()
    interest.save()
    audit.record("save_interest", interest, by=by, detail={"kind": interest.kind})
    _declare(interest.specialist, by)
    return interest


def _was_just_declared(interest: Interest, person: Specialist) -> bool:
    """Whether it was declared some minutes ago, for the kind and firm of today."""
    changed = person.belonging_changed_at
    if changed is not None and interest.created_at <= changed:
        return False
    return timezone.now() - interest.created_at < terms.SECOND_CLICK


@transaction.atomic
def remove_interest(interest: Interest, *, by: User) -> None:
    """Take out a tie that was entered by mistake (one that ended gets its last day instead). By
    the person. The declarations keep what was declared before."""
    audit.record("remove_interest", interest, by=by, detail={"kind": interest.kind})
    person = interest.specialist
    interest.delete()
    _declare(person, by)


@transaction.atomic
def declare_interests(
    specialist: Specialist, *, year: int | None = None, by: User
) -> InterestDeclaration:
    """Declare that the ties are complete as they stand, for the fiscal year in which that is asked
    (`terms.declaration_year`), or together with a renewal for its `year`. By the person."""
    return _declare(specialist, by, year)


@transaction.atomic
def say_no_company(specialist: Specialist, *, employer: str, by: User) -> None:
    """Say that the employer of the registration is no company (the state, a municipality, a
    university, an own account), so that it has no contracts to be compared with. By the person.
    `employer` is the name that the page showed; of another name nothing is said."""
    row = Specialist.objects.select_for_update(of=("self",)).get(pk=specialist.pk)
    if not employer or row.employer != employer:
        return
    row.employer_no_company = employer
    row.save(update_fields=["employer_no_company"])
    ties_changed(row.pk)
    audit.record("say_no_company", row, by=by)


def _declare(specialist: Specialist, by: User, year: int | None = None) -> InterestDeclaration:
    content: list[dict[str, Any]] = [
        {
            "kind": row.kind,
            "corporate_number": row.corporate_number,
            "name": row.name,
            "since": row.since.isoformat() if row.since else "",
            "until": row.until.isoformat() if row.until else "",
        }
        for row in Interest.objects.filter(specialist=specialist).order_by("pk")
    ]
    made = InterestDeclaration.objects.create(
        specialist=specialist,
        fiscal_year=year or _year_of(specialist),
        content=content,
    )
    ties_changed(specialist.pk)
    audit.record("declare_interests", made, by=by, detail={"interests": len(content)})
    return made


def _year_of(specialist: Specialist) -> int:
    """The fiscal year in which ties are declared now; a later one for which the person has declared
    by a renewal already: what is changed then counts for that year too."""
    declared = InterestDeclaration.objects.filter(specialist=specialist)
    latest = declared.aggregate(Max("fiscal_year"))["fiscal_year__max"] or 0
    return max(latest, terms.declaration_year(timezone.localdate()))


class CaseClosed(Exception):
    """What is 不可 by the rules cannot be decided otherwise; says so in Japanese."""


class CaseChanged(CaseClosed):
    """What is decided on is not what the page showed any more; says so in Japanese."""


def seen_of(case: ConflictCase, finding: Finding | None) -> str:
    """What a page shows of a case and of what is found today, to notice that it has changed."""
    ends = finding.deal.ends if finding and finding.deal else ""
    return f"{case.state}:{case.result}:{case.decision}:{finding.result if finding else ''}:{ends}"


@transaction.atomic
def decide_case(
    case_id: int, *, decision: str, measures: str, by: User, seen: str | None = None
) -> ConflictCase:
    """Settle a conflict: no conflict, allowed with measures, or not allowed, with the reason. By a
    coordinator; may be decided anew. The facts are asked again: a ban whose contract or tie was
    corrected is no ban any more. The decision counts for what the case says (`Decision.covers`):
    what becomes graver later, or goes on longer, opens it again.

    `seen` is what the page showed (`seen_of`). Raises CaseChanged when that is no longer so,
    CaseClosed when the rules leave no choice.
    """
    case = ConflictCase.objects.select_for_update(of=("self",)).get(pk=case_id)
    finding = finding_now(case)
    if seen is not None and seen != seen_of(case, finding):
        if (case.decision, case.measures) == (decision, measures):
            return case  # a second click
        raise CaseChanged(
            "開いているあいだに、事実か判断が変わりました。いまの内容を確かめて、"
            "もう一度記録してください。"
        )
    _take_over(case, finding)
    if case.result == Result.NO and decision != ConflictCase.Decision.NO:
        raise CaseClosed("規則により不可です。事実が違うときは、申告や契約の内容を直してください。")
    case.decision = ConflictCase.Decision(decision)
    case.measures = measures
    case.state = ConflictCase.State.DECIDED
    case.decided_by = by
    case.decided_at = timezone.now()
    case.save()
    audit.record("decide_conflict", case, by=by, detail={"decision": case.decision})
    return case


def _take_over(case: ConflictCase, finding: Finding | None) -> None:
    """Bring the case to the facts of today. It stays as mild as it was found, where only work
    that touches buying would be graver: such work is asked about when it comes."""
    shown = Result(case.result)
    if finding is None:
        case.result = Result.NONE
        return
    case.note(finding)
    if finding.result != Result.NO and Result.NONE.rank < shown.rank < finding.result.rank:
        case.result = shown


def load_bar_term() -> None:
    """Add the first term of bars on bidding where there is none; what staff added stays."""
    if not BarTerm.objects.exists():
        BarTerm.objects.create(
            in_force_from=FIRST_BAR_TERM_FROM,
            years=BAR_YEARS,
            basis="国の標準ガイドラインの2年以内の考え方による(案)。県の決定待ち",
        )
