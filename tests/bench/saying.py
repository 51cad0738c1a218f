"""What a bench says while it works, so that nobody takes it for stuck."""

import sys


def say(line: str) -> None:
    sys.stderr.write(f"… {line}\n")
    sys.stderr.flush()
