"""nameko's RPC messages as bytes, and what an answer means: clients and edge agree here."""

import time
from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from shared.rejection import REFUSALS, Rejected
from shared.telemetry import trace

EXCHANGE = "nameko-rpc"
CONTENT_TYPE = "application/json"

NO_SERVICE = "这项服务暂时没有启动,请稍后再试"
NO_BROKER = "系统内部连接暂时中断,请稍后再试"
NO_ANSWER = "处理时间过长,结果尚不确定,请稍后再试"


class ServiceFailed(Exception):  # noqa: N818 - says who failed
    """The service met a bug. Its log says where; here is only the type of the error."""

    def __init__(self, service: str, method: str, error_type: str) -> None:
        super().__init__(f"{service}.{method}: {error_type}")
        self.error_type = error_type


def request(kwargs: Mapping[str, Any]) -> bytes:
    """A call's body. Raises TypeError for what JSON cannot say."""
    return orjson.dumps({"args": [], "kwargs": kwargs}, default=jsonable)


def headers(seconds: float, correlation_id: object = None) -> dict[str, Any]:
    """When the answer is of no use any more (unix ms), and the ids to trace the call by."""
    said = {"deadline": int((time.time() + seconds) * 1000), **trace()}
    if isinstance(correlation_id, str) and correlation_id:
        said["correlation_id"] = correlation_id
    return said


def expiration(seconds: float) -> str:
    """How long the broker keeps a message that nobody has taken: milliseconds, as AMQP wants it."""
    return str(max(1, int(seconds * 1000)))


def accepted(value: Any) -> bytes:
    """The answer of a method that returned."""
    return orjson.dumps({"result": {"ok": value}, "error": None}, default=jsonable)


def refused(refusal: Rejected) -> bytes:
    """The answer of a method that raised Rejected."""
    said = {"code": refusal.code, "message": refusal.message, "fields": refusal.fields}
    return orjson.dumps({"result": {"rejected": said}, "error": None}, default=str)


def failed(error_type: str) -> bytes:
    """The answer of a method with a bug, in nameko's shape: the type, and nothing of its text."""
    said = {"exc_type": error_type, "exc_path": "", "exc_args": [], "value": error_type}
    return orjson.dumps({"result": None, "error": said})


def understand(service: str, method: str, body: bytes | memoryview) -> Any:
    """What the method returned. Raises the Rejected it raised, or ServiceFailed."""
    try:
        answer = orjson.loads(body)
        error, result = answer["error"], answer["result"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise ServiceFailed(service, method, "NotAnAnswer") from None
    if error is not None:
        name = error.get("exc_type") if isinstance(error, dict) else None
        raise ServiceFailed(service, method, str(name or "Error"))
    if not isinstance(result, dict):
        return result  # a stock nameko service
    if "rejected" in result:
        raise _refusal(result["rejected"])
    return result.get("ok", result)


def jsonable(value: Any) -> Any:
    """orjson's last question: models, named tuples and sets; TypeError for anything else."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(type(value).__name__)


def _refusal(said: Mapping[str, Any]) -> Rejected:
    kind = REFUSALS.get(str(said.get("code")), Rejected)
    refusal = kind(str(said.get("message", "")))
    refusal.fields = {str(k): str(v) for k, v in (said.get("fields") or {}).items()}
    return refusal
