"""A client as a public generator makes it of docs/openapi.yaml, used as an app would use it."""

from __future__ import annotations

import datetime as dt
import importlib
import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
import yaml

from tests.factories import people, prescriptions

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
METHODS = {"get", "post", "put", "patch", "delete"}
PASSWORD = "correct horse battery"
NAME = "rehab_client"


def generate(document, directory, *options):
    """Run the generator as a program; its formatting of what it made is left out."""
    config = directory / "generator.yaml"
    config.write_text("post_hooks: []\n")
    program = shutil.which("openapi-python-client", path=str(Path(sys.executable).parent))
    return subprocess.run(
        [
            program, "generate", "--path", str(document), "--output-path", str(directory / NAME),
            "--meta", "none", "--config", str(config), "--fail-on-warning", *options,
        ],
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


class App:
    """Calls operations by their names below `api`, and returns what they answered, parsed."""

    def __init__(self, url, module):
        self.url, self.module = url, module
        self.clients = []

    def __call__(self, name, client, *path, **words):
        answer = self.module(f"api.{name}").sync_detailed(*path, client=client, **words)
        assert answer.status_code < 300, answer.content
        return answer.parsed

    def signed_in(self, email):
        models, client = self.module("models"), self.module("client")
        sign_in = models.SignIn(email=email, password=PASSWORD, device_name="App")
        stranger = self.kept(client.Client(base_url=self.url))
        token = self("auth.post_auth_sign_in", stranger, body=sign_in).token
        return self.kept(client.AuthenticatedClient(base_url=self.url, token=token))

    def kept(self, client):
        self.clients.append(client)
        return client

    def close(self):
        for client in self.clients:
            client.get_httpx_client().close()


@pytest.fixture(scope="session")
def generated(tmp_path_factory):
    """The client's folder, and what its generator said."""
    directory = tmp_path_factory.mktemp("client")
    done = generate(DOCUMENT, directory)
    return directory / NAME, done


@pytest.fixture
def module(generated, monkeypatch):
    """Import a part of the client by its name, such as `api.me.get_me_plan`."""
    folder, _done = generated
    monkeypatch.syspath_prepend(str(folder.parent))
    yield lambda name: importlib.import_module(f"{NAME}.{name}")
    for name in [one for one in sys.modules if one.split(".")[0] == NAME]:
        del sys.modules[name]


@pytest.fixture
def app(module):
    """Make an app of the client; its connections are closed."""
    made = []

    def make(url):
        made.append(App(url, module))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_the_generator_takes_every_operation_without_a_warning(generated):
    folder, done = generated

    assert (done.returncode, "WARNING" in done.stdout + done.stderr) == (0, False), done.stdout
    paths = yaml.load(DOCUMENT.read_text(), yaml.CSafeLoader)["paths"]
    expected = {
        told["operationId"]
        for item in paths.values()
        for method, told in item.items()
        if method in METHODS
    }
    made = {path.stem for path in folder.glob("api/*/*.py") if path.stem != "__init__"}
    assert len(expected) > 120
    assert made == expected


def test_a_description_that_the_generator_cannot_take_is_noticed(tmp_path):
    document = yaml.load(DOCUMENT.read_text(), yaml.CSafeLoader)
    path = "/api/v1/auth/whoami"
    answer = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    answer["schema"] = {"$ref": "#/components/schemas/Gone"}
    kept = {"openapi": document["openapi"], "info": document["info"]}
    small = kept | {"paths": {path: document["paths"][path]}, "components": document["components"]}
    (tmp_path / "bad.yaml").write_text(yaml.dump(small, Dumper=yaml.CSafeDumper))

    done = generate(tmp_path / "bad.yaml", tmp_path)

    assert done.returncode == 1
    assert f"WARNING parsing GET {path}" in done.stdout + done.stderr


@pytest.mark.django_db(transaction=True)
def test_the_client_signs_in_reads_the_plan_uploads_and_reads_adherence(live_server, app, module):
    now = dt.datetime.now(dt.UTC)
    harbour = people.clinic()
    rui = people.therapist(harbour, email="rui@example.org", password=PASSWORD)
    ana_signs_in = people.user("Ana Silva", "ana@example.org", PASSWORD)
    ana = people.patient(harbour, care_team=[rui], login=ana_signs_in)
    line = prescriptions.prescribe(ana, "heel_raise", from_=now.date() - dt.timedelta(days=2))
    api, models = app(live_server.url), module("models")

    phone = api.signed_in("ana@example.org")
    plan = api("me.get_me_plan", phone, x_record=str(ana.pk))
    assert [one.line for one in plan.lines] == [line.pk]
    assert plan.lines[0].dose.sets == 3

    session = models.LogSession(
        id=uuid.uuid4(),
        performed_at=now - dt.timedelta(hours=1),
        results=[
            models.ResultIn(
                line=line.pk,
                side=models.ResultInSide(plan.lines[0].result_sides[0]),
                sets=[models.SetIn(repetitions=10)] * 3,
            )
        ],
    )
    body = models.Batch.from_dict({"sessions": [session.to_dict()]})
    stored = api("me.post_me_sessions_batch", phone, body=body)
    assert [(one.id, one.status) for one in stored.sessions] == [(str(session.id), "created")]

    desk = api.signed_in("rui@example.org")
    adherence = api("patients.get_patients_by_patient_id_adherence", desk, ana.pk)
    assert adherence.total.done == 1
    assert adherence.covers.until >= now.date()
