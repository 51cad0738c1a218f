"""A photo goes up from the phone, proves the work at the desk, and can be taken back."""

import io

from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.browser.cases import taken_up
from tests.browser.conftest import PHONE, Room


def photo() -> FilePayload:
    written = io.BytesIO()
    Image.effect_noise((800, 600), 90).convert("RGB").save(written, "JPEG")
    return {"name": "IMG_0001.JPG", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def test_a_photo_is_uploaded_seen_and_named_as_proof(room: Room) -> None:
    work = taken_up(room)
    work.colleague.does(f"{work.order}/first-contact")
    organization = work.account.organization_id or ""
    doer = room.worker("organization_dispatcher", PHONE, organization_id=organization)
    doer.page.goto(work.case)
    expect(doer.page.get_by_text("还没有照片或文件")).to_be_visible()
    doer.page.get_by_label("上传照片或 PDF").set_input_files(photo())
    doer.page.get_by_role("button", name="上传", exact=True).click()
    shown = doer.page.get_by_role("img", name="照片 1")
    expect(shown).to_be_visible()
    assert shown.evaluate("img => img.decode().then(() => img.naturalWidth)") == 800
    assert doer.overflow() == 0
    assert doer.barriers() == []

    doer.page.get_by_label("办理结果").select_option(label="已解决")
    doer.page.get_by_role("checkbox", name="照片 1").check()
    doer.page.locator(".step[open] textarea").fill("屋顶已修好。")
    doer.page.get_by_role("button", name="确认办结").click()
    expect(doer.page.locator(".story")).to_contain_text("照片")
    expect(doer.page.locator(".case-head")).to_contain_text("已办结")


def test_what_is_no_photo_is_refused_with_what_to_do(room: Room) -> None:
    work = taken_up(room)
    organization = work.account.organization_id or ""
    doer = room.worker("organization_dispatcher", PHONE, organization_id=organization)
    doer.page.goto(work.case)
    page: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"<html></html>"}
    doer.page.get_by_label("上传照片或 PDF").set_input_files(page)
    doer.page.get_by_role("button", name="上传", exact=True).click()
    expect(doer.page.locator("#attach").get_by_role("alert")).to_contain_text("只能上传")


def test_whoever_uploaded_a_wrong_photo_takes_it_back(room: Room) -> None:
    work = taken_up(room)
    organization = work.account.organization_id or ""
    doer = room.worker("organization_dispatcher", PHONE, organization_id=organization)
    doer.page.goto(work.case)
    doer.page.get_by_label("上传照片或 PDF").set_input_files(photo())
    doer.page.get_by_role("button", name="上传", exact=True).click()
    doer.page.locator("summary").filter(has_text="删除").click()
    doer.page.get_by_label("原因").last.select_option(label="传错了文件")
    doer.page.get_by_role("button", name="确认删除照片 1").click()
    expect(doer.page.get_by_text("还没有照片或文件")).to_be_visible()
    expect(doer.page.locator(".story")).to_contain_text("删除附件")
