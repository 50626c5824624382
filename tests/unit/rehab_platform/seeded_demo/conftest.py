"""The demo, seeded once for every module here: each test looks at its rows from a savepoint of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from clinics.models import User
from rehab_platform import demo
from tests.unit.rehab_platform.seeded_demo.seen import WEDNESDAY, SeenClinic, look

AllSeen = dict[str, SeenClinic]


@pytest.fixture(scope="package")
def seen_before(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> AllSeen:
    """Seed, look and undo."""
    with django_db_blocker.unblock(), transaction.atomic():
        assert demo.seed(now=WEDNESDAY) is True
        seen = look(now=WEDNESDAY)
        transaction.set_rollback(True)
    return seen


@pytest.fixture(scope="package")
def seeded(
    request: pytest.FixtureRequest,
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
) -> Iterator[None]:
    """Seed and leave it until the last test here: after `seen_before`, if any test asks for that."""
    if any("seen_before" in item.fixturenames for item in request.session.items):
        request.getfixturevalue("seen_before")
    with django_db_blocker.unblock(), transaction.atomic():
        assert not User.objects.exists()
        assert demo.seed(now=WEDNESDAY) is True
        connection.check_constraints()  # once: else at the end of each test's savepoint
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="package")
def seen(seeded: None) -> AllSeen:
    return look(now=WEDNESDAY)
