"""Every request leaves one line, every bug its place, and neither what was asked for."""

import asyncio
import json
import logging

import httpx
import pytest
import structlog
from fastapi import FastAPI

from services.gateway.witness import Witness
from shared import telemetry


@pytest.fixture
def lines(capsys):
    """What was said; logging belongs to the whole process, so it is left as it was found."""
    handlers, level = logging.root.handlers[:], logging.root.level

    def said():
        telemetry.flush()
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    yield said
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)
    structlog.reset_defaults()


def app() -> FastAPI:
    application = FastAPI()

    @application.get("/cases/{case}")
    async def case(case: str) -> str:
        if case == "broken":
            raise RuntimeError("王小明 13812345678")
        return case

    @application.get("/livez")
    async def livez() -> str:
        return "ok"

    application.add_middleware(Witness)
    return application


def get(path: str) -> int:
    telemetry.configure("gateway")

    async def ask() -> int:
        transport = httpx.ASGITransport(app(), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return (await client.get(path)).status_code

    return asyncio.run(ask())


def test_an_answer_is_one_line_with_the_routes_pattern(lines):
    assert get("/cases/R1?name=secret") == 200
    (line,) = lines()
    assert (line["event"], line["route"], line["status"]) == ("answered", "/cases/{case}", 200)
    assert "R1" not in json.dumps(line)
    assert "secret" not in json.dumps(line)


def test_an_address_that_is_no_route_is_not_repeated(lines):
    assert get("/13812345678") == 404
    (line,) = lines()
    assert (line["route"], line["status"]) == ("none", 404)


def test_a_bug_is_told_by_its_place_and_not_by_its_words(lines):
    assert get("/cases/broken") == 500
    failed, answered = lines()
    assert (failed["error_type"], answered["status"]) == ("RuntimeError", 500)
    assert any("test_witness.py" in frame for frame in failed["traceback"])
    assert "王小明" not in json.dumps(failed, ensure_ascii=False)


def test_probes_are_not_worth_a_line(lines):
    assert get("/livez") == 200
    assert lines() == []
