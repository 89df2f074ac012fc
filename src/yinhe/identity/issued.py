"""What is told of a command that makes a secret: the secret itself once, and never again."""

import msgspec

from yinhe.audit.desk import Asked, Told


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, and beside it the secret: not for a dry run, and not for the same id again. It is stored nowhere."""

    told: Told
    secret: str | None


def issued(told: Told, secret: str) -> Issued:
    """The answer with its secret, if this is the time to show it."""
    return Issued(told=told, secret=None if told.dry_run or told.repeated else secret)


def without_secrets(asked: Asked, **content: object) -> Asked:
    """The same, with this content: what is put on record of a command that came with a secret."""
    return msgspec.structs.replace(asked, content=content)
