"""docs/api.md, walked: its blocks run in bash, in order, and print what the page says."""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rehab_platform import demo

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```(?P<kind>bash|text)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "---- block"


def blocks():
    """Return each bash block with the output that the page shows under it; None: not shown."""
    found = [(match["kind"], match["text"]) for match in BLOCK.finditer(PAGE.read_text())]
    return [
        (
            text,
            found[place + 1][1]
            if found[place + 1 : place + 2] and found[place + 1][0] == "text"
            else None,
        )
        for place, (kind, text) in enumerate(found)
        if kind == "bash"
    ]


def script():
    marked = [f"echo '{MARK} {place}'\n{text}" for place, (text, _shown) in enumerate(blocks())]
    return "set -euo pipefail\n" + "\n".join(marked)


def walk(base, path, tmp_path):
    """Run the page against a server and return what each block printed."""
    done = subprocess.run(
        ["bash", "-c", script()],
        env={
            "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
            "BASE": base,
            "HOME": str(tmp_path),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert done.stderr == ""
    return re.split(rf"^{MARK} \d+\n", done.stdout, flags=re.MULTILINE)[1:]


def program(directory, name, *command):
    """Put a program on the path that runs a command."""
    path = directory / name
    path.write_text(f'#!/bin/sh\nexec {" ".join(command)} "$@"\n')
    path.chmod(0o755)


@pytest.mark.django_db(transaction=True)
def test_the_walk_through_the_api_does_what_the_page_says_each_time(live_server, tmp_path):
    demo.seed(now=dt.datetime.now(dt.UTC))
    program(tmp_path, "python3", sys.executable)
    expected = [shown for _text, shown in blocks()]
    assert len(expected) > 15

    for _walk in ("the first", "once more"):
        printed = walk(f"{live_server.url}/api/v1", tmp_path, tmp_path)

        assert printed == [shown or "" for shown in expected]
