"""B-15: a drill. A leak is planted, the list of affected people is exact, the report is drafted."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.rights import breach
from talentpool.specialists.models import ProfileView, Specialist
from talentpool.specialists.services import log_views
from talentpool.users.models import User
from tests import factories

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 8)


def looked(person: Specialist, viewer: User, at: datetime, scope: str = "name") -> None:
    last = ProfileView.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    log_views([person.pk], viewer=viewer, scope=scope, purpose="見本")
    ProfileView.objects.filter(pk__gt=last).update(at=at)


@pytest.fixture
def leak() -> tuple[User, User, list[Specialist]]:
    """An account was taken over on DAY: it looked at two people, one of them twice. Others, the
    days before and after, and another account are innocent."""
    coordinator, thief = factories.make_coordinator(), factories.make_coordinator()
    people = [factories.make_specialist() for _ in range(4)]
    zone = timezone.get_current_timezone()
    first = datetime(DAY.year, DAY.month, DAY.day, 0, 0, tzinfo=zone)
    last = first + timedelta(hours=23, minutes=59)
    looked(people[0], thief, first)
    looked(people[0], thief, last)
    looked(people[1], thief, last, scope="pool_number")
    looked(people[2], thief, first - timedelta(minutes=1))
    looked(people[2], thief, last + timedelta(minutes=1))
    looked(people[3], coordinator, first)
    return coordinator, thief, people


def test_the_list_is_exact(leak: tuple[User, User, list[Specialist]]) -> None:
    coordinator, thief, people = leak
    found = breach.affected(coordinator, since=DAY, until=DAY, actor=thief.email.upper())
    assert [(one.person, one.views, one.with_name) for one in found] == [
        (people[0].pk, 2, True),
        (people[1].pk, 1, False),
    ]
    one = breach.affected(coordinator, since=DAY, until=DAY, pool_numbers=(people[1].pool_number,))
    assert [row.person for row in one] == [people[1].pk]
    anybody = breach.affected(coordinator, since=DAY, until=DAY, body="県")
    assert len(anybody) == 3
    assert breach.affected(thief, since=DAY, until=DAY, body="江田島市") == []


@pytest.mark.parametrize(
    ("people", "grave", "reports"),
    [(0, True, False), (1, False, False), (1, True, True), (100, False, False), (101, False, True)],
)
def test_more_than_a_hundred_or_one_where_it_is_grave(
    people: int, grave: bool, reports: bool
) -> None:
    assert breach.must_report(people, grave=grave) == reports


def test_the_page_counts_lists_and_drafts(
    leak: tuple[User, User, list[Specialist]], settings: object
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    coordinator, thief, people = leak
    client = Client()
    client.force_login(coordinator)
    url = reverse("admin:rights_breach")
    assert client.get(url).status_code == 200
    parts = {"0": 2026, "1": 7, "2": 8}
    sent: dict[str, int | str] = {
        f"{name}_{part}": value
        for name in ("since", "until", "known_on")
        for part, value in parts.items()
    }
    sent["actor"] = thief.email
    before = ProfileView.objects.count()
    page = client.post(url, sent)
    text = page.content.decode()
    assert (page.context["count"], page.context["named"]) == (2, 1)
    assert people[0].pool_number in text
    assert "3 本人の数：2人（うち氏名まで見られた人 1人）。人数だけでは報告の対象外" in text
    assert "確報の期限：令和8年8月7日" in text
    assert thief.email not in page.request["PATH_INFO"] + page.request["QUERY_STRING"]
    assert ProfileView.objects.count() == before + 2
    listed = client.post(url, {**sent, "csv": "1"}).content.decode("utf-8-sig").splitlines()
    assert len(listed) == 3
    assert all(person.name not in "".join(listed) for person in people)
    wrong = client.post(url, {**sent, "until_0": 2025})
    assert "「いつから」以後の日付" in wrong.content.decode()
