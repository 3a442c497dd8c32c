"""`manage.py walkthrough --url http://127.0.0.1:8000`: both lines over HTTP, as four roles.

It makes its own people and needs each time and retires the people when it ends, so that it can
be run again and again beside a portal in use; never in production.
"""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from talentpool.embedded.walkthrough.browser import Unexpected
from talentpool.embedded.walkthrough.people import Cast, make_cast, retire
from talentpool.embedded.walkthrough.steps import Walk


class Command(BaseCommand):
    help = "Drive the main line and the desk's line over HTTP against a running portal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", required=True, help="http://127.0.0.1:PORT")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SAMPLE_DATA:
            raise CommandError("The walkthrough makes people and contracts: not in production.")
        began = time.monotonic()
        cast = self._carry_out("make_people", lambda: make_cast(options["url"]))
        walk = Walk(cast, mark=cast.coordinator.user.email.split("-pref")[0])
        try:
            self._carry_out("sign_in", lambda: self._sign_in(cast))
            for step in walk.steps():
                self._carry_out(step.__name__, step)
        except BaseException:
            self._retire_after_failure(cast)
            raise
        self._carry_out("retire", lambda: self._retire(cast))
        self.stdout.write(f"walkthrough passed in {time.monotonic() - began:.1f} s")

    @staticmethod
    def _sign_in(cast: Any) -> str:
        for person in cast.everybody:
            person.sign_in()
        return f"{len(cast.everybody)} accounts"

    @staticmethod
    def _retire(cast: Cast) -> str:
        retire(cast)
        return f"{len(cast.everybody)} accounts closed"

    def _retire_after_failure(self, cast: Cast) -> None:
        """What goes wrong here is written down and no more: the step that failed is the news."""
        try:
            retire(cast)
        except Exception as error:
            self.stderr.write(f"its people could not be retired: {type(error).__name__}: {error}")

    def _carry_out(self, name: str, step: Any) -> Any:
        """One step, and its line. Whatever goes wrong in it is said with the step's name."""
        began = time.monotonic()
        try:
            made = step()
        except Unexpected as error:
            raise CommandError(f"{name} failed: {error}") from error
        except Exception as error:
            # A page that is not what the step expects: a link or a field that is not there.
            raise CommandError(f"{name} failed: {type(error).__name__}: {error}") from error
        self.stdout.write(f"{time.monotonic() - began:6.2f} s  {name:16} {made}")
        return made
