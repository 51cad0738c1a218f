"""The real provider of provider.mjs as a process of its own, and a browser that signs in there."""

import contextlib
import re
import subprocess
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx

from deploy.local.waiting import wait_until

SCRIPT = Path(__file__).with_name("provider.mjs")
SECRET = "a secret of the county and its provider"
FORM = re.compile(r'<form[^>]* action="([^"]+)"')
MOST_STEPS = 12


@contextlib.contextmanager
def provider(redirect_uri: str, port: int) -> Iterator[str]:
    """Its issuer, while it runs on the loopback."""
    running = subprocess.Popen(
        ["node", str(SCRIPT), str(port), redirect_uri],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    issuer = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(issuer), "the provider answering", 30)
        yield issuer
    finally:
        running.terminate()
        running.wait(timeout=20)


def setting(issuer: str) -> str:
    """What SINGLE_SIGN_ON says about it."""
    return (
        f'{{"issuer": "{issuer}", "client_id": "county", "client_secret": "{SECRET}",'
        ' "name": "云岭县统一身份认证"}'
    )


def consent(browser: httpx.Client, start: httpx.Response, login: str) -> httpx.Response:
    """Follow redirects and fill in the provider's forms until we are sent back: that redirect."""
    answer = start
    for _ in range(MOST_STEPS):
        if answer.is_redirect:
            target = httpx.URL(answer.request.url).join(answer.headers["location"])
            if target.path == "/sign-in/arrival":
                return answer
            answer = browser.get(target)
            continue
        found = FORM.search(answer.text)
        assert found, answer.text
        prompt = "login" if 'name="login"' in answer.text else "consent"
        typed = {"prompt": prompt, "login": login, "password": "not looked at"}
        answer = browser.post(answer.request.url.join(unescape(found.group(1))), data=typed)
    raise AssertionError("the provider did not send us back")


def _answers(issuer: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{issuer}/.well-known/openid-configuration", trust_env=False).is_success
    return False
