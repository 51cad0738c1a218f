"""A photo of a case: cleaned, sealed, seen by whom it concerns, proof of a completion, erased."""

import io
import uuid
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.integration.api.people import County, Person

GRID = "539901001201-01"
PLACE = "31.2304N121.4737E"


def photo(colour: str = "teal") -> bytes:
    exif, written = Image.Exif(), io.BytesIO()
    exif[0x9286] = PLACE
    Image.new("RGB", (640, 480), colour).save(written, "JPEG", exif=exif)
    return written.getvalue()


@pytest.fixture(scope="module")
def request_id(county: County) -> str:
    particulars = {"name": "王小明", "phone": "13812345678", "address": "东门路12号"}
    body = {
        "grid_id": GRID,
        "service_code": "volunteer-help",
        "particulars": {**particulars, "text": "屋顶漏水"},
    }
    return str(county.person("grid-worker-01").post("/requests", body)["request_id"])


def upload(
    who: Person, request_id: str, content: bytes, key: str = "", name: str = "x.jpg"
) -> httpx.Response:
    return who.http.post(
        f"/api/v1/requests/{request_id}/attachments",
        files={"file": (name, content, "image/jpeg")},
        headers={"Idempotency-Key": key or uuid.uuid4().hex},
    )


@pytest.fixture(scope="module")
def added(county: County, request_id: str) -> dict[str, Any]:
    answer = upload(county.person("grid-worker-01"), request_id, photo())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def path_of(added: dict[str, Any]) -> str:
    return f"/requests/{added['request_id']}/attachments/{added['attachment_id']}"


def test_a_photo_comes_back_without_what_the_camera_knew(county: County, added: dict[str, Any]):
    answer = county.person("grid-worker-01").get(path_of(added))
    assert answer.headers["content-type"] == "image/jpeg"
    assert PLACE.encode() not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (640, 480)


def test_it_is_served_as_somebody_elses(county: County, added: dict[str, Any]):
    headers = county.person("grid-worker-01").get(path_of(added)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == 'attachment; filename="attachment-1.jpg"'
    assert headers["content-security-policy"].startswith("sandbox")
    assert "no-store" in headers["cache-control"]


def test_the_case_tells_of_it(county: County, added: dict[str, Any]):
    worker = county.person("grid-worker-01")
    listed = worker.get(f"/requests/{added['request_id']}/attachments").json()
    assert [one["attachment_id"] for one in listed] == [added["attachment_id"]]
    story = worker.get(f"/requests/{added['request_id']}/story").json()
    assert "上传照片" in story["entries"][-1]["sentence"]


@pytest.mark.usefixtures("added")
def test_sent_twice_it_is_there_once(county: County, request_id: str):
    worker, key = county.person("grid-worker-01"), uuid.uuid4().hex
    first, again = (upload(worker, request_id, photo("navy"), key).json() for _ in range(2))
    assert (again["attachment_id"], again["is_repeat"]) == (first["attachment_id"], True)
    other = upload(worker, request_id, photo("red"), key)
    assert other.json()["code"] == "command_id_reused"
    listed = worker.get(f"/requests/{request_id}/attachments").json()
    assert [one["attachment_id"] for one in listed].count(first["attachment_id"]) == 1
    assert len(listed) == 2


def test_who_may_not_see_the_case_sees_no_photo(county: County, added: dict[str, Any]):
    stranger = county.person("grid-worker-02")
    assert stranger.get(path_of(added)).status_code == 404
    assert upload(stranger, added["request_id"], photo()).status_code == 404
    assert httpx.get(f"{county.stack.gateway_url}/api/v1{path_of(added)}").status_code == 401


def test_a_photo_of_another_case_is_not_found_in_this_one(county: County, added: dict[str, Any]):
    worker = county.person("grid-worker-01")
    elsewhere = worker.get(f"/requests/{added['request_id']}/attachments/F{'0' * 32}")
    assert elsewhere.status_code == 404


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 422),
        (b"", 422),
        (b"%PDF-1.7 broken", 422),
        (b"x" * (13 * 1024 * 1024), 413),
    ],
)
def test_anything_else_is_refused_and_nothing_kept(
    county: County, request_id: str, content: bytes, status: int
):
    chunks = county.mongo[f"{county.stack.county}_vault"]["files.chunks"]
    before = chunks.count_documents({})
    answer = upload(county.person("grid-worker-01"), request_id, content, name="../../<b>.svg")
    assert answer.status_code == status, answer.text
    assert chunks.count_documents({}) == before


def test_nothing_of_it_lies_in_clear(county: County, added: dict[str, Any]):
    content = county.person("grid-worker-01").get(path_of(added)).content
    chunks = county.mongo[f"{county.stack.county}_vault"]["files.chunks"]
    stored = b"".join(chunk["data"] for chunk in chunks.find())
    assert content[200:264] not in stored


def test_a_removed_photo_is_erased(county: County, added: dict[str, Any]):
    worker = county.person("grid-worker-01")
    worker.post(f"{path_of(added)}/removal", {"reason": "wrong_file"})
    assert worker.get(path_of(added)).status_code == 404
    county.until(lambda: county.vault.file(added["attachment_id"]) is None)
    story = worker.get(f"/requests/{added['request_id']}/story").json()
    assert "删除附件" in story["entries"][-1]["sentence"]
