"""Needs, vacancies in the national standard form and what is sent to the ministry."""

from municipalities.vacancies.models.budget import TownBudget
from municipalities.vacancies.models.counter import VacancyCounter
from municipalities.vacancies.models.export import MinistryExport
from municipalities.vacancies.models.form import FormField, FormVersion
from municipalities.vacancies.models.importing import VacancyImport
from municipalities.vacancies.models.joint import JointTown
from municipalities.vacancies.models.need import Need, NeedSkill
from municipalities.vacancies.models.question import VacancyQuestion
from municipalities.vacancies.models.round import MonthlyRound, RoundAnswer
from municipalities.vacancies.models.subscription import (
    Digest,
    SoftBounce,
    Subscription,
    Suppression,
)
from municipalities.vacancies.models.vacancy import (
    SectionDraft,
    Vacancy,
    VacancyRevision,
)

__all__ = [
    "Digest",
    "FormField",
    "FormVersion",
    "JointTown",
    "MinistryExport",
    "MonthlyRound",
    "Need",
    "NeedSkill",
    "RoundAnswer",
    "SectionDraft",
    "SoftBounce",
    "Subscription",
    "Suppression",
    "TownBudget",
    "Vacancy",
    "VacancyCounter",
    "VacancyImport",
    "VacancyQuestion",
    "VacancyRevision",
]
