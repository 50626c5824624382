"""
Just enough of WebDriver (W3C, JSON over HTTP) to use a page as a person with a keyboard does.

The standard library alone: what the tests need of it is typing, looking and waiting.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from rehab_platform.devprocesses import stop_group
from tests.resilience.servers import free_port

TAB, ENTER = "\ue004", "\ue007"
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage",
]  # fmt: skip
SECONDS = 60


def is_there() -> bool:
    return all(shutil.which(name) for name in ("chromium", "chromedriver"))


class Browser:
    """One window, driven through its session's address."""

    def __init__(self, session: str) -> None:
        self.session = session

    def go(self, url: str) -> None:
        ask("POST", f"{self.session}/url", {"url": url})

    @property
    def url(self) -> str:
        return str(ask("GET", f"{self.session}/url"))

    def run(self, script: str) -> Any:
        """Return what a function's body returns in the page."""
        return ask("POST", f"{self.session}/execute/sync", {"script": script, "args": []})

    def look_like(self, *, width: int, scheme: Literal["light", "dark"]) -> None:
        size = {"width": width, "height": 720, "deviceScaleFactor": 1, "mobile": False}
        self._tell("Emulation.setDeviceMetricsOverride", size)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self._tell("Emulation.setEmulatedMedia", {"features": features})

    def press(self, keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        pressed = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": pressed}
        ask("POST", f"{self.session}/actions", {"actions": [keyboard]})

    def tab_to(self, id_: str) -> None:
        """Go on with the Tab key until the focus is there."""
        for _time in range(40):
            self.press(TAB)
            if self.run("return document.activeElement.id") == id_:
                return
        raise AssertionError(f"the Tab key never comes to {id_}")

    def wait_for(self, path: str) -> None:
        deadline = time.monotonic() + SECONDS
        while not (
            self.url.endswith(path) and self.run("return document.readyState") == "complete"
        ):
            assert time.monotonic() < deadline, f"still at {self.url}"
            time.sleep(0.02)

    def wait_until(self, script: str) -> None:
        """Wait until what a function's body returns in the page is true."""
        deadline = time.monotonic() + SECONDS
        while not self.run(script):
            assert time.monotonic() < deadline, f"at {self.url}: never {script}"
            time.sleep(0.02)

    def _tell(self, command: str, parameters: dict[str, Any]) -> None:
        body = {"cmd": command, "params": parameters}
        ask("POST", f"{self.session}/goog/cdp/execute", body)


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    """Open a browser of its own for the length of a block."""
    port = free_port()
    driver = subprocess.Popen(
        [str(shutil.which("chromedriver")), f"--port={port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_up(address, driver)
        options = {
            "binary": shutil.which("chromium"),
            "args": [*ARGUMENTS, f"--user-data-dir={profile}"],
        }
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        session = f"{address}/session/{ask('POST', f'{address}/session', wanted)['sessionId']}"
        try:
            yield Browser(session)
        finally:
            ask("DELETE", session)
    finally:
        # It may wait for a browser of its that does not end: what has not gone is ended with it.
        stop_group(driver, seconds=5)


def ask(method: str, url: str, body: dict[str, Any] | None = None) -> Any:
    """Send one command and return its value; what the driver refuses is raised in its words."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=SECONDS) as answer:
            return json.load(answer)["value"]
    except HTTPError as error:
        with error:
            raise AssertionError(f"{method} {url}: {error.read().decode()[:500]}") from None


def _wait_until_up(address: str, driver: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        assert driver.poll() is None, "chromedriver ended while starting"
        try:
            if ask("GET", f"{address}/status")["ready"]:
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("chromedriver did not start")
