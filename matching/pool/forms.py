"""Forms of the search over the pool, of kept searches and of demand."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Value
from django.utils import timezone

from matching.pool.models import SavedSearch
from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Need
from talentpool.conventions import weekdays
from talentpool.conventions.era import format_month
from talentpool.conventions.months import first_of_month, months_between
from talentpool.pages.fields import HalfDaysField, MonthField
from talentpool.pages.forms import FilterForm, PlainSelect, PortalForm, PortalModelForm
from talentpool.pages.search import few_words
from talentpool.specialists.forms.base import terms_of
from talentpool.specialists.models import Specialist
from talentpool.vocabulary.models import EngagementForm, Level, Skill

MOST_MONTHS = 36
MOST_HALF_DAYS = 40
ALL_STATES = "all"
HIDE = "hide"
EVERY = ("", "すべて")
LAST_BEFORE_FIRST = "「いつまで」は「いつから」と同じか、後の月にしてください。"
PAST = "「いつから」は今月か、後の月にしてください。"
KILOMETRES = [("10", "10km以内"), ("20", "20km以内"), ("40", "40km以内"), ("80", "80km以内")]
WEEKDAYS = [(str(bit), f"{name}曜日") for bit, name in enumerate(weekdays.NAMES)]
ORDERS = [("", "登録番号の順"), ("confirmed", "稼働可能日の確認が新しい順")]


class _Choice(forms.ChoiceField):
    widget = PlainSelect


class _Number(forms.TypedChoiceField):
    """A choice that cleans to a number, or to None."""

    widget = PlainSelect

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **kwargs)


class SearchForm(FilterForm):
    """What the coordinator looks for. Everything is optional; the town is needed for distance and
    conflicts of interest."""

    q = forms.CharField(
        label="ことば",
        max_length=60,
        required=False,
        validators=[few_words],
        help_text="登録番号、氏名、事業者、言語、得意なこと、根拠、一覧にない資格から探します。",
    )
    skill = _Choice(label="業務分野", required=False)
    level = _Number(label="レベル(以上)", required=False)
    kind = _Choice(label="区分", required=False)
    talent = _Choice(label="人材類型", required=False)
    role = _Choice(label="役割(DSS-P)", required=False)
    certificate = _Choice(label="資格", required=False)
    form = _Choice(label="任用等の形態", required=False)
    remote = _Choice(label="働き方", required=False)
    weekday = _Choice(label="動ける曜日", choices=[EVERY, *WEEKDAYS], required=False)
    status = _Choice(label="登録の状態", required=False)
    days = HalfDaysField(
        label="1か月に空いている日数(以上)",
        min_value=1,
        max_value=MOST_HALF_DAYS,
        required=False,
        help_text="契約と仮押さえを引いた日数。0.5日単位。",
    )
    first_month = MonthField(label="いつから", required=False, help_text="空けると今月から。")
    last_month = MonthField(
        label="いつまで", required=False, help_text="空けると「いつから」の月だけ。"
    )
    town = _Choice(
        label="市町",
        required=False,
        help_text="距離と利益相反を、この市町について示します。",
    )
    km = _Number(label="市町までの距離", required=False)
    conflicts = _Choice(
        label="利益相反",
        choices=[("", "示す"), (HIDE, "ある人を隠す")],
        required=False,
    )
    order = _Choice(label="並び順", choices=ORDERS, required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        self.towns = {town.pk: town for town in Municipality.objects.visible_to(user)}
        self.levels, lists = _code_lists()
        lists |= terms_of("talent_type", "dss_role", "certificate")
        fields["skill"].choices = [EVERY, *lists["skill"]]
        fields["talent"].choices = [EVERY, *lists["talent_type"]]
        fields["role"].choices = [EVERY, *lists["dss_role"]]
        fields["certificate"].choices = [EVERY, *lists["certificate"]]
        fields["form"].choices = [EVERY, *lists["form"]]
        fields["town"].choices = [EVERY, *((pk, town.name) for pk, town in self.towns.items())]
        fields["level"].choices = [EVERY, *((str(row.number), row.choice) for row in self.levels)]
        fields["kind"].choices = [EVERY, *Specialist.Kind.choices]
        fields["remote"].choices = [EVERY, *Specialist.Remote.choices]
        fields["status"].choices = _states()
        fields["km"].choices = [EVERY, *KILOMETRES]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("level") and not cleaned.get("skill") and "skill" not in self.errors:
            self.add_error("skill", "レベルで絞るには、業務分野を選んでください。")
        if not cleaned.get("town") and "town" not in self.errors:
            if cleaned.get("km"):
                self.add_error("town", "距離で絞るには、市町を選んでください。")
            elif cleaned.get("conflicts") == HIDE:
                self.add_error("town", "利益相反で絞るには、市町を選んでください。")
        self._clean_period(cleaned)
        cleaned["town"] = self.towns.get(cleaned.get("town", ""))
        return cleaned

    def _clean_period(self, cleaned: dict[str, Any]) -> None:
        """The asked months as `period` (first, last), or None when time does not matter."""
        asked = [cleaned.get(name) for name in ("days", "first_month", "last_month")]
        cleaned["period"] = None
        if not any(asked) or {"days", "first_month", "last_month"} & set(self.errors):
            return
        first: date = cleaned["first_month"] or first_of_month(timezone.localdate())
        last: date = cleaned["last_month"] or first
        length = months_between(first, last)
        if first < first_of_month(timezone.localdate()):  # nobody is free in the past
            self.add_error("first_month", PAST)
        elif length < 1:
            self.add_error("last_month", LAST_BEFORE_FIRST)
        elif length > MOST_MONTHS:
            self.add_error("last_month", f"期間は{MOST_MONTHS}か月までにしてください。")
        else:
            cleaned["period"] = (first, last)


def _code_lists() -> tuple[list[Level], dict[str, list[tuple[str, str]]]]:
    """Levels, and skills and forms by code, each in its order, in one query."""
    no = (Value(""), Value(0), Value(0))
    skills = Skill.objects.order_by().values_list(Value("skill"), "order", "code", "name", *no)
    forms = EngagementForm.objects.order_by().values_list(
        Value("form"), Value(0), "code", "name", *no
    )
    rows = Level.objects.order_by().values_list(
        Value("level"), "number", Value(""), "name", "description", "itss_from", "itss_to"
    )
    levels: list[Level] = []
    found: dict[str, list[tuple[str, str]]] = {"skill": [], "form": []}
    for kind, order, code, name, words, first, last in sorted(skills.union(forms, rows, all=True)):
        if kind == "level":
            level = {"name": name, "description": words, "itss_from": first, "itss_to": last}
            levels.append(Level(number=order, **level))
        else:
            found[kind].append((code, name))
    return levels, found


def _levels() -> list[tuple[str, str]]:
    return [(str(level.number), level.choice) for level in Level.objects.all()]


def _states() -> list[tuple[str, str]]:
    registered = Specialist.Status.REGISTERED
    others = [choice for choice in Specialist.Status.choices if choice[0] != registered]
    return [("", str(registered.label)), (ALL_STATES, "すべての状態"), *others]


class SaveSearchForm(PortalModelForm):
    """A name for the conditions that are set now."""

    class Meta:
        model = SavedSearch
        fields = ["name", "shared"]
        help_texts = {"name": "例：三原市の近くのセキュリティ。人のお名前は入れないでください。"}


class DemandForm(PortalForm):
    """What a town would need and does not find in the overview."""

    skill = forms.ModelChoiceField(label="業務分野", queryset=Skill.objects.all())
    level = forms.TypedChoiceField(label="レベル", coerce=int)
    half_days = HalfDaysField(label="1か月の日数", min_value=1, max_value=MOST_HALF_DAYS)
    first_month = MonthField(label="いつから")
    last_month = MonthField(label="いつまで")
    note = forms.CharField(
        label="補足",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="どんなことを頼みたいか。人の名前や会社名は書かないでください。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        level: Any = self.fields["level"]
        level.choices = [("", "選んでください"), *_levels()]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("first_month"), cleaned.get("last_month")
        if first and last:
            if last < first:
                raise ValidationError({"last_month": LAST_BEFORE_FIRST})
            if first < first_of_month(timezone.localdate()):
                raise ValidationError({"first_month": PAST})
            latest = Need.latest_month(first_of_month(timezone.localdate()))
            if last > latest:
                raise ValidationError(
                    {"last_month": f"「いつまで」は{format_month(latest)}までにしてください。"}
                )
        return cleaned


class AnswerForm(PortalForm):
    """How the prefecture deals with a demand; the words go to the town."""

    verb = forms.ChoiceField(
        label="どう扱うか",
        choices=[("note", "募集を検討する"), ("meet", "見つかった"), ("close", "対応しない")],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="市町への連絡",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="市町の画面に出ます。人の名前は書かないでください。",
    )
