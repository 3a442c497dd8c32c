"""検討: questions about a run's plan are solved anew, shown, kept, and change nothing."""

import dataclasses
import json
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from matching import engine
from matching.engine.pack import replay
from matching.proposals.errors import Refused
from matching.proposals.freeze import CONFLICT, freeze
from matching.proposals.models import Candidate, Run, Study
from matching.proposals.services import runs, studies
from matching.proposals.study_forms import binding_rules
from municipalities.vacancies.models import Need
from talentpool.audit.models import Event
from talentpool.outbox.models import Message
from talentpool.specialists.models import ProfileView
from talentpool.users.models import User
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator() -> User:
    return make.make_coordinator()


@pytest.fixture
def run(coordinator: User) -> Run:
    """Two towns want the same skill; two people have it. Solved in this process, to be quick."""
    needs = [
        make.make_need("accepted", code=code, coordinator=coordinator)
        for code in ("342157", "343099")
    ]
    for _ in range(2):
        make.make_specialist()
    run = runs.start_run(title="見本の回", need_ids=[n.pk for n in needs], by=coordinator)
    problem = freeze(needs)
    run.problem = engine.problem_to_json(problem)
    run.plan = engine.plan_to_json(engine.solve(problem, wall_s=20))
    run.status, run.finished_at = Run.Status.FINISHED, timezone.now()
    run.save()
    return run


@pytest.fixture
def browser(coordinator: User, client: Client) -> Client:
    client.force_login(coordinator)
    return client


def plan_of(run: Run) -> engine.Plan:
    return engine.plan_from_json(run.plan)


def test_a_person_who_leaves_is_solved_without_and_nothing_else_changes(
    run: Run, coordinator: User
) -> None:
    before, plan = run.plan, plan_of(run)
    gone = [a.specialist for a in plan.assignments]
    study = make.make_study(run, Study.Kind.PERSON_LEAVES, by=coordinator, specialist=gone[0])
    assert study.answer is not None
    moved = {pair["specialist"]: pair["after"] for pair in study.answer["pairs"]}
    assert moved[gone[0]] == 0
    assert study.answer["proven"] is True
    assert study.answer["before"]["places"] == len(plan.assignments)
    run.refresh_from_db()
    assert run.plan == before
    found = Event.objects.filter(action__endswith="_study").order_by("pk")
    actions = list(found.values_list("action", flat=True))
    assert actions == ["start_study", "finish_study"]


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("person_leaves", {"specialist": "999"}),
        ("rule", {"rule": "R1"}),
        (
            "person_joins",
            {"skill": "SEC", "level": 99, "half_days": 6, "half_day_rate_yen": 0},
        ),
    ],
)
def test_a_question_that_does_not_fit_the_frozen_input_is_refused(
    run: Run, coordinator: User, kind: str, asked: dict[str, Any]
) -> None:
    with pytest.raises(Refused, match="凍結した入力に合わない"):
        studies.start_study(run, kind=kind, asked=asked, words="問い", by=coordinator)
    assert not Study.objects.exists()


def test_the_same_click_asks_once_and_a_lost_study_is_asked_for_again(
    run: Run, coordinator: User
) -> None:
    key = run.request_key
    made = {
        studies.start_study(
            run, kind="policies", asked={}, words="問い", request_key=key, by=coordinator
        ).pk
        for _ in range(2)
    }
    assert len(made) == 1
    assert studies.sweep_studies() == 1
    assert Message.objects.filter(key__startswith=f"study:{made.pop()}:").count() == 2


def test_a_study_that_was_lost_three_times_is_ended_with_its_reason(
    run: Run, coordinator: User
) -> None:
    study = studies.start_study(run, kind="policies", asked={}, words="問い", by=coordinator)
    Study.objects.filter(pk=study.pk).update(attempts=studies.MAX_ATTEMPTS)
    studies.solve_study(study.pk)
    study.refresh_from_db()
    assert (study.status, study.failure) == ("failed", studies.BROKEN)


def test_replanning_leaves_out_what_is_agreed_and_counts_the_months_that_are_left(
    run: Run, coordinator: User, browser: Client
) -> None:
    needs = list(run.needs.order_by("pk"))
    later = timezone.now()
    Need.objects.filter(pk=needs[1].pk).update(accepted_at=later, last_month=F("first_month"))
    proposals = make.make_proposals(run, needs[:1], by=coordinator)
    make.make_bundle(proposals, "accepted", by=coordinator)
    study = make.make_study(run, Study.Kind.REPLAN, by=coordinator)
    assert study.answer is not None
    assert str(needs[0].pk) not in {pair["need"] for pair in study.answer["pairs"]}
    before = study.answer["before"]
    assert (before["places"], before["yen"]) == (1, 4 * 20_000)  # one month, where it was six
    assert study.answer["anew"] == [str(needs[1].pk)]
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, study.pk])).content.decode()
    assert f"<li>{needs[1].municipality.name}「{needs[1].title}」</li>" in page


def test_a_run_is_decided_by_the_policy_that_was_chosen(run: Run, coordinator: User) -> None:
    other = runs.start_run(
        title="公平に",
        need_ids=list(run.needs.values_list("pk", flat=True)),
        policy=Run.Policy.LEXIMIN,
        by=coordinator,
    )
    runs.solve_run(other.pk)
    other.refresh_from_db()
    assert [stage.name for stage in plan_of(other).stages] == ["services_1", "priority", "score"]


def test_the_pages_ask_and_answer(run: Run, browser: Client) -> None:
    address = reverse("admin:proposals_study_list", args=[run.pk])
    page = browser.get(address, {"kind": "person_joins"}).content.decode()
    assert "検討はまだありません" in page
    skill = engine.problem_from_json(run.problem).needs[0].skills[0][0]
    ask = reverse("admin:proposals_study_ask", args=[run.pk, "person_joins"])
    values = {
        "skill": skill, "level": "3", "days": "0", "half_day_rate_yen": "20000",
        "request_key": str(run.request_key),
    }  # fmt: skip
    assert "月の稼働日数" in browser.post(ask, values).content.decode()
    assert not Study.objects.exists()
    answer = browser.post(ask, values | {"days": "3"})
    study = Study.objects.get()
    assert answer["Location"] == reverse("admin:proposals_study", args=[run.pk, study.pk])
    assert study.asked["half_days"] == 6
    assert "解き直しています" in browser.get(answer["Location"]).content.decode()
    studies.solve_study(study.pk)
    page = browser.get(answer["Location"]).content.decode()
    assert "どれだけ変わるか" in page
    assert "支援の届く市町" in page


@pytest.mark.parametrize(
    ("kind", "says"),
    [("policies", "公平さの代償"), ("shortages", "あと1人いれば"), ("replan", "入れ替わる案件")],
)
def test_each_answer_has_its_page(
    run: Run, coordinator: User, browser: Client, kind: str, says: str
) -> None:
    study = make.make_study(run, kind, by=coordinator)
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, study.pk]))
    assert says in page.content.decode()
    assert ("レベルの目安" in page.content.decode()) == (kind == "shortages")
    form = browser.get(f"{reverse('admin:proposals_study_list', args=[run.pk])}?kind=person_joins")
    assert "レベルの目安" in form.content.decode()


@pytest.mark.parametrize(
    ("least", "says"),
    [
        (None, "届かない案件はありません。足りない人もいません。"),
        (8, "月4日の"),
        (41, "1人分(月20日)をこえるため、試していないもの"),
    ],
)
def test_what_lacks_is_told_with_the_days_that_the_open_needs_take(
    run: Run, coordinator: User, browser: Client, least: int | None, says: str
) -> None:
    if least is not None:
        problem = engine.problem_from_json(run.problem)
        needs = tuple(dataclasses.replace(n, half_days=42, least=least) for n in problem.needs)
        nobody = dataclasses.replace(problem, needs=needs, specialists=())
        run.problem = engine.problem_to_json(nobody)
        run.plan = engine.plan_to_json(engine.greedy(nobody))
        run.save()
    study = make.make_study(run, Study.Kind.SHORTAGES, by=coordinator)
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, study.pk]))
    assert says in page.content.decode()
    assert "月月" not in page.content.decode()


def test_the_downloaded_pack_is_replayed_to_the_same_plan_and_its_readers_are_noted(
    run: Run, browser: Client
) -> None:
    seen = ProfileView.objects.count()
    answer = browser.get(reverse("admin:proposals_run_pack", args=[run.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="run-{run.number}-pack.json"'
    found = replay(json.loads(answer.content))
    assert (found.same, found.differences) == (True, ())
    assert ProfileView.objects.count() == seen + 2


def test_a_need_that_is_added_or_taken_away_is_solved_and_named(
    run: Run, coordinator: User, browser: Client
) -> None:
    problem = engine.problem_from_json(run.problem)
    need = problem.needs[0]
    more = {"town": need.town, "skill": need.skills[0][0], "level": 1, "half_days": 2}
    added = make.make_study(run, Study.Kind.NEED_ADDED, by=coordinator, **more)
    gone = make.make_study(run, Study.Kind.NEED_REMOVED, by=coordinator, need=need.id)
    for study, difference in ((added, 1), (gone, -1)):
        assert study.answer is not None
        assert study.answer["after"]["places"] - study.answer["before"]["places"] == difference
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, added.pk])).content.decode()
    assert "増える案件" in page
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, gone.pk])).content.decode()
    assert "取り下げ</td>" in page
    asked = more | {"town": "999999"}
    with pytest.raises(Refused, match="凍結した入力に合わない"):
        studies.start_study(run, kind="need_added", asked=asked, words="問い", by=coordinator)


def test_the_person_one_would_rather_have_costs_what_solving_again_says(
    run: Run, coordinator: User, browser: Client
) -> None:
    plan, problem = plan_of(run), engine.problem_from_json(run.problem)
    chosen = plan.assignments[0]
    other = next(p for p in problem.specialists if p.id != chosen.specialist)
    list_page = reverse("admin:proposals_study_list", args=[run.pk])
    form = browser.get(list_page, {"kind": "forced", "need": chosen.need}).content.decode()
    assert f'<option value="{chosen.need}" selected>' in form
    assert ProfileView.objects.filter(scope="pool_number").count() == len(problem.specialists)
    ask = reverse("admin:proposals_study_ask", args=[run.pk, "forced"])
    values = {"need": chosen.need, "specialist": other.id, "request_key": str(run.request_key)}
    answer = browser.post(ask, values)
    study = Study.objects.get()
    assert other.name in study.words
    studies.solve_study(study.pk)
    study.refresh_from_db()
    assert study.answer is not None
    moved = {(p["need"], p["specialist"]): p["after"] for p in study.answer["pairs"]}
    assert moved[chosen.need, other.id] == problem.needs[0].half_days
    assert study.answer["rules"] == []
    assert "どれだけ変わるか" in browser.get(answer["Location"]).content.decode()


def test_who_has_no_days_is_refused_in_the_form_and_by_the_worker(
    run: Run, coordinator: User, browser: Client
) -> None:
    assert run.problem is not None
    busy = run.problem["specialists"][0]
    busy["capacity"][0] = 0
    run.save()
    need = run.problem["needs"][0]["id"]
    values = {"need": need, "specialist": busy["id"], "request_key": str(run.request_key)}
    ask = reverse("admin:proposals_study_ask", args=[run.pk, "forced"])
    assert "空きのまったくない月があります" in browser.post(ask, values).content.decode()
    assert not Study.objects.exists()
    asked = {"need": need, "specialist": busy["id"]}
    study = studies.start_study(run, kind="forced", asked=asked, words="問い", by=coordinator)
    studies.solve_study(study.pk)
    study.refresh_from_db()
    assert (study.status, study.failure) == ("failed", studies.NO_ROOM)


def test_somebody_else_can_be_asked_for_where_somebody_is_pinned(
    run: Run, coordinator: User
) -> None:
    assert run.problem is not None
    chosen = plan_of(run).assignments[0]
    pair = {name: getattr(chosen, name) for name in ("need", "specialist", "half_days")}
    run.problem["accepted"] = [pair]
    run.save()
    (other,) = (p["id"] for p in run.problem["specialists"] if p["id"] != chosen.specialist)
    study = make.make_study(
        run, Study.Kind.FORCED, by=coordinator, need=chosen.need, specialist=other
    )
    assert study.answer is not None
    moved = {(p["need"], p["specialist"]): p["after"] for p in study.answer["pairs"]}
    assert moved[chosen.need, other] > 0 == moved[chosen.need, chosen.specialist]


def test_only_rules_that_keep_somebody_out_can_be_let_go(run: Run, coordinator: User) -> None:
    assert run.problem is not None
    of = engine.problem_from_json(run.problem)
    assert binding_rules(of) == {"R4", "R15"} - ({"R15"} if len(of.towns) <= 5 else set())
    one = of.specialists[0]
    dear = dataclasses.replace(one, half_day_rate_yen=10**7)
    capped = dataclasses.replace(of.needs[0], half_day_rate_cap_yen=1)
    apart = engine.Declined(of.needs[1].id, one.id, f"{CONFLICT}保守の受託者")
    other = dataclasses.replace(
        of, needs=(capped, *of.needs[1:]), specialists=(dear,), declined=(apart,)
    )
    assert {"R8", "R11"} <= binding_rules(other)
    assert studies.without_rule(other, "R11").declined == ()
    assert "R12" not in binding_rules(other)
    assert studies.without_rule(other, "R12").declined == (apart,)
    asked = engine.Declined(of.needs[0].id, one.id, str(Candidate.Status.DECLINED.label))
    again = dataclasses.replace(other, declined=(apart, asked))
    assert {"R11", "R12"} <= binding_rules(again)
    assert studies.without_rule(again, "R12").declined == (apart,)


def test_a_pair_kept_apart_by_a_conflict_is_let_go_with_the_rule(
    run: Run, coordinator: User
) -> None:
    assert run.problem is not None
    of = engine.problem_from_json(run.problem)
    need = of.needs[0].id
    apart = tuple(engine.Declined(need, one.id, f"{CONFLICT}受託者") for one in of.specialists)
    barred = dataclasses.replace(of, declined=apart)
    run.problem = engine.problem_to_json(barred)
    run.plan = engine.plan_to_json(engine.greedy(barred))
    run.save()
    study = make.make_study(run, Study.Kind.RULE, by=coordinator, rule="R11")
    assert study.answer is not None
    assert study.answer["after"]["places"] - study.answer["before"]["places"] == 1


def test_a_decline_moves_only_what_it_frees(run: Run, coordinator: User, browser: Client) -> None:
    plan = plan_of(run)
    first = plan.assignments[0]
    study = make.make_study(run, Study.Kind.DECLINED, by=coordinator, need=first.need)
    assert study.answer is not None
    moved = {(row["need"], row["specialist"]): row["after"] for row in study.answer["pairs"]}
    assert moved.pop((first.need, first.specialist)) == 0
    assert [need for need, _ in moved] == [first.need]  # somebody else; the other need stays
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, study.pk])).content.decode()
    assert "空いた分だけをすぐに組み直した案です" in page
    assert "時間の上限で止めた案" not in page


def test_less_time_gives_back_what_no_longer_fits(
    run: Run, coordinator: User, browser: Client
) -> None:
    person = plan_of(run).assignments[0].specialist
    ask = reverse("admin:proposals_study_ask", args=[run.pk, "less_time"])
    values = {"specialist": person, "days": "0", "request_key": str(run.request_key)}
    answer = browser.post(ask, values)
    study = Study.objects.get()
    assert study.asked == {"specialist": person, "half_days": 0}
    studies.solve_study(study.pk)
    study.refresh_from_db()
    assert study.answer is not None
    assert {r["after"] for r in study.answer["pairs"] if r["specialist"] == person} == {0}
    assert study.answer["after"]["places"] == study.answer["before"]["places"]
    assert "空いた分だけ" in browser.get(answer["Location"]).content.decode()


def test_kinds_that_there_is_no_time_for_are_named(
    run: Run, coordinator: User, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run.problem is not None
    empty = dataclasses.replace(engine.problem_from_json(run.problem), specialists=())
    run.problem = engine.problem_to_json(empty)
    run.plan = engine.plan_to_json(engine.greedy(empty))
    run.save()
    monkeypatch.setattr(studies, "ALL_SOLVES_S", 0)
    study = make.make_study(run, Study.Kind.SHORTAGES, by=coordinator)
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, study.pk])).content.decode()
    assert "時間が足りず、試せなかったもの：「ネットワーク」L3" in page
    assert "1人増えても、決まる案件は増えません" not in page


def test_a_shared_post_names_its_needs_and_what_one_person_must_bring(
    run: Run, coordinator: User, browser: Client
) -> None:
    assert run.problem is not None
    assert run.plan is not None
    run.problem["specialists"] = []
    empty = engine.problem_from_json(run.problem)
    run.plan = engine.plan_to_json(engine.greedy(empty))
    run.save()
    study = make.make_study(run, Study.Kind.SHORTAGES, by=coordinator)
    assert study.answer is not None
    (post,) = study.answer["posts"]
    assert sorted(post["needs"]) == sorted(run.needs.values_list("pk", flat=True))
    page = browser.get(reverse("admin:proposals_study", args=[run.pk, study.pk])).content.decode()
    assert "合わせる案件：ネットワークの案件、ネットワークの案件" in page
    assert "1人に求める力：ネットワーク L3" in page
