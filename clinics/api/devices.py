"""Signing in and out, and the devices of a login."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from clinics.actions import devices as actions
from clinics.bodies import DeviceList, SignedIn, SignIn
from clinics.http import ANYONE, USERS, PublicView, UserView, answer, client_address
from clinics.models import Device
from clinics.openapi import operation
from clinics.presenters import device_out

MOST_DEVICES = 100
DEVICE_EXAMPLE = {
    "id": "019aa9f4-31c5-7c1e-8b4e-2a9d0c6f1e77",
    "name": "Ana's phone",
    "signed_in_at": "2026-11-23T08:00:00Z",
    "last_seen_on": "2026-11-23",
    "ends_at": "2027-02-21T08:00:00Z",
    "is_this_one": True,
}


class SignInView(PublicView):
    access = {"post": ANYONE}

    @operation(
        summary="Sign in and give this device a token",
        body=SignIn,
        answers={201: SignedIn},
        problems=(400, 401, 429),
        examples={
            "body": {
                "email": "ana@example.org",
                "password": "correct horse battery",
                "device_name": "Ana's phone",
            },
            201: {"token": "kJ3…", "device": DEVICE_EXAMPLE},
        },
    )
    def post(self, request: Request) -> Response:
        wanted = self.body(SignIn)
        made = actions.sign_in(
            email=wanted.email,
            password=wanted.password,
            device_name=wanted.device_name,
            address=client_address(request),
            now=self.now,
        )
        device = device_out(made.device, this_one=made.device.pk)
        return answer(SignedIn(token=made.token, device=device), 201)


class SignOutView(UserView):
    access = {"post": USERS}

    @operation(summary="End this device's token", answers={204: None}, problems=(401,))
    def post(self, request: Request) -> Response:
        device_id = self.actor.device_id
        if device_id is not None:
            actions.end_device(device_id=device_id, by=self.actor, now=self.now)
        return answer(None, 204)


class DevicesView(UserView):
    access = {"get": USERS}

    @operation(
        summary="List the devices that are signed in",
        answers={200: DeviceList},
        problems=(401,),
        examples={200: {"results": [DEVICE_EXAMPLE]}},
    )
    def get(self, request: Request) -> Response:
        devices = (
            Device.objects.visible_to(self.actor)
            .working(now=self.now)
            .order_by("-signed_in_at", "-id")[:MOST_DEVICES]
        )
        this_one = self.actor.device_id
        return answer(DeviceList(results=[device_out(each, this_one=this_one) for each in devices]))


class DeviceView(UserView):
    access = {"delete": USERS}

    @operation(summary="End one of your devices", answers={204: None}, problems=(401, 404))
    def delete(self, request: Request, device_id: UUID) -> Response:
        actions.end_device(device_id=device_id, by=self.actor, now=self.now)
        return answer(None, 204)


urlpatterns = [
    path("auth/sign-in", SignInView.as_view(), name="sign-in"),
    path("auth/sign-out", SignOutView.as_view(), name="sign-out"),
    path("auth/devices", DevicesView.as_view(), name="devices"),
    path("auth/devices/<uuid:device_id>", DeviceView.as_view(), name="device"),
]
