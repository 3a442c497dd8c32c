"""The search's entries follow whatever is written about a person, by whichever path."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from matching.engagements import services as engagements
from matching.engagements.models import CapacityMonth
from matching.pool.forms import SearchForm
from matching.pool.models import PoolEntry, month_number
from matching.pool.search import narrowed
from talentpool.conventions.folding import search_key
from talentpool.conventions.months import add_months, first_of_month
from talentpool.specialists.models import (
    Availability,
    Certificate,
    Firm,
    Pause,
    Specialist,
    SpecialistSkill,
    WorkProfile,
)
from talentpool.vocabulary.models import EngagementForm, Term
from tests import factories

pytestmark = pytest.mark.django_db


def entry_of(person: Specialist) -> PoolEntry:
    return PoolEntry.objects.get(pk=person.pk)


def least_free(person: Specialist, months: int) -> int:
    """The most half-days with which the search still finds the person in the coming months."""
    first = month_number(timezone.localdate())
    entries = PoolEntry.objects.filter(pk=person.pk)
    return max(
        (days for days in range(1, 41) if entries.free_in(first, first + months - 1, days)),
        default=0,
    )


def test_a_person_is_found_by_what_is_written_about_her() -> None:
    person = factories.make_specialist(
        skills=["NW"], kind="firm", strengths="庁内網の更改", remote="only", name="見本 髙橋"
    )
    assert person.firm is not None
    facets = set(entry_of(person).facets)
    assert facets == {
        "kind:firm",
        "status:registered",
        "remote:only",
        "base:342157",
        "form:10",
        *(f"weekday:{bit}" for bit in range(5)),
        "skill:NW:1",
        "skill:NW:2",
        "skill:NW:3",
        "skill:NW:4",
    }
    for words in (person.pool_number, "高橋", "見本ベンダ", "庁内網 更改", "ﾐﾎﾝ"):
        assert person.pk in PoolEntry.objects.search(words).values_list("pk", flat=True), words
    assert not PoolEntry.objects.search("更改庁")


def test_changes_past_all_verbs_are_followed() -> None:
    person = factories.make_specialist(skills=["NW"], kind="firm")
    Specialist.objects.filter(pk=person.pk).update(status="paused", strengths="量子暗号")
    SpecialistSkill.objects.filter(specialist=person).update(assessed_level=2, evidence="海底敷設")
    Firm.objects.filter(pk=person.firm_id).update(name="竜宮商会")
    person.forms.clear()
    facets = set(entry_of(person).facets)
    assert {"status:paused", "skill:NW:2"} <= facets
    assert not {"status:registered", "skill:NW:3", "form:10"} & facets
    for word in ("量子", "海底", "竜宮"):
        assert PoolEntry.objects.search(word).get().pk == person.pk
    person.forms.add(EngagementForm.objects.get(code="10"))
    SpecialistSkill.objects.filter(specialist=person).delete()
    facets = set(entry_of(person).facets)
    assert "form:10" in facets
    assert not any(facet.startswith("skill:") for facet in facets)
    assert not PoolEntry.objects.search("海底")


def test_certificates_talent_types_and_languages_are_found() -> None:
    person = factories.make_specialist()
    WorkProfile.objects.update_or_create(
        specialist=person, defaults={"talent_types": ["PM"], "languages": "琉球語"}
    )
    Certificate.objects.create(specialist=person, code="ip_st")
    Certificate.objects.create(specialist=person, other_name="蜃気楼検定")
    assert {"talent:PM", "certificate:ip_st"} <= set(entry_of(person).facets)
    assert PoolEntry.objects.search("琉球").get().pk == person.pk
    assert PoolEntry.objects.search("気楼").get().pk == person.pk
    Certificate.objects.filter(specialist=person).delete()
    assert "certificate:ip_st" not in entry_of(person).facets


def test_roles_and_weekdays_narrow_the_search() -> None:
    coordinator = factories.make_coordinator()
    term = {"vocabulary": "dss_role", "code": "見本", "defaults": {"label": "見本の役割"}}
    Term.objects.get_or_create(**term)
    person, other = factories.make_specialist(weekdays=0b0100000), factories.make_specialist()
    WorkProfile.objects.update_or_create(specialist=person, defaults={"dss_roles": ["見本"]})

    def found(**params: str) -> set[int]:
        form = SearchForm(params, user=coordinator)
        assert form.is_valid(), form.errors
        entries = narrowed(PoolEntry.objects.all(), form.cleaned_data)
        return set(entries.values_list("pk", flat=True))

    assert found() == {person.pk, other.pk}
    assert found(role="見本") == found(weekday="5") == {person.pk}
    assert found(weekday="0") == {other.pk}
    Specialist.objects.filter(pk=other.pk).update(weekdays=0b1000000)
    assert found(weekday="0") == set()
    assert not SearchForm({"weekday": "7", "role": "x"}, user=coordinator).is_valid()


def test_who_has_not_applied_yet_is_not_found() -> None:
    coordinator = factories.make_coordinator()
    person = factories.make_specialist()
    assert PoolEntry.objects.visible_to(coordinator).exists()
    Specialist.objects.filter(pk=person.pk).update(status="draft", submitted_at=None)
    assert not PoolEntry.objects.visible_to(coordinator).exists()


def test_a_certificate_counts_until_its_last_day() -> None:
    coordinator = factories.make_coordinator()
    term = {"vocabulary": "certificate", "code": "ip_st", "defaults": {"label": "見本の資格"}}
    Term.objects.get_or_create(**term)
    today = timezone.localdate()
    people = [factories.make_specialist() for _ in range(4)]
    ends = [None, today + timedelta(days=1), today, today - timedelta(days=1)]
    for person, end in zip(people, ends, strict=True):
        Certificate.objects.create(specialist=person, code="ip_st", expires_on=end)
    form = SearchForm({"certificate": "ip_st"}, user=coordinator)
    assert form.is_valid(), form.errors
    found = narrowed(PoolEntry.objects.all(), form.cleaned_data)
    assert set(found.values_list("pk", flat=True)) == {person.pk for person in people[:3]}


def test_an_anonymised_person_leaves_no_word() -> None:
    person = factories.make_specialist(name="鯨飼 太郎", kana="クジラカイ", strengths="鯨飼です")
    Specialist.objects.filter(pk=person.pk).update(name="", kana="", strengths="")
    assert not PoolEntry.objects.search("鯨飼")
    assert "鯨" not in entry_of(person).search_text


def test_free_days_are_declared_less_signed_and_held() -> None:
    person = factories.make_specialist(half_days=10, months=6)
    first = first_of_month(timezone.localdate())
    assert least_free(person, 6) == 10
    assert least_free(person, 7) == 0  # nothing is declared for the seventh month
    hold = engagements.hold(
        person.pk,
        half_days=4,
        first_month=add_months(first, 1),
        last_month=add_months(first, 2),
        until=timezone.localdate() + timedelta(days=5),
    )
    assert [least_free(person, months) for months in (1, 2, 6)] == [10, 6, 6]
    CapacityMonth.objects.create(specialist=person, month=first, signed=9, declared=10, limit=10)
    engagements.release(hold.pk)
    assert [least_free(person, months) for months in (1, 6)] == [1, 1]
    pause = Pause.objects.create(
        specialist=person, first_month=add_months(first, 1), last_month=add_months(first, 1)
    )
    assert [least_free(person, months) for months in (1, 2, 6)] == [1, 0, 0]
    pause.delete()
    Availability.objects.filter(specialist=person, month=add_months(first, 3)).delete()
    assert [least_free(person, months) for months in (3, 4, 6)] == [1, 0, 0]
    Availability.objects.filter(specialist=person).delete()
    assert entry_of(person).free == []


def test_the_entry_goes_with_the_person() -> None:
    person = factories.make_specialist()
    Availability.objects.filter(specialist=person).delete()
    person.delete()
    assert not PoolEntry.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# Letters that a name, a firm or a place may hold: kana of all widths, Latin, Greek, Cyrillic,
# symbols, the variants that are folded and blanks that nobody sees.
LETTERS = [
    chr(code)
    for low, high in [
        (0x20, 0x24F),
        (0x370, 0x3FF),
        (0x400, 0x45F),
        (0x2000, 0x206F),
        (0x2100, 0x218F),
        (0x2460, 0x24FF),
        (0x3000, 0x30FF),
        (0x31F0, 0x33FF),
        (0x4E00, 0x9FFF),
        (0xF900, 0xFAFF),
        (0xFE00, 0xFE0F),
        (0xFF00, 0xFFEF),
        (0xE0100, 0xE01EF),
    ]
    for code in range(low, high + 1)
]


def test_the_database_folds_as_python_does(db: Any) -> None:
    """The query is folded in Python, the column in SQL: they must give the same."""
    texts = [*LETTERS, "髙﨑𠮷田", "ﾊﾟｰﾄ ﾅｰ", "か\u3099き", "ＷＥＢ　サーバー\u200b", "Straße Ⅳ①㈱"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT content, search_key(content) FROM unnest(%s::text[]) AS content", [texts]
        )
        wrong = {
            content: (key, search_key(content))
            for content, key in cursor.fetchall()
            if key != search_key(content)
        }
    assert wrong == {}
