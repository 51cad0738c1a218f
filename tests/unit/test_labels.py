"""Every code that a contract knows can be read in Chinese."""

import importlib
import pkgutil
import re
from typing import Literal, get_args, get_origin

from shared import contracts, labels, lifecycle
from shared.contracts.access_log import ACCESS_EVENTS
from shared.contracts.county import MatchingRule
from shared.contracts.registry import COMMANDS, EVENTS

CHINESE = re.compile(r"[\u4e00-\u9fff]")

modules = [
    lifecycle,
    *(
        importlib.import_module(f"shared.contracts.{found.name}")
        for found in pkgutil.iter_modules(contracts.__path__)
    ),
]
LITERALS = {
    name: set(get_args(value))
    for module in modules
    for name, value in vars(module).items()
    if get_origin(value) is Literal
}


def test_every_code_of_every_literal_has_a_label_and_no_label_is_left_over():
    assert {name: set(table) for name, table in labels.LABELS.items()} == LITERALS


def test_every_event_and_command_has_a_label():
    assert set(labels.EVENT) == set(EVENTS)
    assert set(labels.COMMAND) == set(COMMANDS)
    assert set(labels.ACCESS_EVENT) == set(ACCESS_EVENTS)


def test_every_way_to_be_chosen_has_a_label():
    by_people = {"same_organization", "person", "ruling", "lead_asked"}
    assert set(labels.CHOSEN_BY) == set(get_args(MatchingRule)) | by_people


def test_every_label_is_chinese():
    tables = [*labels.LABELS.values(), labels.EVENT, labels.COMMAND, labels.CHOSEN_BY]
    tables.append(labels.ACCESS_EVENT)
    assert all(CHINESE.search(text) for table in tables for text in table.values())


def test_labels_within_a_table_tell_codes_apart():
    assert all(len(set(table.values())) == len(table) for table in labels.LABELS.values())
