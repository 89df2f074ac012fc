"""The first start: roles and rules a bank begins with, and one administrator with a secret shown once."""

from typing import Final

import psycopg

from yinhe.access.rule_book import ApprovalRules
from yinhe.access.service import Roles
from yinhe.audit.desk import Asked, Desk, Done
from yinhe.audit.record import BANK
from yinhe.identity.passwords import Passwords, one_time_secret
from yinhe.identity.refusals import IdentityRefusal
from yinhe.identity.users import MakeUser, Users
from yinhe.kernel.ids import IdSource
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements

ADMINISTRATOR: Final = "administrator"
"""The first user's name, and its role."""


def first_administrator(
    desk: Desk, ids: IdSource, users: Users, roles: Roles, rules: ApprovalRules, hasher: Passwords
) -> str | None:
    """Make the first administrator and the roles and rules to begin with; its one-time secret, to be printed once.

    None, and nothing is done, once there is any user at all. The secret must be changed at the first log-in, and
    nothing else may be done before.
    """
    secret = one_time_secret()
    hashed = hasher.hash(secret)

    def work(session: psycopg.Connection) -> Done | Refusal:
        sql = load_statements("identity")
        session.execute(sql["users_lock"])
        if session.execute(sql["users_any"]).fetchone() == (True,):
            return Refusal(IdentityRefusal.FIRST_ALREADY)
        roles.install(session)
        rules.install(session)
        return users.made(session, MakeUser(name=ADMINISTRATOR, roles=(ADMINISTRATOR,)), hashed)

    with desk.sessions.lend() as session:
        if session.execute(load_statements("identity")["users_any"]).fetchone() == (True,):
            return None
    told = desk.carry_out(Asked(id=ids.next(), action="user.first", content={}, author=BANK), work)
    return None if isinstance(told, Refusal) else secret
