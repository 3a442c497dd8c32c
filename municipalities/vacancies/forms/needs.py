"""The form of a need, in the order of the four steps of the guide-book on outside digital talent
(sources.md S-6): name the problem, say who is needed, how they work, how they are taken on."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.utils import timezone

from municipalities.vacancies.models import Need
from talentpool.conventions import weekdays
from talentpool.conventions.era import format_month
from talentpool.conventions.months import first_of_month
from talentpool.pages.fields import HalfDaysField, MonthField, YenField
from talentpool.pages.forms import PortalForm, PortalModelForm
from talentpool.vocabulary.models import EngagementForm, Level, Skill

SKILL_ROWS = 3
MOST_HALF_DAYS = 40


class WeekdaysField(forms.TypedMultipleChoiceField):
    """Days of the week as boxes; cleans to the seven bits of `Need.weekdays`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[(bit, f"{name}曜日") for bit, name in enumerate(weekdays.NAMES)],
            coerce=int,
            widget=forms.CheckboxSelectMultiple,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return weekdays.bits_of(value) if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        return sum(1 << bit for bit in super().clean(value))


class NeedForm(PortalModelForm):
    """A need as a draft. `skill_1` to `skill_3` with `level_1` to `level_3` are its skills.

    `again` is an earlier need whose answers stand in a new form; its months only as far as they
    lie ahead.
    """

    half_days = HalfDaysField(
        label="1か月の日数",
        min_value=1,
        max_value=MOST_HALF_DAYS,
        help_text="0.5日(半日)単位。1日は2半日と数えます。例：2.5(5半日)",
    )
    least_half_days = HalfDaysField(
        label="これより少ないと役に立たない日数",
        min_value=1,
        max_value=MOST_HALF_DAYS,
        required=False,
        help_text="全部はかなわないときに、ここまでなら減らしてよい1か月の日数。"
        "空けると、上の日数と同じになります。",
    )
    first_month = MonthField(label="いつから")
    last_month = MonthField(label="いつまで")
    on_site_half_days = HalfDaysField(
        label="そのうち来庁してほしい日数",
        min_value=0,
        max_value=MOST_HALF_DAYS,
        required=False,
        help_text="「来庁と遠隔」を選んだときは必ず、1か月の日数のうちの来庁分を入れてください。例：1",
    )
    weekdays = WeekdaysField(
        label="来てもらえる曜日", help_text="当てはまるものをすべて選んでください。"
    )
    budget_yen = YenField(
        label="予算",
        required=False,
        help_text="期間全体で払える額(税込、円)。決まっていなければ空けてください。",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Need
        fields = [
            "title",
            "problem",
            "description",
            "involves_procurement",
            "half_days",
            "least_half_days",
            "first_month",
            "last_month",
            "place",
            "on_site_half_days",
            "weekdays",
            "budget_yen",
            "forms",
        ]
        labels = {
            "title": "案件の名前",
            "problem": "課題の種類",
            "involves_procurement": "仕様書や見積の確認を頼む",
            "forms": "受け入れられる任用等の形態",
        }
        help_texts = {
            "title": "例：庁内ネットワーク更改の仕様の確認",
            "description": "何に困り、どうなれば解決か。個人や事業者の名前は書かないでください。",
            "involves_procurement": "事業者に所属する人は、その事業者が関わる調達には付けません。",
            "forms": "どの形態でもよいときは、選ばなくてかまいません。",
        }
        widgets = {
            "problem": forms.RadioSelect,
            "description": forms.Textarea(attrs={"rows": 6}),
            "place": forms.RadioSelect,
            "forms": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, again: Need | None = None, **kwargs: Any) -> None:
        if again is not None:
            kwargs["initial"] = self._answers_of(again)
        self.again = again
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = self.instance.version
        for name in ("problem", "place"):  # radio buttons need no row for "nothing chosen"
            field = self.fields[name]
            field.choices = [pair for pair in field.choices if pair[0]]  # type: ignore[attr-defined]
        self.fields["forms"].queryset = EngagementForm.objects.filter(active=True)  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.initial.setdefault("weekdays", 0b11111)
        self._add_skill_rows()

    @classmethod
    def _answers_of(cls, need: Need) -> dict[str, Any]:
        answers = model_to_dict(need, cls.Meta.fields)
        this_month = first_of_month(timezone.localdate())
        answers["first_month"] = max(need.first_month, this_month)
        answers["last_month"] = need.last_month if need.last_month >= this_month else None
        return answers

    def _add_skill_rows(self) -> None:
        skills = [("", "選んでください"), *((s.code, s.name) for s in Skill.objects.all())]
        levels = [
            ("", "選んでください"),
            *((str(lv.number), lv.choice) for lv in Level.objects.all()),
        ]
        shown = self.instance if self.instance.pk else self.again
        present = list(shown.skills.all()) if shown else []
        for number in range(1, SKILL_ROWS + 1):
            row = present[number - 1] if number <= len(present) else None
            must = number == 1
            self.fields[f"skill_{number}"] = forms.ChoiceField(
                label=f"スキル{number}",
                choices=skills,
                required=must,
                initial=row.skill_id if row else "",
                error_messages={"required": "スキル1を選んでください。"},
            )
            self.fields[f"level_{number}"] = forms.ChoiceField(
                label=f"スキル{number}のレベル",
                choices=levels,
                required=must,
                initial=str(row.level) if row else "",
                error_messages={"required": "スキル1のレベルを選んでください。"},
            )

    def skill_rows(self) -> list[tuple[Any, Any]]:
        """Skill and level side by side, for the template."""
        return [(self[f"skill_{n}"], self[f"level_{n}"]) for n in range(1, SKILL_ROWS + 1)]

    def clean_first_month(self) -> Any:
        month = self.cleaned_data["first_month"]
        if month < first_of_month(timezone.localdate()):
            raise ValidationError("開始月は、今月以後を入れてください。")
        return month

    def clean_last_month(self) -> Any:
        month = self.cleaned_data["last_month"]
        latest = Need.latest_month(first_of_month(timezone.localdate()))
        if month > latest:
            raise ValidationError(f"終了月は、{format_month(latest)}までの月を入れてください。")
        return month

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self._clean_amounts(data)
        first, last = data.get("first_month"), data.get("last_month")
        if first and last and last < first:
            self.add_error("last_month", "終了月は、開始月以後を入れてください。")
        self._clean_skills(data)
        return data

    def _clean_amounts(self, data: dict[str, Any]) -> None:
        whole = data.get("half_days")
        if whole is None:
            # The part on site is asked for at once, not only after the days have been mended.
            if data.get("place") == Need.Place.MIXED and not self.data.get("on_site_half_days"):
                self.add_error("on_site_half_days", "来庁してほしい日数を入れてください。")
            return
        if data.get("least_half_days") is None and "least_half_days" not in self.errors:
            data["least_half_days"] = whole
        if (data.get("least_half_days") or 0) > whole:
            self.add_error("least_half_days", "1か月の日数以下で入れてください。")
        place = data.get("place")
        if place == Need.Place.ON_SITE:
            data["on_site_half_days"] = whole
        elif place == Need.Place.REMOTE:
            data["on_site_half_days"] = 0
        elif "on_site_half_days" not in self.errors:
            if data.get("on_site_half_days") is None:
                self.add_error("on_site_half_days", "来庁してほしい日数を入れてください。")
            elif data["on_site_half_days"] == 0:
                words = "来庁がいらないときは、働き方で「遠隔のみ」を選んでください。"
                self.add_error("on_site_half_days", words)
            elif data["on_site_half_days"] > whole:
                self.add_error("on_site_half_days", "1か月の日数以下で入れてください。")

    def _clean_skills(self, data: dict[str, Any]) -> None:
        numbers: dict[str, int] = {}
        self.chosen_skills: dict[str, int] = {}
        for number in range(1, SKILL_ROWS + 1):
            skill, level = data.get(f"skill_{number}"), data.get(f"level_{number}")
            if number > 1 and bool(skill) != bool(level):
                missing = "level" if skill else "skill"
                words = f"スキル{number}は、レベルと組で選んでください。"
                self.add_error(f"{missing}_{number}", words)
            if skill and skill in numbers:
                words = f"スキル{numbers[skill]}と同じです。違うものを選んでください。"
                self.add_error(f"skill_{number}", words)
            elif skill and level:
                numbers[skill] = number
                self.chosen_skills[skill] = int(level)


class WithdrawForm(PortalForm):
    """Why a need is taken back."""

    note = forms.CharField(label="取り下げる理由", max_length=200, required=False)


class AcceptForm(PortalForm):
    """What the prefecture notes when it takes a need up."""

    priority = forms.TypedChoiceField(
        label="優先度",
        choices=[(str(value), words) for value, words in Need.PRIORITIES.items()],
        coerce=int,
        initial="1",
        widget=forms.RadioSelect,
    )
    accept_remark = forms.CharField(
        label="市町への連絡",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReturnForm(PortalForm):
    """What is to be mended."""

    remark = forms.CharField(
        label="直してほしい点",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="市町の画面にそのまま表示されます。",
    )
