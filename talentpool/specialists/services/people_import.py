"""Bring people in from a file: the prefecture enters them, they wait for review and for the person
to take over."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from municipalities.registry.forms import anywhere_by_words
from municipalities.registry.importing import (
    Importer,
    ImportRefused,
    Progress,
)
from municipalities.registry.problems import Problem
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.conventions.folding import search_key
from talentpool.files.sheets import read_sheets, table_workbook
from talentpool.privacy import tombstones
from talentpool.privacy.inventory import NOBODY
from talentpool.privacy.package import Subject
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import Firm, PeopleImport, Specialist, SpecialistSkill
from talentpool.specialists.models.person import folded
from talentpool.specialists.people_sheet import COLUMNS, HEADERS, OLD_KIND, Lists, Row, rows_of
from talentpool.specialists.services import entry
from talentpool.specialists.services.people import next_numbers
from talentpool.users.models import User
from talentpool.vocabulary.models import Skill

# Without the pool number: a file of problems is taken along, and nobody logs who reads it (B-07).
IN_POOL = "同じお名前の人が、プールにいます。「人材を探す」で、お名前を検索して確かめてください。"
GIVEN_UP = (
    "ほかの方の登録を消したため、取込みの済んでいないファイルも消しました。"
    "このファイルからは、だれも取り込んでいません。もう一度、ファイルを送ってください。"
)
NAMELESS = "(ファイル名は消しました)"
NOTED_EACH = 100  # rows between two notes of progress
OF_PERSON = (
    "employer",
    "remote",
    "radius_km",
    "max_towns",
    "years",
    "municipal_years",
    "strengths",
    "known_as",
)


def template() -> bytes:
    """An empty sheet with its headers and a row that says how to fill each."""
    return table_workbook("人材", [[column.header for column in COLUMNS]])


def start_people_import(*, file_name: str, content: bytes, by: User) -> PeopleImport:
    """Keep the file and have a worker check it. By a coordinator. Raises ImportRefused."""
    if not is_coordinator(by):
        raise ImportRefused("取り込めるのは、県コーディネーターと県決裁者です。")
    return PEOPLE.start(file_name=file_name, content=content, by=by)


def check_people(content: bytes, job: PeopleImport | None, note: Progress) -> list[Row]:
    """All people of a file with their problems. Writes nothing. Raises UnreadableFileError."""
    skills = list(Skill.objects.values_list("name", "code"))
    names = dict(skills) | {code: code for _, code in skills}
    firms = dict(Firm.objects.values_list("corporate_number", "pk"))
    rows = rows_of(read_sheets(content), Lists(anywhere_by_words(), names, firms))
    note(0, len(rows))
    _check_known(rows)
    _check_erased(rows)
    note(len(rows), len(rows))
    return rows


def _check_known(rows: list[Row]) -> None:
    """Nobody twice: neither in the file nor among who has ever applied, by name and reading; no
    known address."""
    kanas = {search_key(row.values["kana"]) for row in rows if "kana" in row.values}
    applied = Specialist.objects.exclude(submitted_at=None)
    folded_pool = applied.alias(kana_key=folded(F("kana")))
    in_pool = folded_pool.filter(kana_key__in=kanas).values_list("name", "kana")
    known = {(search_key(name), search_key(kana)): IN_POOL for name, kana in in_pool}
    emails = [row.values["email"] for row in rows if "email" in row.values]
    taken = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    asked = entry.waiting_for_claim(emails)
    for row in rows:
        who = (search_key(row.values.get("name", "")), search_key(row.values.get("kana", "")))
        if all(who) and who in known:
            _complain(row, "name", known[who])
        known.setdefault(who, f"同じお名前の人が、{row.number}行目にあります。")
        email = row.values.get("email")
        if email in taken:
            _complain(row, "email", "このメールアドレスには、すでに利用者がいます。")
        elif email in asked:
            _complain(
                row, "email", "このメールアドレスには、別の人の引き継ぎの案内を送っています。"
            )
        if email:
            taken.add(email)


def _check_erased(rows: list[Row]) -> None:
    """Nobody whom the prefecture has erased comes back by a file (B-05)."""
    buried = tombstones.buried_among(
        [
            (
                row.values.get("email", ""),
                row.values.get("name", ""),
                row.values.get("kana", ""),
            )
            for row in rows
        ]
    )
    for row, is_buried in zip(rows, buried, strict=True):
        if is_buried:
            _complain(row, "name" if "name" in row.values else "email", tombstones.WHY_NOT)


def _complain(row: Row, name: str, words: str) -> None:
    header = next(column.header for column in HEADERS.values() if column.name == name)
    value = str(row.values[name])
    row.problems.append(Problem(row.sheet, f"{row.number}行目", header, value, words))


@transaction.atomic
def _write(rows: list[Row], job: PeopleImport, note: Progress) -> int:
    """Enter the people, whose rows have no problems; returns how many."""
    for done, (number, row) in enumerate(zip(next_numbers(len(rows)), rows, strict=True)):
        if done % NOTED_EACH == 0:
            note(done, len(rows))
        try:
            _enter(number, row.values, by=job.created_by)
        except PoolRefused as refusal:  # since the check
            raise PoolRefused(f"{row.number}行目：{refusal}だれも取り込んでいません。") from refusal
    return len(rows)


def _enter(number: str, values: dict[str, Any], *, by: User) -> Specialist:
    now = timezone.now()
    is_old_kind = values["kind"] == OLD_KIND
    person: Specialist = Specialist.objects.create(
        pool_number=number,
        kind=Specialist.Kind.OTHER if is_old_kind else values["kind"],
        kind_unsettled_since=now if is_old_kind else None,
        status=Specialist.Status.APPLIED,
        name=values["name"],
        kana=values["kana"],
        base_id=values["base"],
        firm_id=values.get("firm"),
        half_day_rate_yen=values.get("day", 0) // 2,
        submitted_at=now,
        **{name: values[name] for name in OF_PERSON if name in values},
    )
    SpecialistSkill.objects.bulk_create(
        SpecialistSkill(specialist=person, skill_id=code, own_level=level)
        for code, level in values.get("skills", {}).items()
    )
    audit.record("enter_specialist", person, by=by)
    if values.get("email"):
        entry.send_claim(person, values["email"], by=by)
    return person


def forget_open(subject: Subject) -> int:
    """Give up the files that are being checked, wait to be applied, or are being applied: who is
    erased may stand in any of them (B-05). Inside the transaction of the erasure, which has called
    `PEOPLE.lock_open` first; returns how many. Whoever brought one sends it again, and reads then
    whom the prefecture may not enter."""
    if subject.person == NOBODY:
        return 0
    given_up = PEOPLE.give_up_open(why=GIVEN_UP)
    PeopleImport.objects.exclude(file_name=NAMELESS).update(file_name=NAMELESS)  # may name somebody
    return given_up


PEOPLE: Importer[PeopleImport, Row] = Importer(
    model=PeopleImport,
    prefix="people-import",
    task="specialists.run_people_import",
    noun="人",
    check=check_people,
    write=_write,
    keeps_values=False,
    refusals=(PoolRefused,),
)
