"""The audit pack: one file that says what was decided, from what, how, and lets it be redone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .documents import canonical, plan_from_json, plan_to_json, problem_from_json, problem_to_json
from .fields import Record
from .greedy import greedy
from .lookup import Lookup
from .reasons import explain_in
from .rules import RULES
from .scoring import TERM_LABELS
from .types import Plan, Problem, ProblemError
from .verify import verify

PACK_SCHEMA = "talentpool-pack-1"
OUTSIDE_THE_HASH = ("seconds", "versions")
ALTERNATES = 5
# Needs × people above which the next best of each need are left out: they would take longer than
# the plan.
MOST_FOR_ALTERNATES = 3_000_000
CUT_OFF = "the clock ended a step on the way to the plan: it need not come out the same again"


@dataclass(frozen=True, slots=True)
class HandEdit:
    """A change made by hand after the run: what, by whom (a role or number), when, why."""

    what: str
    by: str
    at: str
    why: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of making a pack's plan again. `differences` are one line each, of the plan;
    `notes` tell of other versions, which need not matter. `cut_off`: the plan is not the same,
    but the clock ended a step on its way that is not counted, so that it need not come out the
    same again: a note says so beside the differences."""

    same: bool
    sha256: str
    differences: tuple[str, ...]
    notes: tuple[str, ...]
    cut_off: bool = False


def plan_sha256(plan: Plan) -> str:
    """SHA-256 over the decision: everything of a plan but its timing and versions."""
    return _plan_sha256(plan_to_json(plan))


def _plan_sha256(data: dict[str, Any]) -> str:
    plain = {key: value for key, value in data.items() if key not in OUTSIDE_THE_HASH}
    return hashlib.sha256(canonical(plain)).hexdigest()


def make_pack(
    problem: Problem, plan: Plan, edits: Sequence[HandEdit] = (), *, alternates: int = ALTERNATES
) -> dict[str, Any]:
    """The pack as JSON data: frozen input, rules and weights with their version, the plan with
    stages and bounds, the next best for every need (so many `alternates`, 0 for none; none in
    pools above `MOST_FOR_ALTERNATES`), hand edits, versions, hashes.

    Raises ProblemError when the plan does not hold for the problem.
    """
    violations = verify(problem, plan)
    if violations:
        raise ProblemError("plan", f"{violations[0].code}: {violations[0].text}")
    lookup = Lookup(problem)
    if len(problem.needs) * len(problem.specialists) > MOST_FOR_ALTERNATES:
        alternates = 0
    next_best = {
        need.id: [
            {"specialist": a.specialist, "score": a.score, "half_days": a.half_days}
            for a in explain_in(lookup, plan, need.id, alternates).alternatives
        ]
        for need in (problem.needs if alternates else ())
    }
    return assemble(
        problem_to_json(problem),
        plan_to_json(plan),
        rules={code: name for code, name, _ in RULES},
        terms=dict(TERM_LABELS),
        alternates=next_best,
        edits=edit_rows(edits),
    )


def edits_from_json(data: object) -> tuple[HandEdit, ...]:
    """Read hand edits strictly. Raises ProblemError naming the field."""
    found = []
    top = Record({"edits": data}, "")
    for row in top.records("edits"):
        found.append(HandEdit(*(row.text(name) for name in ("what", "by", "at", "why"))))
        row.close()
    return tuple(found)


def edit_rows(edits: Sequence[HandEdit]) -> list[dict[str, str]]:
    """Hand edits as JSON data."""
    return [{"what": e.what, "by": e.by, "at": e.at, "why": e.why} for e in edits]


def assemble(
    problem: dict[str, Any],
    plan: dict[str, Any],
    *,
    rules: dict[str, str],
    terms: dict[str, str],
    alternates: dict[str, Any],
    edits: Sequence[dict[str, str]] = (),
) -> dict[str, Any]:
    """The pack of documents as they were stored, which need not be of this version; with its
    hashes. Nothing is verified."""
    pack: dict[str, Any] = {
        "schema": PACK_SCHEMA,
        "problem": problem,
        "rules": rules,
        "terms": terms,
        "plan": plan,
        "plan_sha256": _plan_sha256(plan),
        "alternates": alternates,
        "edits": list(edits),
    }
    return pack | {"sha256": _sha256(pack)}


def _sha256(pack: dict[str, Any]) -> str:
    """Over everything in the pack but timings, the hash itself and the appendix, which tells what
    happened after the pack was made."""
    plain = {key: value for key, value in pack.items() if key not in ("sha256", "appendix")}
    plain["plan"] = {key: value for key, value in pack["plan"].items() if key != "seconds"}
    return hashlib.sha256(canonical(plain)).hexdigest()


def read_pack(data: object) -> tuple[Problem, Plan]:
    """The problem and the plan of a pack. Raises ProblemError naming the field, also when the
    pack is not what its hash says."""
    top = Record(data, "")
    if top.text("schema") != PACK_SCHEMA:
        raise ProblemError("schema", f"must be {PACK_SCHEMA}")
    digest = top.text("sha256")
    problem, plan = (
        _part(top, name, read) for name, read in (("problem", problem_from_json),
                                                  ("plan", plan_from_json))
    )  # fmt: skip
    if digest != _sha256(json.loads(json.dumps(data))):
        raise ProblemError("sha256", "does not fit: the pack was changed after it was made")
    return problem, plan


def _part(top: Record, name: str, read: Any) -> Any:
    try:
        return read(top.raw(name))
    except ProblemError as error:
        raise ProblemError(f"{name}.{error.field}", error.message) from None


def replay(data: object, *, wall_s: float = 3600.0) -> Replay:
    """Make the plan of a pack again, with the same work, and say what differs.

    Raises ProblemError for a malformed or changed pack.
    """
    problem, plan = read_pack(data)
    if plan.backend == "greedy":
        again = greedy(problem)
    elif plan.backend == "parts":
        from .parts import solve_in_parts

        again = solve_in_parts(problem, wall_s=wall_s, work=plan.work)
    else:
        from .solving import solve

        again = solve(problem, wall_s=wall_s, work=plan.work or None)
    differences = tuple(_differences(plan, again))
    notes = tuple(
        f"{name}: {plan.versions.get(name, '-')} → {version}"
        for name, version in sorted(again.versions.items())
        if plan.versions.get(name) != version
    )
    sha256 = plan_sha256(again)
    if differences and _cut_off(plan):
        return Replay(False, sha256, differences, (*notes, CUT_OFF), cut_off=True)
    return Replay(not differences, sha256, differences, notes)


def _cut_off(plan: Plan) -> bool:
    """Whether the clock ended a step that is not counted, in the whole or in a part of it."""
    return any(name == "cut" or name.startswith("cut_") for name in plan.work)


def _differences(before: Plan, after: Plan) -> list[str]:
    old, new = plan_to_json(before), plan_to_json(after)
    found = []
    for name in old:
        if name in OUTSIDE_THE_HASH or old[name] == new[name]:
            continue
        if not isinstance(old[name], list):
            found.append(f"{name}: {old[name]} → {new[name]}")
            continue
        gone = [row for row in old[name] if row not in new[name]]
        come = [row for row in new[name] if row not in old[name]]
        found += [f"{name}: - {json.dumps(row, ensure_ascii=False)}" for row in gone]
        found += [f"{name}: + {json.dumps(row, ensure_ascii=False)}" for row in come]
    return found
