"""A tiny client of the API that says who is calling."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.test import Client

from clinics.models import Clinic, Membership, User
from patients.models import Carer, Patient
from tests.factories import people

Person = User | Membership | Patient | Carer


class Caller:
    """`caller.as_(rui).post("patients", {...}, clinic=harbour)`; without `as_`, nobody signed in."""

    def __init__(self, token: str = "", tokens: dict[UUID, str] | None = None) -> None:
        self.token = token
        self.tokens = {} if tokens is None else tokens

    def as_(self, who: Person) -> Caller:
        """Return a client signed in as that person, the same device each time."""
        user = who if isinstance(who, User) else who.user
        assert user is not None, f"{who!r} has no login"
        if user.pk not in self.tokens:
            self.tokens[user.pk] = people.device_token(user)
        return Caller(self.tokens[user.pk], self.tokens)

    def get(self, path: str, query: dict[str, Any] | None = None, **where: Any) -> Any:
        return self.call("get", path, query=query, **where)

    def post(self, path: str, body: object = None, **where: Any) -> Any:
        return self.call("post", path, body, **where)

    def put(self, path: str, body: object = None, **where: Any) -> Any:
        return self.call("put", path, body, **where)

    def patch(self, path: str, body: object = None, **where: Any) -> Any:
        return self.call("patch", path, body, **where)

    def delete(self, path: str, body: object = None, **where: Any) -> Any:
        return self.call("delete", path, body, **where)

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: dict[str, Any] | None = None,
        record: Patient | UUID | None = None,
        clinic: Clinic | UUID | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """Send `body` as it is where it is bytes, else as JSON. `path` is below /api/v1/."""
        chosen = {"X-Record": record, "X-Clinic": clinic}
        sent = {name: str(getattr(one, "pk", one)) for name, one in chosen.items() if one}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        raw = body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
        return Client().generic(
            method.upper(),
            path if path.startswith("/") else f"/api/v1/{path}",
            b"" if body is None else raw,
            content_type="application/json",
            headers=sent | (headers or {}),
            query_params=query,
        )
