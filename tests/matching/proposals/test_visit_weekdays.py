"""The weekdays of signed visits are noted, and plans count on no weekday that they fill."""

from datetime import date

import pytest

from matching.engagements.models import Share
from matching.engagements.visiting import Visits, full_weekdays, note_weekdays
from matching.proposals.apart import NO_WEEKDAY
from matching.proposals.freeze import freeze
from municipalities.vacancies.models import Need
from talentpool.audit.models import Event
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import make_world

pytestmark = pytest.mark.django_db
APRIL, MAY, JUNE = (date(2027, month, 1) for month in (4, 5, 6))
TUESDAY, THURSDAY = 1, 3


def test_a_weekday_is_full_in_a_month_with_all_its_half_days() -> None:
    both = [Visits((TUESDAY,), 5, APRIL, MAY), Visits((TUESDAY, THURSDAY), 3, MAY, JUNE)]
    assert full_weekdays(both, [APRIL]) == 0
    assert full_weekdays(both, [MAY, JUNE]) == 1 << TUESDAY
    assert full_weekdays(both, [JUNE]) == 0


def test_it_is_noted_on_the_page_and_the_next_run_keeps_to_it() -> None:
    world = make_world("signed")
    share = Share.objects.filter(active=True).order_by("pk")[0]
    person = share.engagement.specialist
    Need.objects.filter(pk=share.need_id).update(on_site_half_days=4, half_days=4)
    Share.objects.filter(pk=share.pk).update(half_days=8)
    visitor = Visitor(world.coordinator)
    page = visitor.get(f"/admin/engagements/engagement/{share.engagement_id}/change/")
    page.must_say("曜日は未記録", "曜日を記録する")
    page = visitor.get(f"/admin/engagements/engagement/shares/{share.pk}/weekdays/")
    form = page.form_with("weekdays")
    visitor.send_twice(page, form, weekdays=["2"]).must_say("火曜日", "訪問する曜日を記録しました")
    assert Event.objects.filter(action="note_visit_weekdays").count() == 1
    needs = [
        make.make_need("accepted", coordinator=world.coordinator, weekdays=weekdays)
        for weekdays in (2, 31)
    ]
    problem = freeze(needs)
    (frozen,) = [one for one in problem.specialists if one.id == str(person.pk)]
    assert frozen.weekdays == person.weekdays & ~2
    apart = {(int(d.need), int(d.specialist)): d.reason for d in problem.declined}
    assert apart == {(needs[0].pk, person.pk): NO_WEEKDAY}
    note_weekdays(share.pk, weekdays=0, by=world.coordinator)
    assert freeze(needs).declined == ()
    page.must_say("月4日の訪問")
