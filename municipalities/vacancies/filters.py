"""Filters of the public list; what is chosen stands in the address."""

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Vacancy
from municipalities.vacancies.open_fields import open_fields
from talentpool.pages.forms import FilterForm
from talentpool.pages.search import few_words

DAYS_A_WEEKDAY = 4  # of a month
HOURS_A_DAY = 8


class ContainsFilter(django_filters.ChoiceFilter):
    """One code of a column that holds several."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__contains": [value]}) if value else qs


class VacancyFilter(django_filters.FilterSet):
    """Area, field of work, talent type, form of engagement, remote and side job."""

    q = django_filters.CharFilter(
        label="ことば", method="search", max_length=60, validators=[few_words]
    )
    municipality = django_filters.ModelChoiceFilter(
        label="市町",
        method="of_town",
        queryset=lambda request: Municipality.objects.in_prefecture(),
        empty_label="すべて",
    )
    field = ContainsFilter(label="業務分野", field_name="work_fields", empty_label="すべて")
    talent = ContainsFilter(label="人材類型", field_name="talent_types", empty_label="すべて")
    form = django_filters.ChoiceFilter(
        label="任用等の形態", field_name="engagement_form", empty_label="すべて"
    )
    remote = django_filters.ChoiceFilter(label="リモート勤務", empty_label="すべて")
    side_job = django_filters.ChoiceFilter(label="副業・兼業", empty_label="すべて")

    days = django_filters.NumberFilter(
        label="月の日数(以下)", method="at_most_days", min_value=1, max_value=31
    )
    unit = django_filters.ChoiceFilter(
        label="報酬の単位", field_name="pay_unit", empty_label="すべて"
    )
    pay = django_filters.NumberFilter(
        label="報酬額(以上、円)", method="at_least_pay", min_value=0, max_value=100_000_000
    )
    by = django_filters.ChoiceFilter(
        label="締切",
        method="closes",
        choices=[("week", "1週間以内"), ("month", "1か月以内"), ("open", "随時")],
        empty_label="すべて",
    )

    def of_town(self, queryset: Any, name: str, value: Municipality) -> Any:
        return queryset.of_town(value.pk)

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.search(value)

    def at_most_days(self, queryset: Any, name: str, value: Any) -> Any:
        """Days a month; a day a week counts as four, eight hours as a day."""
        return queryset.filter(
            Q(frequency_unit="D", freq_min__lte=value)
            | Q(frequency_unit="W", freq_min__lte=value / DAYS_A_WEEKDAY)
            | Q(frequency_unit="H", freq_min__lte=value * HOURS_A_DAY)
        )

    def at_least_pay(self, queryset: Any, name: str, value: Any) -> Any:
        """Amounts of one unit only can be compared: of the day, unless another one is chosen."""
        unit = self.form.cleaned_data.get("unit") or "D"
        return queryset.filter(pay_unit=unit, pay_max__gte=value)

    def closes(self, queryset: Any, name: str, value: str) -> Any:
        if value == "open":
            return queryset.filter(close_date__isnull=True)
        until = timezone.localdate() + timedelta(days=7 if value == "week" else 31)
        return queryset.filter(Q(close_date__lte=until) | Q(publish_until__lte=until))

    class Meta:
        model = Vacancy
        form = FilterForm
        fields: list[str] = []

    CODED = {
        "field": "work_fields",
        "talent": "talent_type",
        "form": "engagement_form",
        "remote": "remote",
        "side_job": "side_job",
        "unit": "pay_unit",
    }
    FIRST = ("q", "municipality", "field", "by")

    def first_fields(self) -> list[Any]:
        """What most people look for."""
        return [self.form[name] for name in self.FIRST]

    def more_fields(self) -> list[Any]:
        """The rest, folded away until it is used."""
        return [self.form[name] for name in self.filters if name not in self.FIRST]

    def uses_more(self) -> bool:
        """Whether one of the folded filters is in use."""
        return any(field.value() for field in self.more_fields())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = {field.identifier: field.allowed for field in open_fields()}
        for name, identifier in self.CODED.items():
            self.filters[name].extra["choices"] = list(allowed.get(identifier, {}).items())
