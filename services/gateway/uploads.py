"""A file out of a form, kept in memory: the usual parser would put it on a disk."""

from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from services.gateway.exchange.tables import MAX_FILE
from shared.rejection import InvalidInput

CHOOSE = "请选择要导入的文件（.xlsx 或 .csv）"

OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": CHOOSE}
                    },
                }
            }
        },
    }
}
"""What the interface's description says about a route that takes one file."""


class InMemory(MultiPartParser):
    """Never spools: the gate has limited the body before."""

    spool_max_size = 2 * MAX_FILE


async def form_of(request: Request) -> FormData:
    """The fields and files of a multipart form. Raises InvalidInput when it is none."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidInput(CHOOSE, file="请用 multipart/form-data 提交，字段名为 file")
    try:
        return await InMemory(request.headers, request.stream(), max_files=1, max_fields=10).parse()
    except MultiPartException:
        raise InvalidInput("提交的表单不完整，请重新选择文件", file=CHOOSE) from None


async def file_of(form: FormData) -> bytes:
    """The content of the form's file. Its name is not looked at: it may hold anything."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInput(CHOOSE, file=CHOOSE)
    content = await file.read()
    if not content:
        raise InvalidInput("文件是空的，请选择填好的文件", file=CHOOSE)
    return content
