"""Bring the demo's database up: migrate, check it, load the sample prefecture when it is fresh.

A process of its own (`python -m talentpool.embedded.prepare`), so that the supervisor stays small.
The line that begins with [ is the table of sign-ins as JSON.
"""

import io
import json

import django


def prepare() -> list[tuple[str, str, str]]:
    """Role, mail address and password of each sample account that the database holds, after all
    is prepared. A database that was there before the sample may hold none."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from talentpool.embedded.sample import sample_signins

    call_command("migrate", interactive=False, verbosity=0)
    call_command("check", databases=["default"], stdout=io.StringIO())  # raises what it finds
    accounts = get_user_model().objects
    if not accounts.exists():
        print("Loading the sample prefecture ...", flush=True)
        call_command("load_sample")
    known = set(accounts.values_list("email", flat=True))
    return [signin for signin in sample_signins() if signin[1] in known]


if __name__ == "__main__":
    django.setup()
    print(json.dumps(prepare()))
