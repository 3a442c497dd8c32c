"""What the run's page says of a plan, from small problems: reasons, towns, handovers, words."""

from dataclasses import replace
from datetime import date

from django.template.loader import render_to_string

from matching import engine
from matching.engine.conflicts import relaxations
from matching.proposals.plan_page import SOLVERS, Other, PlanPage
from tests.matching.engine.building import need, person, problem, town

TOWNS = (town("T1"), town("T2"))
TITLES = {1: "庁内無線", 2: "監視の見直し"}


def page_for(of: engine.Problem, plan: engine.Plan | None = None) -> PlanPage:
    return PlanPage(
        of, plan or engine.greedy(of), TITLES, {"SEC": "セキュリティ"}, date(2027, 4, 1)
    )


def shown(page: PlanPage, need_id: int) -> str:
    return render_to_string("proposals/reasons.html", {"reasons": page.reasons_for(need_id)})


def test_an_open_need_says_which_rules_forbid_it_together_and_what_would_do() -> None:
    of = problem(
        needs=(need("1", half_day_rate_cap_yen=10_000),),
        specialists=(
            person("7", name="H-207", half_day_rate_yen=12_000),
            person("8", name="H-208", radius_m=0, x=9, levels={"SEC": 1}),
        ),
    )
    page = page_for(of)
    found = page.reasons_for(1)
    assert found is not None
    assert found.together == (("スキルとレベル", 1), ("報酬の上限と案件の予算", 1))
    changes = relaxations(of, page.plan, "1")
    assert found.would_do == tuple((f"H-20{row.specialist}", row.text) for row in changes)
    words = shown(page, 1)
    assert "次の条件を合わせると、受けられる人がいなくなります" in words
    assert words.count("これを外せば受けられる人 1人") == 2
    assert "どれか1つを緩めると決まります" in words
    assert changes[0].text in words
    assert set(page.people(found)) >= {int(row.specialist) for row in changes}


def test_a_rule_that_would_help_nobody_is_not_said_to_help() -> None:
    """Each of the two fails the pay and something else: the pay forbids it alone, yet nobody could
    serve the need if only the pay were let go."""
    of = problem(
        needs=(need("1", half_day_rate_cap_yen=10_000),),
        specialists=(
            person("7", half_day_rate_yen=12_000, levels={"SEC": 1}),
            person("8", half_day_rate_yen=12_000, languages=frozenset({"en"})),
        ),
    )
    words = shown(page_for(of), 1)
    assert "次の条件だけで、受けられる人がいなくなります" in words
    assert "報酬の上限" in words
    assert "これだけを外しても、受けられる人は出ません" in words
    assert "外せば受けられる人" not in words


def test_a_served_need_has_no_forbidding_set() -> None:
    words = shown(page_for(problem(needs=(need("1"),), specialists=(person("7"),))), 1)
    assert "受けられる人がいなくなります" not in words
    assert "緩めると" not in words


def test_who_holds_the_time_is_named_by_town_and_need() -> None:
    of = problem(
        towns=TOWNS,
        needs=(need("1"), need("2", town="T2")),
        specialists=(person("7", name="H-207", capacity=(4, 4, 4)),),
    )
    page = page_for(of)
    (served,) = page.plan.assignments
    other = {"1": 2, "2": 1}[served.need]
    town_name, title = ("T1町", "庁内無線") if served.need == "1" else ("T2町", "監視の見直し")
    assert f"稼働枠は{town_name}「{title}」で使用" in shown(page, other)


def test_who_holds_the_towns_and_the_budget_is_named_for_what_it_holds() -> None:
    of = problem(
        towns=TOWNS,
        needs=(need("1"), need("2", town="T2")),
        specialists=(person("7", name="H-207", max_towns=1),),
    )
    page = page_for(of)
    other = {"1": 2, "2": 1}[page.plan.assignments[0].need]
    town_name, title = ("T2町", "監視の見直し") if other == 1 else ("T1町", "庁内無線")
    words = shown(page, other)
    assert f"受け持てる市町の数は{town_name}「{title}」で上限" in words
    assert "稼働枠は" not in words


def test_a_row_tells_its_own_persons_terms_when_a_need_takes_two() -> None:
    of = problem(
        needs=(need("1", count=2),),
        specialists=(
            person("7", name="H-207", confidence=0, weekdays=1),
            person("8", name="H-208", levels={"SEC": 6}, confidence=1000),
        ),
    )
    deciding = {row.person: row.deciding for row in page_for(of).rows}
    assert deciding["H-207"].startswith("習熟度の適合")
    assert "習熟度の適合" not in deciding["H-208"]


def test_towns_that_nobody_can_serve_are_named_with_their_reason() -> None:
    of = problem(
        towns=TOWNS,
        needs=(need("1"), need("2", town="T2", skills=(("NW", 4),))),
        specialists=(person("7"),),
    )
    (row,) = page_for(of).uncoverable
    assert row.town == "T2町"
    assert row.reasons == tuple(r.text for r in page_for(of).plan.uncoverable[0].reasons)
    assert row.reasons


def test_a_need_that_passes_to_another_names_both() -> None:
    of = problem(
        needs=(need("1", present="7"),),
        specialists=(
            person("7", name="H-207", capacity=(0, 8, 8)),
            person("8", name="H-208"),
        ),
    )
    page = page_for(of)
    (row,) = page.handovers
    assert (row.town, row.title, row.present, row.after) == ("T1町", "庁内無線", "H-207", "H-208")
    assert page.people(None) == [7, 8]
    stays = replace(of, specialists=(person("7", name="H-207"), person("8", name="H-208")))
    assert page_for(stays).handovers == []
    assert page_for(stays).rows[0].person == "H-207"


def test_the_same_points_are_not_called_fewer() -> None:
    words = [Other("H-1", 500, d, free=True, in_the_way=()).beside for d in (None, 3, 0, -3)]
    assert words == [
        "",
        "（1件だけなら3点高いが、全体の合計では案が上）",
        "（案の人と同じ点）",
        "（案の人より3点低い）",
    ]


def test_an_earlier_open_stage_is_named_and_every_way_of_solving_has_words() -> None:
    page = page_for(problem(needs=(need("1"),), specialists=(person("7"),)))
    stages = (
        engine.StageValue("services_1", "一件目", 1, 2, proven=False),
        engine.StageValue("score", "適合の得点", 99, 100, proven=False),
    )
    assert page_for(page.problem, replace(page.plan, stages=stages)).open_stages == ("一件目",)
    proven = (replace(stages[0], bound=1, proven=True), stages[1])
    assert page_for(page.problem, replace(page.plan, stages=proven)).open_stages == ()
    assert set(SOLVERS) == {"greedy", "highs", "search", "parts", "desk"}


def test_towns_stand_in_the_order_of_their_kana() -> None:
    of = problem(needs=(need("1", town="T1"), need("2", town="T2")), specialists=(), towns=TOWNS)
    kana = {"T1": "ミハラシ", "T2": "オノミチシ"}
    page = PlanPage(of, engine.greedy(of), TITLES, {}, date(2027, 4, 1), kana)
    assert [row.need_id for row in page.open_needs] == [2, 1]
