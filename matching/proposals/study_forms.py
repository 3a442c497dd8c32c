"""The questions about a run's plan, one form for each kind; a kind without fields just asks.

`asked()` and `words()` give what `services.studies.start_study` takes.
"""

import uuid
from typing import Any

from django import forms

from matching import engine
from matching.engine.lookup import Lookup
from matching.engine.rules import RULES
from matching.engine.whatif import RULE_WAIVERS
from matching.proposals.freeze import came_to_nothing
from matching.proposals.services.studies import KEPT_APART_BY
from matching.proposals.studies import Study
from municipalities.registry.models import Municipality
from talentpool.pages.forms import PortalForm

HALF_DAYS_PER_DAY = 2
MOST_LOOKED_AT = 3_000_000  # needs × people; above, every rule is offered
MOST_LEVEL = 4  # L1 to L4 of the pool


class StudyForm(PortalForm):
    """A question without fields; the ones below add theirs."""

    request_key = forms.UUIDField(widget=forms.HiddenInput)  # a second click asks only once

    def __init__(
        self,
        *args: Any,
        kind: Study.Kind,
        problem: engine.Problem,
        titles: dict[int, str],
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self.kind = kind
        self.problem = problem
        self.titles = titles
        self.initial.setdefault("request_key", uuid.uuid4())
        self.offer()
        self.prepare()

    def offer(self) -> None:
        """Fill the choices from the run's frozen input."""

    def asked(self) -> dict[str, Any]:
        return {}

    def words(self) -> str:
        return str(self.kind.label)


class PersonLeavesForm(StudyForm):
    specialist = forms.ChoiceField(label="抜ける人(登録番号)")

    def offer(self) -> None:
        people = sorted(self.problem.specialists, key=lambda person: person.name)
        _choices(self, "specialist", [(person.id, person.name) for person in people])

    def asked(self) -> dict[str, Any]:
        return {"specialist": self.cleaned_data["specialist"]}

    def words(self) -> str:
        return f"{_label(self, 'specialist')} が抜けたら"


class PersonJoinsForm(StudyForm):
    skill = forms.ChoiceField(label="スキル")
    level = forms.TypedChoiceField(
        label="レベル",
        coerce=int,
        choices=[(level, f"L{level}") for level in range(1, MOST_LEVEL + 1)],
        initial=3,
    )
    days = forms.IntegerField(
        label="月の稼働日数", min_value=1, max_value=20, initial=3, help_text="例：3"
    )
    half_day_rate_yen = forms.IntegerField(
        label="単価(円/半日)",
        min_value=0,
        max_value=1_000_000,
        initial=20_000,
        help_text="どの市町にも通え、3市町まで受け持つ人として計算します。",
    )

    def offer(self) -> None:
        codes = sorted({code for need in self.problem.needs for code, _ in need.skills})
        labels = self.problem.labels
        _choices(self, "skill", [(code, labels.get(code, code)) for code in codes])

    def asked(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "skill": data["skill"],
            "level": data["level"],
            "half_days": data["days"] * HALF_DAYS_PER_DAY,
            "half_day_rate_yen": data["half_day_rate_yen"],
        }

    def words(self) -> str:
        data = self.cleaned_data
        return f"月{data['days']}日の「{_label(self, 'skill')}」L{data['level']}が1人加わったら"


class ForcedForm(StudyForm):
    need = forms.ChoiceField(label="案件")
    specialist = forms.ChoiceField(
        label="あてる人(登録番号)",
        help_text="条件に合わない人も選べます。例外としてあてたときに、ほかの案件に何が起きるかがわかります。",
    )

    def offer(self) -> None:
        _offer_needs(self)
        people = sorted(self.problem.specialists, key=lambda person: person.name)
        _choices(self, "specialist", [(person.id, person.name) for person in people])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        needs = {need.id: need for need in self.problem.needs}
        people = {person.id: person for person in self.problem.specialists}
        if {"need", "specialist"} <= data.keys():
            need, person = needs[data["need"]], people[data["specialist"]]
            if min(person.capacity[need.start : need.end]) < 1:
                self.add_error(
                    "specialist",
                    f"{person.name}には、この案件の期間に空きのまったくない月があります。",
                )
        return data

    def asked(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("need", "specialist")}

    def words(self) -> str:
        return f"{_label(self, 'need')}を {_label(self, 'specialist')} にすると"


class NeedRemovedForm(StudyForm):
    need = forms.ChoiceField(label="取り下げる案件")

    def offer(self) -> None:
        _offer_needs(self)

    def asked(self) -> dict[str, Any]:
        return {"need": self.cleaned_data["need"]}

    def words(self) -> str:
        return f"{_label(self, 'need')}を取り下げたら"


class DeclinedForm(StudyForm):
    need = forms.ChoiceField(
        label="担当を辞退された案件",
        help_text="ほかの割当てはそのままで、空いた分だけを組み直します。",
    )

    def offer(self) -> None:
        _offer_needs(self)

    def asked(self) -> dict[str, Any]:
        return {"need": self.cleaned_data["need"]}

    def words(self) -> str:
        return f"{_label(self, 'need')}の担当を辞退されたら"


class LessTimeForm(StudyForm):
    specialist = forms.ChoiceField(label="空きが減る人(登録番号)")
    days = forms.IntegerField(
        label="月に動ける日数",
        min_value=0,
        max_value=31,
        help_text="この計算の期間の、どの月もこの日数までとして、ほかの割当てはそのままで組み直します。",
    )

    def offer(self) -> None:
        people = sorted(self.problem.specialists, key=lambda person: person.name)
        _choices(self, "specialist", [(person.id, person.name) for person in people])

    def asked(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"specialist": data["specialist"], "half_days": data["days"] * HALF_DAYS_PER_DAY}

    def words(self) -> str:
        return f"{_label(self, 'specialist')} の空きが月{self.cleaned_data['days']}日になったら"


class NeedAddedForm(StudyForm):
    town = forms.ChoiceField(label="市町")
    skill = forms.ChoiceField(label="スキル")
    level = forms.TypedChoiceField(
        label="レベル",
        coerce=int,
        choices=[(level, f"L{level}") for level in range(1, MOST_LEVEL + 1)],
        initial=3,
    )
    days = forms.IntegerField(
        label="月の日数",
        min_value=1,
        max_value=20,
        initial=3,
        help_text="例：3。この計算の期間全体にわたる、訪問のない案件として計算します。",
    )

    def offer(self) -> None:
        _choices(self, "town", [(town.id, town.name) for town in self.problem.towns])
        needed = {code for need in self.problem.needs for code, _ in need.skills}
        brought = {code for person in self.problem.specialists for code in person.levels}
        labels = self.problem.labels
        _choices(
            self, "skill", [(code, labels.get(code, code)) for code in sorted(needed | brought)]
        )

    def asked(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "town": data["town"],
            "skill": data["skill"],
            "level": data["level"],
            "half_days": data["days"] * HALF_DAYS_PER_DAY,
        }

    def words(self) -> str:
        data = self.cleaned_data
        skill = f"「{_label(self, 'skill')}」L{data['level']}"
        return f"{_label(self, 'town')}に月{data['days']}日の{skill}の案件が増えたら"


class BudgetForm(StudyForm):
    whose = forms.ChoiceField(
        label="変える予算",
        help_text="案件の予算は、担当する1人の期間全体の費用の上限です。"
        "市町全体で使える予算は、この計算の案件の費用（共通経費を除く）の合計の上限で、"
        "年度の予算から、契約と調整中の分を引いた残りです。",
    )
    yen = forms.IntegerField(
        label="予算(円)",
        required=False,
        min_value=0,
        max_value=10_000_000_000,
        help_text="いまの額は上の選択肢にあります。空欄なら、上限なしとして計算します。",
    )

    def offer(self) -> None:
        towns = self.problem.towns
        now = {need.id: _yen(need.budget_yen) for need in self.problem.needs}
        named = _named_needs(self)
        self.names = {f"need:{key}": f"{name}の予算" for key, name in named}
        self.names |= {f"each:{t.id}": f"{t.name}のすべての案件の予算" for t in towns}
        self.names |= {f"town:{town.id}": f"{town.name}全体で使える予算" for town in towns}
        field = self.fields["whose"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = [
            ("案件の予算", [(f"need:{key}", f"{name}（いま{now[key]}）") for key, name in named]),
            ("市町の案件すべて（どの案件も同じ額に）", [(f"each:{t.id}", t.name) for t in towns]),
            (
                "市町全体で使える予算",
                [(f"town:{t.id}", f"{t.name}（いま{_yen(t.budget_yen)}）") for t in towns],
            ),
        ]

    def asked(self) -> dict[str, Any]:
        scope, key = self.cleaned_data["whose"].split(":", 1)
        asked = {
            "need": {"need": key},
            "each": {"town": key, "each": True},
            "town": {"town": key},
        }[scope]
        return asked | {"yen": self.cleaned_data["yen"]}

    def words(self) -> str:
        name = self.names[self.cleaned_data["whose"]]
        return f"{name}が{_yen(self.cleaned_data['yen'])}なら"


def _yen(amount: int | None) -> str:
    return "上限なし" if amount is None else f"{amount:,}円"


def binding_rules(problem: engine.Problem) -> set[str]:
    """The rules one can ask to let go of and that keep somebody from something in this input: a
    pair, or what one person or one town may have in all."""
    if len(problem.needs) * len(problem.specialists) > MOST_LOOKED_AT:
        return set(RULE_WAIVERS)
    from matching.engine.failures import Failures  # loads numpy, which no other page needs

    failures = Failures(Lookup(problem))
    found = {code for need in problem.needs for code in failures.counts(need)}
    for rule, begins in KEPT_APART_BY.items():
        if any(declined.reason.startswith(begins) for declined in problem.declined):
            found.add(rule)
    if not any(came_to_nothing(declined) for declined in problem.declined):
        found.discard("R12")  # the other pairs that are kept apart cannot be
    if any(town.budget_yen is not None for town in problem.towns):
        found.add("R9")
    if len(problem.towns) > min((p.max_towns for p in problem.specialists), default=0):
        found.add("R15")
    if any(need.onsite_pct for need in problem.needs):
        found.add("R4")  # the visits of one person share the weekdays
    return found & RULE_WAIVERS.keys()


class RuleForm(StudyForm):
    rule = forms.ChoiceField(
        label="問わないことにする条件",
        help_text=(
            "この計算でだれかの妨げになっている条件だけを選べます。"
            "すべての案件と人について問わないものとして計算します。実際の条件は変わりません。"
        ),
    )

    def offer(self) -> None:
        binding = binding_rules(self.problem)
        _choices(self, "rule", [(code, name) for code, name, _ in RULES if code in binding])

    def asked(self) -> dict[str, Any]:
        return {"rule": self.cleaned_data["rule"]}

    def words(self) -> str:
        return f"「{_label(self, 'rule')}」を問わないことにしたら"


FORMS: dict[str, type[StudyForm]] = {
    Study.Kind.PERSON_LEAVES: PersonLeavesForm,
    Study.Kind.PERSON_JOINS: PersonJoinsForm,
    Study.Kind.FORCED: ForcedForm,
    Study.Kind.NEED_ADDED: NeedAddedForm,
    Study.Kind.DECLINED: DeclinedForm,
    Study.Kind.LESS_TIME: LessTimeForm,
    Study.Kind.NEED_REMOVED: NeedRemovedForm,
    Study.Kind.BUDGET: BudgetForm,
    Study.Kind.RULE: RuleForm,
}


def form_for(
    kind: str,
    problem: engine.Problem,
    titles: dict[int, str],
    data: Any = None,
    initial: dict[str, Any] | None = None,
) -> StudyForm:
    """The form of a kind, unbound without `data`; `titles` by a need's primary key. Raises
    ValueError for an unknown kind."""
    known = Study.Kind(kind)
    form = FORMS.get(known, StudyForm)
    return form(data, kind=known, problem=problem, titles=titles, initial=initial)


def _offer_needs(form: StudyForm) -> None:
    _choices(form, "need", _named_needs(form))


def _named_needs(form: StudyForm) -> list[tuple[str, str]]:
    """The needs of the frozen input by id, with their towns and titles, by the towns' kana."""
    towns = {town.id: town.name for town in form.problem.towns}
    named = [
        (need.id, f"{towns[need.town]}「{form.titles.get(int(need.id), '')}」")
        for need in form.problem.needs
    ]
    kana = Municipality.objects.kana_of(towns)
    town_of = {need.id: need.town for need in form.problem.needs}
    return sorted(named, key=lambda row: (kana.get(town_of[row[0]], ""), row[1], row[0]))


def _choices(form: StudyForm, name: str, choices: list[tuple[str, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
    field.choices = choices


def _label(form: StudyForm, name: str) -> str:
    """The words of the choice that was made."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
    choices: Any = field.choices
    labels = {str(value): str(label) for value, label in choices}
    return labels[str(form.cleaned_data[name])]
