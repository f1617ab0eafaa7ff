"""Servers to measure, and a visitor who keeps their connection and their cookie."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

PROJECT = Path(__file__).resolve().parents[2]
WORKERS, THREADS = 2, 4
START_TIMEOUT = 60


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def desk_served(instance: Path, *, workers: int = WORKERS) -> Iterator[int]:
    """The desk as `run` serves it, without its worker; gives the port."""
    port = free_port()
    environment = {
        "BREACHDESK_INSTANCE": str(instance),
        "BREACHDESK_PORT": str(port),
        "BREACHDESK_WEB_WORKERS": str(workers),
        "BREACHDESK_WEB_THREADS": str(THREADS),
        "BREACHDESK_EMBEDDED_WORKER": "no",
        "BREACHDESK_LOG_LEVEL": "error",
    }
    command = [sys.executable, "-m", "breachdesk", "run"]
    with _process(command, environment, port, "/sign-in"):
        yield port


@contextmanager
def bare_served() -> Iterator[int]:
    """The bare page, with as many workers and threads."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "--log-level", "error"]
    command += ["-w", str(WORKERS), "--threads", str(THREADS), "--keep-alive", "15"]
    command += ["-b", f"127.0.0.1:{port}", "tests.bench.bare:app"]
    with _process(command, {}, port, "/"):
        yield port


@contextmanager
def _process(
    command: list[str], environment: Mapping[str, str], port: int, path: str
) -> Iterator[None]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BREACHDESK_")}
    process = subprocess.Popen(
        command, cwd=PROJECT, env={**clean, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(port, path)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def wait_for(port: int, path: str) -> None:
    """Wait until the server answers. Raises TimeoutError after a minute."""
    give_up = time.monotonic() + START_TIMEOUT
    while time.monotonic() < give_up:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"Nothing answers on port {port}.")


class Visitor:
    """One browser's worth of HTTP: a kept connection, a cookie, forms with their token."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: list[tuple[str, str]]) -> tuple[int, str]:
        """Send a form; redirects are not followed."""
        return self._ask("POST", path, urlencode(fields))

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": said} if said else {}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        text = response.read().decode()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self.cookies[cookie] = content
        return response.status, text

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, or raise."""
        _, page = self.get("/sign-in")
        fields = [("csrf_token", token_of(page)), ("email", email), ("password", password)]
        status, _ = self.post("/sign-in", fields)
        if status not in (302, 303):
            raise RuntimeError(f"The sign-in answered {status}.")


def token_of(page: str) -> str:
    """The forgery token of the page's first form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("The page has no form.")
    return found.group(1)
