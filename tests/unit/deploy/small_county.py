"""A county in four short files, so that tests can break one line of it and name that line."""

from pathlib import Path

AREAS = """\
areas:
  - {area_id: 539901, kind: county, name: 云岭县}
  - {area_id: 539901-center, kind: center, name: 中心, parent_id: 539901}
  - {area_id: 539901001, kind: station, name: 城东站, parent_id: 539901-center}
  - {area_id: 539901001201, kind: village, name: 东门社区, parent_id: 539901001}
  - {area_id: 539901001201-01, kind: grid, name: 第一网格, parent_id: 539901001201}
  - {area_id: 0012, kind: grid, name: 第二网格, parent_id: 539901001201}
"""

ORGANIZATIONS = """\
organizations:
  - organization_id: 12330000MB0X123454
    kind: red_cross
    name: 红十字会
    offers:
      - {service_code: first-aid, name: 急救培训, area_ids: [539901]}
      - {service_code: relief, name: 困难帮扶, area_ids: [539901001]}
  - organization_id: trade-union
    kind: trade_union
    name: 总工会
    offers:
      - {service_code: relief, name: 困难帮扶, area_ids: [539901001]}
"""

ACCOUNTS = """\
accounts:
  - {account_id: worker-1, role: grid_worker, area_ids: [539901001201-01, 0012]}
  - {account_id: clerk-1, role: desk_clerk, area_ids: [539901001]}
  - {account_id: union, role: organization_dispatcher, organization_id: trade-union}
  - {account_id: cross, role: organization_dispatcher, organization_id: 12330000MB0X123454}
  - {account_id: centre-1, role: center_dispatcher}
  - {account_id: admin-1, role: administrator}
  - {account_id: auditor-1, role: auditor}
  - {account_id: security-1, role: security_administrator}
"""

RULES = """\
version: small-1
office_hours:
  spans:
    - {opens: 08:30, closes: 12:00}
    - {opens: 14:30, closes: 18:00}
roster:
  - day: 2026-10-01
    spans: [{opens: 09:00, closes: 12:00}]
levels:
  - {urgency: critical, complete: {amount: 24, unit: natural_hour}}
  - {urgency: urgent, complete: {amount: 3, unit: working_day}}
  - urgency: normal
    accept: {amount: 4, unit: working_hour}
    complete: {amount: 5, unit: working_day}
  - {urgency: complex, complete: {amount: 15, unit: working_day}}
  - {urgency: consultation, complete: {amount: 1, unit: working_day}}
return_within: {amount: 1, unit: working_day}
ladder:
  yellow_percent: 50
  orange_percent: 80
  steps:
    - {level: center, after_working_days: 3}
    - {level: committee_secretary, after_working_days: 5}
  answer_within: {amount: 1, unit: working_day}
matching:
  - offers_the_service
  - covers_the_area
  - serves_the_category
  - has_not_returned_it
  - least_busy
  - first_by_id
figures_version: "1"
"""

FILES = {
    "areas.yaml": AREAS,
    "organizations.yaml": ORGANIZATIONS,
    "accounts.yaml": ACCOUNTS,
    "rules.yaml": RULES,
}


def write(folder: Path) -> Path:
    """The sound county, as a folder."""
    for name, text in FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def write_broken(folder: Path, file: str, sound: str, broken: str) -> Path:
    """The same with one place changed."""
    write(folder)
    assert sound in FILES[file], sound
    (folder / file).write_text(FILES[file].replace(sound, broken, 1), "utf-8")
    return folder
