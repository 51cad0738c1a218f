"""What is there when a process begins to serve stays until it ends: nobody need look it over again.

Python's collector visits every living object again and again; modules, schemas and routes alone
are close to a hundred thousand of them in the gateway.
"""

import gc


def keep_what_is_there() -> None:
    """Call once everything is set up: the collector then only looks at what came later."""
    gc.collect()
    gc.freeze()
