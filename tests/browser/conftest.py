"""A real browser: Debian's Chromium and its driver. Where they are missing, nothing is collected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.chromium import Browser, is_there, opened

collect_ignore_glob = [] if is_there() else ["test_*.py"]


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Browser]:
    with opened(tmp_path / "profile") as browser:
        yield browser
