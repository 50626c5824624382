"""`python -m tests.fuzzing URL [--cases N] [--seed S]`, in the environment of the platform there."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence

import django

CASES = 2_000


def main(arguments: Sequence[str]) -> int:
    """Send at least so many cases as each role; return 0 only if every answer was right."""
    parser = argparse.ArgumentParser(prog="dev.py fuzz")
    parser.add_argument("url", help="where the platform runs, such as http://127.0.0.1:8000")
    parser.add_argument("--cases", type=int, default=CASES, help="the least for each role")
    parser.add_argument("--seed", type=int, default=1, help="another one draws other requests")
    parser.add_argument(
        "--as", dest="roles", action="append", help="one role alone, such as patient"
    )
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rehab_platform.settings.local")
    django.setup()

    from tests.fuzzing.report import report
    from tests.fuzzing.run import Amount, Fuzz
    from tests.fuzzing.sending import OverHttp
    from tests.fuzzing.stage import ROLES, set_the_stage

    fuzz = Fuzz(
        stage=set_the_stage(now=dt.datetime.now(dt.UTC)),
        send=OverHttp(options.url.rstrip("/")),
        seed=options.seed,
        amount=Amount(least=options.cases),
    )
    outcomes = []
    for role in options.roles or ROLES:
        _say(f"As {role} …")
        outcomes.append(fuzz.run(role))
    return report(outcomes, least_cases=options.cases, say=_say)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
