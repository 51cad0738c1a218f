"""A database that cannot be reached is one kind of refusal, said in one place."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from shared.adapters.mongo import is_passing
from shared.rejection import Unavailable


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn a driver error that will pass into Unavailable, which is always safe to repeat.

    What will not pass by itself (a document too large, a missing right) goes through as it is.
    """
    try:
        yield
    except PyMongoError as trouble:
        if not is_passing(trouble):
            raise
        raise Unavailable("数据库暂时不可用，请稍后再试；已提交的内容不会丢失") from trouble
