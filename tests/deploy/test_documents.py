"""The documents keep up with the code."""

import re

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


def _requirements() -> str:
    return (ROOT / "docs" / "requirements.md").read_text("utf-8")
