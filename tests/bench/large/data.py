"""A prefecture of 100,000 people, 20,000 needs and a million looks, made with COPY."""

import os
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

PEOPLE = int(os.environ.get("PEOPLE", "100000"))
NEEDS = int(os.environ.get("NEEDS", "20000"))
LOOKS = int(os.environ.get("LOOKS", "1000000"))
FIRMS, MONTHS = 300, 18
FIRST = 1000  # the number of the first person made here
SAMPLES = 10  # everybody made in Python comes so often, under other numbers
WORDS = [
    "更改",
    "仕様",
    "見積",
    "庁内",
    "情報",
    "基盤",
    "標準化",
    "保守",
    "運用",
    "研修",
    "計画",
    "窓口",
]
RARE = ["鯨飼", "竜宮", "琥珀", "蜃気", "楼閣"]
NAMES = "佐藤鈴木高橋田中伊藤渡辺山本中村小林加藤吉田山田佐々木山口松本井上木村林斎藤清水"


def copy_in(model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Write instances with their defaults by COPY, as fast as the database takes them."""
    fields = [one for one in model._meta.local_concrete_fields if not one.generated]
    if getattr(next(iter(rows := list(rows))), "pk", None) is None:
        fields = [one for one in fields if not one.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(one.column)) for one in fields)
    table = connection.ops.quote_name(model._meta.db_table)
    with (
        connection.cursor() as cursor,
        cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(
                [_value(one, one.pre_save(row, True)) for one in fields]  # as a save would
            )


def multiply(
    model: type[models.Model], times: int, changes: dict[str, str], where: str = "true"
) -> None:
    """Write the rows `where` again for n = 1 to `times`; `changes` gives the expressions of the
    columns that differ, over the row `t` and `n`. Python alone would write for many minutes."""
    fields = model._meta.local_concrete_fields
    columns = [str(one.column) for one in fields if not one.primary_key or one.column in changes]
    quoted = ", ".join(map(connection.ops.quote_name, columns))
    values = ", ".join(changes.get(one, f"t.{one}") for one in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table} t"
            f" CROSS JOIN generate_series(1, {times}) AS n WHERE {where}"
        )


@contextmanager
def entries_follow_at_the_end() -> Iterator[None]:
    """Without the search's triggers; its entries are made when everything is in."""
    watched = [
        "specialists_specialist",
        "specialists_specialistskill",
        "specialists_specialist_forms",
        "specialists_availability",
        "specialists_pause",
        "engagements_capacitymonth",
    ]
    with connection.cursor() as cursor:
        for table in watched:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in watched:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for first in range(0, PEOPLE + 1000, 10_000):
            for function in ("pool_refresh", "pool_refresh_free"):
                cursor.execute(
                    f"SELECT {function}(array_agg(id)) FROM specialists_specialist"
                    " WHERE id >= %s AND id < %s HAVING count(*) > 0",
                    [first, first + 10_000],
                )


def _value(field: Any, value: Any) -> Any:
    prepared = field.get_db_prep_save(value, connection)
    return prepared


def fill() -> dict[str, Any]:
    """Make everything; return the accounts the pages are read with."""
    from municipalities.registry.models import Municipality, VendorContract
    from municipalities.registry.services import load_reference
    from talentpool.conventions.months import add_months, first_of_month
    from tests import factories
    from tests.bench.large.records import fill_records

    load_reference()
    factories.make_code_lists()
    chance = random.Random(5)
    today = timezone.localdate()
    month = first_of_month(today)
    towns = list(Municipality.objects.in_prefecture().values_list("pk", flat=True))
    coordinator = factories.make_coordinator()
    editor = factories.make_editor("342157")
    person = factories.make_specialist(half_days=20, max_towns=60)
    with entries_follow_at_the_end():
        people = _people(chance, towns, today)
        _bookings(chance, people, [add_months(month, index) for index in range(MONTHS)])
    firms = _numbers()
    VendorContract.objects.bulk_create(
        VendorContract(
            municipality_id=code,
            corporate_number=number,
            vendor_name=f"見本ベンダ{number}",
            subject="保守",
            starts=today - timedelta(days=400),
            ends=today + timedelta(days=200),
        )
        for code in towns
        for number in chance.sample(firms, 12)
    )
    _needs(chance, towns, month, editor.pk)
    _looks(chance, people, [person.pk], coordinator.pk)
    fill_records(coordinator, editor)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return {"coordinator": coordinator, "editor": editor, "person": person}


def _numbers() -> list[str]:
    return [f"{9_000_000_000_000 + number}" for number in range(FIRMS)]


def _people(chance: random.Random, towns: list[str], today: date) -> list[int]:
    from talentpool.specialists.models import Consent, Firm, PurposeText, Specialist
    from talentpool.specialists.models import SpecialistSkill as Held
    from talentpool.vocabulary.models import EngagementForm, Skill

    copy_in(
        Firm,
        [
            Firm(pk=1000 + index, name=f"見本ベンダ{index}", corporate_number=number)
            for index, number in enumerate(_numbers())
        ],
    )
    ids = list(range(FIRST, FIRST + PEOPLE // SAMPLES))
    now = datetime(2026, 11, 1, tzinfo=UTC)

    def made(pk: int) -> Specialist:
        kind = chance.choice(["firm", "firm", "retired", "side_job", "side_job", "other"])
        words = "".join(chance.choices(WORDS, k=20))
        if pk % 2000 == 0:
            words += RARE[pk // 2000 % len(RARE)]
        return Specialist(
            pk=pk,
            pool_number=f"P-{pk:06}",
            kind=kind,
            status=chance.choice(["registered"] * 8 + ["paused", "applied"]),
            name="".join(chance.choices(NAMES, k=4)),
            kana="ミホン",
            firm_id=1000 + chance.randrange(FIRMS) if kind == "firm" else None,
            base_id=chance.choice(towns),
            radius_km=chance.choice([20, 40, 60, 80]),
            remote=chance.choice(["no", "partly", "partly", "only"]),
            half_day_rate_yen=chance.randrange(10_000, 25_000),
            strengths=words,
            confirmed_at=now - timedelta(minutes=chance.randrange(400_000)),
            submitted_at=now,
            registered_on=today,
            registered_until=today + timedelta(days=400),
        )

    copy_in(Specialist, [made(pk) for pk in ids])
    skills = list(Skill.objects.values_list("pk", flat=True))
    copy_in(
        Held,
        [
            Held(
                specialist_id=pk,
                skill_id=code,
                own_level=chance.choice([1, 2, 2, 3, 3, 4]),
                assessed_level=chance.choice([None, 2, 3]),
                evidence=chance.choice(WORDS),
            )
            for pk in ids
            for code in chance.sample(skills, min(3, len(skills)))
        ],
    )
    forms = list(EngagementForm.objects.values_list("pk", flat=True))
    through: Any = Specialist.forms.through
    copy_in(
        through,
        [
            through(specialist_id=pk, engagementform_id=code)
            for pk in ids
            for code in chance.sample(forms, min(2, len(forms)))
        ],
    )
    texts = PurposeText.objects.order_by("purpose", "-version").distinct("purpose")
    for text in texts.filter(purpose__in=["registration", "provision"]):
        copy_in(
            Consent,
            [
                Consent(
                    specialist_id=pk,
                    purpose=text.purpose,
                    text=text,
                    text_sha256=text.sha256,
                    given_at=now,
                )
                for pk in ids
            ],
        )
    shift = f"n * {len(ids)}"
    made_here = f"t.specialist_id >= {FIRST}"
    number = f"'P-' || lpad((t.id + {shift})::text, 6, '0')"
    again = SAMPLES - 1
    multiply(
        Specialist,
        again,
        {"id": f"t.id + {shift}", "pool_number": number},
        f"t.id >= {FIRST}",
    )
    for about in (Held, through, Consent):
        multiply(about, again, {"specialist_id": f"t.specialist_id + {shift}"}, made_here)
    return list(range(FIRST, FIRST + PEOPLE))


def _bookings(chance: random.Random, people: list[int], months: list[date]) -> None:
    from matching.engagements.models import CapacityMonth
    from talentpool.specialists.models import Availability

    most = {pk: chance.choice([0, 2, 4, 8, 8, 12, 20]) for pk in people}
    first = [
        Availability(specialist_id=pk, month=months[0], half_days=half_days)
        for pk, half_days in most.items()
    ]
    copy_in(Availability, first)
    later = "t.month + n * interval '1 month'"
    multiply(Availability, MONTHS - 1, {"month": later}, f"t.specialist_id >= {FIRST}")
    copy_in(
        CapacityMonth,
        [
            CapacityMonth(
                specialist_id=pk, month=month, signed=taken, declared=most[pk], limit=most[pk]
            )
            for pk in people[::5]
            for taken in [chance.randrange(most[pk] + 1)]
            for month in months[:6]
        ],
    )


def _needs(chance: random.Random, towns: list[str], month: date, editor: int) -> None:
    from municipalities.vacancies.models import Need, NeedSkill
    from talentpool.conventions.months import add_months
    from talentpool.vocabulary.models import Skill

    skills = list(Skill.objects.values_list("pk", flat=True))
    now = timezone.now()

    def made(pk: int) -> Need:
        status = chance.choice(["draft", "submitted", *["filled"] * 12, *["unfilled"] * 4])
        status = "accepted" if pk % 100 == 0 else status
        return Need(
            pk=pk,
            municipality_id=towns[0] if pk % 4 == 0 else chance.choice(towns),
            title="".join(chance.choices(WORDS, k=5)),
            problem="network",
            description="".join(chance.choices(WORDS, k=40)),
            half_days=4,
            least_half_days=2,
            first_month=add_months(month, 1),
            last_month=add_months(month, 12),
            status=status,
            created_by_id=editor,
            submitted_at=None if status == "draft" else now,
            accepted_at=now if status in {"accepted", "filled", "unfilled"} else None,
            closed_at=now if status in {"filled", "unfilled"} else None,
        )

    ids = range(FIRST, FIRST + NEEDS)
    copy_in(Need, [made(pk) for pk in ids])
    copy_in(
        NeedSkill, [NeedSkill(need_id=pk, skill_id=chance.choice(skills), level=3) for pk in ids]
    )


def _looks(chance: random.Random, people: list[int], often: list[int], viewer: int) -> None:
    """A million looks; a tenth of them at the one person whose page is measured."""
    from talentpool.specialists.models import ProfileView

    size = min(LOOKS, 50_000)
    copy_in(
        ProfileView,
        [
            ProfileView(
                specialist_id=chance.choice(people) if number % 10 else often[0],
                viewer_id=viewer,
                viewer_body="県",
                viewer_role="県コーディネーター",
                scope="pool_number",
                purpose="人材を探す",
            )
            for number in range(size)
        ],
    )
    multiply(ProfileView, LOOKS // size - 1, {"at": "t.at - n * interval '1 hour'"})


@transaction.atomic  # an engagement without its shares is refused at the end
def fill_pictures(coordinator: int) -> None:
    """500 engagements that run now, and 300 needs whose towns rank: a full timeline and a full
    board (D-13)."""
    from matching.engagements.models import Engagement, Share
    from matching.proposals.models import Proposal, Run
    from municipalities.vacancies.models import Need
    from talentpool.conventions.months import add_months, first_of_month

    today = timezone.localdate()
    first = first_of_month(today)
    needs = list(Need.objects.order_by("pk").values_list("pk", "municipality_id")[:800])
    Engagement.objects.bulk_create(
        Engagement(
            pk=FIRST + index,
            number=f"2026-{index:04}",
            specialist_id=FIRST + index,
            first_month=first,
            last_month=add_months(first, 3),
            half_day_rate_yen=10_000,
            total_yen=160_000,
            signed_on=today,
            signed_by_id=coordinator,
        )
        for index in range(500)
    )
    Share.objects.bulk_create(
        Share(
            engagement_id=FIRST + index,
            municipality_id=town,
            need_id=need,
            half_days=4,
            first_month=first,
            last_month=add_months(first, 3),
            cost_yen=160_000,
            document_number=f"見本第{index}号",
            decided_on=today,
        )
        for index, (need, town) in enumerate(needs[:500])
    )
    run = Run.objects.create(number=1, title="見本の回", requested_by_id=coordinator)
    Proposal.objects.bulk_create(
        Proposal(need_id=need, run=run, rank_due=today + timedelta(days=7))
        for need, _ in needs[500:]
    )
