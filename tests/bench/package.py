"""How long a person's whole package and an erasure take: `python -m tests.bench.package`.

One person with three years of views among 100,000 people's; beside the package stands the bare
reading of the same views. Ratios are what counts; seconds depend on the machine. The limit of B-04
is 60 seconds.
"""

import os
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talentpool.settings")
os.environ.setdefault("TALENTPOOL_PROFILE", "test")

PEOPLE = int(os.environ.get("PEOPLE", "100000"))
VIEWS = int(os.environ.get("VIEWS", "20000"))


def main() -> None:
    from tests.bench.vacancies import test_database

    with test_database():
        measure()


def measure() -> None:
    """Fill, measure, print."""
    from django.utils import timezone

    from talentpool.rights import services
    from talentpool.specialists.models import ProfileView, Specialist
    from tests import factories

    coordinator = factories.make_coordinator()
    person = factories.make_specialist()
    today = timezone.localdate()
    Specialist.objects.bulk_create(
        (
            Specialist(
                pool_number=f"B{number}",
                kind="retired",
                status="registered",
                name=f"見本 {number}",
                kana="ミホン",
                half_day_rate_yen=20_000,
                submitted_at=timezone.now(),
                registered_on=today,
                registered_until=today + timedelta(days=300),
            )
            for number in range(PEOPLE)
        ),
        batch_size=5000,
    )
    ids = list(Specialist.objects.values_list("pk", flat=True)[:1000])
    ProfileView.objects.bulk_create(
        (
            ProfileView(
                specialist_id=person.pk if number % 2 else ids[number % len(ids)],
                viewer=coordinator,
                viewer_body="県",
                viewer_role="県コーディネーター",
                scope="name",
                purpose="見本",
            )
            for number in range(2 * VIEWS)
        ),
        batch_size=5000,
    )
    started = time.perf_counter()
    rows = list(ProfileView.objects.filter(specialist=person).values_list())
    bare = time.perf_counter() - started
    started = time.perf_counter()
    content = services.package_json(person, to_review=True)
    package = time.perf_counter() - started
    started = time.perf_counter()
    services.erase_person(person.pk, by=coordinator)
    erasure = time.perf_counter() - started
    print(f"package: {PEOPLE:,} people, {len(rows):,} views of one person, {len(content):,} bytes")
    print(f"  package {package:.2f} s (limit 60), bare reading of the views {bare:.2f} s")
    print(f"  package / bare = {package / bare:.1f}; erasure {erasure:.2f} s")


if __name__ == "__main__":
    main()
