"""Build the sample prefecture with the portal's own verbs, so that it is true in every table."""

from datetime import date, timedelta
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from municipalities.registry.models import Membership, Municipality, VendorContract
from municipalities.registry.services import add_member, load_reference
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.models import Need, NeedSkill
from talentpool.conventions import corporate_number
from talentpool.conventions.era import fiscal_year, fiscal_year_span
from talentpool.conventions.months import add_months, first_of_month
from talentpool.embedded.sample import PASSWORD, past, ties
from talentpool.embedded.sample.applicants import apply_for_registration
from talentpool.embedded.sample.looks import look_at_everybody
from talentpool.embedded.sample.places import here
from talentpool.embedded.sample.postings import first_day, post_vacancies
from talentpool.embedded.sample.story import tell
from talentpool.specialists.models import (
    Availability,
    Background,
    Firm,
    Specialist,
    SpecialistSkill,
    WorkProfile,
)
from talentpool.specialists.services import consent
from talentpool.specialists.services.firms import make_manager
from talentpool.users.models import User
from talentpool.users.services import create_account
from talentpool.vocabulary.models import EngagementForm
from talentpool.vocabulary.services import read_rows

HERE = Path(__file__).parent
MONTHS_AHEAD = 24
FAMILY, FAMILY_KANA = "見本", "ミホン"


@transaction.atomic
def load_sample() -> None:
    """Fill an empty database with the sample prefecture."""
    load_reference()
    vacancies.load_shipped_forms()
    with past.on(first_day()):
        coordinator = _staff()
    post_vacancies(coordinator)
    firms = _firms()
    _people(firms, coordinator)
    make_manager(
        firms["F1"],
        create_account(
            email="manager@firm.example.jp",
            name=f"{FAMILY} 事業者担当",
            kind=User.Kind.FIRM,
            by=coordinator,
        ),
        by=coordinator,
    )
    ties.tie(firms, coordinator)
    _needs(coordinator)
    tell(coordinator)
    apply_for_registration(coordinator)
    ties.count()
    look_at_everybody()
    # One hash for all: hashing seventy times would take half a minute.
    User.objects.update(password=make_password(PASSWORD))


def _staff() -> User:
    """Accounts of the prefecture and of every town; the coordinator acts in the sample's story."""
    prefectural = [
        ("coordinator", "県担当", Membership.Role.COORDINATOR),
        ("approver", "県課長", Membership.Role.PREFECTURAL_APPROVER),
        ("auditor", "監査担当", Membership.Role.AUDITOR),
    ]
    members = [
        add_member(
            email=f"{key}@pref.example.jp",
            name=f"{FAMILY} {name}",
            role=role,
            by=None,
        )
        for key, name, role in prefectural
    ]
    for town in Municipality.objects.in_prefecture():
        for suffix, name, role in [
            ("", "担当", Membership.Role.EDITOR),
            ("-approver", "課長", Membership.Role.APPROVER),
        ]:
            add_member(
                email=f"{town.code}{suffix}@town.example.jp",
                name=f"{FAMILY} {town.name}{name}",
                role=role,
                municipality=town,
                section="情報主管課",
                by=members[0].user,
            )
    coordinator: User = members[0].user
    return coordinator


def _firms() -> dict[str, Firm]:
    """Invented firms; their corporate numbers begin with 9999, which no registry office has."""
    firms = {}
    today = timezone.localdate()
    for row in read_rows(HERE / "firms.csv"):
        base = row["base_number"]
        firm = Firm.objects.create(
            name=row["name"], corporate_number=corporate_number.check_digit(base) + base
        )
        firms[row["key"]] = firm
        for code in row["towns"].split(";"):
            VendorContract.objects.create(
                municipality_id=here(code),
                corporate_number=firm.corporate_number,
                vendor_name=firm.name,
                subject=row["subject"],
                starts=today - timedelta(days=700),
                ends=fiscal_year_span(fiscal_year(today) + 1)[1],
            )
    return firms


def _people(firms: dict[str, Firm], by: User) -> None:
    today = timezone.localdate()
    months = [add_months(first_of_month(today), index) for index in range(MONTHS_AHEAD)]
    for row in read_rows(HERE / "people.csv"):
        firm = firms.get(row["firm"])
        user = create_account(
            email=f"{row['pool_number'].lower()}@people.example.jp",
            name=f"{FAMILY} {row['given']}",
            kind=User.Kind.FIRM if firm else User.Kind.SPECIALIST,
            by=by,
        )
        person = Specialist.objects.create(
            pool_number=row["pool_number"],
            user=user,
            kind=row["kind"],
            status=Specialist.Status.REGISTERED,
            name=f"{FAMILY} {row['given']}",
            kana=f"{FAMILY_KANA} {row['kana']}",
            firm=firm,
            firm_agreed_at=timezone.now() if firm else None,
            employer="" if row["kind"] != "side_job" else "見本勤務先",
            employer_no_company="" if row["kind"] != "side_job" else "見本勤務先",
            side_job_permit_until=fiscal_year_span(fiscal_year(today) + 1)[1]
            if row["kind"] == "side_job"
            else None,
            base_id=here(row["base"]),
            radius_km=int(row["radius"]),
            remote=row["remote"],
            weekdays=int(row["weekdays"]),
            max_towns=int(row["max_towns"]),
            least_half_days=int(row["least"]),
            half_day_rate_yen=int(row["day_rate"]) // 2,
            monthly_fixed_yen=int(row["fixed"]),
            years=int(row["years"]),
            municipal_years=int(row["municipal_years"]),
            strengths=row["strengths"],
            confirmed_at=timezone.now(),
            submitted_at=timezone.now(),
            registered_on=today,
            registered_until=fiscal_year_span(fiscal_year(today) + 1)[1],
        )
        person.forms.set(EngagementForm.objects.filter(code__in=row["forms"].split(";")))
        for skill in row["skills"].split(";"):
            code, own, *assessed = skill.split(":")
            SpecialistSkill.objects.create(
                specialist=person,
                skill_id=code,
                own_level=int(own),
                assessed_level=int(assessed[0]) if assessed else None,
            )
        Availability.objects.bulk_create(
            [
                Availability(specialist=person, month=month, half_days=int(row["half_days"]))
                for month in months
            ]
        )
        _work(person)
        consent.give(person, consent.missing(person), by=user)


def _work(person: Specialist) -> None:
    """What the registration asks of everybody, and of people with a side job."""
    best = max(skill.own_level for skill in person.skills.all())
    WorkProfile.objects.create(
        specialist=person, talent_types=["PR" if best == 4 else "PM" if best == 3 else "EN"]
    )
    if person.kind == Specialist.Kind.SIDE_JOB:
        Background.objects.create(specialist=person, permit_needed=False)


def _needs(coordinator: User) -> None:
    april = date(fiscal_year(timezone.localdate()), 4, 1)
    for row in read_rows(HERE / "needs.csv"):
        town = here(row["town"])
        editor = User.objects.get(email=f"{town}@town.example.jp")
        need = Need.objects.create(
            municipality_id=town,
            title=row["title"],
            problem=row["problem"],
            description=row["description"],
            half_days=int(row["half_days"]),
            least_half_days=int(row["least"]),
            first_month=_ahead(_month(april, int(row["from"]))),
            last_month=_ahead(_month(april, int(row["to"]))),
            place=row["place"],
            on_site_half_days=int(row["on_site"]),
            budget_yen=int(row["budget"]),
            involves_procurement=row["procurement"] == "yes",
            created_by=editor,
        )
        need.forms.set(EngagementForm.objects.filter(code__in=row["forms"].split(";")))
        for skill in row["skills"].split(";"):
            code, level = skill.split(":")
            NeedSkill.objects.create(need=need, skill_id=code, level=int(level))
        if row["status"] != "draft":
            vacancies.submit_need(need, by=editor)
        if row["status"] == "accepted":
            vacancies.accept_need(need, priority=int(row["priority"]), by=coordinator)


def _ahead(month: date) -> date:
    """Not before this month: in February and March some needs would begin in the past."""
    return max(month, first_of_month(timezone.localdate()))


def _month(april: date, number: int) -> date:
    """1 to 3: January to March of the running fiscal year; 4 to 15: April to March of the next."""
    return add_months(april, number + 8)
