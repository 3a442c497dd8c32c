"""Objects of the whole line in a named state, made by the verbs themselves.

The rooms' own tests have smaller makers beside them; these go through several rooms.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from matching.engagements.models import Engagement
from matching.proposals.models import Bundle, Candidate, Proposal, Run, Study
from matching.proposals.services import agreement, approaches, offers, runs, signing, studies
from municipalities.registry.models import Membership, Municipality, Prefecture
from municipalities.registry.services import add_member
from municipalities.vacancies import services as needs
from municipalities.vacancies.models import Need, NeedSkill
from talentpool.conventions.era import fiscal_year
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.models import (
    Availability,
    Firm,
    InterestDeclaration,
    Specialist,
    SpecialistSkill,
)
from talentpool.specialists.services import consent
from talentpool.users.models import User
from talentpool.users.services import create_account
from talentpool.vocabulary.models import EngagementForm, Level, Skill

PASSWORD = "a-long-pass-phrase-7"
TOWNS = {
    "342157": ("江田島市", "えたじまし"),
    "343099": ("坂町", "さかちょう"),
    "342084": ("府中市", "ふちゅうし"),
    "343021": ("府中町", "ふちゅうちょう"),
}
SKILLS = {"NW": "ネットワーク", "SEC": "セキュリティ", "PRC": "調達", "CIO": "CIO補佐"}
_numbers = count(1)


def make_town(code: str = "342157") -> Municipality:
    made = Municipality.objects.filter(code=code).first()
    if made is not None:
        return made
    prefecture, _ = Prefecture.objects.get_or_create(
        code="340006", defaults={"name": "広島県", "kana": "ひろしまけん"}
    )
    name, kana = TOWNS[code]
    return Municipality.objects.create(
        code=code,
        prefecture=prefecture,
        name=name,
        kana=kana,
        latitude=Decimal("34.400"),  # all in one place: distance is no matter in most tests
        longitude=Decimal("132.700"),
    )


def make_code_lists() -> None:
    """The rows of the code lists that needs and people point at, where they are not there yet.

    Every maker asks for them: a statement a list, as row by row they took as long as the maker.
    """
    skills = [
        Skill(code=code, name=name, order=order)
        for order, (code, name) in enumerate(SKILLS.items())
    ]
    levels = [
        Level(number=number, name=f"レベル{number}", itss_from=number, itss_to=number + 1)
        for number in range(1, 5)
    ]
    Skill.objects.bulk_create(skills, ignore_conflicts=True)
    Level.objects.bulk_create(levels, ignore_conflicts=True)
    EngagementForm.objects.bulk_create(
        [EngagementForm(code="10", name="特別職非常勤")], ignore_conflicts=True
    )


def make_member(role: str, municipality: Municipality | None = None, **values: Any) -> User:
    """The account of a member of staff: a town's with `municipality`, else the prefecture's."""
    number = next(_numbers)
    given: dict[str, Any] = {
        "email": f"member{number}@example.jp",
        "name": f"見本 職員{number}",
        "section": "総務課" if municipality else "デジタル基盤整備課",
        "password": PASSWORD,
        "by": None,
    }
    role = Membership.Role(role)
    return add_member(role=role, municipality=municipality, **{**given, **values}).user


def make_coordinator() -> User:
    return make_member(Membership.Role.COORDINATOR)


def make_editor(code: str = "342157") -> User:
    return make_member(Membership.Role.EDITOR, make_town(code))


def make_specialist(
    *, skills: Sequence[str] = ("NW",), half_days: int = 20, months: int = 24, **values: Any
) -> Specialist:
    """A registered person with an account who has agreed to all that must be agreed to, level 4 in
    `skills`, with `half_days` free a month."""
    make_code_lists()
    number = next(_numbers)
    today = timezone.localdate()
    kind = values.get("kind", Specialist.Kind.RETIRED)
    if kind == Specialist.Kind.FIRM and "firm" not in values:
        values["firm"] = Firm.objects.create(
            name=f"見本ベンダ{number}", corporate_number=f"{number:013}"
        )
    if kind == Specialist.Kind.FIRM:
        values.setdefault("firm_agreed_at", timezone.now())
    given: dict[str, Any] = {
        "pool_number": f"H-{number}",
        "user": create_account(
            email=f"person{number}@example.jp",
            name=f"見本 人材{number}",
            kind=User.Kind.FIRM if kind == Specialist.Kind.FIRM else User.Kind.SPECIALIST,
            password=PASSWORD,
            by=None,
        ),
        "kind": kind,
        "status": Specialist.Status.REGISTERED,
        "name": f"見本 人材{number}",
        "kana": "ミホン ジンザイ",
        "base": make_town(),
        "max_towns": 5,
        "half_day_rate_yen": 20_000,
        "confirmed_at": timezone.now(),
        "registered_on": today,
        "registered_until": today + timedelta(days=700),
    }
    if values.get("status") != Specialist.Status.DRAFT:
        given["submitted_at"] = timezone.now()
    person = Specialist.objects.create(**{**given, **values})
    declare(person)
    person.forms.add(EngagementForm.objects.get(code="10"))
    for skill in skills:
        SpecialistSkill.objects.create(specialist=person, skill_id=skill, own_level=4)
    start = first_of_month(today)
    Availability.objects.bulk_create(
        Availability(specialist=person, month=add_months(start, index), half_days=half_days)
        for index in range(months)
    )
    consent.give(person, consent.missing(person), by=person.user)
    return person


def declare(person: Specialist) -> None:
    """The person's ties declared for this fiscal year."""
    InterestDeclaration.objects.create(
        specialist=person, fiscal_year=fiscal_year(timezone.localdate())
    )


def make_need(
    in_status: str = "draft",
    *,
    by: User | None = None,
    code: str = "342157",
    skill: str = "NW",
    coordinator: User | None = None,
    **values: Any,
) -> Need:
    """A need in `in_status`: draft, submitted or accepted."""
    make_code_lists()
    editor = by or make_editor(code)
    start = add_months(first_of_month(timezone.localdate()), 2)
    given: dict[str, Any] = {
        "title": f"{SKILLS[skill]}の案件",
        "problem": Need.Problem.NETWORK,
        "description": "仕様書の内容を確かめたい。",
        "half_days": 4,
        "least_half_days": 2,
        "first_month": start,
        "last_month": add_months(start, 5),
        "place": Need.Place.MIXED,
        "on_site_half_days": 1,
        "created_by": editor,
    }
    need = Need.objects.create(municipality=make_town(code), **{**given, **values})
    NeedSkill.objects.create(need=need, skill_id=skill, level=3)
    if in_status == "draft":
        return need
    need = needs.submit_need(need, by=editor)
    if in_status == "submitted":
        return need
    assert in_status == "accepted", in_status
    return needs.accept_need(need, priority=2, by=coordinator or make_coordinator())


def make_run(for_needs: Sequence[Need], *, by: User | None = None) -> Run:
    """A finished run over `for_needs`, solved by the real engine."""
    run = runs.start_run(
        title="見本の回",
        need_ids=[need.pk for need in for_needs],
        wall_seconds=20,
        by=by or make_coordinator(),
    )
    runs.solve_run(run.pk)
    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED, run.failure
    return run


def make_study(run: Run, kind: str = "policies", *, by: User, **asked: Any) -> Study:
    """A finished study of a run, solved by the real engine."""
    study = studies.start_study(run, kind=kind, asked=asked, words="見本の問い", by=by)
    studies.solve_study(study.pk)
    study.refresh_from_db()
    assert study.status == Study.Status.FINISHED, study.failure
    return study


def make_proposals(
    run: Run, for_needs: Sequence[Need], *, by: User | None = None
) -> list[Proposal]:
    """The run's candidates offered to the towns, to be ranked within a week."""
    return offers.make_proposals(
        run,
        need_ids=[need.pk for need in for_needs],
        rank_due=timezone.localdate() + timedelta(days=7),
        by=by or make_coordinator(),
    )


def staff_of(proposal: Proposal) -> User:
    """The member of the town's staff who wrote the need."""
    editor: User = proposal.need.created_by
    return editor


def make_bundle(
    for_proposals: Sequence[Proposal], in_status: str = "approached", *, by: User | None = None
) -> Bundle:
    """The first candidate of offered proposals approached for all of them, brought to `in_status`:
    approached, accepted (no name open), disclosed, agreed or signed."""
    coordinator = by or make_coordinator()
    for proposal in for_proposals:
        offers.rank_candidates(
            proposal.pk,
            ranks={row.pk: row.position for row in proposal.candidates.all()},
            by=staff_of(proposal),
        )
    today = timezone.localdate()
    bundle = approaches.approach(
        proposal_ids=[proposal.pk for proposal in for_proposals],
        answer_due=today + timedelta(days=7),
        by=coordinator,
    )
    if in_status == "approached":
        return bundle
    person = bundle.specialist.user
    assert person is not None
    codes = [proposal.need.municipality_id for proposal in for_proposals]
    approaches.accept(
        bundle.pk,
        agreed_codes=[] if in_status == "accepted" else codes,
        terms_version=bundle.terms_version,
        by=person,
    )
    if in_status in {"disclosed", "agreed", "signed"}:
        for proposal in for_proposals:
            agreement.ask_disclosure(proposal.pk, by=staff_of(proposal))
    if in_status in {"agreed", "signed"}:
        for proposal in for_proposals:
            _decide(proposal, today)
    if in_status == "signed":
        signing.sign(bundle.pk, signed_on=today, form_code="10", by=coordinator)
    return Bundle.objects.get(pk=bundle.pk)


def _decide(proposal: Proposal, today: date) -> None:
    agreement.record_interview(proposal.pk, held_on=today, by=staff_of(proposal))
    agreement.decide(
        proposal.pk,
        document_number=f"見本第{proposal.pk}号",
        decided_on=today,
        terms_version=1,
        by=staff_of(proposal),
    )


def candidate_of(proposal: Proposal, bundle: Bundle) -> Candidate:
    """The candidate through whom `bundle` serves `proposal`."""
    return Candidate.objects.get(proposal=proposal, bundle=bundle)


def engagement_of(bundle: Bundle) -> Engagement:
    """The engagement that came of a signed bundle."""
    assert bundle.engagement is not None
    return bundle.engagement
