"""The benchmark runs from its servers to its table; what it measures is for a quiet machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.architecture.project import ROOT

NAMED = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "CACHE_URL", "COV")


def test_the_quick_benchmark_measures_every_target():
    """Its servers, data and web servers are its own; both sides of each ratio agree, or it ends."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NAMED)}
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=ROOT, env=kept, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert run.returncode == 0, run.stderr[-2000:]
    judged = re.findall(r"^(.+?)  .*(?:holds|DOES NOT HOLD)$", run.stdout, re.MULTILINE)
    assert judged == [
        "upload ÷ floor",
        "upload with history ÷ without",
        "plan ÷ floor",
        "plan with history ÷ without",
        "304 with history ÷ without",
        "token check",
        "200 patients, 2 weeks ÷ floor",
        "200 patients, 4 weeks ÷ floor",
        "200 patients, 4 weeks ÷ 2 weeks",
        "200 patients, 4 weeks, anew ÷ 2 weeks",
        "weeks told: 200 patients, 2 weeks ÷ floor",
        "weeks told: 200 patients, 2 weeks ÷ storing floor",
        "weeks told: 200 patients, 4 weeks ÷ floor",
        "weeks told: 200 patients, 4 weeks ÷ storing floor",
        "weeks told: 200 patients, 4 weeks ÷ 2 weeks",
        "200 reminders ÷ bare loop",
    ]
