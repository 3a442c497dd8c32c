"""Invented ties of the sample people to invented firms, and what the towns plan to buy."""

from datetime import date, timedelta
from pathlib import Path

from django.utils import timezone

from matching.engagements.outlook import renew_outlook
from matching.pool.overview import renew_overview
from municipalities.registry.deals import Party, save_procurement
from municipalities.registry.models import PlannedProcurement
from talentpool.embedded.sample.places import here
from talentpool.specialists.models import Firm, FirmRelation, Interest, Specialist
from talentpool.specialists.services import declare_interests
from talentpool.users.models import User
from talentpool.vocabulary.services import read_rows

HERE = Path(__file__).parent
# Two people have not declared yet this year, and some confirmed their days long ago: the pages
# that ask for it have something to show.
NOT_DECLARED = ("H-052", "H-125")
CONFIRMED_DAYS_AGO = (0, 3, 12, 25, 45, 80, 140)


def tie(firms: dict[str, Firm], coordinator: User) -> None:
    """Ties, declarations, relations of firms, and planned procurements."""
    today = timezone.localdate()
    for row in read_rows(HERE / "interests.csv"):
        firm = firms[row["firm"]]
        Interest.objects.create(
            specialist=Specialist.objects.get(pool_number=row["pool_number"]),
            kind=row["kind"],
            corporate_number=firm.corporate_number,
            name=firm.name,
            since=_ago(today, row["since_days"]),
            until=_ago(today, row["until_days"]),
        )
    FirmRelation.objects.create(
        parent_number=firms["F2"].corporate_number,
        parent_name=firms["F2"].name,
        child_number=firms["F4"].corporate_number,
        child_name=firms["F4"].name,
        source="見本データ",
    )
    people = Specialist.objects.select_related("user").order_by("pool_number")
    for index, person in enumerate(people):
        days = CONFIRMED_DAYS_AGO[index % len(CONFIRMED_DAYS_AGO)]
        Specialist.objects.filter(pk=person.pk).update(
            confirmed_at=timezone.now() - timedelta(days=days)
        )
        if person.pool_number not in NOT_DECLARED and person.user is not None:
            declare_interests(person, by=person.user)
    for row in read_rows(HERE / "procurements.csv"):
        parties = [part.split(":") for part in row["parties"].split(";") if part]
        save_procurement(
            PlannedProcurement(
                municipality_id=here(row["town"]),
                subject=row["subject"],
                skill_id=row["skill"],
                prepared_from=today + timedelta(days=int(row["from_days"])),
                announced_on=today + timedelta(days=int(row["announced_days"])),
                decided_on=today + timedelta(days=int(row["decided_days"])),
                status=row["status"],
            ),
            [Party(firms[key].corporate_number, firms[key].name, role) for key, role in parties],
            by=coordinator,
        )


def count() -> None:
    """The outlook and the towns' overview, once the story is told."""
    renew_outlook(timezone.localdate())
    renew_overview(timezone.localdate())


def _ago(today: date, days: str) -> date | None:
    return today - timedelta(days=int(days)) if days else None
