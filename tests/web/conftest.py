from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from clinics.models import User
from rehab_platform.web.sessions import WebSession
from tests.factories import people

SIGN_IN = "/account/sign-in"


def sign_in(client: Client, email: str, password: str = people.PASSWORD, **more: str):
    return client.post(SIGN_IN, {"login": email, "password": password, **more})


def browser_of(user: User) -> Client:
    """Return a browser in which that user is signed in, without going through the form."""
    made = WebSession()
    made[SESSION_KEY] = str(user.pk)
    made[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    made[HASH_SESSION_KEY] = user.get_session_auth_hash()
    made.save(must_create=True)
    opened = Client()
    opened.cookies[settings.WEB_COOKIE_NAME] = str(made.session_key)
    return opened


@pytest.fixture
def ana(world: people.World) -> User:
    """Ana Silva's login, with a password."""
    user = world.ana.user
    assert user is not None
    user.set_password(people.PASSWORD)
    user.save()
    return user


@pytest.fixture
def browser(ana: User) -> Client:
    """Ana's, signed in."""
    opened = Client()
    assert sign_in(opened, ana.email).status_code == 302
    return opened
