from __future__ import annotations

import pytest
from psycopg._preparing import PrepareManager


@pytest.fixture
def prepared_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Keep what is prepared when an example's rows are taken back.

    psycopg forgets it all with a ROLLBACK, lest a table went with it. None does here, and planning the
    statements anew for each example took most of the time.
    """
    discard = PrepareManager._should_discard

    def keep(manager, prep, results):
        answers = [each for each in results if each.command_status != b"ROLLBACK"]
        return discard(manager, prep, answers)

    monkeypatch.setattr(PrepareManager, "_should_discard", keep)
