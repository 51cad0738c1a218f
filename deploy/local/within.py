"""Runs a command with the addresses of the running stack: `… -m deploy.local.within -- COMMAND`.

The command finds COUNTY, GATEWAY_URL, MONGODB_URI, AMQP_URI and LOCAL_FOLDER in its environment;
what is set already stays.
"""

import argparse
import os
import sys
from pathlib import Path

from deploy.local.plan import Addresses
from deploy.local.program import LOCAL


def main() -> None:
    """The command line; becomes the command."""
    parser = argparse.ArgumentParser(prog="within", description=__doc__)
    parser.add_argument("--folder", type=Path, default=LOCAL, help="the folder of the stack")
    parser.add_argument("command", nargs="+")
    choice = parser.parse_args()
    try:
        addresses = Addresses.load(choice.folder.resolve())
    except FileNotFoundError:
        sys.exit("nothing is running here: start it with `make run` in another terminal")
    os.environ.update({**addresses.environment(), **os.environ})
    os.execvp(choice.command[0], choice.command)


if __name__ == "__main__":
    main()
