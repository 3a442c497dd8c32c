"""The audit pack: one file that says what was decided, from what, how, and lets it be redone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .documents import canonical, plan_from_json, plan_to_json, problem_from_json, problem_to_json
from .fields import Record, as_integer
from .greedy import greedy
from .lookup import Lookup
from .mended import Mending, mended, mending_from_json, mending_to_json
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
MOST_STEPS = 10**6  # of each kind that a plan counts
NOT_HASHED = ("sha256", "appendix", "appendix_sha256")
OUT_OF_TIME = "the clock ended a step of this replay: give it more time (--wall)"
NO_HASH = "the appendix has no hash: it may have been changed"
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
    problem: Problem,
    plan: Plan,
    edits: Sequence[HandEdit] = (),
    mending: Mending | None = None,
) -> dict[str, Any]:
    """The pack as JSON data: frozen input, rules and weights with their version, the plan with
    stages and bounds, the next best for every need (none in pools above `MOST_FOR_ALTERNATES`),
    hand edits, versions, hashes; of a mended plan also what it was mended from.

    Raises ProblemError when the plan does not hold for the problem.
    """
    violations = verify(problem, plan)
    if violations:
        raise ProblemError("plan", f"{violations[0].code}: {violations[0].text}")
    return assemble(
        problem_to_json(problem),
        plan_to_json(plan),
        **_words_and_next_best(problem, plan),
        edits=edit_rows(edits),
        mending=mending,
    )


def _words_and_next_best(problem: Problem, plan: Plan) -> dict[str, Any]:
    """What a pack tells beside a sound plan: `rules` and `terms` in words, `alternates`."""
    lookup = Lookup(problem)
    large = len(problem.needs) * len(problem.specialists) > MOST_FOR_ALTERNATES
    next_best = {
        need.id: [
            {"specialist": a.specialist, "score": a.score, "half_days": a.half_days}
            for a in explain_in(lookup, plan, need.id, ALTERNATES).alternatives
        ]
        for need in (() if large else problem.needs)
    }
    return {
        "rules": {code: name for code, name, _ in RULES},
        "terms": dict(TERM_LABELS),
        "alternates": next_best,
    }


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
    mending: Mending | None = None,
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
    if mending is not None:
        pack["mending"] = mending_to_json(mending)
    return pack | {"sha256": _sha256(pack)}


def with_appendix(pack: dict[str, Any], appendix: dict[str, Any]) -> dict[str, Any]:
    """The pack with what happened after it was made, which has a hash of its own."""
    return pack | {"appendix": appendix, "appendix_sha256": appendix_sha256(appendix)}


def appendix_sha256(appendix: object) -> str:
    """SHA-256 over the canonical JSON of an appendix."""
    return hashlib.sha256(canonical(appendix)).hexdigest()


def _sha256(pack: dict[str, Any]) -> str:
    """Over everything in the pack but timings, the hash itself and the appendix, which tells what
    happened after the pack was made."""
    plain = {key: value for key, value in pack.items() if key not in NOT_HASHED}
    plain["plan"] = {key: value for key, value in pack["plan"].items() if key != "seconds"}
    return hashlib.sha256(canonical(plain)).hexdigest()


def read_pack(data: object) -> tuple[Problem, Plan]:
    """The problem and the plan of a pack. Raises ProblemError naming the field, also when the
    pack or its appendix is not what its hash says, or the plan counts more steps than any has."""
    top = Record(data, "")
    if top.text("schema") != PACK_SCHEMA:
        raise ProblemError("schema", f"must be {PACK_SCHEMA}")
    digest = top.text("sha256")
    problem, plan = (
        _part(top, name, read) for name, read in (("problem", problem_from_json),
                                                  ("plan", plan_from_json))
    )  # fmt: skip
    for name, count in plan.work.items():
        as_integer(count, f"plan.work.{name}", least=0, most=MOST_STEPS)
    top.text("plan_sha256")
    for name in ("rules", "terms"):
        top.text_map(name)
    edits_from_json(top.raw("edits"))
    alternates = top.raw("alternates")
    if not isinstance(alternates, dict):
        raise ProblemError("alternates", "must be an object")
    may_have = ("appendix", "appendix_sha256", "mending")
    given = {name: top.raw(name) for name in may_have if name in top}
    top.close()
    if digest != _hash_of(data, _sha256):
        raise ProblemError("sha256", "does not fit: the pack was changed after it was made")
    appended = given.get("appendix_sha256")
    if appended is not None and appended != _hash_of(given.get("appendix"), appendix_sha256):
        raise ProblemError("appendix_sha256", "does not fit: the appendix was changed")
    return problem, plan


def _hash_of(data: Any, digest: Callable[[Any], str]) -> str:
    try:
        return digest(data)
    except UnicodeEncodeError:
        raise ProblemError("(top)", "holds half of a character (a lone surrogate)") from None


def _part(top: Record, name: str, read: Any) -> Any:
    try:
        return read(top.raw(name))
    except ProblemError as error:
        raise ProblemError(f"{name}.{error.field}", error.message) from None


def replay(data: dict[str, Any], *, wall_s: float = 3600.0) -> Replay:
    """Make the plan of a pack again, with the same work, and say what differs: in the plan, in its
    hashes, and in what the pack tells beside it.

    Raises ProblemError for a malformed or changed pack.
    """
    problem, plan = read_pack(data)
    again = _made_again(problem, plan, wall_s, data.get("mending"))
    sha256 = plan_sha256(again)
    differences = [*_differences(plan, again), *_of_the_rest(data, problem, plan, again)]
    notes = [
        f"{name}: {plan.versions.get(name, '-')} → {version}"
        for name, version in sorted(again.versions.items())
        if plan.versions.get(name) != version
    ]
    if "appendix" in data and data.get("appendix_sha256") is None:
        notes.append(NO_HASH)
    cut_off = bool(differences) and _cut_off(plan)
    notes += [CUT_OFF] if cut_off else []
    notes += [OUT_OF_TIME] if differences and _cut_off(again) else []
    return Replay(not differences, sha256, tuple(differences), tuple(notes), cut_off)


def _made_again(problem: Problem, plan: Plan, wall_s: float, mending: object) -> Plan:
    if mending is not None:
        return mended(problem, mending_from_json(mending))
    if plan.backend == "greedy":
        return greedy(problem)
    if plan.backend == "parts":
        from .parts import solve_in_parts

        return solve_in_parts(problem, wall_s=wall_s, work=plan.work)
    from .solving import solve

    return solve(problem, wall_s=wall_s, work=plan.work or None, start=plan.start)


def _cut_off(plan: Plan) -> bool:
    """Whether the clock ended a step that is not counted, in the whole or in a part of it."""
    return any(name == "cut" or name.startswith("cut_") for name in plan.work)


def _differences(before: Plan, after: Plan) -> list[str]:
    old, new = plan_to_json(before), plan_to_json(after)
    found = []
    for name in old | new:
        was_there, is_there = old.get(name, []), new.get(name, [])
        if name in OUTSIDE_THE_HASH or was_there == is_there:
            continue
        if not isinstance(was_there, list):
            found.append(f"{name}: {was_there} → {is_there}")
            continue
        was, now = (Counter(map(_line, rows)) for rows in (was_there, is_there))
        found += [f"{name}: - {row}" for row in (was - now).elements()]
        found += [f"{name}: + {row}" for row in (now - was).elements()]
        if was == now:
            found.append(f"{name}: the same rows in another order")
    return found


def _line(row: object) -> str:
    return json.dumps(row, ensure_ascii=False)


def _of_the_rest(data: dict[str, Any], problem: Problem, plan: Plan, again: Plan) -> Iterator[str]:
    """What is not as it is made again beside the plan itself: its hashes; the words of rules and
    terms, and the next best beside the plan of the pack."""
    told, made = data["plan_sha256"], _plan_sha256(data["plan"])
    if told != made:
        yield f"plan_sha256: {told}, but the plan of the pack has {made}"
    elif made != plan_sha256(plan):
        yield "plan: is not written as plans are (an order, a default, a field)"
    violations = verify(problem, plan)
    if violations:
        yield f"plan: {violations[0].code} {violations[0].subject}: {violations[0].text}"
    for name, new in _words_and_next_best(problem, again if violations else plan).items():
        old = data[name]
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                yield f"{name}.{key}: {_line(old.get(key))} → {_line(new.get(key))}"
