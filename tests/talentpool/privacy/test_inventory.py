"""B-03: every field has a class, and every table that leads to a person says how."""

from dataclasses import replace

from django.apps import apps

from talentpool.conventions.data_class import DataClass
from talentpool.privacy.checks import problems
from talentpool.privacy.inventory import Table, fields_of, inventory


def ids(tables: dict[str, Table]) -> set[tuple[str | None, str]]:
    return {(found.id, found.msg.split(" ")[0]) for found in problems(tables)}


def test_nothing_is_unclassified() -> None:
    assert problems(inventory()) == []
    classified = sum(len(table.classes()) for table in inventory().values())
    assert classified == sum(len(fields_of(model)) for model in apps.get_models())


def test_a_new_field_without_a_class_is_named_with_the_way_out() -> None:
    table = inventory()["specialists.Specialist"]
    without = replace(table, personal=table.personal.replace("kana ", ""))
    (found,) = problems({**inventory(), "specialists.Specialist": without})
    assert found.id == "privacy.E001"
    assert "specialists.Specialist.kana" in found.msg
    assert "classification.py" in (found.hint or "")


def test_a_new_model_without_a_declaration_is_named_field_by_field() -> None:
    tables = {label: table for label, table in inventory().items() if label != "engagements.Share"}
    found = problems(tables)
    unclassified = {one.msg for one in found if one.id == "privacy.E001"}
    assert len(unclassified) == len(fields_of(apps.get_model("engagements.Share")))
    assert [one.id for one in found if one.id == "privacy.E003"] == ["privacy.E003"]


def test_a_row_that_leads_to_a_person_is_about_that_person() -> None:
    """Over a foreign key to the person, to a row about the person, or to the account."""
    for label in ("specialists.Availability", "engagements.Share", "usersessions.UserSession"):
        table = replace(inventory()[label], person="", delete=False)
        assert "privacy.E003" in {code for code, _ in ids({**inventory(), label: table})}, label


def test_a_declaration_of_what_is_not_there_is_an_error() -> None:
    table = inventory()["specialists.Firm"]
    wrong = {
        **inventory(),
        "specialists.Firm": replace(table, public=table.public + " nickname"),
        "specialists.Gone": Table(),
    }
    assert [found.id for found in problems(wrong)] == ["privacy.E002", "privacy.E002"]


def test_what_cannot_be_emptied_must_say_what_it_becomes() -> None:
    table = replace(inventory()["specialists.Availability"], delete=False)
    found = problems({**inventory(), "specialists.Availability": table})
    assert "privacy.E004" in {one.id for one in found}


def test_the_five_classes_carry_the_words_of_the_law() -> None:
    assert [one.value for one in DataClass] == ["公開", "庁内", "個人", "要配慮", "秘密"]
