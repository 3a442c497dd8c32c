"""The verbs of needs, vacancies and the month's export."""

from municipalities.vacancies.services.exports import (
    approve_export,
    discard_export,
    freeze_month,
    preview_month,
    render,
    submit_export,
    verify_exports,
)
from municipalities.vacancies.services.forms import load_form, load_shipped_forms
from municipalities.vacancies.services.needs import (
    accept_need,
    mark_filled,
    mark_unfilled,
    return_need,
    submit_need,
    withdraw_need,
)
from municipalities.vacancies.services.vacancies import (
    close_vacancy,
    create_vacancy,
    post_vacancy_from_need,
    publish_vacancy,
    return_vacancy,
    save_values,
    submit_vacancy,
    withdraw_vacancy,
)

__all__ = [
    "accept_need",
    "approve_export",
    "close_vacancy",
    "create_vacancy",
    "discard_export",
    "freeze_month",
    "load_form",
    "load_shipped_forms",
    "mark_filled",
    "mark_unfilled",
    "post_vacancy_from_need",
    "preview_month",
    "publish_vacancy",
    "render",
    "return_need",
    "return_vacancy",
    "save_values",
    "submit_export",
    "submit_need",
    "submit_vacancy",
    "verify_exports",
    "withdraw_need",
    "withdraw_vacancy",
]
