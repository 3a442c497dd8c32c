import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from talentpool.embedded.place import find_place


@pytest.fixture
def state_folder() -> Iterator[Path]:
    """An empty folder that root's servers can enter, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=find_place().state))
    if os.geteuid() == 0:
        folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)
