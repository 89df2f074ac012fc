"""Identity and access of a bank, wired."""

import msgspec

from yinhe.access.approvals import Approvals
from yinhe.access.break_glass import BreakGlass
from yinhe.access.rule_book import ApprovalRules
from yinhe.access.service import Roles
from yinhe.access.watch import Watch
from yinhe.audit.desk import Desk
from yinhe.identity.attempts import Attempts
from yinhe.identity.clients import Clients
from yinhe.identity.first_start import first_administrator
from yinhe.identity.gate import Gate
from yinhe.identity.keys import Keys
from yinhe.identity.minting import Mint
from yinhe.identity.passwords import Passwords
from yinhe.identity.second_factor import SecondFactor
from yinhe.identity.sessions import UserSessions
from yinhe.identity.settings import IdentitySettings
from yinhe.identity.users import Users
from yinhe.kernel.ids import IdSource
from yinhe.storage.vault import Vault


class Identity(msgspec.Struct, frozen=True, eq=False):
    """All that says who somebody is and what they may do."""

    desk: Desk
    ids: IdSource
    passwords: Passwords
    watch: Watch
    roles: Roles
    rules: ApprovalRules
    approvals: Approvals
    break_glass: BreakGlass
    users: Users
    second_factor: SecondFactor
    sessions: UserSessions
    clients: Clients
    keys: Keys
    gate: Gate

    def first_start(self) -> str | None:
        """The one-time secret of the first administrator, if this is the first start; see `first_administrator`."""
        return first_administrator(self.desk, self.ids, self.users, self.roles, self.rules, self.passwords)


def make_identity(
    desk: Desk,
    vault: Vault,
    ids: IdSource,
    settings: IdentitySettings | None = None,
    passwords: Passwords | None = None,
) -> Identity:
    """Wire identity and access; opens nothing."""
    chosen, hasher = settings or IdentitySettings(), passwords or Passwords()
    watch = Watch(desk.sessions, desk.clock)
    attempts = Attempts(desk.sessions, desk.clock)
    roles = Roles(desk, watch)
    keys = Keys(desk, vault, watch, chosen)
    mint = Mint(keys, desk.clock, ids, chosen)
    users = Users(desk, watch, roles, hasher, attempts, chosen)
    factor = SecondFactor(desk, vault, users, chosen)
    return Identity(
        desk=desk,
        ids=ids,
        passwords=hasher,
        watch=watch,
        roles=roles,
        rules=ApprovalRules(desk, watch),
        approvals=Approvals(desk, vault),
        break_glass=BreakGlass(desk, watch),
        users=users,
        second_factor=factor,
        sessions=UserSessions(desk, watch, mint, hasher, attempts, factor, chosen),
        clients=Clients(desk, watch, roles, mint, attempts),
        keys=keys,
        gate=Gate(desk.sessions, desk.clock, watch, keys, chosen),
    )
