from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class VacanciesConfig(AppConfig):
    name = "municipalities.vacancies"
    verbose_name = "案件・募集情報"

    def ready(self) -> None:
        from municipalities.registry.queue import register_queue
        from municipalities.vacancies import retention
        from municipalities.vacancies.queue import coordinator_queue, town_queue
        from talentpool.pages.nav import register_nav, register_page
        from talentpool.privacy.retention import register_purge

        register_nav("public", "募集情報", "public:vacancy_list", 20)
        register_nav("specialist", "募集情報", "public:vacancy_list", 25)
        register_nav("town", "案件", "town:need_list", 20)
        register_nav("town", "募集情報", "town:vacancy_list", 30)
        for page in ("round", "sent_list", "form_gaps", "joint_list"):
            register_page("town", f"town:{page}", under="town:vacancy_list")
        register_nav("coordinator", "案件", "admin:vacancies_need_changelist", 15)
        register_nav("coordinator", "募集情報", "admin:vacancies_vacancy_changelist", 60)
        register_nav("coordinator", "月次提出", "admin:vacancies_ministryexport_months", 70)
        register_page(
            "coordinator",
            "admin:vacancies_ministryexport_changelist",
            under="admin:vacancies_ministryexport_months",
        )
        register_queue("coordinator", coordinator_queue)
        register_queue("town", town_queue)
        # Reference data, not a business effect: a migrated database has the form to write in, and
        # in each vacancy the texts that are made of it.
        post_migrate.connect(_load_forms, sender=self)
        register_purge(
            "unconfirmed_subscription", retention.unconfirmed, retention.forget_subscriptions
        )
        register_purge("finished_import", retention.finished_imports)


def _load_forms(**kwargs: Any) -> None:
    """Load the shipped forms and renew the vacancies' texts, as far as the migrated state has the
    tables of the code with all their columns: it may be that of an earlier migration."""
    # `flush` says nothing of a state: then it is that of the code.
    state = kwargs.get("apps", apps)
    if not _has_all_columns(state, "FormVersion", "FormField"):
        return
    from municipalities.vacancies.services import load_shipped_forms, renew_columns

    load_shipped_forms()
    if _has_all_columns(state, "Vacancy"):
        renew_columns()


def _has_all_columns(state: Any, *names: str) -> bool:
    for name in names:
        try:
            there = {field.column for field in state.get_model("vacancies", name)._meta.fields}
        except LookupError:
            return False
        if not {field.column for field in apps.get_model("vacancies", name)._meta.fields} <= there:
            return False
    return True
