"""The sample is written for Hiroshima; in another prefecture its towns stand in for those."""

import tomllib
from functools import cache
from pathlib import Path

from django.conf import settings

from municipalities.registry.models import Municipality
from talentpool.vocabulary.services import read_rows

HERE = Path(__file__).parent
VACANCIES = HERE / "vacancies.toml"
WRITTEN_FOR = "34"
SIGNED = ("342041", "344621")  # a joint-use group of the report shares a person
WAITING = ("342157", "343099")
RANKING = ("343692",)
PINNED = ("342149",)  # in the first run and not offered yet


@cache
def _stand_ins(prefecture: str) -> dict[str, str]:
    """Each code of the sample's files to a code of `prefecture`; those that share a person come
    first, so that they stay different towns."""
    codes = [*SIGNED, *WAITING, *RANKING, *PINNED]
    codes += [row["town"] for row in read_rows(HERE / "needs.csv")]
    codes += [row["base"] for row in read_rows(HERE / "people.csv")]
    codes += [code for row in read_rows(HERE / "firms.csv") for code in row["towns"].split(";")]
    codes += [row["town"] for row in tomllib.loads(VACANCIES.read_text("utf-8"))["vacancy"]]
    written = list(dict.fromkeys(codes))
    towns = list(
        Municipality.objects.in_prefecture().order_by("code").values_list("code", flat=True)
    )
    return {code: towns[index % len(towns)] for index, code in enumerate(written)}


def here(code: str) -> str:
    """The town of this portal's prefecture that plays the part of `code`."""
    if settings.PREFECTURE_CODE == WRITTEN_FOR:
        return code
    return _stand_ins(settings.PREFECTURE_CODE)[code]


def as_said_here(text: str) -> str:
    """A text of the sample's files with the names of the towns that play the parts."""
    if settings.PREFECTURE_CODE == WRITTEN_FOR:
        return text
    parts = _stand_ins(settings.PREFECTURE_CODE)
    names = dict(
        Municipality.objects.filter(code__in=[*parts, *parts.values()]).values_list("code", "name")
    )
    for code, other in parts.items():
        text = text.replace(names[code], names[other])
    return text
