"""A file out of a form, kept in memory: the usual parser would put it on a disk."""

from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from services.gateway.exchange.tables import MAX_FILE
from shared.rejection import InvalidInput

CHOOSE = "请选择要导入的文件（.xlsx 或 .csv）"
FILE_TO_ATTACH = "请选择照片（JPG、PNG、WebP）或 PDF 文件"


def openapi_of(choose: str) -> dict[str, Any]:
    """What the interface's description says about a route that takes one file."""
    file = {"type": "string", "format": "binary", "description": choose}
    schema = {"type": "object", "required": ["file"], "properties": {"file": file}}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


OPENAPI = openapi_of(CHOOSE)


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


async def file_of(form: FormData, choose: str = CHOOSE) -> bytes:
    """The content of the form's file. Its name is not looked at: it may hold anything."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise InvalidInput(choose, file=choose)
    content = await file.read()
    if not content:
        raise InvalidInput("文件是空的，请重新选择文件", file=choose)
    return content
