"""Were the tests to run as a superuser, every test of row-level security would pass for nothing."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.conftest import as_owner


def rows(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


@pytest.mark.django_db
def test_the_tests_run_as_the_applications_role_which_row_level_security_binds():
    role = "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles"

    assert rows(f"{role} WHERE rolname = current_user") == [
        ("rehab_app", False, False, False, False)
    ]


@pytest.mark.django_db
def test_the_applications_role_owns_no_table_and_is_no_member_of_another_role():
    owned = "SELECT tablename FROM pg_tables WHERE tableowner = current_user"
    memberships = "SELECT roleid FROM pg_auth_members WHERE member = 'rehab_app'::regrole"

    assert rows(owned) == []
    assert rows(memberships) == []
    assert rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'") == [
        ("rehab_owner",)
    ]


@pytest.mark.django_db(transaction=True)
def test_the_owner_is_used_for_a_moment_only():
    with as_owner():
        assert rows("SELECT current_user") == [("rehab_owner",)]

    assert rows("SELECT current_user") == [("rehab_app",)]
