"""A child that never stops to write: what holds it is its limit."""

import sys

from talentpool.files.child import limit_this_process

if __name__ == "__main__":
    limit_this_process()
    while True:
        sys.stdout.buffer.write(b"x" * 1_000_000)
        sys.stderr.write("much to say ")
