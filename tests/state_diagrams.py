"""Draws docs/states.md from the rules themselves: `python -m tests.state_diagrams`.

Every command of the two state tables is put to the rules in every state; what it leads to is an
arrow. So the picture cannot say what the rules do not do.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import reduce
from pathlib import Path
from typing import Any

from services.dispatch.domain.work_orders import work_orders
from services.requests.domain.service_request import service_request
from shared.labels import COMMAND, REQUEST_STATUS, WORK_ORDER_STATUS
from shared.lifecycle import order_status_after, status_after
from shared.rejection import Rejected
from tests.unit import test_command_state_table as of_a_request
from tests.unit.dispatch import test_order_state_table as of_an_order
from tests.unit.dispatch.cast import KNOWN

PAGE = Path(__file__).parents[1] / "docs" / "states.md"
Arrow = tuple[str, str]

HEAD = """# Where a request and a work order can be

Drawn from the rules by `python -m tests.state_diagrams`; a test fails when this page is not what
they say. Arrows that start and end in the same place are left out. The system does what is in
brackets. Being on hold (挂起) is not a place of its own: it comes on top, and stops the clocks.
"""


def page() -> str:
    """The whole page."""
    requests = diagram(request_arrows(), REQUEST_STATUS)
    orders = diagram(order_arrows(), WORK_ORDER_STATUS)
    return f"{HEAD}\n## A request (诉求)\n\n{requests}\n## A work order (工单)\n\n{orders}"


def request_arrows() -> dict[Arrow, set[str]]:
    arrows: dict[Arrow, set[str]] = defaultdict(set)
    for status, history in of_a_request.HISTORIES.items():
        state = service_request.replay(history)
        for name in (row[0] for row in of_a_request.ROWS):
            command = of_a_request.command_named(name)
            events = what_follows(
                lambda: service_request.decide(command, state, of_a_request.KNOWN)  # noqa: B023 - called at once
            )
            end = reduce(status_after, events, status)
            if end and end != status:
                arrows[status or "[*]", end].add(said(command))
    return arrows


def order_arrows() -> dict[Arrow, set[str]]:
    arrows: dict[Arrow, set[str]] = defaultdict(set)
    arrows["[*]", "dispatched"].add(COMMAND["DispatchWorkOrder"])
    for history in of_an_order.STATES.values():
        state = work_orders.replay((*of_an_order._BEFORE, *history))
        begin = next(one.status for one in state.orders if one.work_order_id == "W1.1")
        for name in (row[0] for row in of_an_order.ROWS):
            command = of_an_order.command_named(name)
            events = what_follows(lambda: work_orders.decide(command, state, KNOWN))  # noqa: B023 - called at once
            about_it = [e for e in events if getattr(e, "work_order_id", "") == "W1.1"]
            end = reduce(order_status_after, about_it, begin)
            if begin and end and end != begin:
                arrows[begin, end].add(said(command))
    return arrows


def what_follows(decide: Callable[[], Iterable[Any]]) -> list[Any]:
    try:
        return list(decide())
    except Rejected:
        return []


def said(command: Any) -> str:
    label = COMMAND[type(command).__name__]
    return f"[{label}]" if command.by.role == "system" else label


def diagram(arrows: dict[Arrow, set[str]], labels: Any) -> str:
    """A Mermaid state diagram, its states named as people read them."""
    states = [one for one in labels if any(one in arrow for arrow in arrows)]
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state} : {labels[state]}" for state in states]
    order = {"[*]": -1} | {state: number for number, state in enumerate(labels)}
    for (begin, end), names in sorted(arrows.items(), key=lambda a: [order[s] for s in a[0]]):
        lines.append(f"    {begin} --> {end} : {'、'.join(sorted(names))}")
    ends = [one for one in states if not any(begin == one for begin, _ in arrows)]
    return "\n".join([*lines, *(f"    {end} --> [*]" for end in ends), "```\n"])


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"{PAGE}\n")
