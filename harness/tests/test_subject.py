"""Subject files: what is right is read, what is wrong is said with file, line, key and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.errors import SubjectError
from v2x_harness.subject import load

GOOD = """
[subject]
name = "Wallbox"
vendor = "ACME"
version = "1.2"
roles = [{ role = "station", protocol = "ocpp", versions = ["1.6", "2.0.1"] }]

[endpoint]
listen = "127.0.0.1:9000"
identity = "CS001"
password = "env:WALLBOX_PASSWORD"

[pics]
"C-44" = true

[pixit]
settle = 12.5
lanes = 2
id_token = "T1"

[operator]
kind = "http"
url = "http://127.0.0.1:8080"
"""


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str) -> str:
        path = tmp_path / "subject.toml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_good_file_is_read_whole(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLBOX_PASSWORD", "correct horse")
    subject = load(write(GOOD))
    assert (subject.name, subject.vendor, subject.product_version) == ("Wallbox", "ACME", "1.2")
    assert subject.plays("station", "ocpp", "1.6")
    assert not subject.plays("csms", "ocpp", "1.6")
    assert subject.endpoint.password == "correct horse"
    assert subject.secrets == ("correct horse",)
    assert subject.pixit.settle == 12.5
    assert subject.pixit.values == {"id_token": "T1"}
    assert subject.operator.settings == {"url": "http://127.0.0.1:8080"}
    assert subject.capabilities.applies("C-44") == (True, ())


def test_a_password_can_stand_in_a_file_beside_the_subject(write, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret\n", encoding="utf-8")
    subject = load(write(GOOD.replace("env:WALLBOX_PASSWORD", "file:secret")))
    assert subject.endpoint.password == "s3cret"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('role = "station"', 'role = "statoin"'), (":6:", "subject.roles.0.role", "station, csms")),
        (('vendor = "ACME"', "colour = 1"), (":4:", "colour", "allowed keys: name, roles, vendor, version")),
        (("settle = 12.5", "settle = -1"), (":17:", "pixit.settle", "-1")),
        (('listen = "127.0.0.1:9000"', 'listen = "nowhere"'), (":9:", "endpoint.listen")),
        (("env:WALLBOX_PASSWORD", "hunter2"), (":11:", "endpoint.password", "env:NAME or file:PATH")),
        (("env:WALLBOX_PASSWORD", "env:NOT_SET_ANYWHERE"), ("NOT_SET_ANYWHERE", "not set")),
        (("env:WALLBOX_PASSWORD", "file:missing"), ("endpoint.password", "missing")),
        (('kind = "http"', 'kind = "smoke signals"'), ("operator.kind", "console")),
        (("[pics]", "[pics"), ("TOML",)),
    ],
)
def test_what_is_wrong_is_said_with_its_place(write, change: tuple[str, str], said: tuple[str, ...]) -> None:
    with pytest.raises(SubjectError) as raised:
        load(write(GOOD.replace(*change)))
    message = str(raised.value)
    assert all(part in message for part in said), message
    assert "hunter2" not in message


def test_a_missing_file_says_what_to_do() -> None:
    with pytest.raises(SubjectError) as raised:
        load("no/such/subject.toml")
    assert "v2x init" in raised.value.hint


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_subject_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("subject") / "subject.toml"
    path.write_bytes(data)
    with pytest.raises(SubjectError):
        load(str(path))
