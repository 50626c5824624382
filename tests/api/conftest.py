from __future__ import annotations

import pytest

from tests.api.caller import Caller
from tests.factories import people


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller()


@pytest.fixture
def world(db: None) -> people.World:
    return people.world()
