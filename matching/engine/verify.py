"""An independent check of a plan against its problem, in plain integers.

It shares no code with the rules, the score, the model or the search: only the records of `types`
and the hash of the input; points are worked out anew in `recount`. Every plan goes through it
before anybody sees it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from .documents import input_sha256
from .recount import metres_between, points_of
from .types import Assignment, Need, Plan, Problem, Specialist, Town

MOST_ASKED = 3_000_000  # pairs looked at for the towns that nobody can serve


@dataclass(frozen=True, slots=True)
class Violation:
    """What is wrong (`code`), with whom (`subject`), in words."""

    code: str
    subject: str
    text: str


def verify(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Everything in the plan that breaks a rule or misstates a figure; empty for a sound plan.

    Not checked: the words of the reasons, and in very large pools, beyond `MOST_ASKED` pairs, the
    rest of the towns that are said to have nobody. Bounds are only compared with the values.
    """
    check = _Check(problem, plan)
    check.references()
    if not check.found:
        check.assignments()
        check.workloads()
        check.budgets()
        check.figures()
        check.handovers()
        check.uncoverable()
    return tuple(check.found)


class _Check:
    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.found: list[Violation] = []
        self.needs = {n.id: n for n in problem.needs}
        self.people = {s.id: s for s in problem.specialists}
        self.town_by_id = {t.id: t for t in problem.towns}
        self.accepted = {(a.need, a.specialist): a.half_days for a in problem.accepted}
        self.declined = {(d.need, d.specialist) for d in problem.declined}
        self.of_person: dict[str, list[tuple[Need, Assignment]]] = defaultdict(list)
        self.of_need: dict[str, list[Assignment]] = defaultdict(list)

    def say(self, code: str, subject: str, text: str) -> None:
        self.found.append(Violation(code, subject, text))

    def references(self) -> None:
        if self.plan.input_sha256 != input_sha256(self.problem):
            self.say("input", "", "計画が別の入力のものです")
        for a in self.plan.assignments:
            if a.need not in self.needs or a.specialist not in self.people:
                self.say("unknown", f"{a.need}/{a.specialist}", "入力にない案件または人です")
                continue
            if any(b.specialist == a.specialist for b in self.of_need[a.need]):
                self.say("twice", f"{a.need}/{a.specialist}", "同じ組合せが2回あります")
            self.of_need[a.need].append(a)
            self.of_person[a.specialist].append((self.needs[a.need], a))

    def assignments(self) -> None:
        for a in self.plan.assignments:
            if (a.need, a.specialist) not in self.accepted:
                need, person = self.needs[a.need], self.people[a.specialist]
                self._pair(need, person, self.town_by_id[need.town], a.half_days)
            if dict(a.terms) != self._points(a):
                self.say("terms", f"{a.need}/{a.specialist}", "得点の内訳が計算と違います")
            if a.score != sum(a.terms.values()):
                self.say("score", f"{a.need}/{a.specialist}", "得点が内訳の合計と違います")
        chosen = {(a.need, a.specialist): a.half_days for a in self.plan.assignments}
        for (need_id, person_id), half_days in self.accepted.items():
            if chosen.get((need_id, person_id)) != half_days:
                self.say("accepted", f"{need_id}/{person_id}", "合意済みの組合せが保たれていません")
        for need_id, rows in self.of_need.items():
            need = self.needs[need_id]
            if len(rows) > need.count:
                self.say("count", need_id, f"{need.count}人の案件に{len(rows)}人です")
            held = sum(n == need_id for n, _ in self.accepted)
            if need.all_or_nothing and len(rows) not in (held, need.count):
                self.say("all_or_nothing", need_id, "全員がそろわない案件に一部だけ決まっています")

    def _points(self, a: Assignment) -> dict[str, int]:
        need, person = self.needs[a.need], self.people[a.specialist]
        town, weights = self.town_by_id[need.town], self.problem.policy.weights
        return points_of(weights, need, person, town, a.half_days)

    def _pair(self, need: Need, person: Specialist, town: Town, half_days: int) -> None:
        for code in self._broken(need, person, town, half_days):
            subject = f"{need.id}/{person.id}"
            self.say(code, subject, f"組合せの条件に反します: {code}")

    def _broken(self, need: Need, person: Specialist, town: Town, half_days: int) -> list[str]:
        """The rules that a pair taken alone breaks."""
        bad = []
        if any(person.levels.get(code, 0) < level for code, level in need.skills):
            bad.append("skill")
        if not max(need.least, person.min_block) <= half_days <= need.half_days:
            bad.append("half_days")
        common = need.weekdays & person.weekdays
        if common == 0:
            bad.append("weekdays")
        if need.onsite_pct > 0 and "R5" not in self.problem.waived:
            dx, dy = person.x - town.x, person.y - town.y
            # Whole metres, as people are told them: 20 km 0.4 m is within 20 km.
            if dx * dx + dy * dy >= (person.radius_m + 1) ** 2:
                bad.append("distance")
        if need.onsite_pct > person.onsite_max_pct:
            bad.append("onsite")
        if need.forms and person.forms and need.forms.isdisjoint(person.forms):
            bad.append("form")
        cap = need.half_day_rate_cap_yen
        paid = "R8" not in self.problem.waived
        if paid and cap is not None and person.half_day_rate_yen > cap:
            bad.append("pay")
        if paid and need.budget_yen is not None:
            cost = half_days * person.half_day_rate_yen * (need.end - need.start)
            for free in person.capacity[need.start : need.end]:
                # The part of one half-day, were all of the month's free time served.
                cost += half_days * (person.monthly_fixed_yen // free if free else 0)
            if cost > need.budget_yen:
                bad.append("need_budget")
        if need.language not in person.languages:
            bad.append("language")
        if any(firm in town.vendors for firm in (*person.interests, person.vendor)):
            bad.append("conflict")
        if (need.id, person.id) in self.declined:
            bad.append("declined")
        if person.permission is not None:
            first, end = person.permission
            if need.start < first or need.end > end:
                bad.append("permission")
        return bad

    def workloads(self) -> None:
        for person_id, rows in self.of_person.items():
            person = self.people[person_id]
            for month in range(self.problem.horizon):
                used = sum(a.half_days for n, a in rows if n.start <= month < n.end)
                if used > person.capacity[month]:
                    text = f"{month}か月目に{used}半日、空きは{person.capacity[month]}半日です"
                    self.say("capacity", person_id, text)
                self._weekdays(person, rows, month)
            held = {self.needs[n].town for n, s in self.accepted if s == person_id}
            towns = {n.town for n, _ in rows}
            if towns - held - person.serving and (
                len(towns | held | person.serving) > person.max_towns
            ):
                self.say("max_towns", person_id, f"市町が{person.max_towns}をこえます")

    def _weekdays(
        self, person: Specialist, rows: list[tuple[Need, Assignment]], month: int
    ) -> None:
        """Visits fit the weekdays when no set of weekdays is asked for more than it has."""
        visits = [
            (n.weekdays & person.weekdays, n.onsite_pct * a.half_days, (n.id, a.specialist))
            for n, a in rows
            if n.onsite_pct and n.start <= month < n.end
        ]
        fewest = min((days.bit_count() for days, _, _ in visits), default=0)
        if sum(load for _, load, _ in visits) <= 800 * fewest:
            return  # even the fewest days of one visit have room for all
        for days in range(1, 128):
            inside = [v for v in visits if v[0] & ~days == 0]
            load = sum(v[1] for v in inside)
            if load > 800 * days.bit_count() and any(v[2] not in self.accepted for v in inside):
                self.say("weekday_load", person.id, f"{month}か月目の訪問が曜日に収まりません")
                return

    def budgets(self) -> None:
        spent: Counter[str] = Counter()
        held: Counter[str] = Counter()
        for a in self.plan.assignments:
            need, person = self.needs[a.need], self.people[a.specialist]
            cost = a.half_days * person.half_day_rate_yen * (need.end - need.start)
            spent[need.town] += cost
            if (a.need, a.specialist) in self.accepted:
                held[need.town] += cost
        for town in self.problem.towns:
            if town.budget_yen is not None and spent[town.id] > max(town.budget_yen, held[town.id]):
                over = spent[town.id] - town.budget_yen
                self.say("budget", town.id, f"予算を{over:,}円こえます")

    def figures(self) -> None:
        """The stage values, the open places and the proof say what the assignments say."""
        filled = Counter(self.needs[a.need].town for a in self.plan.assignments)
        policy = self.problem.policy
        plain = {
            "priority": sum(self.needs[a.need].priority for a in self.plan.assignments),
            "score": sum(sum(self._points(a).values()) for a in self.plan.assignments)
            + self._bonus(),
        }
        plain["weighted"] = (
            policy.weights.service * len(filled)
            + policy.weights.priority * plain["priority"]
            + plain["score"]
        )
        values = {
            name: plain[name] if name in plain else self._towns_in(name, filled)
            for name in policy.stages
        }
        if [s.name for s in self.plan.stages] != list(values):
            self.say("stages", "", "段階の並びが方針と違います")
            return
        for stage in self.plan.stages:
            if stage.value != values[stage.name]:
                text = f"値は{values[stage.name]}のはずが{stage.value}です"
                self.say("stage_value", stage.name, text)
            if stage.bound < stage.value or stage.proven != (stage.bound == stage.value):
                self.say("bound", stage.name, "上界または証明の印が値と合いません")
        if self.plan.stopped == "optimal" and not all(s.proven for s in self.plan.stages):
            self.say("not_proven", "", "証明のない計画が最適とされています")
        missing = {
            n.id: n.count - len(self.of_need[n.id])
            for n in self.problem.needs
            if len(self.of_need[n.id]) < n.count
        }
        told = {u.need: u.missing for u in self.plan.unfilled}
        if told != missing or len(told) != len(self.plan.unfilled):
            self.say("unfilled", "", "決まらない案件の一覧が割当と合いません")

    def handovers(self) -> None:
        """The needs served by others than the present person, and no others, are told."""
        found = {
            need_id
            for need_id, rows in self.of_need.items()
            if rows and self.needs[need_id].present not in {None, *(a.specialist for a in rows)}
        }
        if set(self.plan.handovers) != found or len(self.plan.handovers) != len(found):
            self.say("handovers", "", "担当の交代の一覧が割当と合いません")

    def uncoverable(self) -> None:
        """The towns told as having nobody have nobody, and no other town has."""
        told = {town.town for town in self.plan.uncoverable}
        served = {self.needs[n].town for n, _ in self.accepted}
        of_town: dict[str, list[Need]] = defaultdict(list)
        for need in self.problem.needs:
            of_town[need.town].append(need)
        by_skill: dict[str, list[Specialist]] = defaultdict(list)
        for person in self.problem.specialists:
            for code in person.levels:
                by_skill[code].append(person)
        if len(told) != len(self.plan.uncoverable):
            self.say("uncoverable", "", "同じ市町が2回あります")
        for town_id in sorted(told - of_town.keys()):
            self.say("uncoverable", town_id, "案件のない市町です")
        left = MOST_ASKED
        for town_id in sorted(of_town):
            covered = town_id in served
            for need in [] if covered else of_town[town_id]:
                people = min((by_skill[code] for code, _ in need.skills), key=len)
                left -= len(people)
                if left < 0:
                    return
                if self._coverable(need, people):
                    covered = True
                    break
            if covered == (town_id in told):
                text = (
                    "受けられる人がいます"
                    if covered
                    else "受けられる人のいないことが書かれていません"
                )
                self.say("uncoverable", town_id, text)

    def _coverable(self, need: Need, people: list[Specialist]) -> bool:
        """Whether the need could be served, were nothing else served and nothing agreed: by one
        person, or where it takes all or nobody by all, within the town's budget."""
        able = (person for person in people if self._alone(need, person))
        if not need.all_or_nothing or need.count == 1:
            return next(able, None) is not None
        cost = sorted(max(need.least, p.min_block) * p.half_day_rate_yen for p in able)
        budget = self.town_by_id[need.town].budget_yen
        months = need.end - need.start
        return len(cost) >= need.count and (
            budget is None or sum(cost[: need.count]) * months <= budget
        )

    def _alone(self, need: Need, person: Specialist) -> bool:
        """Whether the person could serve the need, were nothing else served."""
        town, half_days = self.town_by_id[need.town], max(need.least, person.min_block)
        days = (need.weekdays & person.weekdays).bit_count()
        cost = half_days * person.half_day_rate_yen * (need.end - need.start)
        towns = person.serving | {need.town}
        return (
            min(person.capacity[need.start : need.end]) >= half_days
            and need.onsite_pct * half_days <= 800 * days
            and (town.budget_yen is None or cost <= town.budget_yen)
            and (need.town in person.serving or len(towns) <= person.max_towns)
            and not self._broken(need, person, town, half_days)
        )

    def _towns_in(self, stage: str, filled: Counter[str]) -> int:
        """Towns with at least N places filled, or with at least P of Q of those they ask for."""
        kind, *numbers = stage.split("_")
        if kind == "services":
            return sum(n >= int(numbers[0]) for n in filled.values())
        asked: Counter[str] = Counter()
        for need in self.problem.needs:
            asked[need.town] += need.count
        part, whole = int(numbers[0]), int(numbers[1])
        return sum(n * whole >= part * asked[town] for town, n in filled.items())

    def _bonus(self) -> int:
        points, weights = 0, self.problem.policy.weights
        for person_id, rows in self.of_person.items():
            towns = {n.town for n, _ in rows}
            for group in self.problem.groups:
                points += weights.group * max(0, len(group.towns & towns) - 1)
            visited = sorted({n.town for n, _ in rows if n.onsite_pct})
            person = self.people[person_id]
            for i, a in enumerate(visited):
                for b in visited[i + 1 :]:
                    points += weights.route * self._merges(person, a, b)
        return points

    def _merges(self, person: Specialist, a: str, b: str) -> bool:
        one, other = self.town_by_id[a], self.town_by_id[b]
        first = metres_between(person.x, person.y, one.x, one.y)
        second = metres_between(person.x, person.y, other.x, other.y)
        between = metres_between(one.x, one.y, other.x, other.y)
        near, far = min(first, second), max(first, second)
        return near > 0 and 5 * (near + between - far) <= far
