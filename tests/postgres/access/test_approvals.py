"""Maker and checker: what waits, who decides, and that it is decided once."""

import threading
from uuid import UUID

import msgspec
import pytest
from tests.postgres.identity.house import DAY, House, because

from yinhe.access.approvals import Decided, Put, Verdict, Waiting
from yinhe.access.pending import LISTED_BYTES_MAX, ApprovalState, Pending
from yinhe.access.permissions import Permission
from yinhe.access.principal import Principal
from yinhe.access.refusals import AccessRefusal as R
from yinhe.access.service import Grant
from yinhe.audit.desk import Done, Told
from yinhe.audit.record import ActorKind, AuditRefusal
from yinhe.identity.users import EnableUser
from yinhe.kernel.refusals import Refusal

COMMAND = b'{"debit":"1","credit":"2","amount":"60000.00","narrative":"\xe5\xbc\xa0\xe4\xb8\x89"}'
EFFECT = b'{"balance_after":"40000.00"}'
AMOUNT = 6_000_000


def waiting(**fields: object) -> Waiting:
    made = Waiting(
        permission=Permission.TRANSFER_POST,
        rule="transfer.post",
        command=COMMAND,
        effect=EFFECT,
        amount_minor=AMOUNT,
        currency="CNY",
    )
    return msgspec.structs.replace(made, **fields)


@pytest.fixture(scope="module")
def maker(house: House) -> Principal:
    return house.principal(house.user("teller-maker", "teller"))


@pytest.fixture(scope="module")
def checker(house: House) -> Principal:
    return house.principal(house.user("supervisor-checker", "supervisor"))


def put(house: House, maker: Principal, **fields: object) -> UUID:
    asked = house.asked("transfer.post", maker, why="rent of the year")
    told = house.identity.approvals.put(asked, maker, waiting(**fields))
    assert isinstance(told, Told), told
    assert told.read(Put).id == asked.id
    return asked.id


def decide(house: House, who: Principal, approval: UUID, *, approve: bool = True) -> Decided | Refusal:
    asked = house.asked("approval.decide", who, why="seen the contract")
    return house.identity.approvals.decide(asked, who, approval, approve=approve)


def read(house: House, approval: UUID) -> Pending:
    found = house.identity.approvals.read(approval)
    assert isinstance(found, Pending)
    return found


def test_what_waits_is_shown_with_the_effect_it_would_have_and_stands_sealed(house: House, maker: Principal) -> None:
    approval = put(house, maker)
    found = read(house, approval)
    assert (bytes(found.command), bytes(found.effect)) == (COMMAND, EFFECT)
    assert (found.state, found.maker_name, found.amount_minor) == (ApprovalState.WAITING, "teller-maker", AMOUNT)
    assert found.expires_at == found.put_at + 3 * DAY
    assert found in house.identity.approvals.list(states=(ApprovalState.WAITING,))
    record = house.records("transfer.post")[-1]
    assert (record["outcome"], record["object"]) == ("pending", f"approval/{approval}")
    assert record["detail"] == {"rule": "transfer.post", "amount_minor": AMOUNT, "currency": "CNY"}
    with house.database.connect() as session:
        row = session.execute("SELECT command, effect FROM approval WHERE id = %s", (approval,)).fetchone()
    assert row is not None
    assert "张三".encode() not in bytes(row[0])
    assert "张三" not in house.everything_written()


def test_approved_it_is_carried_out_under_its_own_id_and_finished(
    house: House, maker: Principal, checker: Principal
) -> None:
    approval = put(house, maker)
    decided = decide(house, checker, approval)
    assert isinstance(decided, Decided)
    assert decided.told.read(Verdict).state is ApprovalState.APPROVED
    assert bytes(decided.pending.command) == COMMAND
    assert decided.pending.decider == "supervisor-checker"
    assert [one.id for one in house.identity.approvals.unfinished()] == [approval]
    asked = house.asked("transfer.post", maker.author(approver="user:supervisor-checker"))
    carried = house.desk.carry_out(
        msgspec.structs.replace(asked, id=approval), lambda _: Done(answer={}, object="transfer/1")
    )
    assert isinstance(carried, Told), "the id is the command's own"
    assert not carried.repeated
    assert house.identity.approvals.finish(approval, "done", done=True) is None
    assert because(house.identity.approvals.finish(approval, "done", done=True)) is R.NOT_APPROVED
    assert read(house, approval).state is ApprovalState.DONE
    assert house.identity.approvals.unfinished() == ()
    record = house.records("transfer.post")[-1]
    assert (record["author"]["name"], record["author"]["approver"]) == ("teller-maker", "user:supervisor-checker")


def test_what_was_refused_when_carried_out_has_failed(house: House, maker: Principal, checker: Principal) -> None:
    approval = put(house, maker)
    assert isinstance(decide(house, checker, approval), Decided)
    assert house.identity.approvals.finish(approval, "insufficient_funds", done=False) is None
    found = read(house, approval)
    assert (found.state, found.result) == (ApprovalState.FAILED, "insufficient_funds")


def test_turned_down_it_is_never_carried_out(house: House, maker: Principal, checker: Principal) -> None:
    approval = put(house, maker)
    decided = decide(house, checker, approval, approve=False)
    assert isinstance(decided, Decided)
    assert decided.pending.state is ApprovalState.TURNED_DOWN
    assert decided.pending.decision_why == "seen the contract"
    assert because(decide(house, checker, approval)) is R.ALREADY_DECIDED
    assert because(house.identity.approvals.finish(approval, "done", done=True)) is R.NOT_APPROVED


@pytest.mark.parametrize(
    ("name", "roles", "refused"),
    [
        ("teller-decides", ("teller",), R.NOT_PERMITTED),
        ("keeper-decides", ("administrator",), R.NOT_PERMITTED),
        ("auditor-decides", ("auditor",), R.NOT_PERMITTED),
    ],
)
def test_who_may_not_approve_or_could_not_have_done_it_does_not_decide(
    house: House, maker: Principal, name: str, roles: tuple[str, ...], refused: R
) -> None:
    approval = put(house, maker)
    principal = house.principal(house.user(name, *roles))
    assert because(decide(house, principal, approval)) is refused
    assert because(decide(house, principal, approval, approve=False)) is refused
    assert read(house, approval).state is ApprovalState.WAITING
    assert house.records("approval.decide")[-1]["outcome"] == "refused"


def test_nobody_decides_on_their_own_nor_over_their_limit_nor_a_client(house: House, checker: Principal) -> None:
    own = put(house, checker)
    assert because(decide(house, checker, own)) is R.OWN_COMMAND
    small = msgspec.structs.replace(checker, number=checker.number + 1_000_000, currency_limits=())
    huge = put(house, checker, amount_minor=10_000_001, currency="JPY")
    assert because(decide(house, small, huge)) is R.OVER_SINGLE_LIMIT
    client = msgspec.structs.replace(small, kind=ActorKind.CLIENT)
    assert because(decide(house, client, own)) is R.USERS_ONLY
    fresh = msgspec.structs.replace(small, must_change_secret=True)
    assert because(decide(house, fresh, own)) is R.SECRET_MUST_CHANGE


def test_it_expires(house: House, maker: Principal, checker: Principal) -> None:
    approval = put(house, maker)
    house.clock.advance(3 * DAY)
    assert read(house, approval).state is ApprovalState.EXPIRED
    assert because(decide(house, checker, approval)) is R.APPROVAL_EXPIRED
    assert house.identity.approvals.expire() >= 1
    assert house.identity.approvals.expire() == 0
    assert approval in {one.id for one in house.identity.approvals.list(states=(ApprovalState.EXPIRED,))}
    assert {one["object"] for one in house.records("approval.expire")} >= {f"approval/{approval}"}


def test_its_maker_alone_withdraws_it(house: House, maker: Principal, checker: Principal) -> None:
    approval = put(house, maker)
    approvals = house.identity.approvals
    other = approvals.withdraw(house.asked("approval.withdraw", checker), checker, approval)
    assert because(other) is R.NOT_THE_MAKER
    withdrawn = approvals.withdraw(house.asked("approval.withdraw", maker), maker, approval)
    assert isinstance(withdrawn, Decided)
    assert withdrawn.pending.state is ApprovalState.WITHDRAWN
    assert because(decide(house, checker, approval)) is R.ALREADY_DECIDED


def test_of_many_who_decide_at_once_one_does(house: House, maker: Principal) -> None:
    checkers = [house.principal(house.user(f"supervisor-{n}", "supervisor")) for n in range(4)]
    approval = put(house, maker)
    answers: list[Decided | Refusal] = []
    threads = [
        threading.Thread(target=lambda who=who, n=n: answers.append(decide(house, who, approval, approve=n % 2 == 0)))
        for n, who in enumerate(checkers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(answer, Decided) for answer in answers) == 1
    assert [because(answer) for answer in answers if isinstance(answer, Refusal)] == [R.ALREADY_DECIDED] * 3


def test_put_twice_it_waits_once_and_other_content_under_its_id_is_refused(house: House, maker: Principal) -> None:
    asked = house.asked("transfer.post", maker)
    approvals = house.identity.approvals
    first, again = approvals.put(asked, maker, waiting()), approvals.put(asked, maker, waiting())
    assert isinstance(first, Told)
    assert isinstance(again, Told)
    assert again.repeated
    assert again.answer == first.answer
    other = approvals.put(asked, maker, waiting(command=b'{"amount":"70000.00"}'))
    assert because(other) is AuditRefusal.ID_CONFLICT


@pytest.mark.parametrize("what", ["disabled", "role taken"])
def test_whoever_may_no_longer_do_it_does_it_no_more_by_anothers_approval(
    house: House, checker: Principal, what: str
) -> None:
    name = f"teller-{what.replace(' ', '-')}"
    maker = house.principal(house.user(name, "teller"))
    approval = put(house, maker)
    if what == "disabled":
        house.identity.users.set_enabled(house.asked("user.disable"), EnableUser(name=name, enabled=False))
    else:
        grant = Grant(kind=ActorKind.USER, name=name, roles=("auditor",))
        house.identity.roles.grant(house.asked("role.grant"), grant)
    assert because(decide(house, checker, approval)) is R.MAKER_NO_LONGER_MAY
    assert isinstance(decide(house, checker, approval, approve=False), Decided)


def test_what_is_unknown_or_too_large_is_refused(house: House, maker: Principal, checker: Principal) -> None:
    assert because(decide(house, checker, house.ids.next())) is R.APPROVAL_UNKNOWN
    assert because(house.identity.approvals.read(house.ids.next())) is R.APPROVAL_UNKNOWN
    asked = house.asked("transfer.post", maker)
    large = house.identity.approvals.put(asked, maker, waiting(command=b"1" * 4_000_001))
    assert because(large) is R.APPROVAL_TOO_LARGE


def test_a_dry_run_of_a_decision_decides_nothing(house: House, maker: Principal, checker: Principal) -> None:
    approval = put(house, maker)
    asked = house.asked("approval.decide", checker, dry_run=True)
    decided = house.identity.approvals.decide(asked, checker, approval, approve=True)
    assert isinstance(decided, Decided)
    assert decided.told.dry_run
    assert decided.pending.state is ApprovalState.WAITING
    assert read(house, approval).state is ApprovalState.WAITING


def test_a_list_leaves_large_contents_out(house: House, maker: Principal) -> None:
    large = b'"' + b"x" * LISTED_BYTES_MAX + b'"'
    approval = put(house, maker, command=large)
    [listed] = [one for one in house.identity.approvals.list(maker=maker.number) if one.id == approval]
    assert (bytes(listed.command), bytes(listed.effect)) == (b"null", EFFECT)
    assert bytes(read(house, approval).command) == large


def test_the_list_goes_page_by_page(house: House, maker: Principal) -> None:
    made = [put(house, maker) for _ in range(5)]
    approvals = house.identity.approvals
    first = approvals.list(maker=maker.number, limit=2)
    second = approvals.list(maker=maker.number, limit=2, before=first[-1].id)
    assert [one.id for one in (*first, *second)] == made[:0:-1]
