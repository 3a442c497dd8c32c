from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class SpecialistsConfig(AppConfig):
    name = "talentpool.specialists"
    verbose_name = "専門人材"

    def ready(self) -> None:
        from municipalities.registry.queue import register_queue, register_view_log
        from talentpool.files.access import register_file_room
        from talentpool.pages.nav import register_area_chooser, register_nav, register_page
        from talentpool.privacy.erasure import register_eraser
        from talentpool.privacy.retention import register_purge
        from talentpool.specialists import documents, home, retention
        from talentpool.specialists.services import log_views, note_sign_in, people_import
        from talentpool.users.signing_in import register_sign_in

        register_queue("specialist", home.registration_of)
        register_queue("specialist", home.for_specialist)
        register_queue("specialist", home.for_manager)
        register_queue("town", home.lobbying_to_report)
        register_queue("coordinator", home.lobbying_to_report)
        register_view_log(
            lambda people, user: log_views(
                sorted(people),
                viewer=user,
                scope="pool_number",
                purpose="担当者の「今日すること」の一覧で見るため",
            )
        )
        register_queue("coordinator", home.for_coordinator)
        register_file_room(documents.ROOM)
        register_nav("coordinator", "人材", "admin:specialists_specialist_changelist", 30)
        register_nav("specialist", "ホーム", "specialist:home", 10)
        register_nav("specialist", "登録内容", "specialist:profile", 50)
        register_page("specialist", "specialist:registration", under="specialist:profile")
        register_nav("specialist", "利益相反の申告", "specialist:interests", 45)
        register_nav("coordinator", "登録の審査", "admin:specialists_specialist_review_queue", 32)
        # The address of the people begins that of the review, so their pages do not mark it.
        people = "admin:specialists_specialist_changelist"
        register_page("coordinator", people, under=people)
        register_page(
            "coordinator",
            "admin:specialists_specialist_changed",
            under="admin:specialists_specialist_review_queue",
        )
        register_nav("firm", "ホーム", "specialist:home", 10)
        register_nav("firm", "事業者と社員", "specialist:firm", 20)
        register_nav("newcomer", "ホーム", "specialist:home", 10)
        register_area_chooser(home.area_without_person)
        register_nav("specialist", "閲覧履歴", "specialist:views", 60)
        register_eraser("specialists.PeopleImport", people_import.forget_open)
        register_purge("finished_people_import", retention.finished_imports)
        register_purge("unsaved_topic", retention.unsaved_topics)
        register_purge("sign_in_day", retention.old_sign_ins)
        register_sign_in(note_sign_in)
        register_purge("lobbying_record", retention.old_lobbying, retention.remove_lobbying)
        post_migrate.connect(_load_texts, sender=self)


def _load_texts(**kwargs: Any) -> None:
    """Load the first words of consents and the first term of bars unless the migration went back
    to before the tables."""
    try:
        # `flush` says nothing of a state: then it is that of the code.
        kwargs.get("apps", apps).get_model("specialists", "BarTerm")
    except LookupError:
        return
    from talentpool.specialists.services.consent import load_purpose_texts
    from talentpool.specialists.services.interests import load_bar_term

    load_purpose_texts()
    load_bar_term()
