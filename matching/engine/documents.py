"""Problems and plans as JSON documents, and the hash that names an input."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

from .fields import Record, as_integer, as_text
from .types import (
    ALL_WEEKDAYS,
    Accepted,
    Assignment,
    Declined,
    Group,
    Need,
    Plan,
    Policy,
    Problem,
    ProblemError,
    Reason,
    Specialist,
    StageValue,
    Town,
    Uncoverable,
    Unfilled,
    Weights,
)

WAIVABLE = frozenset({"R5", "R8"})  # rules of a pair that points go by too
SCHEMA = "talentpool-problem-1"
PLAN_SCHEMA = "talentpool-plan-1"
MAX_HORIZON = 60
MAX_LEVEL = 9
FAR_M = 10**8  # metres: more than around the earth, and the square of it fits 64 bits
STAGE_NAMES = "services_[1-9]|share_[1-9][0-9]{0,2}_[1-9][0-9]{0,2}|priority|score|weighted"


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


_Row = TypeVar("_Row", bound=_HasId)


def problem_from_json(data: object) -> Problem:
    """Read a problem strictly; lists come out sorted by id, so their order does not matter.

    Raises ProblemError naming the field, also for ids that point nowhere and for accepted
    pairs that cannot stand together.
    """
    top = Record(data, "")
    if top.text("schema", SCHEMA) != SCHEMA:
        raise ProblemError("schema", f"must be {SCHEMA}")
    horizon = top.integer("horizon", least=1, most=MAX_HORIZON)
    towns = _rows(top, "towns", _town)
    needs = _rows(top, "needs", lambda row: _need(row, horizon))
    people = _rows(top, "specialists", lambda row: _specialist(row, horizon))
    groups = _rows(top, "groups", _group, default=())
    accepted = tuple(
        Accepted(row.text("need"), row.text("specialist"), row.integer("half_days", least=1))
        for row in top.records("accepted", ())
    )
    declined = tuple(
        Declined(row.text("need"), row.text("specialist"), row.text("reason", "", blank=True))
        for row in top.records("declined", ())
    )
    first_month = top.text("first_month", "", blank=True)
    if first_month and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", first_month):
        raise ProblemError("first_month", 'must be a month such as "2027-04"')
    policy, labels = _policy(top.sub("policy")), top.text_map("labels")
    waived = top.texts("waived")
    if waived - WAIVABLE:
        raise ProblemError("waived", f"cannot be waived: {', '.join(sorted(waived - WAIVABLE))}")
    top.close()
    _check_references(towns, needs, people, groups, accepted, declined)
    problem = Problem(
        horizon=horizon,
        towns=_sorted(towns),
        needs=_sorted(needs),
        specialists=_sorted(people),
        groups=_sorted(groups),
        accepted=tuple(sorted(accepted, key=lambda a: (a.need, a.specialist))),
        declined=tuple(sorted(declined, key=lambda d: (d.need, d.specialist))),
        policy=policy,
        first_month=first_month,
        labels=labels,
        waived=waived,
    )
    _check_accepted(problem, accepted)
    return problem


def _rows(
    top: Record, name: str, read: Callable[[Record], _Row], default: object = None
) -> list[_Row]:
    found: list[_Row] = []
    known: set[str] = set()
    rows = top.records(name) if default is None else top.records(name, default)
    for row in rows:
        item = read(row)
        if item.id in known:
            raise ProblemError(row.at("id"), f"is used twice: {item.id}")
        known.add(item.id)
        found.append(item)
    return found


def _sorted(rows: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.id))


def _town(row: Record) -> Town:
    town_id = row.text("id")
    return Town(
        id=town_id,
        name=row.text("name", town_id),
        x=row.integer("x", 0, least=-FAR_M, most=FAR_M),
        y=row.integer("y", 0, least=-FAR_M, most=FAR_M),
        budget_yen=row.integer_or_none("budget_yen"),
        vendors=row.text_map("vendors"),
    )


def _need(row: Record, horizon: int) -> Need:
    skills: dict[str, int] = {}
    for path, item in row.items("skills"):
        if not isinstance(item, list | tuple) or len(item) != 2 or not isinstance(item[0], str):
            raise ProblemError(path, "must be a pair of skill code and least level")
        as_text(item[0], f"{path}[0]")
        if item[0] in skills:
            raise ProblemError(path, f"names the skill {item[0]} twice")
        skills[item[0]] = as_integer(item[1], f"{path}[1]", least=1, most=MAX_LEVEL)
    if not skills:
        raise ProblemError(row.at("skills"), "must name at least one skill")
    half_days = row.integer("half_days", least=1, most=100)
    start = row.integer("start", least=0, most=horizon - 1)
    return Need(
        id=row.text("id"),
        town=row.text("town"),
        skills=tuple(sorted(skills.items())),
        half_days=half_days,
        least=row.integer("least", half_days, least=1, most=half_days),
        start=start,
        end=row.integer("end", least=start + 1, most=horizon),
        count=row.integer("count", 1, least=1, most=99),
        priority=row.integer("priority", 1, least=1, most=3),
        onsite_pct=row.integer("onsite_pct", 0, most=100),
        weekdays=row.integer("weekdays", ALL_WEEKDAYS, least=1, most=127),
        half_day_rate_cap_yen=row.integer_or_none("half_day_rate_cap_yen"),
        forms=row.texts("forms"),
        language=row.text("language", "ja"),
        all_or_nothing=row.flag("all_or_nothing", False),
        present=row.text_or_none("present"),
        budget_yen=row.integer_or_none("budget_yen"),
    )


def _specialist(row: Record, horizon: int) -> Specialist:
    specialist_id = row.text("id")
    capacity = tuple(
        as_integer(item, path, least=0, most=100) for path, item in row.items("capacity")
    )
    if len(capacity) != horizon:
        raise ProblemError(row.at("capacity"), f"must have one entry a month: {horizon}")
    permission: tuple[int, int] | None = None
    months = [as_integer(v, p, least=0, most=horizon) for p, v in row.items("permission", ())]
    if months:
        if len(months) != 2 or months[0] > months[1]:
            raise ProblemError(row.at("permission"), "must be a range of months [from, to)")
        permission = (months[0], months[1])
    return Specialist(
        id=specialist_id,
        name=row.text("name", specialist_id),
        levels=row.integer_map("levels", least=1, most=MAX_LEVEL),
        capacity=capacity,
        max_towns=row.integer("max_towns", 3, most=1000),
        serving=row.texts("serving"),
        weekdays=row.integer("weekdays", ALL_WEEKDAYS, least=1, most=127),
        half_day_rate_yen=row.integer("half_day_rate_yen", 0, most=10_000_000),
        x=row.integer("x", 0, least=-FAR_M, most=FAR_M),
        y=row.integer("y", 0, least=-FAR_M, most=FAR_M),
        radius_m=row.integer("radius_m", 1_000_000, most=FAR_M),
        onsite_max_pct=row.integer("onsite_max_pct", 100, most=100),
        forms=row.texts("forms"),
        languages=row.texts("languages", ("ja",)),
        vendor=row.text_or_none("vendor"),
        interests=row.texts("interests"),
        min_block=row.integer("min_block", 1, least=1, most=100),
        permission=permission,
        confidence=row.integer("confidence", 1000, most=1000),
        monthly_fixed_yen=row.integer("monthly_fixed_yen", 0, most=100_000_000),
    )


def _group(row: Record) -> Group:
    group_id = row.text("id")
    return Group(group_id, row.text("name", group_id), row.texts("towns"))


def _policy(row: Record) -> Policy:
    plain, weights = Policy(), row.sub("weights")
    values = {
        f.name: weights.integer(f.name, getattr(plain.weights, f.name), most=100_000)
        for f in dataclasses.fields(Weights)
    }
    weights.close()
    policy = Policy(
        version=row.text("version", plain.version),
        weights=Weights(**values),
        stages=_stages(row, plain.stages),
    )
    row.close()
    return policy


def _stages(row: Record, plain: tuple[str, ...]) -> tuple[str, ...]:
    stages: list[str] = []
    for path, item in row.items("stages", plain):
        if not isinstance(item, str) or not re.fullmatch(STAGE_NAMES, item):
            raise ProblemError(
                path, "must be services_1 to services_9, share_P_Q, priority, score, weighted"
            )
        if item.startswith("share_") and int(item.split("_")[1]) > int(item.split("_")[2]):
            raise ProblemError(path, "must be a share of at most 1")
        if item in stages:
            raise ProblemError(path, f"is given twice: {item}")
        stages.append(item)
    if not stages:
        raise ProblemError(row.at("stages"), "must name at least one stage")
    return tuple(stages)


def _check_references(
    towns: list[Town],
    needs: list[Need],
    people: list[Specialist],
    groups: list[Group],
    accepted: tuple[Accepted, ...],
    declined: tuple[Declined, ...],
) -> None:
    town_ids = {t.id for t in towns}
    need_ids, person_ids = {n.id for n in needs}, {s.id for s in people}
    for i, need in enumerate(needs):
        if need.town not in town_ids:
            raise ProblemError(f"needs[{i}].town", f"is not a known town: {need.town}")
    # A group may have members outside the prefecture, so its towns need not be listed.
    for i, group in enumerate(groups):
        if len(group.towns) < 2:
            raise ProblemError(f"groups[{i}].towns", "must name at least two towns")
    named: tuple[tuple[str, Sequence[Accepted | Declined]], ...] = (
        ("accepted", accepted),
        ("declined", declined),
    )
    for name, pairs in named:
        known: set[tuple[str, str]] = set()
        for i, pair in enumerate(pairs):
            if pair.need not in need_ids:
                raise ProblemError(f"{name}[{i}].need", f"is not a known need: {pair.need}")
            if pair.specialist not in person_ids:
                raise ProblemError(
                    f"{name}[{i}].specialist", f"is not a known specialist: {pair.specialist}"
                )
            if (pair.need, pair.specialist) in known:
                raise ProblemError(f"{name}[{i}]", "is given twice")
            known.add((pair.need, pair.specialist))


def _check_accepted(problem: Problem, accepted: tuple[Accepted, ...]) -> None:
    """Accepted pairs hold whatever the pair rules say, but never more than there is."""
    needs = {n.id: n for n in problem.needs}
    people = {s.id: s for s in problem.specialists}
    used: dict[tuple[str, int], int] = {}
    counts: dict[str, int] = {}
    declined = {(d.need, d.specialist) for d in problem.declined}
    for i, pair in enumerate(accepted):
        need, person = needs[pair.need], people[pair.specialist]
        if (pair.need, pair.specialist) in declined:
            raise ProblemError(f"accepted[{i}]", "is also declined")
        counts[need.id] = counts.get(need.id, 0) + 1
        if counts[need.id] > need.count:
            raise ProblemError(f"accepted[{i}].need", f"takes only {need.count}: {need.id}")
        for month in range(need.start, need.end):
            used[person.id, month] = used.get((person.id, month), 0) + pair.half_days
            if used[person.id, month] > person.capacity[month]:
                raise ProblemError(
                    f"accepted[{i}].half_days",
                    f"month {month} has {person.capacity[month]} half-days free,"
                    f" {used[person.id, month]} are accepted",
                )


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """The problem as JSON data that `problem_from_json` reads back equal."""
    data: dict[str, Any] = {"schema": SCHEMA, **_plain(problem)}
    for name in ("towns", "needs", "specialists", "groups"):
        data[name].sort(key=lambda row: row["id"])
    for name in ("accepted", "declined"):
        data[name].sort(key=lambda row: (row["need"], row["specialist"]))
    if not problem.waived:
        del data["waived"]  # came later: inputs of before keep their hash
    return data


def _plain(value: object) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        out = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if isinstance(value, Specialist) and value.permission is None:
            del out["permission"]
        # Fields that came later are left out where they say nothing: inputs that were frozen
        # before keep their hash.
        if isinstance(value, Specialist) and not value.monthly_fixed_yen:
            del out["monthly_fixed_yen"]
        if isinstance(value, Need) and value.budget_yen is None:
            del out["budget_yen"]
        if isinstance(value, Plan) and not value.start:
            del out["start"]
        return out
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    return {key: _plain(item) for key, item in sorted(dict(value).items())}  # type: ignore[call-overload]


def canonical(data: object) -> bytes:
    """JSON with one spelling only: sorted keys, no spaces, UTF-8."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def input_sha256(problem: Problem) -> str:
    """SHA-256 over the canonical JSON of the problem, in hex: the name of the input."""
    return hashlib.sha256(canonical(problem_to_json(problem))).hexdigest()


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON data that `plan_from_json` reads back equal."""
    return {"schema": PLAN_SCHEMA, **_plain(plan)}


def plan_from_json(data: object) -> Plan:
    """Read a plan strictly. Raises ProblemError naming the field."""
    top = Record(data, "")
    if top.text("schema") != PLAN_SCHEMA:
        raise ProblemError("schema", f"must be {PLAN_SCHEMA}")
    assignments = tuple(
        Assignment(
            row.text("need"),
            row.text("specialist"),
            row.integer("half_days", least=1),
            row.integer("score", least=-(10**12)),
            row.integer_map("terms", least=-(10**12)),
        )
        for row in top.records("assignments")
    )
    stages = tuple(
        StageValue(
            row.text("name"),
            row.text("label"),
            row.integer("value", least=-(10**15), most=10**15),
            row.integer("bound", least=-(10**15), most=10**15),
            row.flag("proven", False),
        )
        for row in top.records("stages")
    )
    unfilled = tuple(
        Unfilled(row.text("need"), row.integer("missing", least=1), _reasons(row))
        for row in top.records("unfilled")
    )
    uncoverable = tuple(
        Uncoverable(row.text("town"), _reasons(row)) for row in top.records("uncoverable")
    )
    handovers = tuple(sorted(top.texts("handovers")))
    stopped = top.text("stopped")
    if stopped not in ("optimal", "limit", "fallback"):
        raise ProblemError("stopped", "must be optimal, limit or fallback")
    backend, digest = top.text("backend"), top.text("input_sha256")
    versions, work = top.text_map("versions"), top.integer_map("work")
    seconds = top.number("seconds")
    start = started_from_json(top.raw("start")) if "start" in top else ()
    top.close()
    return Plan(
        assignments=assignments,
        stages=stages,
        unfilled=unfilled,
        uncoverable=uncoverable,
        handovers=handovers,
        backend=backend,
        stopped=stopped,  # type: ignore[arg-type]
        input_sha256=digest,
        versions=versions,
        work=work,
        start=start,
        seconds=seconds,
    )


def started_from_json(data: object) -> tuple[Accepted, ...]:
    """Read the pairs that a search began with. Raises ProblemError naming the field."""
    top = Record({"start": data}, "")
    rows = [
        (row, Accepted(row.text("need"), row.text("specialist"), row.integer("half_days", least=1)))
        for row in top.records("start")
    ]
    for row, _ in rows:
        row.close()
    return tuple(pair for _, pair in rows)


def _reasons(row: Record) -> tuple[Reason, ...]:
    return tuple(
        Reason(item.text("code"), item.text("text"), item.integer("count", 0))
        for item in row.records("reasons")
    )
