"""What the time of an answer tells of an address (A-08): `python -m tests.bench.subscribing`.

ASKS wishes for news each by addresses that are confirmed, that bounced, and that nobody knows, in
turn, over the page's own view. A second group that nobody knows is the baseline: what differs
between two groups of the same kind is the machine's noise. `p` is that of the Mann-Whitney test
against the first unknown group, two-sided, by its normal approximation.
"""

import math
import os
import statistics
import time
from collections.abc import Sequence
from itertools import count

from tests.bench.vacancies import say, test_database
from tests.municipalities.vacancies.objects import agreed

ASKS = int(os.environ.get("ASKS", "400"))
WARM_UP = 20
_visitors = count(1)


def post(client: object, email: str) -> float:
    """Milliseconds until the page answers, each time to another visitor: the limit by address is
    not what is measured."""
    number = next(_visitors)
    visitor = f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"
    start = time.perf_counter()
    answer = client.post(  # type: ignore[attr-defined]
        "/subscribe/",
        {"email": email, "rhythm": "daily", **agreed()},
        headers={"X-Forwarded-For": visitor},
        REMOTE_ADDR=visitor,
    )
    seconds = time.perf_counter() - start
    assert answer.status_code == 302, answer.status_code
    return seconds * 1000


def mann_whitney(first: Sequence[float], second: Sequence[float]) -> float:
    """The two-sided p of the test that one is not larger than the other; no ties are expected."""
    ranks = sorted(
        (value, group) for group, values in enumerate((first, second)) for value in values
    )
    total = sum(rank for rank, (_, group) in enumerate(ranks, 1) if group == 0)
    n, m = len(first), len(second)
    u = total - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def subscribing() -> None:
    from django.test import Client
    from django.utils import timezone

    from municipalities.vacancies import services
    from municipalities.vacancies.models import Subscription

    Subscription.objects.bulk_create(
        Subscription(
            email=f"known{number}@example.jp",
            token=f"known{number}",
            confirmed_at=timezone.now(),
            consent="bench",
        )
        for number in range(ASKS)
    )
    for number in range(ASKS):
        services.suppress(f"bounced{number}@example.jp")
    client = Client()
    for number in range(WARM_UP):
        post(client, f"warm{number}@example.jp")
    kinds = ("unknown", "known", "bounced", "other")
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(ASKS):
        for turn in range(len(kinds)):  # none always comes after the same one
            kind = kinds[(turn + number) % len(kinds)]
            times[kind].append(post(client, f"{kind}{number}@example.jp"))
    medians = {kind: statistics.median(found) for kind, found in times.items()}
    for kind in kinds[1:]:
        say(
            "subscribe" if kind != "other" else "subscribe baseline",
            asks=ASKS,
            against_unknown=kind,
            median_ms=round(medians[kind], 2),
            difference_ms=round(medians[kind] - medians["unknown"], 3),
            p=round(mann_whitney(times[kind], times["unknown"]), 3),
        )


if __name__ == "__main__":
    with test_database():
        subscribing()
