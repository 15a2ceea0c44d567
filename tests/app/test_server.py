"""The server as another site or machine meets it: forged origins and uploads are refused."""

from __future__ import annotations

import base64
import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.app.pages import copy_store
from tests.app.serving import serve


@pytest.fixture(scope="module")
def address(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(copy_store(sample_store, tmp_path_factory.mktemp("server"))) as (url, _):
        yield url


def handshake(address: str, origin: str) -> int:
    """Ask for a session as a page of `origin` would; return the status of the answer."""
    place = urlsplit(address)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
    key = base64.b64encode(os.urandom(16)).decode()
    connection.request(
        "GET",
        "/_stcore/stream",
        headers={
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            "Origin": origin,
        },
    )
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_own_page_opens_a_session(address: str) -> None:
    assert handshake(address, address) == 101


@pytest.mark.parametrize("origin", ["http://evil.example", "https://localhost.evil.example"])
def test_another_site_cannot_open_a_session(origin: str, address: str) -> None:
    assert handshake(address, origin) == 403


def test_an_upload_without_the_token_is_refused(address: str) -> None:
    place = urlsplit(address)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
    connection.request(
        "PUT",
        "/_stcore/upload_file/00000000-0000-0000-0000-000000000000/1",
        body=b"x",
        headers={
            "Content-Type": "multipart/form-data; boundary=x",
            "Origin": "http://evil.example",
        },
    )
    assert connection.getresponse().status in (400, 403)
    connection.close()


def test_the_server_listens_to_this_machine_only() -> None:
    import tomllib

    from tests.app.pages import ROOT

    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["address"] == "localhost"
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["client"]["showErrorDetails"] == "none"


def test_an_installed_procsim_has_the_same_settings() -> None:
    from tests.app.pages import ROOT

    own, shipped = (
        (ROOT / folder / ".streamlit" / "config.toml").read_text(encoding="utf-8")
        for folder in (".", "procsim/app")
    )
    assert own == shipped
