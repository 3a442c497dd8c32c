"""Rules that hold for every template of the project, ours and those written after it."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
# Values that may go out unescaped, each with the reason.
UNESCAPED = {
    "components/field_notes.html": "help texts are written by us or by Django, never by users",
}


def source(path: Path) -> str:
    text = (ROOT / path).read_text(encoding="utf-8")
    return re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", text, flags=re.S)


def tags(path: Path, name: str) -> list[str]:
    """Opening tags; template tags inside an attribute are part of it."""
    return re.findall(rf"<{name}\b(?:{{%.*?%}}|{{{{.*?}}}}|[^>])*>", source(path), re.S)


def forms(path: Path) -> list[str]:
    """The forms that change something, from their opening tag to the closing one."""
    whole = re.findall(r"<form\b.*?</form>", source(path), re.S)
    return [form for form in whole if 'method="post"' in tag_end(form)]


def tag_end(form: str) -> str:
    return re.split(r">\s*\n|>(?=[^%}])", form, maxsplit=1)[0]


def test_there_are_templates_to_look_at() -> None:
    assert len(PAGES) > 40


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_it_compiles(path: Path) -> None:
    engines["django"].get_template(str(path))


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_nothing_is_inline(path: Path) -> None:
    """The policy forbids inline script, style and handlers (A-02)."""
    text = source(path)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:", text)
    for script in tags(path, "script"):
        assert " src=" in script or 'type="application/json"' in script, script


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_nothing_comes_from_elsewhere(path: Path) -> None:
    """No third-party request (B-17)."""
    for tag in [*tags(path, "script"), *tags(path, "link"), *tags(path, "img")]:
        assert not re.search(r'(?:src|href)="(?:https?:)?//', tag), tag


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_fields_are_neither_hinted_inside_nor_locked(path: Path) -> None:
    """No placeholder, no disabled and no read-only fields (quality C.2)."""
    for name in ("input", "textarea", "select", "button"):
        for tag in tags(path, name):
            assert not re.search(r"\s(?:placeholder|disabled|readonly)\b", tag), tag


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_forms_leave_the_checking_to_the_server(path: Path) -> None:
    """The browser's bubble would hide our summary; a form of nothing but a button has none."""
    for form in forms(path):
        opening = form[: form.index(">")]
        filled = re.search(r"{{[^}]*form|<textarea|<select|<input(?![^>]*hidden)", form)
        assert "novalidate" in opening or not filled, opening


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_form_that_changes_something_has_its_token(path: Path) -> None:
    for form in forms(path):
        assert "{% csrf_token %}" in form, form


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_values_are_escaped(path: Path) -> None:
    text = source(path)
    if re.search(r"\|safe\b|autoescape off", text):
        assert str(path) in UNESCAPED


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_dates_come_from_one_filter(path: Path) -> None:
    """令和8年4月1日(2026年4月1日) everywhere; ISO forms are for addresses and machines (C-11)."""
    formats = re.findall(r"\|\s*(?:date|time)\b:?\s*(\S*?)[\s}%]", source(path))
    assert set(formats) <= {'"Y-m"', '"Y-m-d"', '"c"'}


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_table_heads_say_what_they_head(path: Path) -> None:
    for tag in tags(path, "th"):
        assert "scope=" in tag, tag
