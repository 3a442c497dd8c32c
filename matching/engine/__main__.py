"""`python -m matching.engine`."""

import os
import sys

from .child import ONE_THREAD

os.environ.update(ONE_THREAD)  # before numpy is loaded, which looks at it only then

from .cli import main

sys.exit(main())
