"""A pytest plugin: how the test processes share the suite."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What these prepare once for all their tests takes seconds.
WHOLE = ("tests/resilience/", "tests/unit/rehab_platform/test_seed_demo.py")


class WholeFiles(LoadScopeScheduling):
    """Give some files to one process whole, and first, lest it be left with a long one at the end."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return file if file.startswith(WHOLE) else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return WholeFiles(config, log)
