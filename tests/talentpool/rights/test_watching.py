"""B-07: unusually many views are found, told once, and looked into by somebody else."""

from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from talentpool.outbox.models import Message
from talentpool.rights import services
from talentpool.rights.errors import Refused
from talentpool.rights.models import ViewAlert, ViewLimit
from talentpool.rights.watching import Limit, Usual, is_unusual, usual
from talentpool.specialists.models import ProfileView, Specialist
from talentpool.specialists.services import log_views
from talentpool.users.models import User
from tests import factories
from tests.attempts import change, copy, names_in_database, refusals

LIMIT = Limit(least=10, always=100, times=3)


@pytest.mark.parametrize(
    ("people", "own", "group", "expected"),
    [
        (9, 1, 1, False),  # few people are never unusual
        (10, None, None, True),  # nothing to compare with: the least number decides
        (10, 3, 2, True),
        (10, 4, 2, False),  # three times four is twelve
        (12, 4, 2, False),  # not more than three times
        (13, 4, 2, True),
        (31, 2, 10, True),
        (30, 2, 10, False),  # usual in the group
        (99, 40, 10, False),  # who looks at many each day is not told of each day
        (100, 40, 40, True),  # but from here on always
    ],
)
def test_when_a_day_is_unusual(
    people: int, own: int | None, group: int | None, expected: bool
) -> None:
    assert is_unusual(people, Usual(own, group), LIMIT) is expected


def test_usual_is_the_median_so_one_wild_day_does_not_hide_the_next() -> None:
    assert usual([3, 4, 900], [2, 2]) == Usual(own=4, group=2)
    assert usual([], []) == Usual(own=None, group=None)


@pytest.fixture
def people(db: None) -> list[Specialist]:
    factories.make_code_lists()
    firm = factories.make_specialist()
    return [
        firm,
        *Specialist.objects.bulk_create(
            Specialist(
                pool_number=f"W-{number}",
                kind="retired",
                status="applied",
                submitted_at=timezone.now(),
                name=f"見本 {number}",
                kana="ミホン",
                base=firm.base,
            )
            for number in range(20)
        ),
    ]


def see(viewer: User, people: list[Specialist], day: date, scope: str = "name") -> None:
    """Views at noon of a day, as the pages log them."""
    last = ProfileView.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    log_views([one.pk for one in people], viewer=viewer, scope=scope, purpose="見本のため")
    noon = datetime.combine(day, time(12), timezone.get_current_timezone())
    ProfileView.objects.filter(pk__gt=last).update(at=noon)


@pytest.fixture
def limit(db: None) -> ViewLimit:
    ViewLimit.objects.filter(looking="named").update(least=5, times=3, always=15)
    limit: ViewLimit = ViewLimit.objects.get(looking="named")
    return limit


def mails() -> list[str]:
    return sorted(
        message.payload["to"]
        for message in Message.objects.filter(kind=Message.Kind.MAIL, key__startswith="view-alert:")
    )


def test_many_views_are_told_once_and_not_to_the_viewer(
    people: list[Specialist], limit: ViewLimit
) -> None:
    viewer, other = factories.make_coordinator(), factories.make_coordinator()
    auditor = factories.make_member("auditor")
    today = timezone.localdate()
    see(viewer, people[:2], today - timedelta(days=3))
    see(viewer, [*people[:7], *people[:7]], today)  # seven people, twice each
    see(other, people[:4], today)
    assert services.watch_views() == 1
    alert = ViewAlert.objects.get()
    assert (alert.viewer, alert.day, alert.people) == (viewer, today, 7)
    assert (alert.own_usual, alert.group_usual) == (2, None)
    assert mails() == sorted([other.email, auditor.email])
    see(viewer, people, today)
    assert services.watch_views() == 0
    assert (ViewAlert.objects.get().people, len(mails())) == (len(people), 2)


def test_what_is_usual_for_the_viewer_or_the_group_is_not_told(
    people: list[Specialist], limit: ViewLimit
) -> None:
    busy, new = factories.make_coordinator(), factories.make_coordinator()
    today = timezone.localdate()
    for days in range(1, 6):
        see(busy, people[:3], today - timedelta(days=days))
    see(busy, people[:9], today)  # three times as many, not more
    see(new, people[:9], today)
    assert services.watch_views() == 0
    see(new, people[9:10], today)
    assert services.watch_views() == 1
    assert ViewAlert.objects.get().viewer == new
    see(busy, people[:15], today)
    services.watch_views()
    assert ViewAlert.objects.filter(viewer=busy).exists()  # the number that is always told


def test_lists_have_their_own_limit_and_the_figures_are_data(
    people: list[Specialist], limit: ViewLimit
) -> None:
    viewer = factories.make_coordinator()
    see(viewer, people, timezone.localdate(), scope="pool_number")
    assert services.watch_views() == 0
    ViewLimit.objects.filter(looking="listed").update(least=len(people))
    assert services.watch_views() == 1
    assert ViewAlert.objects.get().looking == "listed"


def test_another_member_of_staff_settles_it_on_its_page(
    people: list[Specialist], limit: ViewLimit, settings: object
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False  # type: ignore[attr-defined]
    viewer, other = factories.make_coordinator(), factories.make_coordinator()
    see(viewer, people[:8], timezone.localdate())
    services.watch_views()
    alert = ViewAlert.objects.get()
    url = reverse("admin:rights_viewalert_change", args=[alert.pk])
    with pytest.raises(Refused, match="ほかの人が確かめます"):
        services.settle_alert(alert.pk, finding="問題なし", by=viewer)
    client = Client()
    client.force_login(viewer)
    assert "ご自分の閲覧です" in client.get(url).content.decode()
    client.force_login(other)
    home = client.get(reverse("admin:index")).content.decode()
    assert (url in home, "閲覧が多い：県" in home) == (True, True)
    page = client.get(url).content.decode()
    assert "見本のため" in page
    assert people[0].pool_number not in page  # it tells of nobody in the pool
    assert "確かめた結果" in client.post(url, {"finding": " "}).content.decode()
    assert ViewAlert.objects.open().exists()
    client.post(url, {"finding": "審査の準備だった"})
    alert.refresh_from_db()
    assert (alert.finding, alert.settled_by) == ("審査の準備だった", other)
    assert url not in client.get(reverse("admin:index")).content.decode()


REQUEST, ALERT, VIEW_LIMIT = "rights_rightsrequest", "rights_viewalert", "rights_viewlimit"
ATTEMPTS = {
    "rights_rightsrequest_request_key_key": copy(REQUEST, '{"kind": "correction"}'),
    "one_open_rights_request_per_kind": copy(
        REQUEST, '{"request_key": "00000000-0000-0000-0000-000000000001"}'
    ),
    "rights_request_is_due_in_thirty_days": change(REQUEST, "due_on = received_on"),
    "rights_extension_is_thirty_days_at_most_with_reason": change(
        REQUEST, "extended_to = due_on + 31, extension_reason = 'x'"
    ),
    "rights_request_goes_on_after_identity_check": change(REQUEST, "identity = ''"),
    "decided_rights_request_has_decision_and_number": change(REQUEST, "status = 'decided'"),
    "refused_rights_request_says_why": change(REQUEST, "decision = 'refused'"),
    "done_rights_request_has_day": change(
        REQUEST,
        "status = 'done', decision = 'granted', document_number = '1', decided_on = received_on,"
        " decided_by_id = (SELECT min(id) FROM users_user)",
    ),
    "view_limit_rises": change(VIEW_LIMIT, "always = least - 1"),
    "one_view_alert_per_viewer_day_and_looking": copy(ALERT),
    "settled_view_alert_says_what_was_found": change(ALERT, "settled_at = found_at"),
    "nobody_settles_the_own_view_alert": change(
        ALERT, "settled_at = found_at, settled_by_id = viewer_id, finding = 'x'"
    ),
}


def test_every_constraint_refuses_what_breaks_it(people: list[Specialist]) -> None:
    assert people[0].user is not None
    services.file_request(people[0], kind="disclosure", by=people[0].user)
    ViewAlert.objects.create(
        viewer=people[0].user, day=timezone.localdate(), looking="named", people=5
    )
    assert refusals(ATTEMPTS) == {name: name for name in ATTEMPTS}
    by_column = {"rights_request_goes_on_after_identity_check"}  # named like a column's own check
    assert set(ATTEMPTS) - by_column == names_in_database("rights")
