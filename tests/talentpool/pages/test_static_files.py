"""Every file that a template names by {% static %} exists: production fails on others."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

TEMPLATES = Path(settings.BASE_DIR) / "templates"
NAMED = sorted(
    {
        (str(path.relative_to(TEMPLATES)), name)
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r"{% static [\"']([^\"']+)[\"'] %}", path.read_text())
    }
)


def test_templates_name_static_files() -> None:
    assert ("base.html", "js/portal.js") in NAMED


@pytest.mark.parametrize(("template", "name"), NAMED)
def test_the_static_file_exists(template: str, name: str) -> None:
    assert finders.find(name), f"{template} names {name}"
