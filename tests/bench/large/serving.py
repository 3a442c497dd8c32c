"""The portal's settings for the measured web server; POOL=1 keeps connections in a pool, as in
production."""

import os

from talentpool.settings import *  # noqa: F403
from talentpool.settings import DATABASES

SECOND_FACTOR_REQUIRED = False
ALLOWED_HOSTS = ["127.0.0.1"]
if os.environ.get("POOL") == "1":
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
