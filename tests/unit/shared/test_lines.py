"""Lines leave together, in order, and none stays behind."""

import subprocess
import sys
import threading

from shared.lines import Lines


class Paper:
    """Remembers each piece that was written on it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.was_written = threading.Event()

    def write(self, text: str, /) -> None:
        self.pieces.append(text)
        self.was_written.set()

    def flush(self) -> None: ...


def test_a_line_alone_is_written_soon():
    paper = Paper()
    Lines(paper).info("alone")
    assert paper.was_written.wait(10)
    assert paper.pieces == ["alone\n"]


def test_bad_news_is_written_at_once_with_what_waited_before_it():
    paper = Paper()
    lines = Lines(paper)
    for number in range(3):
        lines.info(str(number))
    lines.error("trouble")
    assert "".join(paper.pieces) == "0\n1\n2\ntrouble\n"
    assert len(paper.pieces) <= 2


def test_lines_of_many_threads_are_all_there_each_in_one_piece():
    paper = Paper()
    lines = Lines(paper)

    def speak(name: str) -> None:
        for number in range(500):
            lines.info(f"{name}{number}")

    speakers = [threading.Thread(target=speak, args=(name,)) for name in "abcd"]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
    lines.flush()
    said = "".join(paper.pieces).splitlines()
    for name in "abcd":
        assert [s for s in said if s[0] == name] == [f"{name}{number}" for number in range(500)]


def test_the_last_line_of_a_process_is_written():
    farewell = (
        "from shared import telemetry; telemetry.configure('x'); telemetry.get_logger().info('bye')"
    )
    ended = subprocess.run([sys.executable, "-c", farewell], capture_output=True, check=True)
    assert b'"event":"bye"' in ended.stdout
