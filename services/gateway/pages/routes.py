"""All pages, and what they need beside the routes: scripts, names, and pages for refusals."""

from fastapi import FastAPI

from services.gateway.pages import (
    access_log_pages,
    accounts_pages,
    assets,
    attachment_pages,
    board_pages,
    case_pages,
    errors,
    figures_pages,
    import_pages,
    notices_pages,
    own_account_pages,
    place_pages,
    register_pages,
    resident_pages,
    session_pages,
)
from services.gateway.pages.names import Directory

ROUTERS = (
    assets.router,
    session_pages.router,
    register_pages.router,
    import_pages.router,
    place_pages.router,
    case_pages.router,
    attachment_pages.router,
    board_pages.router,
    figures_pages.router,
    notices_pages.router,
    resident_pages.router,
    own_account_pages.router,
    accounts_pages.router,
    access_log_pages.router,
)


def install(app: FastAPI) -> None:
    """Add the pages to the application. Call it after the API and its problem documents."""
    app.state.assets = assets.load()
    app.state.directory = Directory()
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
