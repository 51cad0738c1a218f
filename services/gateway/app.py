"""The gateway: HTTP in, pages and event streams out. It knows no rules; services decide."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from services.gateway import problems
from services.gateway.api import (
    access_log,
    accounts,
    attachments,
    commands,
    events,
    exchange,
    figures,
    imports,
    notices,
    own_account,
    queries,
    residents,
    rules,
    session,
)
from services.gateway.edge import Edge, edge_of
from services.gateway.importing.worker import Worker
from services.gateway.limits import Gate
from services.gateway.pages import routes as pages
from services.gateway.signing_in.provider import SingleSignOn
from services.gateway.tail import Tail
from services.gateway.witness import Witness
from shared.adapters.credentials import Credentials
from shared.adapters.mongo import connect, connect_async
from shared.adapters.mongo_access_log import Entries, MongoAccessLog, NameMarks
from shared.adapters.mongo_attempts import Attempts
from shared.adapters.mongo_imports import ImportStore
from shared.adapters.mongo_log_async import AsyncMongoLog
from shared.adapters.mongo_second_factors import SecondFactors
from shared.adapters.mongo_sessions import Sessions
from shared.adapters.mongo_sign_in_flows import Flows
from shared.adapters.mongo_tokens import Tokens
from shared.adapters.rpc_client import RpcClient
from shared.adapters.trouble import as_unavailable
from shared.adapters.vault_client import Vault
from shared.contracts.accounts import AccountDisabled, ScopeChanged, SignInReset, TokenRevoked
from shared.event_log import Recorded
from shared.long_lived import keep_what_is_there
from shared.rejection import Unavailable
from shared.settings import Settings
from shared.single_sign_on import provider_in
from shared.telemetry import configure


def create_app(settings: Settings) -> FastAPI:
    """The application with its routes; connections are made when it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure("gateway", settings.log_level, settings.instance)
        app.state.edge = edge = connections(settings)
        await edge.rpc.start()
        tasks = [
            asyncio.create_task(edge.tail.run()),
            asyncio.create_task(edge.sessions.run()),
            asyncio.create_task(_create_indexes(edge)),
            asyncio.create_task(Worker(edge).run(), name="imports"),
        ]
        keep_what_is_there()
        yield
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await edge.rpc.stop()
        await edge.vault.close()

    app = FastAPI(
        title="基层点单＋群团组织派送",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    for part in (
        *(
            session,
            own_account,
            accounts,
            access_log,
            commands,
            attachments,
            exchange,
            queries,
            figures,
            rules,
            notices,
            residents,
        ),
        *(events, imports),
    ):
        app.include_router(part.router)
    pages.install(app)
    _add_probes(app)
    app.add_middleware(Gate)
    app.add_middleware(Witness)
    return app


def connections(settings: Settings) -> Edge:
    client = connect_async(settings.mongodb_uri, "gateway")
    provider = provider_in(settings.single_sign_on)
    sessions, tokens = Sessions(client, settings), Tokens(client, settings)
    vault = Vault(settings)

    async def end_sessions(fact: Recorded) -> None:
        """Whoever changed an account, by page or by a set-up tool, has signed it out everywhere."""
        match fact.event:
            case AccountDisabled(account_id=account_id) | ScopeChanged(account_id=account_id):
                await sessions.end_all_of(account_id)
                await tokens.end_all_of(account_id)
            case SignInReset(account_id=account_id):
                await sessions.end_all_of(account_id)
            case TokenRevoked(token_id=token_id):
                await tokens.end(token_id)
            case _:
                return

    return Edge(
        settings=settings,
        rpc=RpcClient(settings.amqp_uri),
        vault=vault,
        sessions=sessions,
        credentials=Credentials(client, settings),
        second_factors=SecondFactors(client, settings),
        tokens=tokens,
        access_log=MongoAccessLog(connect(settings.mongodb_uri, "gateway"), client, settings),
        county_log=Entries(client, settings.database("log")),
        name_marks=NameMarks(client, settings),
        single_sign_on=SingleSignOn(provider, Flows(client, settings)) if provider else None,
        attempts=Attempts(client, settings),
        tail=Tail(AsyncMongoLog(client, settings.database("log")), end_sessions),
        imports=ImportStore(client, settings, vault.imports_key),
    )


async def _create_indexes(edge: Edge) -> None:
    while True:
        try:
            with as_unavailable():
                await edge.sessions.create_indexes()
                await edge.attempts.create_indexes()
                await edge.tokens.create_indexes()
                await edge.access_log.create_indexes()
                await edge.imports.create_indexes()
                if edge.single_sign_on:
                    await edge.single_sign_on.flows.create_indexes()
            return
        except Unavailable:
            await asyncio.sleep(1.0)


def _add_probes(app: FastAPI) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz(request: Request, response: Response) -> dict[str, bool]:
        edge = edge_of(request)
        checks = {"broker": edge.rpc.is_connected, "log": edge.tail.is_following}
        response.status_code = 200 if all(checks.values()) else 503
        return checks

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


app = create_app(Settings())
