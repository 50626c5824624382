from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from tests.factories import people

BUDGETS = Path(__file__).parent / "snapshots" / "query_budgets.json"


@contextmanager
def as_owner() -> Iterator[None]:
    """Connect as the role that owns the tables, for what the application may not do."""
    before = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict |= {key: settings.OWNER_DATABASE[key] for key in before}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= before


def prepare_database() -> None:
    """
    Begin an epoch, and put in the exercises and programs every clinic shares; leave no event of it.

    The connection is the owner's.
    """
    call_command("load_catalogue", verbosity=0)
    call_command("new_epoch", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_auditevent")


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest) -> bool:
    """A server that the tests started goes with all it holds: nothing need be dropped before."""
    return "REHAB_TEST_SERVICES" in os.environ or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """The databases are made, migrated and dropped by their owner."""
    with as_owner():
        yield


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """Load the catalogue once; from then on, be the application's role."""
    application = settings.APPLICATION_DATABASE
    owner = settings.OWNER_DATABASE
    with django_db_blocker.unblock():
        prepare_database()
        connection.close()
        connection.settings_dict |= {key: application[key] for key in ("USER", "PASSWORD")}
        _refuse_a_role_that_sees_everything()
        yield
        connection.close()
        connection.settings_dict |= {key: owner[key] for key in ("USER", "PASSWORD")}


def _refuse_a_role_that_sees_everything() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        role, sees_everything = cursor.fetchone()
    if sees_everything:
        pytest.exit(f"the tests run as {role}, whom row-level security does not bind", 3)


@pytest.fixture(scope="session", autouse=True)
def _flush_as_owner() -> Iterator[None]:
    """A transactional test empties the tables, which only their owner may; then reload."""
    flush = TransactionTestCase._fixture_teardown

    def flush_and_reload(case: TransactionTestCase) -> None:
        with as_owner():
            flush(case)
            prepare_database()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", flush_and_reload)
        yield


@pytest.fixture(autouse=True)
def _no_counters_left() -> Iterator[None]:
    """Rate limits and throttles start from nothing in each test."""
    yield
    server = cache._cache.get_client()
    if left := list(server.scan_iter(match=f"{cache.key_prefix}:*")):
        server.delete(*left)


@pytest.fixture
def world(db: None) -> people.World:
    """The clinic and its people whom nearly every test is about."""
    return people.world()


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def query_budget() -> Callable[[str], AbstractContextManager[None]]:
    """Assert that a block runs the recorded number of queries; UPDATE_QUERY_BUDGETS=1 records."""

    @contextmanager
    def check(name: str) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        budgets = json.loads(BUDGETS.read_text()) if BUDGETS.exists() else {}
        if os.environ.get("UPDATE_QUERY_BUDGETS"):
            budgets[name] = len(captured)
            BUDGETS.write_text(json.dumps(budgets, indent=2, sort_keys=True) + "\n")
            return
        seen = "\n".join(query["sql"][:200] for query in captured.captured_queries)
        assert len(captured) == budgets.get(name), f"{name}: {budgets.get(name)=}\n{seen}"

    return check
