"""Invented people who have applied and wait for the review: one has the reading of somebody who is
in the pool already, one is being looked at, one was entered by the prefecture."""

from datetime import date
from pathlib import Path

from django.utils import timezone

from talentpool.embedded.sample.places import here
from talentpool.specialists.models import (
    Background,
    Specialist,
    SpecialistSkill,
    WorkProfile,
)
from talentpool.specialists.services import changes, consent, people, vetting
from talentpool.users.models import User
from talentpool.users.services import create_account
from talentpool.vocabulary.models import EngagementForm
from talentpool.vocabulary.services import read_rows

HERE = Path(__file__).parent
FAMILY, FAMILY_KANA = "見本", "ミホン"


def apply_for_registration(coordinator: User) -> None:
    """Registrations written and sent in by the portal's own verbs."""
    for number, row in enumerate(read_rows(HERE / "applicants.csv"), start=1):
        user = create_account(
            email=f"applicant{number}@people.example.jp",
            name=f"{FAMILY} {row['given']}",
            kind=User.Kind.SPECIALIST,
            by=None,
        )
        person = _written(people.start_registration(user), row)
        consent.give(person, consent.texts_in_force(), by=user)
        vetting.submit(person, by=user)
        if row["state"] == "under_review":
            vetting.decide(person, "take_up", reason="", by=coordinator)
            vetting.write_note(
                person,
                held_on=date(2026, 11, 20),
                text="見本の記録です。担当した仕事の規模と役割を聞いた。",
                by=coordinator,
            )
    _enter_for_somebody()
    _raise_a_level()


def _written(person: Specialist, row: dict[str, str]) -> Specialist:
    person.kind = row["kind"]
    person.name = f"{FAMILY} {row['given']}"
    person.kana = f"{FAMILY_KANA} {row['kana']}"
    person.base_id = here(row["base"])
    person.half_day_rate_yen = 15_000
    person.years = int(row["years"])
    person.strengths = row["strengths"]
    person.employer = "見本勤務先"
    person.save()
    retired = row["kind"] == Specialist.Kind.RETIRED
    Background.objects.create(
        specialist=person,
        retired_on=date(2025, 3, 31) if retired else None,
        last_post="デジタル課長" if retired else "",
        was_manager=True if retired else None,
        departments="令和2年度 情報システム課\n令和4年度 デジタル課" if retired else "",
        present_work=Background.Work.COMPANY if retired else "",
        reported=Background.Answer.YES if retired else "",
        permit_needed=None if retired else False,
    )
    WorkProfile.objects.create(specialist=person, talent_types=["EN"])
    person.forms.set(EngagementForm.objects.filter(code__in=["10", "20"]))
    SpecialistSkill.objects.create(
        specialist=person,
        skill_id=row["skill"],
        own_level=int(row["level"]),
        years=int(row["years"]),
        evidence=row["evidence"],
    )
    return person


def _enter_for_somebody() -> None:
    """Entered by the prefecture, without an account and without consent: nobody sees it yet."""
    [number] = people.next_numbers()
    Specialist.objects.create(
        pool_number=number,
        kind=Specialist.Kind.RETIRED,
        status=Specialist.Status.APPLIED,
        name=f"{FAMILY} 小梅",
        kana=f"{FAMILY_KANA} コウメ",
        base_id=here("342041"),
        employer="",
        submitted_at=timezone.now(),
    )


def _raise_a_level() -> None:
    """Somebody in the pool finds the own level higher than the prefecture has assessed it."""
    row = (
        SpecialistSkill.objects.filter(
            specialist__status=Specialist.Status.REGISTERED,
            specialist__user__isnull=False,
            assessed_level__isnull=False,
            own_level__lte=3,
        )
        .select_related("specialist")
        .order_by("specialist__pool_number", "skill_id")
        .first()
    )
    if row is not None:
        person = row.specialist
        before = {skill.skill_id: skill for skill in person.skills.all()}
        row.own_level += 1
        row.save(update_fields=["own_level"])
        changes.keep_skill_changes(person, before)
