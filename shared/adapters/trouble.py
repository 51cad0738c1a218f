"""A database that cannot be reached is one kind of refusal, said in one place."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from shared.rejection import Unavailable


@contextmanager
def as_unavailable() -> Iterator[None]:
    """Turn any driver error inside the block into Unavailable, which is always safe to repeat."""
    try:
        yield
    except PyMongoError as trouble:
        raise Unavailable("数据库暂时不可用，请稍后再试；已提交的内容不会丢失") from trouble
