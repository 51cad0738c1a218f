"""Is the process in this container ready? Exit code 0 or 1; standard library alone, to be quick."""

import os
import sys
from http.client import HTTPConnection, HTTPException

READY = 200


def main() -> int:
    """Ask /readyz where the process answers: HEALTH_PORT, or PORT for the gateway."""
    port = int(os.environ.get("HEALTH_PORT") or os.environ.get("PORT") or "8000")
    connection = HTTPConnection("127.0.0.1", port, timeout=8)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        print(answer.status, answer.read(1000).decode(errors="replace"))
    except (OSError, HTTPException) as trouble:
        print(trouble)
        return 1
    return 0 if answer.status == READY else 1


if __name__ == "__main__":
    sys.exit(main())
