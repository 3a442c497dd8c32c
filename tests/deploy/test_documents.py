"""The documents keep up with the code."""

import re
from itertools import pairwise

from talentpool.embedded.bootstrap import ROOT

ROOMS = ("talentpool", "municipalities", "matching", "consultations", "templates", "tests", "docs")
READ = {".py", ".html", ".md", ".css"}
ID = re.compile(r"\b[ABCD]-\d\d\b")


def test_every_requirement_that_is_named_is_explained() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.suffix in READ]
    named = {name for path in files for name in ID.findall(path.read_text("utf-8"))}
    explained = set(re.findall(r"^\| ([ABCD]-\d\d) \|", _requirements(), re.MULTILINE))
    assert len(named) > 60
    assert named - explained == set()


def test_every_row_of_the_glossary_has_the_columns_of_its_table() -> None:
    lines = (ROOT / "docs" / "glossary.md").read_text("utf-8").splitlines()
    wrong, columns, rows = [], 0, 0
    for number, (before, line) in enumerate(pairwise(["", *lines]), start=1):
        if not line.startswith("|"):
            continue
        rows += 1
        if not before.startswith("|"):
            columns = line.count("|")
            is_head = set(lines[number]) <= set("|- ")
        if line.count("|") != columns or not is_head:
            wrong.append(line)
    assert wrong == []
    assert rows > 200


def _requirements() -> str:
    return (ROOT / "docs" / "requirements.md").read_text("utf-8")
