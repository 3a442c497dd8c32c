"""Whether a person may be in the pool already."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from talentpool.conventions.folding import search_key
from talentpool.specialists.models import Specialist
from talentpool.specialists.models.person import folded

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Duplicate:
    person: Specialist
    why: str


def _others() -> Any:
    """Whoever has ever applied, with the folded name and reading, which the database keeps an index
    of: blanks and old forms of characters do not count."""
    applied = Specialist.objects.exclude(submitted_at=None)
    return applied.alias(name_key=folded(F("name")), kana_key=folded(F("kana")))


def with_twins(people: "QuerySet[Specialist]") -> "QuerySet[Specialist]":
    """The people with `has_twin`: somebody else who has applied has the same reading or name, or
    one of the two works under the other's name."""
    others = _others().exclude(pk=OuterRef("pk"))
    same_kana = others.exclude(kana="").filter(kana_key=folded(OuterRef("kana")))
    same_name = others.exclude(name="").filter(name_key=folded(OuterRef("name")))
    known = others.exclude(known_as="").alias(known_key=folded(F("known_as")))
    under_name = known.filter(known_key=folded(OuterRef("name")))
    by_known = others.filter(name_key=folded(OuterRef("known_as")))
    under_known = ~Q(known_as="") & Q(Exists(by_known))
    has_name = Q(Exists(same_name)) | Q(Exists(under_name))
    return people.annotate(has_twin=Q(Exists(same_kana)) | has_name | under_known)


def duplicates_of(person: Specialist) -> list[Duplicate]:
    """People who have applied with the same reading, the same name, or a certificate of the same
    number, with the reason in words."""
    others = _others().exclude(pk=person.pk)
    numbers = list(person.certificates.exclude(number="").values_list("number", flat=True))
    found: dict[int, Duplicate] = {}
    same: list[tuple[str, Any]] = [
        ("資格の番号が同じ", others.filter(certificates__number__in=numbers).distinct())
    ]
    if name := search_key(person.name):
        same.append(("お名前が同じ", others.filter(name_key=name)))
        known = others.exclude(known_as="").alias(known_key=folded(F("known_as")))
        same.append(("通称・旧姓がお名前と同じ", known.filter(known_key=name)))
    if known_as := search_key(person.known_as):
        same.append(("お名前が通称・旧姓と同じ", others.filter(name_key=known_as)))
    if kana := search_key(person.kana):
        same.append(("フリガナが同じ", others.filter(kana_key=kana)))
    for why, rows in same:
        for other in rows.order_by("pk")[:SHOWN]:
            found.setdefault(other.pk, Duplicate(other, why))
    return list(found.values())[:SHOWN]
