from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from clinics.models import User
from core.planning import one_plan

pytestmark = pytest.mark.django_db

PREPARE = "PREPARE looked_up (text) AS SELECT count(*) FROM clinics_user WHERE email = $1"
PLANNED = """
SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE name = 'looked_up'
"""


@pytest.fixture(autouse=True)
def _as_a_worker_plans(db):
    """The suite plans as the web server does; a worker's statements are planned for their values."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = auto")


def mode():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('plan_cache_mode')")
        return cursor.fetchone()[0]


def run(times):
    """Run a statement prepared anew; return how often by the plan for any value, and by one of its own."""
    with connection.cursor() as cursor:
        cursor.execute(PREPARE)
        for number in range(times):
            cursor.execute(f"EXECUTE looked_up ('{number}@harbour.example')")
        cursor.execute(PLANNED)
        [planned] = cursor.fetchall()
        cursor.execute("DEALLOCATE looked_up")
    return planned


def test_each_statement_is_planned_once_from_its_first_run_on():
    assert run(4) == (0, 4)

    with one_plan():
        assert run(4) == (4, 0)

    assert run(4) == (0, 4)


def test_what_was_chosen_before_is_chosen_again():
    before = mode()

    with one_plan():
        assert mode() == "force_generic_plan"

    assert mode() == before == "auto"


def test_inside_another_it_leaves_what_that_chose():
    with one_plan():
        with one_plan():
            assert mode() == "force_generic_plan"

        assert mode() == "force_generic_plan"

    assert mode() == "auto"


def test_it_costs_one_statement_before_and_one_after(django_assert_num_queries):
    with django_assert_num_queries(2), one_plan():
        pass


def test_after_an_error_it_ends_with_what_is_taken_back():
    User.objects.create(email="ana@harbour.example", name="Ana Silva")

    with pytest.raises(IntegrityError), transaction.atomic(), one_plan():
        User.objects.create(email="ana@harbour.example", name="Ana Silva")

    assert mode() == "auto"
