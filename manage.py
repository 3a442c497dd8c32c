#!/usr/bin/env python
"""Django's command line for talentpool."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "talentpool.settings")
    from django.core.management import execute_from_command_line

    from talentpool.embedded.running import adopt_running_demo, no_portal

    if not adopt_running_demo(os.environ):
        sys.exit(no_portal(os.environ))

    execute_from_command_line(sys.argv)
