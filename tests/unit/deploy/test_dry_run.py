"""What a dry run tells on the command line."""

from datetime import UTC, datetime

from deploy.county.dry_run import told
from services.dispatch.domain.rehearsal import Elsewhere, Pick, Rehearsed, Share, Shift

WHEN = datetime(2026, 5, 1, tzinfo=UTC)
FOUND = Rehearsed(
    requests=40,
    elsewhere=3,
    shifts=[Shift("union", "cross", 2), Shift(None, "union", 1)],
    shares=[
        Share(None, 1, 0),
        Share("cross", 10, 12),
        Share("league", 9, 9),
        Share("union", 20, 19),
    ],
    examples=[
        Elsewhere("R1", WHEN, "relief", Pick("union", "least_busy"), Pick("cross", "first_by_id")),
        Elsewhere("R2", WHEN, "talk", Pick(None, "covers_the_area"), Pick("union", "least_busy")),
    ],
)


def test_counts_come_first_then_where_then_the_latest_examples():
    assert [*told(FOUND, {"union": "总工会", "cross": "红十字会"}, examples=1)] == [
        "按规则派单的 40 件诉求中，3 件会派给别的单位",
        "       2 件  总工会 → 红十字会",
        "       1 件  县中心（无匹配单位） → 总工会",
        "  县中心（无匹配单位）：1 件 → 0 件",
        "  红十字会：10 件 → 12 件",
        "  总工会：20 件 → 19 件",
        "  R2 talk：县中心（无匹配单位）（服务区域覆盖该网格）→ 总工会（在办工单最少）",
    ]
