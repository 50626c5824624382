"""docs/api.md, walked: its blocks run in bash, in order, and print what the page says."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rehab_platform import demo

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
BLOCK = re.compile(r"^```(?P<kind>bash|text)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
MARK = "---- block"
TINY_CURL = Path(__file__).with_name("tiny_curl.py")


def blocks():
    """Return each bash block with the output that the page shows under it; None: not shown."""
    found = [(match["kind"], match["text"]) for match in BLOCK.finditer(PAGE.read_text())]
    pairs = zip(found, [*found[1:], ("", "")], strict=True)
    return [
        (text, after if kind_after == "text" else None)
        for (kind, text), (kind_after, after) in pairs
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
        timeout=120,
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


@pytest.fixture
def path(tmp_path):
    """A directory of programs: this Python, and curl where the machine has none."""
    directory = tmp_path / "bin"
    directory.mkdir()
    program(directory, "python3", sys.executable)
    if shutil.which("curl") is None:
        program(directory, "curl", sys.executable, str(TINY_CURL))
    return directory


@pytest.mark.django_db(transaction=True)
def test_the_walk_through_the_api_does_what_the_page_says_each_time(live_server, path, tmp_path):
    demo.seed(now=dt.datetime.now(dt.UTC))
    expected = [shown or "" for _text, shown in blocks()]
    assert len(expected) > 15

    assert walk(f"{live_server.url}/api/v1", path, tmp_path) == expected

    # Once more, and without curl.
    program(path, "curl", sys.executable, str(TINY_CURL))
    assert walk(f"{live_server.url}/api/v1", path, tmp_path) == expected


def test_a_page_that_says_what_is_not_so_is_noticed(monkeypatch, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```bash\necho 2\n```\n\n```text\n3\n```\n\n```bash\nfalse\n```\n")
    monkeypatch.setattr("tests.resilience.test_api_walk.PAGE", page)

    assert blocks() == [("echo 2\n", "3\n"), ("false\n", None)]
    with pytest.raises(AssertionError, match="---- block 1"):
        walk("", tmp_path, tmp_path)
