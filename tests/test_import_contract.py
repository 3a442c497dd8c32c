"""Imports point down the house (docs/architecture.md): checked by import-linter, on a copy too."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
AREAS = ("talentpool", "municipalities", "matching", "consultations")


LINT = "from importlinter.cli import lint_imports_command as command; command()"


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        check=False,
        cwd=root,
        capture_output=True,
        text=True,
    )


def test_imports_point_down() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


def test_a_forbidden_import_breaks_the_contract(tmp_path: Path) -> None:
    """The negative control: without it, a contract that sees nothing would pass as well."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for area in AREAS:
        shutil.copytree(ROOT / area, tmp_path / area, ignore=shutil.ignore_patterns("*.csv"))
    assert lint_imports(tmp_path).returncode == 0

    forbidden = {
        "talentpool/conventions/era.py": "import matching.proposals.models",  # upwards
        "talentpool/specialists/models/person.py": "import municipalities.vacancies",  # sideways
    }
    for path, line in forbidden.items():
        file = tmp_path / path
        before = file.read_text("utf-8")
        file.write_text(f"{before}\n{line}\n", "utf-8")
        done = lint_imports(tmp_path)
        assert done.returncode == 1
        assert path.removesuffix(".py").replace("/", ".") in done.stdout
        file.write_text(before, "utf-8")
