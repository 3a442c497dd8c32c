"""Needs, vacancies in the national standard form and what is sent to the ministry."""

from municipalities.vacancies.models.need import Need, NeedSkill

__all__ = ["Need", "NeedSkill"]
