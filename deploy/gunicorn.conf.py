# ruff: noqa: N999 - the name that gunicorn itself looks for
"""How gunicorn serves the gateway, alone on a machine, in a container or behind a proxy.

Environment: BIND, PORT, WEB_WORKERS, and gunicorn's own FORWARDED_ALLOW_IPS (the addresses of the
proxies whose X-Forwarded-Proto is believed).
"""

import os
from pathlib import Path

_host = os.environ.get("BIND") or "127.0.0.1"
_port = os.environ.get("PORT") or "8000"
_memory = Path("/dev/shm")

bind = f"[{_host}]:{_port}" if ":" in _host else f"{_host}:{_port}"
workers = int(os.environ.get("WEB_WORKERS") or "1")
worker_class = "asgi"
asgi_lifespan = "on"  # without its connections the gateway must not serve
asgi_loop = "auto"  # uvloop where it is installed
http_parser = "auto"  # gunicorn_h1c where it is installed

timeout = 30  # of a worker's heartbeat: only a stuck event loop is ever killed
keepalive = 30  # phones come back within seconds; reconnecting costs them a round trip
# An open event stream never finishes by itself, so stopping always waits this long. Commands take
# milliseconds; one cut off has an unknown outcome, and its sender repeats it under the same id.
graceful_timeout = 5
asgi_disconnect_grace_period = 1

worker_tmp_dir = (
    str(_memory) if _memory.is_dir() else None
)  # the heartbeat must not wait for a disk
control_socket_disable = True  # it would lie in the home directory, one for all stacks
accesslog = None  # addresses of people; the gateway logs what it handles, without them
loglevel = "warning"
