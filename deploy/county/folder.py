"""A county's folder, read and checked as a whole: every problem with its file, line and remedy."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from pydantic import ValidationError

from deploy.county.checks import Fault, faults_in, hints_about
from deploy.county.entries import ACCOUNTS, AREAS, MODELS, ORGANIZATIONS, RULES, CountyFiles
from deploy.county.marked import Marked, Path, read_marked
from deploy.county.wording import findings_of


class Problem(NamedTuple):
    """One thing to put right, as it is told."""

    file: str
    line: int
    field: str
    what: str
    remedy: str

    def __str__(self) -> str:
        field = f" {self.field}：" if self.field else " "
        return f"{self.file}:{self.line}{field}{self.what}。{self.remedy}"


@dataclass(frozen=True)
class Checked:
    """`county` is None as long as there are problems; hints keep nobody from going on."""

    county: CountyFiles | None
    problems: list[Problem]
    hints: list[Problem]


class BrokenCountyError(Exception):
    """The folder has problems; the message is all of them, one a line."""


def check_folder(folder: FilePath) -> Checked:
    """Files that can be read are compared with each other only when all of them can be."""
    read = {name: _read(folder / name) for name in MODELS}
    problems = [problem for _, _, found in read.values() for problem in found]
    if problems:
        return Checked(None, problems, [])
    said = {name: content for name, (content, _, _) in read.items()}
    county = CountyFiles(
        said[AREAS].areas, said[ORGANIZATIONS].organizations, said[ACCOUNTS].accounts, said[RULES]
    )
    marks = {name: marked for name, (_, marked, _) in read.items()}
    problems = _told(faults_in(county), marks)
    return Checked(None if problems else county, problems, _told(hints_about(county), marks))


def read_county(folder: FilePath) -> CountyFiles:
    """What a sound folder says. Raises BrokenCountyError."""
    checked = check_folder(folder)
    if checked.county is None:
        raise BrokenCountyError("\n".join(map(str, checked.problems)))
    return checked.county


def _read(file: FilePath) -> tuple[Any, Marked, list[Problem]]:
    """What the file says (None if anything is wrong with it), its lines, and its problems."""
    try:
        marked = read_marked(file.read_bytes())
    except OSError:
        return None, Marked(), [Problem(file.name, 1, "", "没有这个文件", "请补上，或核对文件夹")]
    problems = [Problem(file.name, *_in_order(trouble)) for trouble in marked.troubles]
    if problems:
        return None, marked, problems
    model = MODELS[file.name]
    try:
        return model.model_validate(marked.content or {}, strict=False), marked, []
    except ValidationError as error:
        found = (Fault(file.name, *finding) for finding in findings_of(error, model))
        return None, marked, _told(found, {file.name: marked})


def _in_order(trouble: Any) -> tuple[int, str, str, str]:
    return trouble.line, "", trouble.what, trouble.remedy


def _told(faults: Iterable[Fault], marks: dict[str, Marked]) -> list[Problem]:
    """In the order of the lines."""
    told = [
        Problem(
            fault.file,
            marks[fault.file].line_of(fault.path),
            _field(fault.path),
            fault.what,
            fault.remedy,
        )
        for fault in faults
    ]
    return sorted(told, key=lambda problem: ([*MODELS].index(problem.file), problem.line))


def _field(path: Path) -> str:
    """`("organizations", 3, "offers", 0, "name")` → `organizations.offers.name`."""
    return ".".join(step for step in path if isinstance(step, str))
