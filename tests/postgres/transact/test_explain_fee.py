"""The fee of a single transaction is explained from the journal and the product; a falsified one is noticed."""

import pytest
from tests.postgres.closeday.test_explain import explained, falsify
from tests.postgres.transact.conftest import Channel, Street

from yinhe.access.permissions import Permission
from yinhe.closeday.errors import ExplanationDiffers
from yinhe.closeday.explain import explain
from yinhe.closeday.past import Past
from yinhe.transact.codes import TransferKind


def explained_in(street: Street, txn_id: object) -> object:
    street.ledger.settle(30)
    return explained(street.house, txn_id)


def test_a_fee_after_the_free_ones_is_explained(street: Street) -> None:
    replies = [street.ask(street.counted, street.plain, 10_00) for _ in range(3)]
    for _ in range(100):
        street.ask(street.plain, street.other, 1)
    found = explained_in(street, replies[2].id)
    assert found.derived
    assert found.contracts == 1
    assert "number 3 of its month" in found.reasons[0].english
    assert "第3笔" in found.reasons[0].chinese
    assert "the first 2 of a month are free" in found.reasons[1].english
    assert [leg.what.english for leg in found.legs] == ["Transfer", "Fee for a transaction"]
    assert not explained_in(street, replies[0].id).derived


def test_a_fee_by_the_amount_is_explained_and_a_falsified_one_is_noticed(street: Street) -> None:
    teller = street.caller("teller-8", permissions=frozenset(Permission))
    drawn = {"code": TransferKind.CASH_OUT.code, "channel": Channel.COUNTER}
    reply = street.ask(street.counted, street.house.cash, 500_00, teller, **drawn)
    for _ in range(100):
        street.ask(street.plain, street.other, 1)
    assert "charged as a withdrawal" in explained_in(street, reply.id).reasons[0].english
    falsify(street.house, reply.seq + 1, 4_00)
    with Past(street.house.connect) as past, pytest.raises(ExplanationDiffers, match=r"charged 400 .* it is 500"):
        explain(past, reply.id)


def test_what_came_back_from_the_linked_product_is_explained(street: Street) -> None:
    teller = street.caller("teller-8", permissions=frozenset(Permission))
    behind = street.house.open(street.versions["demand"], 900_00)
    account = street.house.open(street.versions["swept"], 100_00, linked=behind)
    drawn = {"code": TransferKind.CASH_OUT.code, "channel": Channel.COUNTER}
    charged = street.ask(account, street.house.cash, 200_00, teller, **drawn)
    plain = street.ask(account, street.other, 50_00)
    for _ in range(100):
        street.ask(street.plain, street.other, 1)
    found = explained_in(street, charged.id)
    assert [leg.what.english for leg in found.legs] == [
        "Recall from the linked product",
        "Cash withdrawal",
        "Fee for a transaction",
    ]
    assert found.what.english == "Cash withdrawal"
    assert "charged as a withdrawal" in found.reasons[0].english
    assert "came back from its linked product" in found.reasons[-1].english
    found = explained_in(street, plain.id)
    assert found.what.english == "Transfer"
    assert "关联产品" in found.reasons[-1].chinese
    taken_back = explained_in(street, street.day.reverse(plain.id, street.anyone).id)
    assert len(taken_back.reasons) == 1
