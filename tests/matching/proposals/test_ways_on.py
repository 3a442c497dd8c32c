"""What a need can go on to when its proposal has ended, or was never made: a vacancy, whatever run
it was in, or back to its town; and a vacancy whose need has ended is not forgotten."""

from datetime import date

import pytest

from matching.pool.models import Demand
from matching.proposals.models import Proposal
from matching.proposals.services import ending, offers
from municipalities.vacancies import services as vacancies
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import Need, Vacancy
from municipalities.vacancies.queue import town_queue
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import World, make_world
from tests.municipalities.vacancies.objects import make_vacancy

pytestmark = pytest.mark.django_db


def mails(key: str) -> set[str]:
    return {row.payload["to"] for row in Message.objects.filter(kind="mail", key__startswith=key)}


def decides(user: User) -> list[str]:
    """What the town's home page asks about vacancies that are left over."""
    return [item.detail for item in town_queue(user) if "募集を終えるか決める" in item.title]


# --- A vacancy that the town began itself ---------------------------------------------------------
def test_a_need_with_a_vacancy_is_given_up_all_the_same() -> None:
    need = make.make_need("accepted")
    begun = vacancies.post_vacancy_from_need(need, by=need.created_by)
    assert offers.give_up(need.pk, by=make.make_coordinator()) == begun
    need.refresh_from_db()
    assert need.status == "unfilled"
    assert Demand.objects.filter(need=need).count() == 1
    assert Vacancy.objects.count() == 1
    assert decides(need.created_by) == []


@pytest.mark.parametrize("status", ["withdrawn", "closed"])
def test_an_ended_vacancy_is_not_gone_on_with(status: str) -> None:
    need = make.make_need("accepted")
    need.municipality.populations.create(as_of=date(2020, 1, 1), value=22_000, source="見本")
    vacancy = make_vacancy(status, by=need.created_by)
    Vacancy.objects.filter(pk=vacancy.pk).update(
        need=need, outcome="nobody" if status == "closed" else ""
    )
    staff = Visitor(make.make_coordinator())
    page = staff.get(f"/admin/proposals/proposal/need/{need.pk}/vacancy/")
    page.must_say(vacancy.vacancy_no, "市町が新しい募集情報を作ります")
    page.must_not_say("そのまま使います")
    staff.send(page, page.form_with()).must_say("新しく作るよう、市町に知らせました")
    need.refresh_from_db()
    vacancy.refresh_from_db()
    assert (need.status, vacancy.status) == ("unfilled", status)
    assert mails(f"need:{need.pk}:ended-vacancy") == {need.created_by.email}
    page = Visitor(need.created_by).get(f"/town/needs/{need.pk}/")
    page.must_say("写して新しい募集情報を作ってください")
    assert page.link(f"/town/vacancies/{vacancy.vacancy_no}/")


def test_a_vacancy_whose_need_is_signed_is_decided_on() -> None:
    world = make_world("agreed")
    need = world.needs[0]
    need.municipality.populations.create(as_of=date(2020, 1, 1), value=22_000, source="見本")
    vacancy = make_vacancy("published", by=need.created_by)
    Vacancy.objects.filter(pk=vacancy.pk).update(need=need)
    assert (decides(need.created_by), mails("vacancy-left:")) == ([], set())
    world.sign()
    (words,) = decides(need.created_by)
    assert words == (
        "もとの案件は、契約が結ばれました。募集は公表されたままで、国への月次提出にも入ります。"
    )
    assert mails("vacancy-left:") == {need.created_by.email}
    vacancies.close_vacancy(Vacancy.objects.get(), outcome="filled", by=need.created_by)
    assert decides(need.created_by) == []


def test_a_vacancy_whose_need_is_withdrawn_is_decided_on() -> None:
    need = make.make_need("accepted")
    vacancies.post_vacancy_from_need(need, by=need.created_by)
    vacancies.withdraw_need(need, by=need.created_by)
    assert decides(need.created_by) == ["もとの案件は、取り下げられました。"]
    assert mails("vacancy-left:") == {need.created_by.email}


# --- On to a vacancy from wherever the need stands ------------------------------------------------
def ended() -> World:
    """The prefecture has ended the proposal; the need's plan has somebody for it."""
    world = make_world("offered")
    ending.end_proposal(world.proposals[0].pk, reason="need_changed", by=world.coordinator)
    return world


def given_up(coordinator: User, page_path: str, need: Need) -> None:
    """From the page, by its link, over the question, to the end."""
    staff = Visitor(coordinator)
    page = staff.get(page_path)
    page = staff.get(page.link(f"need/{need.pk}/vacancy/$"))
    page.must_say("公募へ進めますか", need.title)
    page = staff.send(page, page.form_with())
    page.must_say("公募へ進めました", "該当者なし")
    need.refresh_from_db()
    assert need.status == "unfilled"
    assert Vacancy.objects.get().need == need
    page = staff.get(f"/admin/proposals/proposal/need/{need.pk}/vacancy/")
    page.must_say("この操作をする段階ではありません")


def test_an_ended_proposal_leads_on_to_a_vacancy() -> None:
    world = ended()
    path = f"/admin/proposals/proposal/{world.proposals[0].pk}/change/"
    given_up(world.coordinator, path, world.needs[0])


def test_the_page_of_a_run_asks_before_a_need_becomes_a_vacancy() -> None:
    world = ended()
    path = f"/admin/proposals/run/{world.run.pk}/vacancy/{world.needs[0].pk}/"
    staff = Visitor(world.coordinator)
    page = staff.get(path)
    page.must_say("公募へ進めますか", world.needs[0].title, "満たせなかった需要")
    assert not Vacancy.objects.exists()
    page = staff.send(page, page.form_with())
    page.must_say("公募へ進めました")
    assert page.url == f"/admin/proposals/run/{world.run.pk}/change/"
    staff.get(path).must_say("この操作をする段階ではありません")


def test_a_need_with_an_ended_proposal_leads_on_to_a_vacancy() -> None:
    world = ended()
    path = f"/admin/vacancies/need/{world.needs[0].pk}/review/"
    given_up(world.coordinator, path, world.needs[0])


def test_a_need_of_no_run_leads_on_to_a_vacancy() -> None:
    coordinator = make.make_coordinator()
    need = make.make_need("accepted", coordinator=coordinator)
    given_up(coordinator, f"/admin/vacancies/need/{need.pk}/review/", need)


# --- Back to the town -----------------------------------------------------------------------------
def test_a_need_that_is_coordinated_is_not_returned() -> None:
    world = make_world("offered")
    with pytest.raises(NotAllowedNowError, match="候補を提示している"):
        vacancies.return_need(world.needs[0], remark="期間が変わった", by=world.coordinator)
    page = Visitor(world.coordinator).get(f"/admin/vacancies/need/{world.needs[0].pk}/review/")
    page.must_not_say("差し戻す")


def test_a_need_whose_contents_changed_goes_back_and_comes_again() -> None:
    world = ended()
    need, staff = world.needs[0], Visitor(world.coordinator)
    town = Visitor(need.created_by)
    town.get(f"/town/proposals/{world.proposals[0].pk}/").must_say("県が案件を差し戻すと")
    page = staff.get(f"/admin/proposals/proposal/{world.proposals[0].pk}/change/")
    page.must_say("案件の内容が変わりました")
    page = staff.get(page.link(f"need/{need.pk}/review/"))
    page = staff.send(
        page, page.form_with("remark"), **{"return": "1", "remark": "期間を直してください。"}
    )
    page.must_say("差し戻しました")
    need.refresh_from_db()
    assert (need.status, need.accepted_at, need.is_returned) == ("draft", None, True)
    town.get(f"/town/proposals/{world.proposals[0].pk}/").must_say("県が案件を差し戻しました")
    town.get(f"/town/needs/{need.pk}/").must_say("期間を直してください", "県へ提出する")
    need = vacancies.submit_need(need, by=need.created_by)
    assert vacancies.accept_need(need, priority=1, by=world.coordinator).status == "accepted"


def test_who_steps_back_because_the_need_changed_reads_what_comes() -> None:
    world = make_world("disclosed")
    town = Visitor(world.town())
    page = town.get(f"/town/proposals/{world.proposals[0].pk}/step-back/")
    page = town.send(page, page.form_with("reason"), reason="need_changed")
    page.must_say("県が案件を差し戻します", "県が案件を差し戻すと")
    assert Proposal.objects.get(pk=world.proposals[0].pk).close_reason == "need_changed"
