"""The coordinator's search: from the form's conditions to people, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from matching.pool.conflicts import conflicts_of, without_conflicts, work_in
from matching.pool.forms import ALL_STATES, HIDE
from matching.pool.models import PoolEntry, month_number
from municipalities.registry.places import kilometres, towns_within
from talentpool.conventions.amounts import days_label
from talentpool.conventions.months import add_months, first_of_month, month_range
from talentpool.pages.paging import Page, keyset_page
from talentpool.specialists.confidence import words
from talentpool.specialists.conflicts.rules import Work
from talentpool.specialists.models import Certificate, Specialist, SpecialistSkill
from talentpool.specialists.services import confidence_by_person

COUNTED = 1000  # more are not counted: "1,000人以上"
PAGE_SIZE = 50
SHOWN_MONTHS = 3  # whose free days a row shows when no period was asked for
REGISTERED = Specialist.Status.REGISTERED
FACETS = ("kind", "remote", "form", "talent", "role", "weekday", "certificate")
ORDERS = {"": ["pool_number"], "confirmed": ["-confirmed_at"]}


@dataclass(frozen=True, slots=True)
class Found:
    """What the conditions find. `ids` is None when there are more than are counted."""

    entries: QuerySet[PoolEntry]
    ids: list[int] | None

    @property
    def words(self) -> str:
        """How many, for people: 12人 or 1,000人以上."""
        return f"{COUNTED:,}人以上" if self.ids is None else f"{len(self.ids):,}人"

    @property
    def is_empty(self) -> bool:
        return self.ids == []


@dataclass(frozen=True, slots=True)
class Row:
    """One person of the list, in words. Free days are of the shown months, least and most."""

    pk: int
    pool_number: str
    kind: str
    status: str  # empty for who is registered
    agreed: bool  # whether towns may be told of the person today
    skills: list[str]
    base: str
    place: str
    radius_km: int
    day_rate_yen: int
    monthly_yen: int  # of who is paid by the month or year, else 0
    free: str
    confidence: str
    confirmed_on: date | None
    distance: int | None
    conflict: tuple[str, str] | None  # the result and its evidence, for the chosen town


def find(user: Any, conditions: Mapping[str, Any]) -> Found:
    """People whom `conditions` (the cleaned data of a SearchForm) describe."""
    entries = narrowed(PoolEntry.objects.visible_to(user), conditions)
    ids = list(entries.order_by().values_list("pk", flat=True)[: COUNTED + 1])
    if len(ids) > COUNTED:
        return Found(entries, None)
    return Found(PoolEntry.objects.visible_to(user).filter(pk__in=ids), ids)


def narrowed(entries: Any, conditions: Mapping[str, Any]) -> Any:
    """The entries that meet every condition."""
    facets = [f"{name}:{conditions[name]}" for name in FACETS if conditions.get(name)]
    if conditions["status"] != ALL_STATES:
        facets.append(f"status:{conditions['status'] or REGISTERED}")
    if conditions.get("skill"):
        facets.append(f"skill:{conditions['skill']}:{conditions.get('level') or 1}")
    entries = entries.having(*facets)
    if conditions.get("certificate"):
        entries = entries.exclude(Exists(_expired(conditions["certificate"])))
    if conditions.get("period"):
        first, last = conditions["period"]
        entries = entries.free_in(
            month_number(first), month_number(last), conditions.get("days") or 1
        )
    town = conditions.get("town")
    if town and conditions.get("km"):
        near = towns_within(town, conditions["km"])
        entries = entries.having_one_of([f"base:{code}" for code in near])
    entries = entries.search(conditions.get("q") or "")
    if town and conditions.get("conflicts") == HIDE:
        return without_conflicts(entries, town, _work(conditions))
    return entries


def _expired(code: str) -> Any:
    """Certificates of the kind whose day has passed; nobody has two of one kind."""
    past = Certificate.objects.filter(code=code, expires_on__lt=timezone.localdate())
    return past.filter(specialist=OuterRef("pk"))


def _work(conditions: Mapping[str, Any]) -> Work:
    months = shown_months(conditions)
    return work_in(months[0], months[-1], conditions.get("skill") or "")


def page_of(found: Found, params: Mapping[str, str], conditions: Mapping[str, Any]) -> Page[Any]:
    """One page of what was found, by keyset: the last costs what the first does (D-03)."""
    return keyset_page(
        with_free(found.entries, conditions),
        params,
        order=ORDERS[conditions["order"]],
        size=PAGE_SIZE,
    )


def with_free(entries: Any, conditions: Mapping[str, Any]) -> Any:
    """What a row needs of an entry, and the free half-days of the shown months."""
    months = shown_months(conditions)
    return entries.only("pool_number", "confirmed_at").with_free(
        month_number(months[0]), month_number(months[-1])
    )


def shown_months(conditions: Mapping[str, Any]) -> list[date]:
    """The months whose free days the rows show."""
    if conditions.get("period"):
        return month_range(*conditions["period"])
    first = first_of_month(timezone.localdate())
    return month_range(first, add_months(first, SHOWN_MONTHS - 1))


def rows_of(user: Any, entries: Sequence[Any], conditions: Mapping[str, Any]) -> list[Row]:
    """The people behind entries (with their free days), in the order of `entries`, in a fixed
    number of queries."""
    ids = [entry.pk for entry in entries]
    introducible = Specialist.objects.filter(pk=OuterRef("pk")).introducible()
    people = (
        Specialist.objects.visible_to(user)
        .filter(pk__in=ids)
        .select_related("base__prefecture")
        .only(
            *("pool_number", "kind", "status", "remote", "radius_km", "confirmed_at"),
            *("half_day_rate_yen", "monthly_fixed_yen", "base__name", "base__latitude"),
            *("base__longitude", "base__prefecture__name"),
        )
        .annotate(agreed=Exists(introducible))
        .in_bulk()
    )
    skills = _skills_of(ids)
    sure = confidence_by_person(ids)
    town = conditions.get("town")
    # Where they are hidden nobody of whom the rules find one is left.
    hidden = conditions.get("conflicts") == HIDE
    conflicts = conflicts_of(town, ids, _work(conditions)) if town and not hidden else {}
    return [
        Row(
            pk=entry.pk,
            pool_number=person.pool_number,
            kind=person.get_kind_display(),
            status="" if person.status == REGISTERED else person.get_status_display(),
            agreed=person.agreed,
            skills=skills.get(entry.pk, []),
            base=person.base.name_anywhere if person.base else "",
            place=person.get_remote_display(),
            radius_km=0 if person.remote == Specialist.Remote.ONLY else person.radius_km,
            day_rate_yen=person.day_rate_yen,
            monthly_yen=0 if person.day_rate_yen else person.monthly_fixed_yen,
            free=free_words(entry.least, entry.most),
            confidence=words(sure[entry.pk]),
            confirmed_on=timezone.localdate(person.confirmed_at) if person.confirmed_at else None,
            distance=kilometres(town, person.base) if town else None,
            conflict=conflicts.get(entry.pk),
        )
        for entry in entries
        if (person := people.get(entry.pk)) is not None
    ]


def _skills_of(ids: Sequence[int]) -> dict[int, list[str]]:
    """ネットワーク L3 by person; who assessed no level is said beside it."""
    found: dict[int, list[str]] = {}
    rows = SpecialistSkill.objects.filter(specialist_id__in=ids).order_by("skill__order", "skill")
    for pk, name, own, assessed in rows.values_list(
        "specialist_id", "skill__name", "own_level", "assessed_level"
    ):
        level = f"L{assessed}" if assessed else f"L{own}(自己評価)"
        found.setdefault(pk, []).append(f"{name} {level}")
    return found


def free_words(least: int, most: int) -> str:
    """Free half-days of some months as 月2〜4日, 月3日 or 空きなし."""
    if most == 0:
        return "空きなし"
    if least == most:
        return f"月{days_label(most)}"
    return f"月{days_label(least).removesuffix('日')}〜{days_label(most)}"
