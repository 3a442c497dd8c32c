"""What the person can do and on which terms: skills, certificates, conditions."""

from typing import Any

from django import forms

from talentpool.conventions import weekdays
from talentpool.conventions.era import format_both
from talentpool.pages.fields import JapaneseDateField, YenField
from talentpool.specialists import pay
from talentpool.specialists.forms.base import (
    MonthlyLimitField,
    TopicForm,
    YearsField,
    numbered,
    terms,
)
from talentpool.specialists.models import (
    Certificate,
    PayWish,
    Specialist,
    SpecialistSkill,
    WorkProfile,
)
from talentpool.specialists.services import changes
from talentpool.vocabulary.models import EngagementForm, Level, Skill

# Rows of an empty page. Whoever holds more gets a row for each, and one to add.
SKILL_ROWS = 6
CERTIFICATE_ROWS = 5
MOST_TOWNS = 10


class SkillsForm(TopicForm):
    chooses_levels = True  # the page shows what they stand for
    read_blind = ("evidence_",)

    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        skills = [("", "選んでください"), *((row.pk, row.name) for row in Skill.objects.all())]
        self.count = max(SKILL_ROWS, person.skills.count() + 1)
        levels = [("", "選んでください"), *((row.pk, row.choice) for row in Level.objects.all())]

        def make(number: int) -> dict[str, forms.Field]:
            where = f"{number}つ目の"
            return {
                "skill": forms.ChoiceField(
                    label=f"{where}業務分野", choices=skills, required=number == 1
                ),
                "level": forms.ChoiceField(
                    label=f"{where}レベル", choices=levels, required=number == 1
                ),
                "years": YearsField(label=f"{where}分野の年数", required=False),
                "projects": forms.IntegerField(
                    label=f"{where}分野で担当した案件の数",
                    required=False,
                    min_value=0,
                    max_value=999,
                ),
                "with_municipalities": forms.BooleanField(
                    label=f"{where}分野で、自治体の仕事をしたことがある", required=False
                ),
                "evidence": forms.CharField(
                    label=f"{where}分野の根拠",
                    required=False,
                    max_length=200,
                    help_text="何を、どの規模で行ったか。会社名や団体名は書かないでください。",
                ),
            }

        self.fields.update(numbered(self.count, make))
        self.prepare()

    def start(self, person: Specialist) -> dict[str, Any]:
        started: dict[str, Any] = {}
        for number, row in enumerate(person.skills.order_by("pk"), start=1):
            started |= {f"skill_{number}": row.skill_id, f"level_{number}": row.own_level}
            for name in ("years", "projects", "with_municipalities", "evidence"):
                started[f"{name}_{number}"] = getattr(row, name)
        return started

    @property
    def rows(self) -> list[tuple[str, list[Any], bool]]:
        names = ("skill", "level", "years", "projects", "with_municipalities", "evidence")
        return self.numbered_rows("分野", self.count, names)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        seen: set[str] = set()
        for number in range(1, self.count + 1):
            skill = data.get(f"skill_{number}")
            if not skill:
                continue
            if skill in seen:
                self.add_error(f"skill_{number}", "同じ業務分野が、上にもあります。")
            seen.add(skill)
            if not data.get(f"level_{number}"):
                self.add_error(f"level_{number}", f"{number}つ目のレベルを選んでください。")
        return data

    def write(self) -> None:
        """The prefecture's assessment is kept, also of a skill that goes and comes back."""
        before = {row.skill_id: row for row in self.person.skills.all()}
        data, kept = self.cleaned_data, []
        for number in range(1, self.count + 1):
            skill = data.get(f"skill_{number}")
            if not skill:
                continue
            row, _ = SpecialistSkill.objects.update_or_create(
                specialist=self.person,
                skill_id=skill,
                defaults={
                    "own_level": int(data[f"level_{number}"]),
                    "years": data[f"years_{number}"] or 0,
                    "projects": data[f"projects_{number}"] or 0,
                    "with_municipalities": data[f"with_municipalities_{number}"],
                    "evidence": data[f"evidence_{number}"],
                },
            )
            kept.append(row.pk)
        self.person.skills.exclude(pk__in=kept).delete()
        changes.keep_skill_changes(self.person, before)


class CertificatesForm(TopicForm):
    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        listed = [("", "選んでください"), *terms("certificate")]
        self.count = max(CERTIFICATE_ROWS, person.certificates.count() + 1)

        def make(number: int) -> dict[str, forms.Field]:
            where = f"{number}つ目の"
            return {
                "code": forms.ChoiceField(label=f"{where}資格", choices=listed, required=False),
                "other_name": forms.CharField(
                    label=f"{where}資格の名称(一覧にないとき)", max_length=80, required=False
                ),
                "number": forms.CharField(
                    label=f"{where}登録番号・証書番号", max_length=40, required=False
                ),
                "expires_on": JapaneseDateField(
                    label=f"{where}有効期限", required=False, help_text="期限がないときは空けます。"
                ),
            }

        self.fields.update(numbered(self.count, make))
        self.prepare()

    def start(self, person: Specialist) -> dict[str, Any]:
        started: dict[str, Any] = {}
        for number, row in enumerate(person.certificates.all(), start=1):
            for name in ("code", "other_name", "number", "expires_on"):
                started[f"{name}_{number}"] = getattr(row, name)
        return started

    def vetted(self, person: Specialist) -> dict[str, str]:
        listed = dict(terms("certificate"))
        return {
            listed.get(row.code, row.code) or row.other_name: "、".join(
                [
                    f"番号 {row.number}" if row.number else "番号なし",
                    f"{format_both(row.expires_on)}まで" if row.expires_on else "期限なし",
                ]
            )
            for row in person.certificates.all()
        }

    @property
    def rows(self) -> list[tuple[str, list[Any], bool]]:
        names = ("code", "other_name", "number", "expires_on")
        return self.numbered_rows("資格", self.count, names)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        seen: set[tuple[str, str]] = set()
        for number in range(1, self.count + 1):
            code, other = data.get(f"code_{number}"), data.get(f"other_name_{number}")
            filled = data.get(f"number_{number}") or data.get(f"expires_on_{number}")
            if code and other:
                self.add_error(f"other_name_{number}", "一覧から選ぶか、名称を入れてください。")
            elif filled and not (code or other):
                self.add_error(f"code_{number}", f"{number}つ目の資格を選んでください。")
            elif (code or other) and (code, other) in seen:
                self.add_error(f"code_{number}", "同じ資格が、上にもあります。")
            seen.add((code or "", other or ""))
        return data

    def write(self) -> None:
        self.person.certificates.all().delete()
        data = self.cleaned_data
        Certificate.objects.bulk_create(
            Certificate(
                specialist=self.person,
                **{
                    name: data[f"{name}_{number}"]
                    for name in ("code", "other_name", "number", "expires_on")
                },
            )
            for number in range(1, self.count + 1)
            if data[f"code_{number}"] or data[f"other_name_{number}"]
        )


PAID = (pay.DAY, pay.HOUR, pay.MONTH, pay.YEAR, pay.PIECE)


class WishField(YenField):
    """What somebody wishes to be paid for one unit of work."""

    def __init__(self, *, least: int = 1, most: int = PayWish.MOST_YEN, **kwargs: Any) -> None:
        super().__init__(min_value=least, max_value=most, required=False, **kwargs)


class ConditionsForm(TopicForm):
    OF_PERSON = ("max_towns", "radius_km", "remote", "least_half_days")
    OF_PROFILE = ("most_on_site", "most_remote", "travel")

    forms_ = forms.ModelMultipleChoiceField(
        label="受けられる形態",
        queryset=EngagementForm.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="当てはまるものをすべて選んでください。",
    )
    unpaid = forms.BooleanField(
        label="無報酬でよい(交通費などの実費だけ)",
        required=False,
        help_text="報酬を希望するときは、下のどれか1つ以上に入れてください。",
    )
    # A half-day costs half of it, in whole yen.
    day = WishField(label="1日あたりの報酬の希望", least=2, help_text="税込。例：30,000")
    hour = WishField(
        label="1時間あたりの報酬の希望",
        most=pay.most_an_hour(PayWish.MOST_YEN),
        help_text="1日あたりが空のときは、1日を7時間45分として計算します。",
    )
    month = WishField(
        label="1か月あたりの報酬の希望",
        help_text="1日あたりと1時間あたりが空のときは、働く日数によらない月額として計算します。",
    )
    year = WishField(label="1年あたりの報酬の希望", most=PayWish.MOST_YEN_A_YEAR)
    piece = WishField(
        label="1件あたりの報酬の希望", help_text="ほかのどれかと一緒に入れてください。"
    )
    max_towns = forms.IntegerField(
        label="同時に受け持てる市町の数", min_value=1, max_value=MOST_TOWNS
    )
    least_half_days = MonthlyLimitField(label="1か月の最低の日数", help_text="0.5日単位。例：1")
    remote = forms.ChoiceField(
        label="働き方", choices=Specialist.Remote.choices, widget=forms.RadioSelect
    )
    most_on_site = MonthlyLimitField(
        label="来庁できる1か月の日数の上限", help_text="0.5日単位。決めないときは空けます。"
    )
    most_remote = MonthlyLimitField(
        label="遠隔でできる1か月の日数の上限", help_text="0.5日単位。決めないときは空けます。"
    )
    radius_km = forms.IntegerField(
        label="来庁できる距離(km)", min_value=0, max_value=500, help_text="拠点の市町からの距離"
    )
    travel = forms.CharField(
        label="移動の手段", max_length=100, required=False, help_text="例：自家用車、JRとバス"
    )
    weekdays = forms.TypedMultipleChoiceField(
        label="動ける曜日",
        coerce=int,
        choices=[(bit, f"{name}曜日") for bit, name in enumerate(weekdays.NAMES)],
        widget=forms.CheckboxSelectMultiple,
        help_text="当てはまるものをすべて選んでください。",
    )

    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.fields["forms_"].queryset = EngagementForm.objects.filter(active=True)  # type: ignore[attr-defined]

    def start(self, person: Specialist) -> dict[str, Any]:
        more = getattr(person, "work_profile", None) or WorkProfile()
        started = {name: getattr(person, name) for name in self.OF_PERSON}
        started |= {name: getattr(more, name) for name in self.OF_PROFILE}
        wishes = _wishes_of(person)
        # The rate counts by the half-day; an odd wish for a day is shown as it was typed. What
        # staff have set since is shown instead.
        if pay.rates_of(wishes).half_day != person.half_day_rate_yen:
            wishes[pay.DAY] = person.day_rate_yen
        started |= {unit: wishes.get(unit) or None for unit in PAID}
        started["unpaid"] = pay.NONE in wishes
        started["forms_"] = list(person.forms.values_list("pk", flat=True))
        started["weekdays"] = [bit for bit in range(7) if person.weekdays >> bit & 1]
        return started

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        wished = [unit for unit in PAID if data.get(unit)]
        if set(PAID) & set(self.errors):
            return data
        if data.get("unpaid") and wished:
            self.add_error("unpaid", "報酬の希望を入れたときは、無報酬の印を外してください。")
        elif not data.get("unpaid") and not set(wished) - {pay.PIECE}:
            self.add_error(
                "day",
                "1日・1時間・1か月・1年のどれかに報酬の希望を入れるか、無報酬に印を付けてください。",
            )
        return data

    def _rates(self) -> dict[str, int]:
        """The amounts to save; a salary that is wished no more is none of the month's costs. Where
        the wish is as it was shown, what staff have set as the month's amount stays."""
        shown = self.start(self.person)
        before = pay.rates_of({unit: shown[unit] for unit in PAID if shown[unit]})
        now = pay.rates_of({unit: self.cleaned_data[unit] for unit in self._wished()})
        monthly = self.person.monthly_fixed_yen
        if now.monthly != before.monthly:
            monthly = now.monthly or 0
        return {"half_day_rate_yen": now.half_day, "monthly_fixed_yen": monthly}

    def _wished(self) -> list[str]:
        return [unit for unit in PAID if self.cleaned_data[unit]]

    def write(self) -> None:
        data, rates = self.cleaned_data, self._rates()
        for name, value in rates.items():
            setattr(self.person, name, value)
        for name in self.OF_PERSON:
            setattr(self.person, name, data[name])
        self.person.least_half_days = data["least_half_days"] or 1
        self.person.weekdays = sum(1 << bit for bit in data["weekdays"])
        self.person.save(update_fields=[*self.OF_PERSON, "weekdays", *rates])
        self.person.forms.set(data["forms_"])
        more, _ = WorkProfile.objects.get_or_create(specialist=self.person)
        for name in self.OF_PROFILE:
            setattr(more, name, data[name])
        more.save()
        self.person.pay_wishes.all().delete()
        PayWish.objects.bulk_create(
            PayWish(specialist=self.person, unit=unit, yen=yen)
            for unit, yen in [
                *((unit, data[unit]) for unit in self._wished()),
                *([(pay.NONE, 0)] if data["unpaid"] else []),
            ]
        )


def _wishes_of(person: Specialist) -> dict[str, int]:
    return {row.unit: row.yen for row in person.pay_wishes.all()}
