from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "matching.proposals"
    verbose_name = "マッチングと調整"

    def ready(self) -> None:
        from matching.engagements.watch import register_pairs
        from matching.proposals import apply, conflicts, home, retention, tiles
        from matching.proposals.obstacles import open_approaches, what_keeps_need
        from matching.proposals.services import applications
        from matching.proposals.services.leaving import prepare, what_ends
        from matching.proposals.services.withdrawing import end_coordination
        from municipalities.registry.queue import register_panels, register_queue, register_section
        from municipalities.vacancies.hooks import (
            register_need_section,
            register_return_obstacle,
            register_vacancy_end,
            register_vacancy_section,
            register_withdrawal,
        )
        from talentpool.pages.nav import register_nav, register_page
        from talentpool.privacy.erasure import register_obstacle
        from talentpool.privacy.retention import register_purge
        from talentpool.specialists.services.leaving import register_leaving

        register_nav("coordinator", "マッチング", "admin:proposals_run_changelist", 40)
        register_nav("coordinator", "調整", "admin:proposals_board", 50)
        for page in ("proposal", "bundle"):
            register_page(
                "coordinator", f"admin:proposals_{page}_changelist", under="admin:proposals_board"
            )
        register_nav("town", "候補", "town:proposals", 25)
        register_nav("specialist", "打診", "specialist:approaches", 20)
        register_page("town", "town:applications", under="town:vacancy_list")
        register_pairs(conflicts.pairs_in_coordination)
        register_queue("coordinator", home.for_coordinator)
        register_queue("town", home.for_town)
        register_queue("specialist", home.for_specialist)
        register_panels("coordinator", home.coordinator_facts)
        register_section("coordinator", tiles.town_map)
        register_nav("specialist", "応募", "specialist:applications", 30)
        register_need_section(home.need_section)
        register_return_obstacle(what_keeps_need)
        register_vacancy_section(apply.vacancy_section)
        register_withdrawal(lambda need, by: end_coordination(need, by=by))
        register_obstacle(open_approaches)
        register_leaving(prepare, what_ends)
        register_leaving(applications.prepare, applications.what_ends, own_matter=True)
        register_vacancy_end(applications.tell_applicants)
        register_purge("closed_candidate", retention.closed_candidates, retention.remove_candidates)
        register_purge("ended_application", retention.ended_applications)
        register_purge(
            "ended_engagement", retention.ended_engagements, retention.remove_engagements
        )
