"""
Ask a running server how it is, for a container's health check: `python -m rehab_platform.probe`.

    web           the web server of this container lives (its address is BIND's)
    jobs URL      the periodic jobs run on time, as the web server at URL sees them

Exit code 0: well; 1: not, with one line that says why; 2: asked wrongly. Standard library alone, so
that a probe starts fast.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

SECONDS = 4


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    match arguments:
        case ["web"]:
            return _told(web_problem(environment))
        case ["jobs", url]:
            return _told(jobs_problem(url, environment))
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def web_problem(environment: Mapping[str, str]) -> str:
    """Say what ails the web server of this container; nothing when it lives."""
    port = environment.get("BIND", "127.0.0.1:8000").rpartition(":")[2]
    answer = _ask(f"http://127.0.0.1:{port}/healthz", environment)
    return "" if answer.get("status") == "alive" else f"web: {answer.get('status')}"


def jobs_problem(url: str, environment: Mapping[str, str]) -> str:
    """Say which periodic jobs do not run on time; nothing when all do."""
    answer = _ask(f"{url.rstrip('/')}/readyz", environment)
    if not (jobs := answer.get("jobs")):
        return f"jobs: {answer.get('status')}"
    late = sorted(name for name, job in jobs.items() if job["status"] != "on_time")
    return f"jobs: {', '.join(late)} not on time" if late else ""


def _ask(url: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Ask under a name that the server answers to; what went wrong is told as its status."""
    host = environment.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".*")
    asked = Request(url, headers={"Host": host or "localhost"})  # noqa: S310
    try:
        with urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310
            return dict(json.load(answer))
    except HTTPError as error:
        return {"status": f"HTTP {error.code}"}
    except (OSError, ValueError) as error:
        return {"status": type(error).__name__}


def _told(problem: str) -> int:
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
