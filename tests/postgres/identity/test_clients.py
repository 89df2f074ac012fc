"""API clients: a secret, perhaps a certificate, a token."""

import msgspec
import pytest
from tests.postgres.identity.house import ADDRESS, House, because

from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal, Scope
from yinhe.access.refusals import AccessRefusal
from yinhe.access.service import Grant
from yinhe.audit.desk import Told
from yinhe.audit.record import BANK, ActorKind
from yinhe.bank import events_reach
from yinhe.feed.dispatcher import Denied
from yinhe.identity.clients import (
    AddSecret,
    BindClient,
    EnableClient,
    EndSecret,
    MakeClient,
    certificate_thumbprint,
)
from yinhe.identity.issued import Issued
from yinhe.identity.minting import Minted
from yinhe.identity.refusals import IdentityRefusal as R
from yinhe.identity.users import MakeUser
from yinhe.kernel.refusals import Refusal

OURS, ANOTHERS = certificate_thumbprint(b"ours"), certificate_thumbprint(b"another's")


def make(house: House, name: str, **fields: object) -> str:
    command = msgspec.structs.replace(MakeClient(name=name, roles=("integrator",)), **fields)
    made = house.identity.clients.make(house.asked("client.make"), command)
    assert isinstance(made, Issued), made
    assert made.secret is not None
    return made.secret


def token(house: House, name: str, secret: str, **fields: str) -> str:
    given = house.identity.clients.token(name, secret, **fields)
    assert isinstance(given, Minted), given
    return given.token


def authenticate(house: House, text: str, thumbprint: str | None = None) -> Principal:
    found = house.identity.gate.authenticate(text, thumbprint)
    assert isinstance(found, Principal), found
    return found


def test_a_client_gets_a_token_for_its_secret_and_speaks_with_its_roles(house: House) -> None:
    secret = make(house, "mobile-bank", channel="mobile")
    given = house.identity.clients.token("mobile-bank", secret, address=ADDRESS)
    assert isinstance(given, Minted)
    assert given.seconds == 900
    principal = authenticate(house, given.token)
    assert (principal.kind, principal.name, principal.channel) == (ActorKind.CLIENT, "mobile-bank", "mobile")
    assert Permission.TRANSFER_POST in principal.permissions
    assert Permission.OWN_SECRET not in principal.permissions
    record = house.records("token.issue")[-1]
    assert (record["author"]["name"], record["author"]["session"]) == ("mobile-bank", principal.session)
    assert secret not in house.everything_written()
    assert given.token not in house.everything_written()


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("partner-a", "yhs.wrong"),
        ("partner-a", ""),
        ("nobody", "yhs.x"),
        ("administrator", "yhs.x"),
        ("Not A Name", "x"),
    ],
)
def test_a_wrong_secret_is_refused_and_on_record(house: House, name: str, secret: str) -> None:
    if name == "partner-a":
        house.identity.clients.make(house.asked("client.make"), MakeClient(name="partner-a", roles=("integrator",)))
    assert because(house.identity.clients.token(name, secret)) is R.CLIENT_WRONG
    record = house.records("token.issue")[-1]
    assert (record["outcome"], record["why"]) == ("refused", "client_wrong")


def test_the_secret_of_one_client_is_none_of_another(house: House) -> None:
    secret = make(house, "partner-b")
    make(house, "partner-c")
    assert because(house.identity.clients.token("partner-c", secret)) is R.CLIENT_WRONG


def test_two_secrets_overlap_and_the_older_is_ended(house: House) -> None:
    first = make(house, "partner-d")
    clients = house.identity.clients
    add, end = AddSecret(name="partner-d"), EndSecret(name="partner-d")
    assert because(clients.end_secret(house.asked("client.end_secret"), end)) is R.LAST_SECRET
    house.clock.advance(1)
    added = clients.add_secret(house.asked("client.add_secret"), add)
    assert isinstance(added, Issued)
    second = added.secret
    assert second is not None
    assert because(clients.add_secret(house.asked("client.add_secret"), add)) is R.SECRETS_TOO_MANY
    token(house, "partner-d", first)
    token(house, "partner-d", second)
    assert isinstance(clients.end_secret(house.asked("client.end_secret"), end), Told)
    assert because(clients.token("partner-d", first)) is R.CLIENT_WRONG
    token(house, "partner-d", second)
    assert isinstance(clients.add_secret(house.asked("client.add_secret"), add), Issued)


def test_a_disabled_client_is_out_at_once(house: House) -> None:
    secret = make(house, "partner-e")
    text = token(house, "partner-e", secret)
    authenticate(house, text)
    off = EnableClient(name="partner-e", enabled=False)
    assert isinstance(house.identity.clients.set_enabled(house.asked("client.disable"), off), Told)
    assert because(house.identity.gate.authenticate(text)) is R.SUBJECT_DISABLED
    assert because(house.identity.clients.token("partner-e", secret)) is R.CLIENT_WRONG
    assert house.records("token.issue")[-1]["why"] == "disabled"


def test_a_client_bound_to_a_certificate_speaks_over_it_alone(house: House) -> None:
    secret = make(house, "partner-f", certificate=OURS)
    for thumbprint in (None, ANOTHERS):
        refused = house.identity.clients.token("partner-f", secret, thumbprint=thumbprint)
        assert because(refused) is R.CERTIFICATE_WRONG
    assert house.records("token.issue")[-1]["why"] == "certificate_wrong"
    text = token(house, "partner-f", secret, thumbprint=OURS)
    gate = house.identity.gate
    assert because(gate.authenticate(text)) is R.TOKEN_CERTIFICATE
    assert authenticate(house, text, OURS).name == "partner-f"
    assert because(gate.authenticate(text, ANOTHERS)) is R.TOKEN_CERTIFICATE
    assert because(gate.authenticate(text)) is R.TOKEN_CERTIFICATE
    assert gate.remembered(text, ANOTHERS) is None
    assert gate.remembered(text, OURS) is not None


def test_binding_to_another_certificate_ends_the_tokens_of_before(house: House) -> None:
    secret = make(house, "partner-g")
    free = token(house, "partner-g", secret)
    authenticate(house, free)
    bind = BindClient(name="partner-g", certificate=OURS)
    assert isinstance(house.identity.clients.bind(house.asked("client.bind"), bind), Told)
    assert because(house.identity.gate.authenticate(free, OURS)) is R.TOKEN_CERTIFICATE
    wrong = BindClient(name="partner-g", certificate="abc")
    assert because(house.identity.clients.bind(house.asked("client.bind"), wrong)) is R.CERTIFICATE_MALFORMED


def test_a_scope_narrows_a_token_and_never_widens_it(house: House) -> None:
    secret = make(house, "partner-h")
    narrow = token(house, "partner-h", secret, scope="party:read contract:read")
    assert authenticate(house, narrow).permissions == {Permission.PARTY_READ, Permission.CONTRACT_READ}
    assert authenticate(house, token(house, "partner-h", secret, scope="")).permissions == frozenset()
    for scope in ("access:write", "party:read everything"):
        refused = house.identity.clients.token("partner-h", secret, scope=scope)
        assert because(refused) is R.SCOPE_NOT_GRANTED


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({"name": "Partner"}, AccessRefusal.NAME_MALFORMED),
        ({"channel": "Mobile!"}, R.CHANNEL_MALFORMED),
        ({"certificate": "sha256"}, R.CERTIFICATE_MALFORMED),
        ({"roles": ("nobody",)}, AccessRefusal.ROLE_UNKNOWN),
    ],
)
def test_a_client_that_cannot_be_is_not_made(house: House, fields: dict[str, object], refused: object) -> None:
    command = msgspec.structs.replace(MakeClient(name="partner-i"), **fields)
    made = house.identity.clients.make(house.asked("client.make"), command)
    assert isinstance(made, Refusal)
    assert made.because is refused
    assert "partner-i" not in {client.entry.name for client in house.identity.clients.list()}


def test_clients_are_listed_without_their_secrets(house: House) -> None:
    make(house, "partner-j", certificate=OURS)
    [client] = [client for client in house.identity.clients.list() if client.entry.name == "partner-j"]
    assert (client.certificate, client.secrets, client.entry.roles) == (OURS, 1, ("integrator",))
    assert house.identity.clients.list(after="partner-j") == ()


def test_what_webhooks_are_sent_follows_what_their_maker_reaches_now(house: House) -> None:
    gate, both = house.identity.gate, Scope(parties=frozenset({12, 34}))
    make(house, "partner-w", scope=both)
    make(house, "reader-w", roles=("auditor",))
    assert events_reach(gate, "client:partner-w") == both
    assert events_reach(gate, BANK.actor) == Scope()
    narrower = Grant(
        kind=ActorKind.CLIENT, name="partner-w", roles=("integrator",), scope=Scope(parties=frozenset({12}))
    )
    assert isinstance(house.identity.roles.grant(house.asked("role.grant"), narrower), Told)
    assert events_reach(gate, "client:partner-w") == narrower.scope
    house.identity.clients.set_enabled(house.asked("client.enable"), EnableClient(name="partner-w", enabled=False))
    for actor in ("client:partner-w", "client:reader-w", "client:nobody", "user:partner-w"):
        assert events_reach(gate, actor) is Denied.ANY_MORE
    house.identity.users.make(house.asked("user.make"), MakeUser(name="fresh-w", roles=("operator",)))
    assert events_reach(gate, "user:fresh-w") is Denied.NOT_NOW
