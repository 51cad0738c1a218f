"""What went wrong in a service is told to people as a page, to programs as a problem document."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from services.gateway import problems
from services.gateway.pages import assets, errors
from shared.adapters.rpc_wire import ServiceFailed
from shared.rejection import Unavailable


def app() -> FastAPI:
    application = FastAPI()
    problems.install(application)
    application.state.assets = assets.load()
    errors.install(application)

    @application.get("/broken")
    async def broken() -> None:
        raise ServiceFailed("ledger", "board", "KeyError")

    @application.get("/away")
    async def away() -> None:
        raise Unavailable("服务暂时不可用")

    return application


def get(path: str, accept: str) -> httpx.Response:
    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app())
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return await client.get(path, headers={"accept": accept})

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [("/broken", 500, errors.BROKEN), ("/away", 503, "页面会自动重试")],
)
def test_people_get_a_page_and_programs_a_document(path: str, status: int, sentence: str) -> None:
    page, document = get(path, "text/html"), get(path, "application/json")
    assert (page.status_code, document.status_code) == (status, status)
    assert page.headers["content-type"].startswith("text/html")
    assert sentence in page.text
    assert document.headers["content-type"] == "application/problem+json"
