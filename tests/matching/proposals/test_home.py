"""What the coordination puts on the coordinators' home page, read in few queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from matching.proposals import home
from matching.proposals.models import Proposal, Run
from matching.proposals.services import runs
from municipalities.registry.services import load_reference
from municipalities.vacancies.models import Need
from talentpool.users.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db
STEPS = {
    "への打診": "意向の回答待ち。過ぎると次の候補に自動で移ります",
    "の面接と決定": "市町の決定待ち。過ぎると見送りになり、次の候補に移ります",
    "の契約": "全員が合意しました",
}


@pytest.fixture
def coordinator() -> User:
    """With a proposal to be ranked, one to be approached, and a bundle in each open state."""
    load_reference()
    by, editor = make.make_coordinator(), make.make_editor()
    make.make_specialist(half_days=62, max_towns=60)
    needs = [
        make.make_need("accepted", by=editor, coordinator=by, half_days=2, least_half_days=2)
        for _ in range(6)
    ]
    offered, ranked, *others, _ = made = make.make_proposals(
        make.make_run(needs, by=by), needs, by=by
    )
    for proposal, state in zip(others, ("approached", "accepted", "agreed"), strict=True):
        make.make_bundle([proposal], state, by=by)
    Proposal.objects.filter(pk=ranked.pk).update(
        status=Proposal.Status.RANKED, ranked_at=made[0].created_at
    )
    Need.objects.filter(pk=offered.need_id).update(title="順位を待つ")
    return by


def test_each_state_has_its_words_and_three_queries_read_them_all(coordinator: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        items = list(home.for_coordinator(coordinator))
    assert len([one for one in queries if one["sql"].startswith("SELECT")]) <= 4
    details = sorted(item.detail for item in items)
    assert details == sorted(
        [
            *["市町の順位付け待ち。過ぎると提示の順で進みます"] * 2,
            "市町の希望で順位が決まりました",
            *STEPS.values(),
        ]
    )
    by_people = {item.title.split(" ")[2]: item for item in items if item.people}
    assert {words: item.detail for words, item in by_people.items()} == STEPS
    assert all(item.due for item in items)
    assert any("順位を待つ" in item.title for item in items)


def test_a_run_is_on_the_page_until_something_of_it_is_offered() -> None:
    by = make.make_coordinator()
    make.make_specialist()
    need = make.make_need("accepted", coordinator=by)

    def shown() -> list[tuple[str, str]]:
        return [(item.label, item.action) for item in home.for_coordinator(by)]

    failed = runs.start_run(title="失われた回", need_ids=[need.pk], by=by)
    assert shown() == [("計算待ち", "様子を見る")]
    Run.objects.filter(pk=failed.pk).update(status="failed", failure="だめでした")
    (item,) = home.for_coordinator(by)
    assert (item.label, item.detail, item.action) == ("計算できず", "だめでした", "始め直す")
    runs.start_run(title="次の回", need_ids=[need.pk], by=by)
    assert shown() == [("計算待ち", "様子を見る"), ("計算できず", "始め直す")]
    done = make.make_run([need], by=by)
    assert shown() == [("計算済み", "案を見る")]  # what failed before is made up for
    make.make_proposals(done, [need], by=by)
    assert [words for words in shown() if words[1] != "内容を見る"] == []


def test_each_state_shows_its_first(coordinator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes first by its date, however many wait."""
    monkeypatch.setattr(home, "SHOWN", 1)
    early = Proposal.objects.filter(status=Proposal.Status.OFFERED).latest("pk")
    Proposal.objects.filter(pk=early.pk).update(rank_due="2020-01-01")
    items = list(home.for_coordinator(coordinator))
    assert len(items) == 5
    assert [item.url for item in items if item.detail.startswith("市町の順位付け")] == [
        f"/admin/proposals/proposal/{early.pk}/change/"
    ]
