"""Whether a person may be in the pool already."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from talentpool.conventions.folding import search_key
from talentpool.specialists.models import Specialist

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Duplicate:
    person: Specialist
    why: str


def with_twins(people: "QuerySet[Specialist]") -> "QuerySet[Specialist]":
    """The people with `has_twin`: somebody else who has applied has the same reading."""
    others = Specialist.objects.exclude(status="draft", submitted_at=None).exclude(kana="")
    twins = others.filter(kana=OuterRef("kana")).exclude(pk=OuterRef("pk"))
    return people.annotate(has_twin=Exists(twins))


def duplicates_of(person: Specialist) -> list[Duplicate]:
    """People who have applied with the same reading, the same name, or a certificate of the same
    number, with the reason in words. Blanks and old forms of characters do not count."""
    others = Specialist.objects.exclude(pk=person.pk).exclude(status="draft", submitted_at=None)
    numbers = list(person.certificates.exclude(number="").values_list("number", flat=True))
    found: dict[int, Duplicate] = {}
    key = search_key(person.kana)
    name_key = search_key(person.name)
    for other in others.filter(certificates__number__in=numbers).distinct()[:SHOWN]:
        found[other.pk] = Duplicate(other, "資格の番号が同じ")
    near = Q(kana__startswith=person.kana[:2]) | Q(name__startswith=person.name[:1])
    for other in others.filter(near).only("pk", "pool_number", "kana", "name", "status", "kind"):
        if name_key and search_key(other.name) == name_key:
            found.setdefault(other.pk, Duplicate(other, "お名前が同じ"))
        elif key and search_key(other.kana) == key:
            found.setdefault(other.pk, Duplicate(other, "フリガナが同じ"))
        if len(found) >= SHOWN:
            break
    return list(found.values())
