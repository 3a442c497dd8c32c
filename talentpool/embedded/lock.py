"""`make lock`: renew requirements.lock from pyproject.toml, with hashes and no index address.

The lock has three parts in this order, each under its own mark: what the portal needs, the embedded
servers, the tools. An installation takes the parts up to the one it needs, without the servers
where there are no wheels of them (bootstrap.py); what both servers and tools need stands twice.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from talentpool.embedded.bootstrap import LOCK, MARKS, ROOT

HEAD = "# Made by `make lock` from pyproject.toml: do not edit by hand.\n"
GROUPS: dict[str, list[str]] = {"portal": [], "servers": ["servers"], "tools": ["tools"]}


def compile_lock(groups: list[str], constraints: Path | None) -> dict[str, str]:
    """The locked entries by package name, for all platforms and every Python the project takes."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--quiet"]
    command += ["--universal", "--python-version", "3.11", "--generate-hashes", "--upgrade"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-config"]
    command += [argument for group in groups for argument in ("--group", group)]
    if constraints is not None:
        command += ["--constraints", str(constraints)]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    entries = re.split(r"\n(?=\S)", done.stdout.strip())
    locked: dict[str, str] = {}
    for entry in entries:  # a package stands twice when Pythons need different versions of it
        name = entry.split("==", 1)[0]
        locked[name] = f"{locked[name]}\n{entry}" if name in locked else entry
    return locked


def main() -> None:
    everything = compile_lock(["servers", "tools"], None)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as pinned:
        lines = "\n".join(everything.values()).splitlines()
        pinned.write("\n".join(line.removesuffix(" \\") for line in lines if "==" in line))
        pinned.flush()
        text, of_portal = HEAD, set[str]()
        for part, groups in GROUPS.items():
            names = set(compile_lock(groups, Path(pinned.name))) - of_portal
            of_portal = of_portal or names
            text += "".join(
                f"{line}\n" for line in [MARKS[part], *(everything[name] for name in sorted(names))]
            )
    LOCK.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
