"""`python -m tests.tour URL [--quiet]`, in the environment of the platform at that URL."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence

import django


def main(arguments: Sequence[str]) -> int:
    """Play the story; return 0 only if every figure is right."""
    parser = argparse.ArgumentParser(prog="dev.py tour")
    parser.add_argument("url", help="where the platform runs, such as http://127.0.0.1:8000")
    parser.add_argument("--quiet", action="store_true", help="print only what is wrong")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rehab_platform.settings.local")
    django.setup()

    from tests.tour.guide import guide

    url = options.url.rstrip("/")
    return guide(url=url, now=dt.datetime.now(dt.UTC), say=_say, quiet=options.quiet)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
