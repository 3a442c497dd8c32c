"""Load the municipalities of Japan and the facts of the prefecture that ship with the product;
make staff accounts."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from municipalities.registry.models import (
    Group,
    GroupMember,
    Membership,
    Municipality,
    Population,
    Prefecture,
    SchemeUse,
)
from talentpool.audit import services as audit
from talentpool.users.models import User
from talentpool.users.services import create_account
from talentpool.vocabulary.services import load_vocabulary, read_rows

DATA = Path(__file__).parent / "data"
FACTS = {"34": DATA / "hiroshima"}  # prefectures whose facts ship with the product


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Add what ships with the product and is not there yet: code lists, all prefectures and
    municipalities, and the facts of the portal's own prefecture. Returns counts by table."""
    load_vocabulary()
    rows = list(read_rows(DATA / "municipalities.csv"))
    prefectures = [
        Prefecture(code=row["code"], name=row["prefecture"], kana=row["kana"])
        for row in rows
        if not row["municipality"]
    ]
    Prefecture.objects.bulk_create(prefectures, ignore_conflicts=True)
    code_of = {prefecture.name: prefecture.code for prefecture in prefectures}
    facts = FACTS.get(settings.PREFECTURE_CODE)
    offices = _offices(facts)
    Municipality.objects.bulk_create(
        [
            Municipality(
                code=row["code"],
                prefecture_id=code_of[row["prefecture"]],
                name=row["municipality"],
                kana=row["kana"],
                **offices.get(row["code"], {}),
            )
            for row in rows
            if row["municipality"]
        ],
        ignore_conflicts=True,
    )
    _add_offices(offices)
    if facts is not None:
        _load_facts(facts)
    return {
        "prefectures": Prefecture.objects.count(),
        "municipalities": Municipality.objects.count(),
        "populations": Population.objects.count(),
        "groups": Group.objects.count(),
    }


def _offices(facts: Path | None) -> dict[str, dict[str, Decimal]]:
    """Latitude and longitude of the offices of the whole country, by the municipality's code:
    people live outside the prefecture too. What is known of the own prefecture goes first."""
    lists = [DATA / "offices.csv", *([facts / "offices.csv"] if facts else [])]
    return {
        row["code"]: {
            "latitude": Decimal(row["latitude"]),
            "longitude": Decimal(row["longitude"]),
        }
        for path in lists
        for row in read_rows(path)
    }


def _add_offices(offices: dict[str, dict[str, Decimal]]) -> None:
    """Where the offices are of municipalities that were there before their place was known."""
    unknown = list(Municipality.objects.filter(latitude__isnull=True, code__in=list(offices)))
    for town in unknown:
        town.latitude = offices[town.code]["latitude"]
        town.longitude = offices[town.code]["longitude"]
    Municipality.objects.bulk_update(unknown, ["latitude", "longitude"], batch_size=500)


def _load_facts(facts: Path) -> None:
    Population.objects.bulk_create(
        [
            Population(
                municipality_id=row["code"],
                as_of=date.fromisoformat(row["as_of"]),
                value=int(row["value"]),
                source=row["source"],
                confirmed=row["confirmed"] == "true",
            )
            for row in read_rows(facts / "populations.csv")
        ],
        ignore_conflicts=True,
    )
    for row in read_rows(facts / "tiles.csv"):
        Municipality.objects.filter(pk=row["code"], tile_column__isnull=True).update(
            tile_column=int(row["column"]), tile_row=int(row["row"])
        )
    SchemeUse.objects.bulk_create(
        [
            SchemeUse(
                municipality_id=row["code"],
                fiscal_year=int(row["fiscal_year"]) if row["fiscal_year"] else None,
                scheme=row["scheme"],
                source=row["source"],
            )
            for row in read_rows(facts / "national_schemes.csv")
        ],
        ignore_conflicts=True,
    )
    _load_groups(Group.Kind.JOINT_USE, facts / "joint_use_groups.csv", "name")
    _load_groups(Group.Kind.SPHERE, facts / "spheres.csv", "sphere")


def _load_groups(kind: Group.Kind, path: Path, name_column: str) -> None:
    """Groups are loaded once; a group that is there is left to its administrator."""
    members: dict[str, list[dict[str, str]]] = {}
    for row in read_rows(path):
        members.setdefault(row[name_column], []).append(row)
    for name, rows in members.items():
        group, is_new = Group.objects.get_or_create(
            name=name,
            defaults={
                "kind": kind,
                "source": rows[0]["source"],
                "confirmed": all(row["confirmed"] == "true" for row in rows),
            },
        )
        if is_new:
            GroupMember.objects.bulk_create(
                [
                    GroupMember(group=group, municipality_id=row["code"] or None, note=row["note"])
                    for row in rows
                ]
            )


@transaction.atomic
def add_member(
    *,
    email: str,
    name: str,
    role: Membership.Role,
    municipality: Municipality | None = None,
    section: str = "",
    password: str | None = None,
    by: User | None,
) -> Membership:
    """Make the account of a member of staff with its membership.

    Raises IntegrityError when the address is taken or role and body do not fit.
    """
    kind = User.Kind.MUNICIPALITY if municipality else User.Kind.PREFECTURE
    user = create_account(email=email, name=name, kind=kind, password=password, by=by)
    membership = Membership.objects.create(
        user=user,
        role=role,
        municipality=municipality,
        section=section,
        since=timezone.localdate(),
    )
    audit.record(
        "add_member",
        membership,
        by=by,
        detail={"role": str(role), "body": municipality.code if municipality else "prefecture"},
    )
    return membership
