"""A pytest plugin: how the test processes share the suite."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# What these prepare once for all their tests takes seconds.
WHOLE = (
    "tests/resilience/",
    "tests/architecture/test_identify_reads.py",
    "tests/architecture/test_tenancy_rows.py",
    "tests/unit/rehab_platform/test_description.py",
    "tests/unit/sessions/test_adherence_plans.py",
)
# What all files of a folder share takes seconds.
WHOLE_FOLDERS = ("tests/unit/rehab_platform/seeded_demo/",)


class WholeFiles(LoadScopeScheduling):
    """Give some files and folders to one process whole, and first, lest a long one be left at the end."""

    def _split_scope(self, nodeid: str) -> str:
        for folder in WHOLE_FOLDERS:
            if nodeid.startswith(folder):
                return folder
        file = nodeid.split("::", 1)[0]
        return file if file.startswith(WHOLE) else nodeid

    def _reschedule(self, node: WorkerController) -> None:
        """Forget what the process has done: after each test, all that it was given is counted."""
        given = self.assigned_work[node]
        for scope in [scope for scope, tests in given.items() if all(tests.values())]:
            del given[scope]
        super()._reschedule(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return WholeFiles(config, log)
