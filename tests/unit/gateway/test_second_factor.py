"""The picture that a phone scans is whole, plain, and says nothing by itself."""

import re

from services.gateway.signing_in.second_factor import picture_of

ADDRESS = (
    "otpauth://totp/%E7%BE%A4%E5%9B%A2:leader-1?secret=GEZDGNBVGY3TQOJQ&issuer=%E7%BE%A4%E5%9B%A2"
)


def test_it_scales_instead_of_being_cut_off():
    head = picture_of(ADDRESS).partition(">")[0]
    assert re.search(r'viewBox="0 0 \d+ \d+"', head)
    assert " width=" not in head


def test_it_is_dark_on_white_and_runs_nothing():
    picture = picture_of(ADDRESS)
    assert 'fill="#fff"' in picture
    assert not re.search(r"<script|<style|style=|href|on\w+=", picture)
    assert "GEZDGNBVGY3TQOJQ" not in picture
