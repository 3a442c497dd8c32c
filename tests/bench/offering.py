"""Offering many needs at once: `python -m tests.bench.offering`.

60 needs of a plan in a pool of 2,000 people (NEEDS_OFFERED, REGISTERED), on a database of its own:
what the coordinator waits for when the button is pressed. Beside it, in the same run, whom a town
might recognise as it was found before: each need by itself.
"""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

os.environ.setdefault("PEOPLE", "20000")
os.environ.setdefault("NEEDS", "6400")
os.environ.setdefault("LOOKS", "1000")
os.environ.setdefault("EVENTS", "1000")

from tests.bench.pool import prefecture  # it reads the sizes
from tests.bench.vacancies import say

REGISTERED = int(os.environ.get("REGISTERED", "2000"))  # the terms of the others have run out
NEEDS_OFFERED = int(os.environ.get("NEEDS_OFFERED", "60"))


def measured(name: str, work: Callable[[], Any]) -> Any:
    start, used = time.perf_counter(), time.process_time()
    found = work()
    say(
        name,
        seconds=round(time.perf_counter() - start, 2),
        cpu_s=round(time.process_time() - used, 2),
    )
    return found


def each_by_itself(run: Any, needs: list[Any]) -> set[str]:
    """Whom a town might recognise: the pool read and compared for every need and candidate."""
    from matching.proposals.rarity import Crowd, Pool
    from matching.proposals.services.offers import people_to_offer

    offered = people_to_offer(run, needs)
    rare = set()
    for need in needs:
        wanted = {row.skill_id for row in need.skills.all()}
        pool = Pool()
        people = pool.crowd(wanted).people
        pool.read(offered.get(need.pk, []))
        for number in offered.get(need.pk, []):
            if Crowd(wanted, people).rarity(number, pool.traits(number)).is_rare:
                rare.add(f"{need.pk}-{number}")
    return rare


def main() -> None:
    with prefecture() as staff:
        from django.utils import timezone

        from matching.proposals.offer_check import check_offer
        from matching.proposals.services.offers import people_to_offer
        from municipalities.vacancies.models import Need
        from talentpool.specialists.models import Specialist
        from tests.matching.world import solved_run

        registered = Specialist.objects.registered().order_by("pk").values("pk")[:REGISTERED]
        yesterday = timezone.localdate() - timedelta(days=1)
        others = Specialist.objects.exclude(pk__in=list(registered.values_list("pk", flat=True)))
        others.update(registered_on=yesterday - timedelta(days=9), registered_until=yesterday)
        accepted = Need.objects.filter(status="accepted").order_by("pk")
        needs = list(accepted.prefetch_related("skills", "forms")[:NEEDS_OFFERED])
        run = measured("run", lambda: solved_run(needs, by=staff["accounts"]["coordinator"]))
        say(
            "sizes",
            needs=len(needs),
            registered=Specialist.objects.registered().count(),
            planned=len(run.plan["assignments"]),
        )
        chosen = [
            need for need in needs
            if str(need.pk) in {row["need"] for row in run.plan["assignments"]}
        ]  # fmt: skip
        measured("whom to offer", lambda: people_to_offer(run, chosen))
        before = measured("each need by itself", lambda: each_by_itself(run, chosen))
        now = measured("all needs together", lambda: check_offer(run, chosen))
        assert {row.key for row in now.rare} == before
        looked = set(now.looked)
        measured("confirmed", lambda: check_offer(run, chosen, looked, before))
        say("candidates", looked_at=len(looked), rare=len(before))


if __name__ == "__main__":
    main()
