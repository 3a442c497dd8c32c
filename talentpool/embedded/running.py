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


def adopt_running_demo(environ: MutableMapping[str, str]) -> None:
    """Take over the running demo's environment where `environ` names no portal of its own."""
    if any(environ.get(name) for name in SAYS_WHICH):
        return
    try:
        noted: dict[str, str] = json.loads(_file(state_path(environ)).read_text())
    except (OSError, ValueError):
        return
    environ.update(noted)
