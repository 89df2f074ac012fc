"""After a change of the vault's keys everything opens with the new one alone."""

from tests.postgres.identity.house import PASSWORD, House

from yinhe.access.approvals import Waiting
from yinhe.access.pending import Pending
from yinhe.access.permissions import Permission
from yinhe.audit.desk import Desk, Told
from yinhe.identity import resealing, totp
from yinhe.identity.passwords import Passwords
from yinhe.identity.second_factor import Enrolment, RecoveryCodes
from yinhe.identity.service import make_identity
from yinhe.identity.sessions import LogIn, Opened
from yinhe.storage.vault import Vault

OLD, NEW, BLIND = bytes(range(32)), bytes(range(32, 64)), bytes(32)


def test_secrets_keys_and_waiting_commands_are_sealed_anew_once(house: House) -> None:
    principal = house.principal(house.user("teller-a", "teller"))
    factor = house.identity.second_factor
    begun = factor.begin(house.asked("factor.begin", principal), principal, PASSWORD)
    assert isinstance(begun, Enrolment)
    assert begun.secret is not None
    code = totp.code_at(begun.secret, house.clock.now_us())
    assert isinstance(factor.confirm(house.asked("factor.confirm", principal), principal, code), RecoveryCodes)
    waiting = Waiting(permission=Permission.TRANSFER_POST, rule="*", command=b'{"a":1}', effect=b'{"b":2}')
    approvals = []
    for _ in range(resealing.ROWS_MAX + 1):
        asked = house.asked("transfer.post", principal)
        assert isinstance(house.identity.approvals.put(asked, principal, waiting), Told)
        approvals.append(asked.id)
    kid = house.identity.keys.signer().kid

    assert resealing.seal_anew(house.sessions, Vault({1: OLD, 2: NEW}, BLIND)) == len(approvals) + 2
    assert resealing.seal_anew(house.sessions, Vault({1: OLD, 2: NEW}, BLIND)) == 0

    house.clock.advance(30_000_000)
    after = make_identity(
        Desk(house.sessions, house.clock),
        Vault({2: NEW}, BLIND),
        house.ids,
        passwords=Passwords(memory_kib=64, passes=1),
    )
    assert after.keys.signer().kid == kid
    log_in = LogIn(name="teller-a", password=PASSWORD, code=totp.code_at(begun.secret, house.clock.now_us()))
    assert isinstance(after.sessions.open(log_in), Opened)
    for approval in approvals:
        found = after.approvals.read(approval)
        assert isinstance(found, Pending)
        assert (bytes(found.command), bytes(found.effect)) == (b'{"a":1}', b'{"b":2}')
