"""なぜこの人ではないか: any person beside any need of a run."""

from datetime import timedelta

import pytest
from django.utils import timezone

from matching.proposals.models import Run
from matching.proposals.why_page import LATER, UNKNOWN
from municipalities.vacancies.models import Need
from talentpool.embedded.walkthrough.browser import Page
from talentpool.specialists.models import ProfileView, Specialist
from talentpool.users.models import User
from tests import factories as make
from tests.matching.visitor import Visitor
from tests.matching.world import CODES, make_world, solved_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return make.make_coordinator()


def ask(user: User, run: Run, need: Need, number: str) -> Page:
    return Visitor(user).get(f"/admin/proposals/run/{run.pk}/why/?need={need.pk}&person={number}")


def test_the_answer_is_the_rules_with_their_margins_the_choice_or_who_holds_the_time(
    coordinator: User,
) -> None:
    one = make.make_specialist(half_days=4)
    other_skill = make.make_specialist(skills=("SEC",))
    busy_month = make.make_specialist()
    needs = [make.make_need("accepted", code=code, coordinator=coordinator) for code in CODES]
    month = needs[0].first_month
    busy_month.availability.filter(month=month).update(half_days=0)
    run = solved_run(needs, by=coordinator)
    planned = {row["need"]: row["specialist"] for row in run.plan["assignments"]}
    assert list(planned.values()) == [str(one.pk)]
    served, left = needs if str(needs[0].pk) in planned else needs[::-1]
    ask(coordinator, run, served, one.pool_number).must_say("案は、この人をこの案件に月2日あてて")
    ask(coordinator, run, left, one.pool_number).must_say(
        "条件には合いますが、あてる余地がありません",
        "案が使っているもの",
        f"稼働枠は{served.municipality.name}「{served.title}」で使用",
    )
    ask(coordinator, run, left, other_skill.pool_number).must_say(
        "合わない条件",
        "スキルとレベル",
        "レベル3以上が必要ですが、登録がありません",
        "計算のときと同じ条件が、いまも合いません",
    )
    page = ask(coordinator, run, left, other_skill.pool_number)
    (forced,) = [link for link in page.links if "kind=forced" in link]
    form = Visitor(coordinator).get(forced.split("#")[0]).form_with("specialist")
    assert dict(form.fields)["need"] == str(left.pk)
    assert dict(form.fields)["specialist"] == str(other_skill.pk)
    ask(coordinator, run, served, busy_month.pool_number).must_say(
        "期間のうち1か月に空きがありません"
    )


def test_people_whom_the_run_did_not_know_are_told_apart(coordinator: User) -> None:
    make.make_specialist()
    need = make.make_need("accepted", coordinator=coordinator)
    run = solved_run([need], by=coordinator)
    later = make.make_specialist()
    Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - timedelta(days=2))
    ask(coordinator, run, need, later.pool_number).must_say(
        LATER, "いまは条件に合い、月2日まであてられます"
    )
    Specialist.objects.filter(pk=later.pk).update(status="paused", registered_on=None)
    ask(coordinator, run, need, later.pool_number).must_say("いまは登録中ではありません")
    ask(coordinator, run, need, "H-99999").must_say(UNKNOWN)


def test_who_is_taken_elsewhere_is_told_with_the_towns() -> None:
    world = make_world("approached")
    taken = world.people[0]
    taken.availability.update(half_days=8)
    need = make.make_need("accepted", code="342084", coordinator=world.coordinator)
    run = solved_run([need], by=world.coordinator)
    page = ask(world.coordinator, run, need, taken.pool_number)
    page.must_say("対象外でした", "契約か仮押さえのある市町", "江田島市、坂町")


def test_the_look_is_noted_and_the_plan_leads_here(coordinator: User) -> None:
    one = make.make_specialist()
    need = make.make_need("accepted", coordinator=coordinator)
    run = solved_run([need], by=coordinator)
    before = ProfileView.objects.filter(specialist=one).count()
    ask(coordinator, run, need, one.pool_number.lower())
    assert ProfileView.objects.filter(specialist=one).count() == before + 1
    visitor = Visitor(coordinator)
    visitor.get(f"/admin/proposals/run/{run.pk}/change/?need={need.pk}").must_say(
        "ある人がなぜ選ばれていないかを調べる"
    )
    Run.objects.filter(pk=run.pk).update(problem={"schema": "talentpool-problem-0"})
    visitor.get(f"/admin/proposals/run/{run.pk}/why/").must_say("調べられません")
