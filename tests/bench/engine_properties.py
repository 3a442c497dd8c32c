"""What must hold of every instance, over many: `python -m tests.bench.engine_properties [COUNT]`.

COUNT (10,000) random problems, each with every rule able to bind, are solved by the quick way and
by two policies, and looked at by the verifier. A tenth as many, and another tenth with up to eight
needs and five people, are also solved by trying every plan; conflict sets and relaxations are
checked by solving again. A tenth as many made-up pools (`generate`, every second one `rich`) are
solved by trying every plan too, and half as many larger ones by the way for large pools, whose
plans and bounds are set beside the exact ones. One JSON line a property: problems, what was tried
in them, what was broken; the exit code is 1 when one was broken, or when nothing was tried.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, given, seed, settings

from matching.engine import Problem, greedy, solve, verify
from matching.engine.conflicts import conflict, relaxations
from matching.engine.generate import generate
from matching.engine.policies import with_policy
from tests.matching.engine.building import small_problems
from tests.matching.engine.forcing import WAYS, large_faults
from tests.matching.engine.trial import best_by_trial
from tests.matching.engine.waiving import faults_of, relaxation_fault

COUNT = 10_000
Check = Callable[[Problem], list[str]]  # for each thing tried what is wrong, empty where nothing is


def sound(of: Problem) -> list[str]:
    """The quick plan and the staged plan of both fair policies break no rule."""
    fair = with_policy(of, "leximin")
    plans = ((of, greedy(of)), (of, solve(of, wall_s=30)), (fair, solve(fair, wall_s=30)))
    return ["; ".join(map(str, verify(problem, plan))) for problem, plan in plans]


def best(of: Problem) -> list[str]:
    """The staged plan has the values that trying every plan finds."""
    found = tuple(stage.value for stage in solve(of, wall_s=30).stages)
    tried = best_by_trial(of)
    return ["" if found == tried else f"{found} is not {tried}"]


def minimal(of: Problem) -> list[str]:
    """Every conflict set forbids alone, and less any one of it does not."""
    plan = solve(of, wall_s=30)
    told = []
    for unfilled in plan.unfilled:
        found = conflict(of, plan, unfilled.need)
        if found is not None and found.rules:
            told.append("; ".join(faults_of(of, plan, unfilled.need, found)))
    return told


def relaxing(of: Problem) -> list[str]:
    """Every relaxation brings somebody when the changed need is solved, agreed pairs and needs of
    all or nobody among them."""
    plan = solve(of, wall_s=30)
    return [
        relaxation_fault(of, plan, option) or ""
        for unfilled in plan.unfilled
        for option in relaxations(of, plan, unfilled.need)
    ]


def generated(name: str, count: int, check: Callable[[int], list[str]]) -> bool:
    """Try `count` made-up problems, by seed, and print what was broken."""
    tried = 0
    faults: list[str] = []
    for at in range(count):
        told = check(at)
        tried += len(told)
        faults += [f"seed {at}: {fault}" for fault in told if fault]
    print(json.dumps({"property": name, "instances": count, "tried": tried,
                      "faults": len(faults), "first": faults[:3]}), flush=True)  # fmt: skip
    return tried > 0 and not faults


def small_pool(at: int) -> list[str]:
    """A made-up pool of seven needs, every second one rich: sound, and the best there is."""
    of = generate(towns=2, needs=7, specialists=14, seed=at, scarce=at % 4 > 1, rich=at % 2 == 1)
    return [*sound(of), *best(of)]


def large_pool(at: int) -> list[str]:
    """A made-up pool solved by the way for large ones, beside the exact plan."""
    needs = 20 + 7 * (at % 8)
    of = generate(
        towns=needs // 3, needs=needs, specialists=needs * (1 + at % 3) // 2, seed=at,
        scarce=at % 4 > 1, rich=at % 2 == 1,
    )  # fmt: skip
    return [large_faults(of, WAYS[at % len(WAYS)])]


def run(name: str, count: int, needs: int, people: int, check: Check) -> bool:
    """Try `count` problems and print how many there were and what was broken."""
    problems = tried = 0
    faults: list[str] = []

    @seed(5)
    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(small_problems(needs=needs, people=people))
    def each(of: Problem) -> None:
        nonlocal problems, tried
        told = check(of)
        problems, tried = problems + 1, tried + len(told)
        faults.extend(fault for fault in told if fault)

    each()
    print(json.dumps({"property": name, "instances": problems, "tried": tried,
                      "faults": len(faults), "first": faults[:3]}), flush=True)  # fmt: skip
    return tried > 0 and not faults


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else COUNT
    held = [
        run("no violation by the verifier", count, 8, 5, sound),
        run("as good as trying every plan", max(1, count // 10), 4, 4, best),
        run("as good as trying every plan, up to 8 needs", max(1, count // 10), 8, 5, best),
        generated(
            "made-up pools: sound, and as good as trying every plan",
            max(1, count // 10),
            small_pool,
        ),
        generated(
            "large pools: sound, no better than the best, its bounds no lower",
            max(1, count // 20),
            large_pool,
        ),
        run("conflict sets checked by solving", max(1, count // 10), 4, 5, minimal),
        run("relaxations checked by solving", max(1, count // 10), 4, 5, relaxing),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
