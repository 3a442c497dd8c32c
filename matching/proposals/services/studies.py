"""Ask what would happen if, and work the answers out. Nothing but the study changes."""

import dataclasses
import logging
import time
import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from matching import engine
from matching.engine.changes import difference
from matching.engine.lacking import Skills, shortages
from matching.engine.lookup import Lookup
from matching.engine.policies import Solver, compare_policies
from matching.engine.posts import shared_posts
from matching.engine.whatif import (
    Change,
    WhatIf,
    beside,
    change_from_json,
    changed,
    forced,
    ledgered,
    middle,
    what_if,
)
from matching.proposals.apart import FULL
from matching.proposals.errors import Refused
from matching.proposals.freeze import CONFLICT, came_to_nothing, freeze, rate_cap
from matching.proposals.freshness import accepted_since, needs_to_plan
from matching.proposals.models import Run, Study
from matching.proposals.pinned import hold, pins_of
from matching.proposals.words import rule_words
from talentpool.audit import services as audit
from talentpool.outbox.alone import alone, busy
from talentpool.outbox.services import request_task
from talentpool.users.models import User

logger = logging.getLogger(__name__)

STUDY_LOCK = 0x5374
MAX_ATTEMPTS = 3
TASK = "proposals.solve_study"
ALL_SOLVES_S = 400  # of one study together; a task ends at 540 s
LEAST_SOLVE_S = 5
ADDED = "+1"  # the id of the person or the need that a question adds

BROKEN = "計算が3回続けてエラーになりました。管理者に知らせてください。"
NO_NEEDS = "組み直せる案件がありません。受付済みで調整中でない案件がなくなりました。"
NO_ROOM = (
    "この人には、固定や提示中の割当てを除くと、この案件の期間に空きのまったくない月があります。"
)
NOT_SERVED = "案は、この案件にだれもあてていません。"
NO_ANSWER = "時間内に解けませんでした。案件の少ない計算で試してください。"
CRASHED = (
    "解く計算が途中で止まりました。もう一度尋ねてください。続くときは、管理者に知らせてください。"
)
OTHER_VERSION = (
    "元の計算は、いまと違う版のソフトウェアで凍結されたため、解き直せません。"
    "新しい計算で尋ねてください。"
)


@transaction.atomic
def start_study(
    run: Run,
    *,
    kind: str,
    asked: dict[str, Any],
    words: str,
    request_key: uuid.UUID | None = None,
    by: User,
) -> Study:
    """Queue a question about a finished run. By a coordinator.

    A second request with the same `request_key` returns the study of the first. Raises Refused
    for a run without a plan, or a question that does not fit the run's frozen input.
    """
    run = Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    if run.status != Run.Status.FINISHED:
        raise Refused("計算が終わってから尋ねてください。")
    made = Study.objects.filter(request_key=request_key).first() if request_key else None
    if made is not None:
        return made
    try:
        problem = engine.problem_from_json(run.problem)
    except engine.ProblemError as error:
        raise Refused(OTHER_VERSION) from error
    try:
        change_of(problem, kind, asked)
    except engine.ProblemError as error:
        raise Refused(
            "この計算の凍結した入力に合わない問いです。新しい計算で試してください。"
        ) from error
    study = Study.objects.create(
        run=run,
        kind=kind,
        asked=asked,
        words=words,
        request_key=request_key or uuid.uuid4(),
        requested_by=by,
    )
    audit.record("start_study", study, by=by, detail={"run": run.number, "kind": kind})
    request_task(TASK, study.pk, key=f"study:{study.pk}:0")
    return study


def ask_again(study: Study, *, by: User) -> Study:
    """Put the question of a failed study once more, as a study of its own. By a coordinator.

    A second request gives the study that the first made. Raises Refused as `start_study` does, and
    for a study that has not failed.
    """
    if study.status != Study.Status.FAILED:
        raise Refused("計算できなかった検討だけを、もう一度尋ねられます。")
    return start_study(
        study.run,
        kind=study.kind,
        asked=study.asked,
        words=study.words,
        request_key=uuid.uuid5(study.request_key, "again"),
        by=by,
    )


def change_of(problem: engine.Problem, kind: str, asked: dict[str, Any]) -> Change | None:
    """What a question changes in the input; None for questions that change nothing in it.

    `asked` holds for a person who leaves `specialist`; for one who joins `skill`, `level`,
    `half_days` (a month) and `half_day_rate_yen`; for a budget `yen` (None: no limit) and `need`,
    or `town` for the town's own, with `each` for each of its needs; for a rule `rule`; for a need
    that is added `town`, `skill`, `level` and `half_days`, for one that goes or is declined
    `need`; for somebody with less time `specialist` and `half_days` (the most a month); for a
    person at a need `need` and `specialist`. Raises engine.ProblemError where it does not fit.
    """
    if kind == Study.Kind.PERSON_LEAVES:
        return change_from_json(problem, {"remove_specialists": [asked["specialist"]]})
    if kind == Study.Kind.PERSON_JOINS:
        x, y = middle(problem)
        person = {
            "id": ADDED,
            "x": x,
            "y": y,
            "name": "加わる1人",
            "levels": {asked["skill"]: asked["level"]},
            "capacity": [asked["half_days"]] * problem.horizon,
            "half_day_rate_yen": asked["half_day_rate_yen"],
            "max_towns": 3,
            "radius_m": 10**8,
        }
        return change_from_json(problem, {"add_specialists": [person]})
    if kind == Study.Kind.NEED_REMOVED:
        return change_from_json(problem, {"remove_needs": [asked["need"]]})
    if kind == Study.Kind.NEED_ADDED:
        need = {
            "id": ADDED,
            "town": asked["town"],
            "skills": [[asked["skill"], asked["level"]]],
            "half_days": asked["half_days"],
            "start": 0,
            "end": problem.horizon,
        }
        change = change_from_json(problem, {"add_needs": [need]})
        if asked["town"] not in {town.id for town in problem.towns}:
            raise engine.ProblemError("town", f"is not known: {asked['town']}")
        return change
    if kind == Study.Kind.FORCED:
        engine.why_not(problem, asked["need"], asked["specialist"])  # refuses unknown ids
        return None
    if kind == Study.Kind.DECLINED:
        change_from_json(problem, {"remove_needs": [asked["need"]]})  # refuses an unknown one
        return None
    if kind == Study.Kind.LESS_TIME:
        change_from_json(problem, {"remove_specialists": [asked["specialist"]]})
        return None
    if kind == Study.Kind.BUDGET:
        if "need" in asked or asked.get("each"):
            _needs_asked(problem, asked)
            return None
        return change_from_json(problem, {"budgets_yen": {asked["town"]: asked["yen"]}})
    if kind == Study.Kind.RULE:
        return change_from_json(problem, {"without_rules": [asked["rule"]]})
    return None


def solve_study(study_id: int) -> None:
    """Work a study out. Called by a worker; running twice equals running once. An error is
    raised for the log and tried again by the sweep; the third one ends the study."""
    with alone(STUDY_LOCK, study_id) as gained:
        study = Study.objects.select_related("run").filter(pk=study_id).first()
        if not gained or study is None or not study.allows("solve"):
            return
        study.attempts += 1
        if study.attempts > MAX_ATTEMPTS:
            _end(study, failure=BROKEN)
            return
        study.move("solve")
        study.save(update_fields=["status", "attempts"])
        try:
            _end(study, answer=_answer(study))
        except Refused as refusal:
            _end(study, failure=str(refusal))
        except engine.SolverFailed as failure:
            logger.warning("study %s: no answer: %s", study.pk, failure)
            _end(study, failure=words_of(failure))
        except Exception:
            if study.attempts >= MAX_ATTEMPTS:
                _end(study, failure=BROKEN)
            raise


def words_of(failure: engine.SolverFailed) -> str:
    """What the page says of a solver without an answer: its time was up, or it broke."""
    return NO_ANSWER if isinstance(failure, engine.SolverTimedOut) else CRASHED


def _answer(study: Study) -> dict[str, Any]:
    try:
        problem = engine.problem_from_json(study.run.problem)
        plan = engine.plan_from_json(study.run.plan)
    except engine.ProblemError as error:
        raise Refused(OTHER_VERSION) from error
    if study.kind == Study.Kind.POLICIES:
        found = compare_policies(problem, _solver(study.run, 3))
        return {"policies": [dataclasses.asdict(figures) for figures in found]}
    if study.kind == Study.Kind.SHORTAGES:
        return _lacking(study.run, problem, plan)
    if study.kind == Study.Kind.REPLAN:
        return _replanned(study.run, problem, plan)
    if study.kind == Study.Kind.FORCED:
        return _forced(study, problem, plan)
    if study.kind in (Study.Kind.DECLINED, Study.Kind.LESS_TIME):
        return _mended(study, problem, plan)
    change = change_of(problem, study.kind, study.asked)
    if change is None or study.kind == Study.Kind.RULE:
        other = _otherwise(problem, study.kind, study.asked)
        return _beside(beside(problem, plan, other, _solver(study.run, 1)))
    return _beside(what_if(problem, plan, change, solver=_solver(study.run, 1)))


def _otherwise(problem: engine.Problem, kind: str, asked: dict[str, Any]) -> engine.Problem:
    """The problem as a question changes it that no change of the engine puts."""
    if kind == Study.Kind.RULE:
        return without_rule(problem, asked["rule"])
    return with_budgets(problem, asked)


def _needs_asked(problem: engine.Problem, asked: dict[str, Any]) -> set[str]:
    """The ids of the needs whose budgets a question changes. Raises engine.ProblemError."""
    if "need" in asked:
        change_from_json(problem, {"remove_needs": [asked["need"]]})  # refuses an unknown one
        return {asked["need"]}
    found = {need.id for need in problem.needs if need.town == asked["town"]}
    if not found:
        raise engine.ProblemError("town", f"has no need: {asked['town']}")
    return found


def with_budgets(problem: engine.Problem, asked: dict[str, Any]) -> engine.Problem:
    """The problem with another budget of one need, or of each need of a town, and the most for a
    half-day that goes with it, as a run with this budget would be frozen (R8)."""
    yen, changing = asked["yen"], _needs_asked(problem, asked)
    needs = tuple(
        dataclasses.replace(
            need, budget_yen=yen, half_day_rate_cap_yen=rate_cap(yen, need.least, need.months)
        )
        if need.id in changing
        else need
        for need in problem.needs
    )
    return dataclasses.replace(problem, needs=needs)


def _mended(study: Study, problem: engine.Problem, plan: engine.Plan) -> dict[str, Any]:
    """The plan with one thing changed and every other pair held: what was freed is given out again
    at once. No solving anew, and so nothing is proven."""
    from matching.engine.changes import Desk  # loads numpy, which no page needs

    asked = study.asked
    without = _let_go(problem, need=asked.get("need"), person=asked.get("specialist"))
    desk = Desk(without, plan)  # who declines or has no time is held no more
    if study.kind == Study.Kind.DECLINED:
        people = [a.specialist for a in plan.assignments if a.need == asked["need"]]
        if not people:
            raise Refused(NOT_SERVED)
        for declining in people:
            desk.decline(asked["need"], declining)
    else:
        person = next(one for one in problem.specialists if one.id == asked["specialist"])
        desk.change_capacity(
            person.id, tuple(min(free, asked["half_days"]) for free in person.capacity)
        )
    after = desk.plan()
    violations = engine.verify(desk.problem, after)
    if violations:
        found_wrong = f"{violations[0].code} {violations[0].subject}"
        raise engine.SolverFailed(f"the mended plan broke a rule: {found_wrong}")
    before, now = ledgered(problem, plan), ledgered(desk.problem, after)
    found = WhatIf(before, now, difference(plan, after), proven=False)
    return _beside(found) | {"mended": True}


def _let_go(
    problem: engine.Problem, *, need: str | None = None, person: str | None = None
) -> engine.Problem:
    """The problem without the held pairs of the need or the person that a question is about:
    pinned ones, and of a mended run those of the candidates before the towns."""
    kept = tuple(
        pair for pair in problem.accepted if need != pair.need and person != pair.specialist
    )
    return dataclasses.replace(problem, accepted=kept)


KEPT_APART_BY = {"R11": CONFLICT, "R15": FULL}  # what begins the reason of such a pair


def without_rule(problem: engine.Problem, rule: str) -> engine.Problem:
    """The problem without a rule. With R11 go also the pairs that a conflict of interest keeps
    apart for some needs of a town only, with R15 those whose person has towns enough in the need's
    own months; with R12 only the pairs that were tried, for the others cannot be."""
    if rule == "R12":
        apart = tuple(d for d in problem.declined if not came_to_nothing(d))
        return dataclasses.replace(problem, declined=apart)
    if rule in KEPT_APART_BY:
        begins = KEPT_APART_BY[rule]
        apart = tuple(d for d in problem.declined if not d.reason.startswith(begins))
        problem = dataclasses.replace(problem, declined=apart)
    return changed(problem, Change(without_rules=frozenset({rule})))


def _forced(study: Study, problem: engine.Problem, plan: engine.Plan) -> dict[str, Any]:
    """What it costs to have the person at the need, and the rules that an exception would break."""
    need, person = study.asked["need"], study.asked["specialist"]
    problem = _let_go(problem, need=need)
    try:
        found = forced(problem, plan, need, person, solver=_solver(study.run, 1))
    except engine.ProblemError as error:
        raise Refused(NO_ROOM) from error
    lookup = Lookup(problem)
    rules = engine.why_not(problem, need, person, lookup)
    return _beside(found) | {
        "rules": [rule_words(lookup, need, person, rule)[1] for rule in rules],
    }


def _solver(run: Run, solves: int) -> Solver:
    """Each solve in a child process, so many of them within a task's time."""
    wall_s = max(LEAST_SOLVE_S, min(run.wall_seconds, ALL_SOLVES_S // max(1, solves)))
    return lambda problem: engine.solve_in_child(problem, wall_s=wall_s)


def _beside(found: WhatIf) -> dict[str, Any]:
    return {
        "before": dataclasses.asdict(found.before),
        "after": dataclasses.asdict(found.after),
        "pairs": [dataclasses.asdict(pair) for pair in found.diff.pairs],
        "proven": found.proven,
    }


def _lacking(run: Run, problem: engine.Problem, plan: engine.Plan) -> dict[str, Any]:
    """Whom the pool lacks, by solving again with one more; and open needs as shared posts."""
    until = time.monotonic() + ALL_SOLVES_S

    def in_what_is_left(changed: engine.Problem) -> engine.Plan:
        wall_s = min(run.wall_seconds, until - time.monotonic())
        return engine.solve_in_child(changed, wall_s=max(LEAST_SOLVE_S, wall_s))

    found = shortages(
        problem,
        plan,
        solver=in_what_is_left,
        go_on=lambda: until - time.monotonic() >= LEAST_SOLVE_S,
    )
    towns = {town.id: town.name for town in problem.towns}
    posts = [
        {
            "towns": [towns[town] for town in post.towns],
            "half_days": post.half_days,
            "needs": [int(need) for need in post.needs],
            "skills": [[problem.labels.get(code, code), level] for code, level in post.skills],
            "reasons": list(post.reasons),
        }
        for post in shared_posts(problem, plan)
    ]
    texts = [shortage.text for shortage in found.found]
    return {
        "open_needs": len(plan.unfilled),
        "shortages": texts,
        "posts": posts,
        "proven": found.proven,
        "untried": [_able(problem, skills) for skills in found.untried],
        "too_large": [_able(problem, skills) for skills in found.too_large],
    }


def _able(problem: engine.Problem, skills: Skills) -> str:
    """Skills and levels in words."""
    return "と".join(f"「{problem.labels.get(code, code)}」L{level}" for code, level in skills)


def _replanned(run: Run, problem: engine.Problem, plan: engine.Plan) -> dict[str, Any]:
    """The run's needs that nothing is agreed for, matched anew with what is registered and held
    now, beside what the run's plan gave them."""
    needs = needs_to_plan(run)
    if not needs:
        raise Refused(NO_NEEDS)
    fresh, _ = hold(freeze(needs), pins_of(needs))  # as the next run would
    stages = tuple(stage.name for stage in plan.stages)
    fresh = dataclasses.replace(fresh, policy=dataclasses.replace(fresh.policy, stages=stages))
    after = _solver(run, 1)(fresh)
    asked = {need.id for need in fresh.needs}
    before = dataclasses.replace(
        plan, assignments=tuple(a for a in plan.assignments if a.need in asked)
    )
    # Both sides cost their months from now on; the rates are today's, of who has left the run's.
    gone = {one.specialist for one in before.assignments} - {one.id for one in fresh.specialists}
    people = (*fresh.specialists, *(one for one in problem.specialists if one.id in gone))
    return _beside(
        WhatIf(
            ledgered(dataclasses.replace(fresh, specialists=people), before),
            ledgered(fresh, after),
            difference(before, after),
            after.stopped == "optimal",
        )
    ) | {
        "people": {person.id: person.name for person in fresh.specialists},
        "anew": [str(need.pk) for need in needs if accepted_since(run, need)],
    }


def _end(study: Study, *, answer: dict[str, Any] | None = None, failure: str = "") -> None:
    with transaction.atomic():
        study = Study.objects.select_for_update(of=("self",), no_key=True).get(pk=study.pk)
        study.attempts = min(study.attempts, MAX_ATTEMPTS)
        study.move("fail" if failure else "finish")
        study.answer, study.failure = answer, failure
        study.finished_at = timezone.now()
        study.save()
        audit.record("fail_study" if failure else "finish_study", study, by=None)


def sweep_studies() -> int:
    """Ask again for every study that should be going on and that nobody works at."""
    asked = 0
    going_on = Study.objects.filter(status__in=Study.GOING_ON).order_by("pk")
    keys = list(going_on.values_list("pk", flat=True))
    at_work = busy(STUDY_LOCK, keys)
    for key in keys:
        if key in at_work:
            continue
        with transaction.atomic():
            request_task(TASK, key, key=f"study:{key}:{timezone.now():%Y%m%d%H%M%S}")
        asked += 1
    return asked
