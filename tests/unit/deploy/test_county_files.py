"""A county's files: what is wrong is told with its file, its line and what to do about it."""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploy.county.check import DEMO, report
from deploy.county.credit_code import has_right_check_digit
from deploy.county.entries import AccountEntry, AreaEntry, CountyFiles, OrganizationEntry
from deploy.county.folder import BrokenCountyError, check_folder, read_county
from deploy.county.marked import read_marked
from shared.contracts.county import Rules
from shared.contracts.dispatch import Offer
from shared.county_rules import DEFAULT_RULES
from tests.unit.deploy.small_county import FILES, write, write_broken

A, M, C, R = "areas.yaml", "organizations.yaml", "accounts.yaml", "rules.yaml"
WIDE_COLON = "冒号请用半角“:”并空一格（中文输入法打出的是“：”）"

BROKEN: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "a field misspelt": (
        A,
        "name: 城东站",
        "nmae: 城东站",
        (
            "areas.yaml:4 areas.name：缺少“name”。请补上",
            "areas.yaml:4 areas.nmae：没有“nmae”这个字段。是不是“name”？",
        ),
    ),
    "a field nobody knows": (
        C,
        "role: auditor}",
        "role: auditor, 电话: 1}",
        (
            "accounts.yaml:8 accounts.电话：没有“电话”这个字段。"
            "可用的字段：account_id、role、organization_id、area_ids",
        ),
    ),
    "a code misspelt": (
        R,
        "  - covers_the_area",
        "  - covers_area",
        (
            "rules.yaml:27 matching：“covers_area”不是可填的值。是不是“covers_the_area”？可填："
            "offers_the_service（服务菜单中有这项服务）、covers_the_area（服务区域覆盖该网格）、"
            "serves_the_category（面向这类服务对象）、has_not_returned_it（没有退过这件工单）、"
            "best_past_outcome（同类服务解决率更高）、least_busy（在办工单最少）、"
            "first_by_id（条件相同时按单位编号排序）",
        ),
    ),
    "a parent that is not there": (
        A,
        "parent_id: 539901001}",
        "parent_id: 53990101}",
        ("areas.yaml:5 areas.parent_id：没有“53990101”这个区域。是不是“539901001”？",),
    ),
    "a parent of the wrong kind": (
        A,
        "name: 第一网格, parent_id: 539901001201}",
        "name: 第一网格, parent_id: 539901001}",
        ("areas.yaml:6 areas.parent_id：“网格”不能设在“城市党群服务站”之下。上级应为村(社区)",),
    ),
    "two counties": (
        A,
        "kind: center, name: 中心, parent_id: 539901}",
        "kind: county, name: 中心}",
        (
            "areas.yaml:3 areas.kind：县只能有一个。请改为其他类型",
            "areas.yaml:4 areas.parent_id：“城市党群服务站”不能设在“县”之下。"
            "上级应为县群团综合服务中心",
        ),
    ),
    "a code twice": (
        A,
        "area_id: 0012",
        "area_id: 539901001201-01",
        (
            "areas.yaml:7 areas.area_id：“539901001201-01”写了两次。请删去一处，或换一个编码",
            "accounts.yaml:2 accounts.area_ids：没有“0012”这个区域。"
            "请先在 areas.yaml 中登记，或更正编码",
        ),
    ),
    "a code that a spreadsheet has turned into a number": (
        A,
        "area_id: 539901001201-01",
        "area_id: 5.39901E+11",
        (
            "areas.yaml:6 areas.area_id：“5.39901E+11”是被表格软件改写过的数字。"
            "请在原表中把这一列设为文本，重新填写完整编码",
        ),
    ),
    "a code in Chinese": (
        C,
        "account_id: clerk-1",
        "account_id: 受理员1",
        (
            "accounts.yaml:3 accounts.account_id：“受理员1”含有编码不允许的字符。"
            "编码只用字母、数字和 _ . : -，不含空格和汉字",
        ),
    ),
    "a credit code with a slip of the pen": (
        M,
        "organization_id: 12330000MB0X123454",
        "organization_id: 12330000MB0X123445",
        (
            "organizations.yaml:2 organizations.organization_id：统一社会信用代码的校验位不对。"
            "请对照登记证书逐位核对（没有字母 I、O、S、V、Z）",
            "accounts.yaml:5 accounts.organization_id：没有“12330000MB0X123454”这个群团组织。"
            "是不是“12330000MB0X123445”？",
        ),
    ),
    "a service nowhere": (
        M,
        "name: 急救培训, area_ids: [539901]}",
        "name: 急救培训, area_ids: []}",
        (
            "organizations.yaml:6 organizations.offers.area_ids：没有服务区域。"
            "请填写，全县都服务的填县的编码",
        ),
    ),
    "a service in an area that is not there": (
        M,
        "area_ids: [539901]",
        "area_ids: [539901, 539901009]",
        (
            "organizations.yaml:6 organizations.offers.area_ids：没有“539901009”这个区域。"
            "是不是“539901001”？",
        ),
    ),
    "a service twice in one menu": (
        M,
        "service_code: relief, name: 困难帮扶",
        "service_code: first-aid, name: 急救培训",
        (
            "organizations.yaml:7 organizations.offers.service_code：“first-aid”写了两次。"
            "请删去一处，或换一个编码",
        ),
    ),
    "one service, two names": (
        M,
        "name: 困难帮扶",
        "name: 帮扶",
        (
            "organizations.yaml:12 organizations.offers.name：服务“relief”在别处叫“帮扶”。"
            "请统一名称，或换一个服务编码",
        ),
    ),
    "an account of an organisation that is not there": (
        C,
        "organization_id: trade-union",
        "organization_id: trade-unoin",
        (
            "accounts.yaml:4 accounts.organization_id：没有“trade-unoin”这个群团组织。"
            "是不是“trade-union”？",
        ),
    ),
    "a grid worker of a village": (
        C,
        "area_ids: [539901001201-01, 0012]",
        "area_ids: [539901001201]",
        (
            "accounts.yaml:2 accounts.area_ids：“539901001201”是村(社区)，不是网格。"
            "网格员请填写具体的网格",
        ),
    ),
    "a post with a scope that does not fit it": (
        C,
        "role: auditor}",
        "role: auditor, area_ids: [539901]}",
        ("accounts.yaml:8 accounts.area_ids：“审计员”的工作范围不正确。这个岗位不分区域，请留空",),
    ),
    "a desk without a place": (
        C,
        "role: desk_clerk, area_ids: [539901001]}",
        "role: desk_clerk}",
        ("accounts.yaml:3 accounts.area_ids：“受理员”的工作范围不正确。请填写负责的区域",),
    ),
    "a list that is none": (
        C,
        "area_ids: [539901001]}",
        "area_ids: 539901001}",
        (
            "accounts.yaml:3 accounts.area_ids：这里应当是一个列表。"
            "每项一行，以“- ”开头；或写成 [甲, 乙]",
        ),
    ),
    "nothing where something belongs": (
        R,
        "yellow_percent: 50",
        "yellow_percent:",
        ("rules.yaml:19 ladder.yellow_percent：没有填写。请填写，或删去整个字段",),
    ),
    "words for a number": (
        R,
        "yellow_percent: 50",
        "yellow_percent: 五十",
        ("rules.yaml:19 ladder.yellow_percent：“五十”不是整数。请填写一个整数",),
    ),
    "too large a number": (
        R,
        "yellow_percent: 50",
        "yellow_percent: 500",
        ("rules.yaml:19 ladder.yellow_percent：500 太大。最大为 99",),
    ),
    "yellow after orange": (
        R,
        "yellow_percent: 50",
        "yellow_percent: 85",
        (
            "rules.yaml:19 ladder.yellow_percent：规则不能这样设置。"
            "黄色提醒须早于橙色预警，请改小黄色或改大橙色的百分比",
        ),
    ),
    "a time without its nought": (
        R,
        "opens: 08:30",
        "opens: 8:30",
        (
            "rules.yaml:4 office_hours.spans.opens：“8:30”不是时间。"
            "请写成 08:30 这样，24:00 表示当天结束",
        ),
    ),
    "a day that does not exist": (
        R,
        "2026-10-01",
        "2026-02-30",
        ("rules.yaml:7 roster.day：没有这一天。请核对日期",),
    ),
    "a day in another shape": (
        R,
        "2026-10-01",
        "2026年10月1日",
        ("rules.yaml:7 roster.day：“2026年10月1日”不是日期。请写成 2026-10-01 这样",),
    ),
    "an urgency doubled": (
        R,
        "urgency: complex",
        "urgency: urgent",
        (
            "rules.yaml:9 levels：规则不能这样设置。缺少紧急程度：复杂/联办，请补上它的时限",
            "rules.yaml:15 levels.urgency：规则不能这样设置。“紧急”写了两次，请删去一处",
        ),
    ),
    "an urgency missing": (
        R,
        "  - {urgency: complex, complete: {amount: 15, unit: working_day}}\n",
        "",
        ("rules.yaml:9 levels：只有 4 项。至少 5 项，请补上",),
    ),
    "a field twice": (
        R,
        "version: small-1",
        "version: small-1\nversion: small-2",
        ("rules.yaml:2 “version”在第 1 行已经写过。请删去一处",),
    ),
    "a tab": (
        A,
        "  - {area_id: 539901001,",
        "\t- {area_id: 539901001,",
        ("areas.yaml:4 缩进处有制表符（Tab）。缩进请只用空格",),
    ),
    "a wide colon": (
        A,
        "name: 城东站",
        "name：城东站",
        (
            "areas.yaml:4 areas.name：缺少“name”。请补上",
            "areas.yaml:4 areas.name：城东站：没有“name：城东站”这个字段。" + WIDE_COLON,
        ),
    ),
    "a bracket left open": (
        A,
        "parent_id: 539901}",
        "parent_id: 539901",
        ("areas.yaml:4 这里不符合 YAML 格式。请检查缩进、冒号后的空格、引号和括号是否成对",),
    ),
    "an alias": (
        C,
        "area_ids: [539901001]}",
        "area_ids: &all [539901001], organization_id: *all}",
        ("accounts.yaml:3 不支持用 & 和 * 引用别处的内容。请把内容直接写在这里",),
    ),
    "a tag": (
        A,
        "name: 城东站",
        "name: !!python/object/apply:os.system [ls]",
        ("areas.yaml:4 不支持以 ! 开头的标签。请删去标签，直接写内容",),
    ),
}


@pytest.mark.parametrize("claim", BROKEN)
def test_it_is_told_where_and_what_to_do(claim: str, tmp_path: Path):
    file, sound, broken, expected = BROKEN[claim]
    checked = check_folder(write_broken(tmp_path, file, sound, broken))
    assert tuple(map(str, checked.problems)) == expected
    assert checked.county is None


def test_problems_of_all_files_are_told_at_once(tmp_path: Path):
    write_broken(tmp_path, A, "kind: station", "kind: staton")
    (tmp_path / R).write_text(FILES[R].replace("unit: natural_hour", "unit: hour", 1), "utf-8")
    (tmp_path / M).unlink()
    assert [(one.file, one.line) for one in check_folder(tmp_path).problems] == [
        (A, 4),
        (M, 1),
        (R, 10),
    ]


def test_a_file_from_a_chinese_windows_is_named_as_such(tmp_path: Path):
    write(tmp_path)
    (tmp_path / A).write_bytes(FILES[A].encode("gbk"))
    (problem,) = check_folder(tmp_path).problems
    assert str(problem) == (
        "areas.yaml:2 不是 UTF-8 编码。请在编辑器中另存为 UTF-8（中文 Windows 常存成 GBK）"
    )


def test_codes_stay_the_text_they_were_written_as(tmp_path: Path):
    county = read_county(write(tmp_path))
    assert county.areas[-1].area_id == "0012"
    assert county.grids_by_worker == {"worker-1": ("539901001201-01", "0012")}
    assert county.rules.office_hours.spans[1].opens == "14:30"


def test_what_may_have_been_forgotten_is_a_hint_and_no_problem(tmp_path: Path):
    folder = write_broken(tmp_path, C, "area_ids: [539901001201-01, 0012]", "area_ids: [0012]")
    checked = check_folder(folder)
    assert checked.county is not None
    assert [str(hint) for hint in checked.hints] == [
        "areas.yaml:6 areas：网格“第一网格”没有网格员。如不是有意留空，请在 accounts.yaml 安排"
    ]
    assert report(Path("县"), checked)[-1].startswith("县 可以启用：区域 6、群团组织 2、账号 8")


def test_a_broken_county_is_not_read(tmp_path: Path):
    with pytest.raises(BrokenCountyError, match=r"areas\.yaml:4"):
        read_county(write_broken(tmp_path, A, "kind: station", "kind: staton"))


def test_the_demo_county_is_sound():
    checked = check_folder(DEMO)
    assert (checked.problems, checked.hints) == ([], [])


def test_credit_codes_are_checked_as_the_standard_says():
    """GB 32100-2015; the first is the example that is published with it."""
    assert has_right_check_digit("91350100M000100Y43")
    assert not has_right_check_digit("91350100M000100Y34")
    assert not has_right_check_digit("91350100MO00100Y43")


ids = st.from_regex(r"[A-Za-z0-9_.:-]{1,12}", fullmatch=True)
names = st.text("县村网格Aa0 :：#-'\"\n\\、{}[]", min_size=1, max_size=12)
offers = st.builds(
    Offer,
    service_code=ids,
    name=names,
    area_ids=st.lists(ids, max_size=3).map(tuple),
    beneficiary_categories=st.sets(st.sampled_from(("resident", "league_member"))).map(tuple),
)
counties = st.builds(
    CountyFiles,
    areas=st.lists(
        st.builds(
            AreaEntry,
            area_id=ids,
            kind=st.sampled_from(("county", "village", "grid")),
            name=names,
            parent_id=st.none() | ids,
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    organizations=st.lists(
        st.builds(
            OrganizationEntry,
            organization_id=ids,
            kind=st.sampled_from(("red_cross", "trade_union")),
            name=names,
            offers=st.lists(offers, max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    accounts=st.lists(
        st.builds(
            AccountEntry,
            account_id=ids,
            role=st.sampled_from(("leader", "grid_worker")),
            organization_id=st.none() | ids,
            area_ids=st.lists(ids, max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    rules=st.builds(
        lambda version, days: DEFAULT_RULES.model_copy(
            update={"version": version, "reopen_days": days}
        ),
        version=ids,
        days=st.integers(1, 90),
    ),
)


@given(counties)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_what_is_written_is_what_is_read(county: CountyFiles):
    for model, said in (
        (AreaEntry, county.areas),
        (OrganizationEntry, county.organizations),
        (AccountEntry, county.accounts),
        (Rules, (county.rules,)),
    ):
        for entry in said:
            text = yaml.safe_dump(entry.model_dump(mode="json"), allow_unicode=True)
            marked = read_marked(text.encode())
            assert marked.troubles == []
            assert model.model_validate(marked.content, strict=False) == entry


@given(st.binary(max_size=200) | st.text("{}[]:-&*!|>'\"#\n\t ab", max_size=60).map(str.encode))
def test_whatever_the_file_holds_reading_it_never_breaks(written: bytes):
    marked = read_marked(written)
    assert all(trouble.line >= 1 and trouble.remedy for trouble in marked.troubles)
