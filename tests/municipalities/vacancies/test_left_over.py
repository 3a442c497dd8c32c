"""A vacancy and the need that it was made of: where the pages lead when one of them has ended."""

from typing import Any

import pytest
from django.test import Client

from municipalities.vacancies import services
from municipalities.vacancies.errors import NotAllowedNowError
from municipalities.vacancies.models import Need, Vacancy
from municipalities.vacancies.queue import town_queue
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.users.models import User
from tests.municipalities.vacancies.objects import (
    make_coordinator,
    make_editor,
    make_need,
    make_vacancy,
)

pytestmark = pytest.mark.django_db

ENDS: dict[str, Any] = {
    "filled": lambda need: services.mark_filled(need, by=None),
    "withdrawn": lambda need: services.withdraw_need(need, by=need.created_by),
    "lapsed": lambda need: services.mark_lapsed(need, by=None),
}
WHY = {
    "filled": "契約が結ばれました",
    "withdrawn": "取り下げられました",
    "lapsed": "契約に至らないまま期間が終わりました",
}


@pytest.fixture(autouse=True)
def open_doors(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def titles(user: User) -> list[str]:
    return [item.title for item in town_queue(user)]


def left_over(how: str, status: str = "published") -> Vacancy:
    """A vacancy in a state whose need has ended."""
    need = make_need("accepted")
    vacancy = make_vacancy(status, by=need.created_by)
    Vacancy.objects.filter(pk=vacancy.pk).update(need=need)
    ENDS[how](need)
    return Vacancy.objects.select_related("need").get(pk=vacancy.pk)


def asked(vacancy: Vacancy) -> bool:
    assert vacancy.need is not None
    return any("募集を終えるか決める" in title for title in titles(vacancy.need.created_by))


def test_a_returned_need_with_a_vacancy_is_mended_all_the_same() -> None:
    need = make_need("accepted")
    services.post_vacancy_from_need(need, by=need.created_by)
    services.return_need(need, remark="期間を直してください。", by=make_coordinator())
    assert f"案件「{need.title}」を直して提出する" in titles(need.created_by)


def test_who_found_nobody_and_recruits_is_not_asked_whether_to() -> None:
    need = make_need("unfilled")
    services.post_vacancy_from_need(need, by=need.created_by)
    assert not any("公募するか" in title for title in titles(need.created_by))


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_town_decides_to_go_on(how: str, status: str) -> None:
    vacancy = left_over(how, status)
    assert vacancy.need is not None
    (mail,) = Message.objects.filter(kind="mail", key__startswith="vacancy-left:")
    assert mail.payload["to"] == vacancy.need.created_by.email
    assert ("期間が終わりました" in mail.payload["body"]) == (how == "lapsed")
    assert asked(vacancy)
    client = signed_in(vacancy.need.created_by)
    url = f"/town/vacancies/{vacancy.vacancy_no}/"
    page = client.get(url).content.decode()
    assert WHY[how] in page
    assert "募集を続ける</button>" in page
    page = client.post(f"{url}do/go_on/", follow=True).content.decode()
    assert "募集を続けることにしました" in page
    assert WHY[how] in page  # the page still says that the need has ended
    assert "募集を続ける</button>" not in page
    assert not asked(vacancy)
    assert Event.objects.filter(action="go_on_recruiting", object_id=str(vacancy.pk)).count() == 1
    page = client.post(f"{url}do/go_on/", follow=True).content.decode()
    assert "決めることは、もうありません" in page


@pytest.mark.parametrize("status", ["accepted", "unfilled"])
def test_whose_need_waits_for_it_has_nothing_to_decide(status: str) -> None:
    need = make_need(status)
    vacancy = services.post_vacancy_from_need(need, by=need.created_by)
    with pytest.raises(NotAllowedNowError):
        services.go_on_recruiting(vacancy, by=need.created_by)
    page = signed_in(need.created_by).get(f"/town/vacancies/{vacancy.vacancy_no}/")
    assert "もとの案件は終わりました" not in page.content.decode()


def test_no_other_town_decides() -> None:
    vacancy = left_over("filled")
    client = signed_in(make_editor("343021"))
    assert client.post(f"/town/vacancies/{vacancy.vacancy_no}/do/go_on/").status_code == 404
    assert asked(vacancy)


# --- The page of a need that has ended ------------------------------------------------------------
def need_page(need: Need) -> str:
    page: str = signed_in(need.created_by).get(f"/town/needs/{need.pk}/").content.decode()
    return page


@pytest.mark.parametrize("how", [*ENDS, "unfilled"])
def test_every_ended_need_can_be_asked_for_anew(how: str) -> None:
    need = make_need(how)
    assert "/again/" in need_page(need)
    vacancy = make_vacancy("published", by=need.created_by)
    Vacancy.objects.filter(pk=vacancy.pk).update(need=need)
    page = need_page(need)
    assert "/again/" in page
    assert vacancy.vacancy_no in page
    decides = "終えるか続けるかを決めてください" in page
    assert decides == (how != "unfilled")
    assert ("公募は、募集情報のページで進めます" in page) == (how == "unfilled")
    services.close_vacancy(vacancy, outcome="nobody", by=need.created_by)
    page = need_page(need)
    assert "/again/" in page
    assert "公募は、募集情報のページで進めます" not in page
    assert "終えるか続けるかを決めてください" not in page


@pytest.mark.parametrize("status", ["draft", "submitted", "accepted"])
def test_an_open_need_is_not_asked_for_anew(status: str) -> None:
    assert "/again/" not in need_page(make_need(status))
