"""YAML as plain data that remembers its lines. What is written is text, never a number or a date.

So 539901001201-01 and 0012 stay what they are, 14:30 is no count of minutes and NO no truth value;
the models say what has to be a number. Anchors, aliases and tags are refused: nobody needs them
here, and they can make a small file huge.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

Path = tuple[str | int, ...]
"""Where something is: `("areas", 3, "name")`, lists counted from 0."""

LARGEST = 4 * 1024 * 1024
WIDE_COLON = "冒号请用半角“:”并空一格（中文输入法打出的是“：”）"
EMPTY = ("", "~", "null")
PLAIN_TAGS = ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in PLAIN_TAGS)
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it: ten times as fast, the same nodes and marks."""


class Trouble(NamedTuple):
    """What is wrong on a line (from 1), and what to do about it."""

    line: int
    what: str
    remedy: str


@dataclass
class Marked:
    """A file's content, the line of everything in it, and what could not be read."""

    content: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of this, or of the nearest thing around it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_marked(written: bytes) -> Marked:
    """Never raises: what is wrong with the file is in `troubles`."""
    marked = Marked()
    try:
        text = _text(written)
    except _Unreadable as reason:
        marked.troubles.append(reason.trouble)
        return marked
    try:
        node = yaml.compose(text, Loader=LOADER)
    except yaml.MarkedYAMLError as error:
        marked.troubles.append(_of_syntax(error, text))
    except yaml.YAMLError:
        marked.troubles.append(Trouble(1, "含有无法识别的字符", "请用 UTF-8 编码重新保存"))
    except RecursionError:
        marked.troubles.append(Trouble(1, "嵌套太深", "请减少层次"))
    else:
        if node is not None:
            marked.content = _Walk(marked).content(node, ())
    return marked


class _Unreadable(Exception):  # noqa: N818 - says why
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


def _text(written: bytes) -> str:
    if len(written) > LARGEST:
        raise _Unreadable(Trouble(1, "文件超过 4 MB", "请核对是不是放错了文件"))
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = written[: error.start].count(b"\n") + 1
        remedy = "请在编辑器中另存为 UTF-8（中文 Windows 常存成 GBK）"
        raise _Unreadable(Trouble(line, "不是 UTF-8 编码", remedy)) from None


def _of_syntax(error: yaml.MarkedYAMLError, text: str) -> Trouble:
    mark = error.problem_mark or error.context_mark
    line = mark.line if mark else 0
    around = (*text.splitlines()[max(0, line - 1) : line + 1], "")
    if any("\t" in one for one in around):
        return Trouble(line + 1, "缩进处有制表符（Tab）", "缩进请只用空格")
    if any("：" in one for one in around):
        return Trouble(line + 1, "这里不符合 YAML 格式", WIDE_COLON)
    return Trouble(line + 1, "这里不符合 YAML 格式", "请检查缩进、冒号后的空格、引号和括号是否成对")


@dataclass
class _Walk:
    """From nodes to data; a node met twice is an alias."""

    marked: Marked
    met: set[int] = field(default_factory=set)

    def content(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.marked.lines.setdefault(path, line)
        if id(node) in self.met:
            self._trouble(line, "不支持用 & 和 * 引用别处的内容", "请把内容直接写在这里")
            return None
        self.met.add(id(node))
        if node.tag not in TAGS:
            self._trouble(line, "不支持以 ! 开头的标签", "请删去标签，直接写内容")
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(node, path))
        if isinstance(node, yaml.SequenceNode):
            return [self.content(one, (*path, place)) for place, one in enumerate(node.value)]
        return _scalar(node)

    def _entries(self, node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._trouble(line, "字段名须为一个词", "请写成“字段: 值”")
                continue
            key = str(key_node.value)
            if key in seen:
                self._trouble(line, f"“{key}”在第 {seen[key]} 行已经写过", "请删去一处")
            seen[key] = line
            self.marked.lines[*path, key] = line
            yield key, self.content(value_node, (*path, key))

    def _trouble(self, line: int, what: str, remedy: str) -> None:
        self.marked.troubles.append(Trouble(line, what, remedy))


def _scalar(node: yaml.Node) -> str | None:
    """A plain nothing is nothing; in quotes it is text."""
    is_quoted = getattr(node, "style", None) in {"'", '"', "|", ">"}
    return None if node.value in EMPTY and not is_quoted else str(node.value)
