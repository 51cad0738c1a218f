"""Who knocks: address and device of a request, and the cookie its browser gets."""

from fastapi import Request, Response

from services.gateway.edge import COOKIE, SECURE_COOKIE
from services.gateway.signing_in.steps import Opened, Visitor

LEAVING_COOKIE = "sign-in"
LEAVING_SECONDS = 600

SYSTEMS = (
    ("MicroMessenger", "微信"),
    ("HarmonyOS", "鸿蒙设备"),
    ("Android", "安卓设备"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
"""Coarse on purpose: enough to recognise one's own, too little to follow anybody."""


def visitor_of(request: Request) -> Visitor:
    said = request.headers.get("user-agent", "")
    device = next((name for sign, name in SYSTEMS if sign in said), "程序或其他设备")
    return Visitor(request.client.host if request.client else "", device)


def hand_out(request: Request, response: Response, opened: Opened) -> None:
    """The session's cookie, for this browser alone."""
    _set(request, response, SECURE_COOKIE if _is_secure(request) else COOKIE, opened.token)


def take_back(response: Response) -> None:
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(name, path="/", secure=name == SECURE_COOKIE)


def mark_leaving(request: Request, response: Response, state: str) -> None:
    """Ties a single sign-on to the browser that began it."""
    _set(request, response, leaving_cookie(request), state, LEAVING_SECONDS)


def leaving_cookie(request: Request) -> str:
    return f"__Host-{LEAVING_COOKIE}" if _is_secure(request) else LEAVING_COOKIE


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _set(
    request: Request, response: Response, name: str, value: str, seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        secure=_is_secure(request),
        samesite="lax",
        path="/",
    )
