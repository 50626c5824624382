from __future__ import annotations

import pytest
from django.test import Client

from clinics.models import User
from tests.factories import people


@pytest.fixture
def olga(db: None) -> User:
    return people.operator(email="olga@platform.example", password=people.PASSWORD)


@pytest.fixture
def browser(olga: User) -> Client:
    """Olga's, signed in."""
    opened = Client()
    said = {"username": olga.email, "password": people.PASSWORD}
    assert opened.post("/operator/login/", said).status_code == 302
    return opened
