"""The coordinator's search, its kept conditions and its file; the towns' pages."""

import csv
import io
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from matching.pool.exports import TooManyRows, csv_of, entries_of
from matching.pool.models import Demand, SavedSearch
from matching.pool.search import find
from matching.pool.tasks import renew_overview
from matching.proposals.services import offers
from municipalities.registry.deals import Party, save_procurement
from municipalities.registry.models import (
    Membership,
    Municipality,
    PlannedProcurement,
    VendorContract,
)
from municipalities.registry.queue import work_queue
from talentpool.audit.models import Event
from talentpool.conventions.months import add_months, first_of_month
from talentpool.outbox.models import Message
from talentpool.specialists.models import Interest, ProfileView, Specialist, SpecialistSkill
from talentpool.users.models import User
from tests import factories
from tests.matching.visitor import Visitor

pytestmark = pytest.mark.django_db
SEARCH = "/admin/pool/poolentry/"
ClientOf = Callable[[User], Client]


@pytest.fixture
def coordinator() -> User:
    return factories.make_coordinator()


def shown(client: Client, **conditions: Any) -> set[str]:
    """The pool numbers of the page that posting the conditions leads to."""
    answer = client.post(SEARCH, conditions, follow=True)
    assert answer.status_code == 200
    assert not answer.context["form"].errors, answer.context["form"].errors
    return {row.pool_number for row in answer.context["rows"]}


def months(name: str, month: Any) -> dict[str, int]:
    return {f"{name}_0": month.year, f"{name}_1": month.month}


def test_each_condition_narrows(client_of: ClientOf, coordinator: User) -> None:
    near = factories.make_town("342157")
    far = factories.make_town("342084")
    Municipality.objects.filter(pk=near.pk).update(latitude=34.22, longitude=132.45)
    Municipality.objects.filter(pk=far.pk).update(latitude=34.57, longitude=133.24)
    a = factories.make_specialist(skills=["NW"], base=near, half_days=10)
    b = factories.make_specialist(skills=["NW", "SEC"], base=far, kind="side_job", remote="only")
    c = factories.make_specialist(skills=["SEC"], base=near, kind="firm", half_days=2)
    d = factories.make_specialist(skills=["SEC"], base=None, status="applied", months=2)
    SpecialistSkill.objects.filter(specialist=b, skill_id="NW").update(assessed_level=2)
    Interest.objects.create(
        specialist=b, kind="shares", corporate_number="5010401067252", name="見本"
    )
    b.forms.clear()
    assert c.firm is not None
    VendorContract.objects.create(
        municipality=near,
        corporate_number=c.firm.corporate_number,
        vendor_name="見本",
        subject="保守",
        starts=timezone.localdate(),
        ends=timezone.localdate(),
    )
    VendorContract.objects.create(
        municipality=near,
        corporate_number="5010401067252",
        vendor_name="見本",
        subject="更改",
        starts=timezone.localdate(),
        ends=timezone.localdate(),
    )
    browser = client_of(coordinator)
    first = first_of_month(timezone.localdate())
    known: list[tuple[dict[str, Any], list[Specialist]]] = [
        ({}, [a, b, c]),
        ({"status": "all"}, [a, b, c, d]),
        ({"status": "applied"}, [d]),
        ({"skill": "NW"}, [a, b]),
        ({"skill": "NW", "level": 3}, [a]),
        ({"kind": "firm"}, [c]),
        ({"remote": "only"}, [b]),
        ({"form": "10"}, [a, c]),
        ({"days": "5"}, [a, b]),
        ({"status": "all", **months("first_month", add_months(first, 2))}, [a, b, c]),
        ({"days": "1", **months("last_month", add_months(first, 30))}, []),
        ({"town": near.pk, "km": 20}, [a, c]),
        ({"town": near.pk, "km": 80}, [a, c]),
        ({"town": near.pk}, [a, b, c]),
        ({"town": near.pk, "conflicts": "hide"}, [a]),
        ({"town": far.pk, "conflicts": "hide"}, [a, b, c]),
        ({"q": "見本ベンダ"}, [c]),
        ({"q": a.name}, [a]),
        ({"order": "confirmed"}, [a, b, c]),
    ]
    found = {str(given): shown(browser, **given) for given, _ in known}
    assert found == {str(given): {one.pool_number for one in people} for given, people in known}


def test_a_conflict_is_named_in_the_row(client_of: ClientOf, coordinator: User) -> None:
    person = factories.make_specialist(kind="firm")
    assert person.firm is not None
    VendorContract.objects.create(
        municipality=factories.make_town(),
        corporate_number=person.firm.corporate_number,
        vendor_name="見本",
        subject="庁内網の保守",
        starts=timezone.localdate(),
        ends=timezone.localdate(),
    )
    page = client_of(coordinator).get(SEARCH, {"town": "342157"}).content.decode()
    assert "不可" in page
    assert "庁内網の保守" in page


def test_words_stand_in_no_address(client_of: ClientOf, coordinator: User) -> None:
    person = factories.make_specialist()
    browser = client_of(coordinator)
    answer = browser.post(SEARCH, {"q": person.name, "kind": person.kind})
    sealed = parse_qs(urlsplit(answer["Location"]).query)
    assert sealed["kind"] == [person.kind]
    assert person.name not in answer["Location"]
    page = browser.get(answer["Location"])
    assert [row.pk for row in page.context["rows"]] == [person.pk]
    assert f'value="{person.name}"' in page.content.decode()
    broken = browser.get(SEARCH, {"w": "x", "kind": person.kind})
    assert [row.pk for row in broken.context["rows"]] == [person.pk]


@pytest.mark.parametrize(
    "conditions",
    [
        {"level": 3},
        {"km": 20},
        {"conflicts": "hide"},
        {"days": "二日"},
        {"first_month_0": 2026, "first_month_1": 13},
        {"first_month_0": 2030, "first_month_1": 5, "last_month_0": 2030, "last_month_1": 4},
        {"last_month_0": 2090, "last_month_1": 4},
        {"skill": "未知"},
        {"town": "999999"},
        {"kind": "king"},
    ],
)
def test_what_cannot_be_asked_is_said(
    client_of: ClientOf, coordinator: User, conditions: dict[str, Any]
) -> None:
    answer = client_of(coordinator).post(SEARCH, conditions, follow=True)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    assert "エラー：1か所" in answer.content.decode()
    assert not ProfileView.objects.exists()


def test_what_is_listed_is_logged(client_of: ClientOf, coordinator: User) -> None:
    """B-07: exactly the people of the page, by everybody who looks."""
    people = [factories.make_specialist() for _ in range(3)]
    factories.make_specialist(status="paused")
    client_of(coordinator).get(SEARCH)
    logged = ProfileView.objects.values_list("specialist_id", "scope", "purpose")
    assert sorted(logged) == [
        (one.pk, "pool_number", "条件に合う人を一覧で探すため") for one in people
    ]


def test_many_are_counted_to_a_limit_and_paged(
    client_of: ClientOf, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.pool.search.COUNTED", 3)
    monkeypatch.setattr("matching.pool.search.PAGE_SIZE", 2)
    people = sorted(factories.make_specialist().pool_number for _ in range(5))
    browser = client_of(coordinator)
    page = browser.get(SEARCH)
    assert "3人以上" in page.content.decode()
    seen = []
    while True:
        seen += [row.pool_number for row in page.context["rows"]]
        if not page.context["page"].next:
            break
        page = browser.get(SEARCH, {"cursor": page.context["page"].next})
    assert seen == people
    few = find(coordinator, {"status": "all", "q": people[0]})
    assert few.words == "1人"


# --- Kept searches (C-14) -------------------------------------------------------------------
def test_conditions_are_kept_shared_and_removed(client_of: ClientOf, coordinator: User) -> None:
    colleague = factories.make_coordinator()
    auditor = factories.make_member(Membership.Role.AUDITOR)
    factories.make_specialist(skills=["NW"])
    factories.make_specialist(skills=["SEC"])
    mine = client_of(coordinator)
    address = mine.post(SEARCH, {"skill": "NW", "q": "見本"})["Location"]
    query = urlsplit(address).query
    kept = mine.post(f"{SEARCH}save/?{query}&cursor=x", {"name": "網の人"}, follow=True)
    assert "「網の人」を保存しました" in kept.content.decode()
    saved = SavedSearch.objects.get()
    assert saved.query == query
    assert len(mine.get(f"{SEARCH}?{saved.query}").context["rows"]) == 1
    theirs = client_of(colleague)
    assert "網の人" not in theirs.get(SEARCH).content.decode()
    theirs.post(f"{SEARCH}saved/{saved.pk}/remove/")
    assert SavedSearch.objects.exists()
    mine.post(f"{SEARCH}save/?{query}", {"name": "網の人", "shared": "on"})
    assert SavedSearch.objects.get().shared
    assert "網の人" in theirs.get(SEARCH).content.decode()
    assert "網の人" in client_of(auditor).get(SEARCH).content.decode()
    assert client_of(auditor).post(f"{SEARCH}saved/{saved.pk}/remove/").status_code == 404
    theirs.post(f"{SEARCH}saved/{saved.pk}/remove/")
    assert not SavedSearch.objects.exists()
    nameless = mine.post(f"{SEARCH}save/?{query}", {"name": " "}, follow=True)
    assert "名前を" in nameless.content.decode()


# --- The file -------------------------------------------------------------------------------
def test_the_file_asks_who_it_is_escapes_and_is_logged(coordinator: User) -> None:
    person = factories.make_specialist(skills=["NW"], pool_number="=1+1")
    factories.make_specialist(skills=["SEC"])
    browser = Client()
    browser.force_login(coordinator)
    url = f"{SEARCH}export/?skill=NW"
    asked = browser.get(url)
    assert asked["Location"].startswith("/account/reauthenticate/")
    back = browser.post(asked["Location"], {"password": factories.PASSWORD})
    page = browser.get(back["Location"])
    assert "1人" in page.content.decode()
    assert not ProfileView.objects.exists()
    answer = browser.post(url)
    assert answer["Content-Type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert [row[:2] for row in rows] == [["'=1+1", "県職員OB"]]
    assert person.name not in answer.content.decode()
    assert len(header) == len(rows[0])
    assert ProfileView.objects.get().specialist == person
    event = Event.objects.get(action="export_pool")
    assert event.detail == {"people": 1, "conditions": ["skill"]}


@pytest.mark.parametrize(
    ("rate", "monthly", "cells"),
    [(15_000, 7_000, ["30000", ""]), (0, 300_000, ["", "300000"]), (0, 0, ["", ""])],
)
def test_the_file_tells_pay_by_the_day_from_pay_by_the_month(
    coordinator: User, rate: int, monthly: int, cells: list[str]
) -> None:
    factories.make_specialist(half_day_rate_yen=rate, monthly_fixed_yen=monthly)
    entries = entries_of(coordinator, {"status": ""})
    content = csv_of(coordinator, entries, {"status": ""})
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    at = header.index("報酬の希望(円/日)")
    assert row[at : at + 2] == cells


def test_a_file_holds_only_so_many(coordinator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.pool.exports.MOST_ROWS", 1)
    one, _ = factories.make_specialist(skills=["NW"]), factories.make_specialist(skills=["SEC"])
    with pytest.raises(TooManyRows, match="1人を超えるため"):
        entries_of(coordinator, {"status": ""})
    (found,) = entries_of(coordinator, {"status": "", "q": one.pool_number})
    assert found.pk == one.pk


# --- The towns ------------------------------------------------------------------------------
def test_a_town_records_that_nobody_fits_and_is_answered(coordinator: User) -> None:
    editor = factories.make_editor()
    factories.make_code_lists()
    town = Visitor(editor)
    page = town.get("/town/pool/")
    page.must_say("人材の概況", "この時期の集計は、まだありません")
    renew_overview()
    page = town.get("/town/pool/")
    page.must_say("この時期に動ける人はいません", "に数えた数字です")
    page = town.get("/town/pool/demands/new/?skill=SEC")
    first = add_months(first_of_month(timezone.localdate()), 1)
    given = {
        "level": "3",
        "half_days": "2",
        **months("first_month", first),
        **months("last_month", add_months(first, 5)),
    }
    page = town.send_twice(page, page.form_with("half_days"), **given)
    page.must_say("記録しました", "セキュリティ L3", "確認待ち")
    demand = Demand.objects.get()
    assert (demand.skill_id, demand.half_days, demand.months) == ("SEC", 4, 6)
    assert Message.objects.filter(key__startswith="demand:").count() == 1
    (item,) = [row for row in work_queue("coordinator", coordinator) if "セキュリティ" in row.title]
    desk = Visitor(coordinator)
    page = desk.get(item.url)
    desk.send(page, page.form_with("answer"), verb="note", answer="来月の募集に加えます。")
    town.get("/town/pool/demands/").must_say("来月の募集に加えます", "募集を検討")
    assert not [row for row in work_queue("coordinator", coordinator) if "L3" in row.title]
    Visitor(factories.make_editor("343099")).get("/town/pool/demands/").must_say(
        "記録はまだありません"
    )


def test_bad_demands_are_refused_in_words(client_of: ClientOf) -> None:
    factories.make_code_lists()
    browser = client_of(factories.make_editor())
    past = add_months(first_of_month(timezone.localdate()), -2)
    for given in (
        {},
        {"skill": "NW", "level": "9", "half_days": "99", **months("first_month", past)},
    ):
        answer = browser.post("/town/pool/demands/new/", given)
        assert answer.status_code == 422
        assert "エラー：" in answer.content.decode()
    assert not Demand.objects.exists()


def test_a_need_that_is_given_up_becomes_demand(coordinator: User) -> None:
    need = factories.make_need("accepted", coordinator=coordinator)
    offers.give_up(need.pk, by=coordinator)
    demand = Demand.objects.get()
    assert (demand.need, demand.skill_id, demand.level) == (need, "NW", 3)
    Visitor(need.created_by).get(f"/town/needs/{need.pk}/").must_say(
        "満たせなかった需要としての記録"
    )


def test_who_cannot_be_introduced_is_marked(client_of: ClientOf, coordinator: User) -> None:
    agreeing, firm_silent = (factories.make_specialist(kind="firm") for _ in range(2))
    Specialist.objects.filter(pk=firm_silent.pk).update(firm_agreed_at=None)
    page = client_of(coordinator).post(SEARCH, {}, follow=True)
    assert {row.pool_number: row.agreed for row in page.context["rows"]} == {
        agreeing.pool_number: True,
        firm_silent.pool_number: False,
    }
    assert page.content.decode().count("紹介の同意なし") == 1


@pytest.mark.parametrize("conflicts", ["", "hide"])
def test_the_fullest_search_asks_few_queries_however_many_it_finds(
    client_of: ClientOf, coordinator: User, conflicts: str
) -> None:
    """D-02: a page of the admin asks 25 at most; by distance, for a town that deals with firms and
    plans to, too."""
    town = factories.make_town()
    tied = factories.make_specialist(kind="firm")
    assert tied.firm is not None
    VendorContract.objects.create(
        municipality=town,
        corporate_number=tied.firm.corporate_number,
        vendor_name="見本",
        subject="保守",
        starts=timezone.localdate(),
        ends=timezone.localdate(),
    )
    today = timezone.localdate()
    planned = PlannedProcurement(
        municipality=town, subject="更改", prepared_from=today, decided_on=today
    )
    save_procurement(planned, [Party(tied.firm.corporate_number, "見本")], by=coordinator)
    Municipality.objects.filter(pk=town.pk).update(latitude=34.22, longitude=132.45)
    browser = client_of(coordinator)
    given = {"town": town.pk, "km": "80", "skill": "NW", "days": "1", "order": "confirmed"}
    given |= months("first_month", timezone.localdate()) | {"conflicts": conflicts}
    counted = []
    for more in (2, 8):
        for _ in range(more):
            factories.make_specialist(base=town)
        address = browser.post(SEARCH, given)["Location"]
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert len(browser.get(address).context["rows"]) >= more
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 25, counted
