"""Values of a vacancy known already: of its municipality, and of the need it comes from."""

from datetime import timedelta

from django.utils import timezone

from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Need
from talentpool.conventions.amounts import days_label
from talentpool.conventions.months import add_months, first_of_month
from talentpool.vocabulary.models import Level

# The kind of talent that a problem usually asks for; the town checks it on the page.
TALENT_TYPES = {
    Need.Problem.ADVISER: "PR",
    Need.Problem.RENEWAL: "PM",
    Need.Problem.SECURITY: "EN",
    Need.Problem.NETWORK: "EN",
}
REMOTE = {Need.Place.ON_SITE: "0", Need.Place.MIXED: "1", Need.Place.REMOTE: "3"}


def values_of_municipality(municipality: Municipality) -> dict[str, str]:
    """Code, names and the latest population with its date, as far as they are registered."""
    values = {
        "lg_code": municipality.code,
        "prefecture_name": municipality.prefecture.name,
        "municipality_name": municipality.name,
        "joint_type": "0",
    }
    population = municipality.populations.order_by("-as_of").first()
    if population is not None:
        values["population"] = str(population.value)
        values["population_date"] = population.as_of.isoformat()
    return values


def values_of_need(need: Need) -> dict[str, str]:
    """What the need says, in the words of the standard form.

    Pay, dates of recruiting and how to apply are the town's to write: a need does not hold them.
    """
    skills = list(need.skills.select_related("skill").order_by("skill__order"))
    codes = ";".join(skill.skill_id for skill in skills)
    last_day = add_months(need.last_month, 1) - timedelta(days=1)
    forms = list(need.forms.values_list("code", flat=True))
    names = "、".join(skill.skill.name for skill in skills)
    values = {
        "issues": need.description,
        "position_title": "CIO補佐官" if need.problem == Need.Problem.ADVISER else need.title,
        "talent_type": TALENT_TYPES.get(Need.Problem(need.problem), ""),
        "work_fields": codes,
        "skills": codes,
        "duties": f"「{need.title}」に関する助言、調査、資料の作成支援(分野：{names})",
        "engagement_form": forms[0] if len(forms) == 1 else "",
        "headcount": "1",
        "start_date": need.begins(first_of_month(timezone.localdate())).isoformat(),
        "end_date": last_day.isoformat(),
        "frequency_unit": "D",
        "freq_min": days_label(need.least_half_days).removesuffix("日"),
        "freq_max": days_label(need.half_days).removesuffix("日"),
        "place": _office(need.municipality.name),
        "remote": REMOTE[Need.Place(need.place)],
        "side_job": "1",
        "pay_unit": "X" if need.budget_yen is None else "",
        "publish_ok": "1",
    }
    if need.place == Need.Place.MIXED and need.on_site_half_days:
        values["onsite_freq"] = f"月{days_label(need.on_site_half_days)}程度"
    if skills:
        level = Level.objects.filter(number=max(skill.level for skill in skills)).first()
        values["skill_level"] = str(level.itss_from) if level else ""
    return {key: value for key, value in values.items() if value}


def _office(name: str) -> str:
    """A city has a 市役所, a town or village a 役場."""
    return f"{name}役所" if name.endswith("市") else f"{name}役場"
