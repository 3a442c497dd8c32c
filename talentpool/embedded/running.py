"""Let `manage.py` work on the running demo, without a setting typed by hand.

The demo notes the environment of its programs in its state folder, readable by its owner only.
"""

import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from talentpool.embedded.place import Place, state_path

# Whoever sets one of these says which portal is meant; then nothing is adopted.
SAYS_WHICH = ("DATABASE_URL", "SECRET_KEY", "TALENTPOOL_PROFILE")
NAMES = (
    "DATABASE_URL",
    "BROKER_URL",
    "TALENTPOOL_PROFILE",
    "SITE_URL",
    "EMAIL_FILE_PATH",
    "STATIC_ROOT",
    "FILES_ROOT",
    "PREFECTURE_CODE",
    "CONTACT",
)


def _file(state: Path) -> Path:
    return state / "environ.json"


def note_environ(place: Place, environ: Mapping[str, str]) -> Path:
    """Write down what `adopt_running_demo` reads; the watchdog removes the file at the end."""
    path = _file(place.state)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps({name: environ[name] for name in NAMES if name in environ}))
    return path


def adopt_running_demo(environ: MutableMapping[str, str]) -> bool:
    """Take over the running demo's environment where `environ` names no portal of its own.

    Returns whether `environ` names a portal now.
    """
    try:
        noted: dict[str, str] = json.loads(_file(state_path(environ)).read_text())
    except (OSError, ValueError):
        noted = {}
    if any(environ.get(name) for name in SAYS_WHICH) and not _is_of(noted, environ):
        return True
    if not noted:
        return False
    for name, value in noted.items():
        environ.setdefault(name, value)
    return True


def _is_of(noted: Mapping[str, str], environ: Mapping[str, str]) -> bool:
    """Whether the demo runs on the very servers that `environ` names, as `make demo` does in a
    shell where DATABASE_URL is set: then what is missing is the demo's."""
    if environ.get("SECRET_KEY") or environ.get("TALENTPOOL_PROFILE"):
        return False
    return bool(noted) and environ.get("DATABASE_URL") == noted.get("DATABASE_URL")


def no_portal(environ: Mapping[str, str]) -> str:
    """The sentence for who runs manage.py with neither a running demo nor settings."""
    return (
        f"No demo runs with its data in {state_path(environ)}, and the environment names no portal:"
        " start `make demo` first (TALENTPOOL_STATE=DIR says where one keeps its data), or set"
        " SECRET_KEY, DATABASE_URL and BROKER_URL as .env.example shows."
    )
