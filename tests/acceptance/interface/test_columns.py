"""Transfers as columns over HTTP: decided as one by one, and nothing hostile in a stream gets past its refusal."""

import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pyarrow as pa
import pyarrow.ipc as ipc
import pytest
from tests.acceptance.interface.conftest import Served

ARROW = "application/vnd.apache.arrow.stream"
PATH = "/v1/transfer-batches/columns"


def stream(columns: dict[str, Any], *, rows: int = 1_000, options: ipc.IpcWriteOptions | None = None) -> bytes:
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)
    return bytes(sink.getvalue())


def amounts(*values: int) -> pa.Array:
    return pa.array(values, pa.int64())


def columns(payer: str, payee: str, *amount_minor: int, **more: Any) -> dict[str, Any]:
    count = len(amount_minor)
    base = {"debit": [payer] * count, "credit": [payee] * count, "amount_minor": amounts(*amount_minor)}
    return {**base, "currency": ["CNY"] * count, **more}


def post(served: Served, token: str, body: bytes, path: str = PATH, **more: Any) -> httpx.Response:
    return served.ask("POST", path, token, raw=body, headers={"content-type": ARROW}, **more)


def answered(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == ARROW
    return list(ipc.open_stream(answer.content).read_all().to_pylist())


def refused(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.content[:200]
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def pair(served: Served) -> tuple[str, str]:
    return served.account(served.customer(), "1000.00"), served.account(served.customer(), "0.00")


def outcomes(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [row["outcome"] for row in rows]


def mixed(served: Served, pair: tuple[str, str]) -> dict[str, list[Any]]:
    """Good rows among others, each wrong in its own way."""
    payer, payee = pair
    rich = served.account(served.customer(), "50.00")
    rows = [
        (payer, payee, 100, "CNY", "rent"),
        (payer, payee, 200_000, "CNY", ""),
        (payer, payer, 100, "CNY", ""),
        (payer, "0001000000001763", 100, "CNY", ""),
        ("1", payee, 100, "CNY", ""),
        (payer, payee, 0, "CNY", ""),
        (payer, payee, -5, "CNY", ""),
        (payer, payee, 100, "CNY", "a\u202eb"),
        (payer, payee, 100, "CNY", "a" * 141),
        (rich, payee, 4_000, "CNY", ""),
        (rich, payee, 4_000, "CNY", ""),
        (payer, payee, 100, "CNY", "the last"),
    ]
    names = ("debit", "credit", "amount_minor", "currency", "narrative")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def test_columns_are_decided_as_the_same_transfers_one_by_one(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    given = mixed(served, pair)
    ids = [served.new_id() for _ in given["debit"]]
    typed = {**given, "amount_minor": amounts(*given["amount_minor"])}
    typed["id"] = pa.array([one.bytes for one in ids], pa.binary(16))
    rows = answered(post(served, token, stream(typed)))
    assert [UUID(bytes=row["transaction"]) for row in rows] == ids
    one_by_one = []
    fresh = {**given, "debit": list(given["debit"])}
    other = served.account(served.customer(), "50.00")
    fresh["debit"][9:11] = [other, other]
    for debit, credit, amount, code, words in zip(*fresh.values(), strict=True):
        sign = "-" if amount < 0 else ""
        body = {"debit": debit, "credit": credit, "amount": f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"}
        answer = served.post("/v1/transfers", token, {**body, "currency": code, "narrative": words})
        told = answer.json()
        one_by_one.append(told["outcome"] if answer.status_code == 200 else told["code"])
    # What JSON cannot say at all has the code of its form there.
    at_once = outcomes(rows)
    assert [at_once[n] for n in (4, 6, 8)] == ["account_malformed", "amount_not_positive", "narrative_unreadable"]
    assert {one_by_one[n] for n in (4, 6, 8)} == {"body_invalid"}
    compared = [n for n in range(len(ids)) if n not in (4, 6, 8)]
    assert [at_once[n] for n in compared] == [one_by_one[n] for n in compared]
    assert at_once[0] == at_once[9] == at_once[11] == "posted"
    assert (at_once[1], at_once[10]) == ("insufficient_funds", "insufficient_funds")
    assert [bool(row["seq"]) for row in rows] == [row["outcome"] == "posted" for row in rows]
    again = outcomes(answered(post(served, token, stream(typed))))
    assert again == ["duplicate" if one == "posted" else one for one in at_once]


def test_a_batch_sent_twice_is_done_once_also_without_ids_of_its_own(served: Served, pair: tuple[str, str]) -> None:
    token, key = served.token("integrator"), served.new_id()
    body = stream(columns(*pair, 100, 200, 300), rows=2)
    first, second = (answered(post(served, token, body, key=key)) for _ in range(2))
    assert (outcomes(first), outcomes(second)) == (["posted"] * 3, ["duplicate"] * 3)
    assert [row["transaction"] for row in first] == [row["transaction"] for row in second]
    assert served.balance(pair[1]) == "6.00"
    # The same batch as JSON makes the same ids.
    items = [{"debit": pair[0], "credit": pair[1], "amount": f"{n}.00", "currency": "CNY"} for n in (1, 2, 3)]
    as_json = served.post("/v1/transfer-batches", token, {"transfers": items}, key=key).json()
    assert [one["outcome"] for one in as_json["results"]] == ["duplicate"] * 3


def test_every_type_that_is_taken_says_the_same(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    ids = [served.new_id() for _ in range(3)]
    numbers = {
        name: pa.array([int(text)] * 3, pa.uint64()) for name, text in zip(("debit", "credit"), pair, strict=True)
    }
    for more in (
        {"id": [str(one) for one in ids]},
        {"id": pa.array([one.bytes for one in ids], pa.binary(16)), **numbers},
        {"id": pa.array([one.bytes for one in ids], pa.uuid()), "narrative": pa.array([""] * 3, pa.large_string())},
        {"id": pa.array(map(str, ids), pa.large_string()), "currency": pa.array(["CNY"] * 3).dictionary_encode()},
    ):
        answered(post(served, token, stream(columns(*pair, 1, 2, 3, **more))))
    assert served.balance(pair[1]) == "0.06"


def test_a_dry_run_decides_every_row_and_changes_nothing(served: Served, pair: tuple[str, str]) -> None:
    token = served.token("integrator")
    rows = answered(post(served, token, stream(columns(*pair, 100, 100_000_00)), path=f"{PATH}?dry_run=true"))
    assert outcomes(rows) == ["posted", "insufficient_funds"]
    assert served.balance(pair[0]) == "1000.00"


def test_rows_of_several_currencies_are_decided_in_their_order(served: Served, pair: tuple[str, str]) -> None:
    rows = columns(*pair, 100, 200, 300, 400, currency=["CNY", "USD", "ZZZ", "CNY"])
    told = answered(post(served, served.token("integrator"), stream(rows)))
    assert outcomes(told) == ["posted", "currency_not_the_accounts", "currency_unknown", "posted"]


def test_whoever_is_limited_reaches_theirs_alone_and_no_more_than_their_limit(
    served: Served, pair: tuple[str, str]
) -> None:
    mine = served.customer()
    my_account = served.account(mine, "100.00")
    me = served.token("integrator", parties=(mine,))
    given = {"debit": [my_account, pair[0]], "credit": [pair[1], my_account], "amount_minor": amounts(1, 1)}
    told = answered(post(served, me, stream({**given, "currency": ["CNY", "CNY"]})))
    assert outcomes(told) == ["posted", "unknown_account"]
    over = stream(columns(*pair, 60_000_000, 60_000_000))
    assert refused(post(served, served.token("integrator"), over)) == (422, "over_single_limit")
    assert refused(post(served, served.token("auditor"), over)) == (403, "forbidden")
    largest = stream(columns(*pair, *([2**63 - 1] * 3)))
    assert refused(post(served, served.everything("all"), largest)) == (422, "over_single_limit")
    least = answered(post(served, served.everything("all"), stream(columns(*pair, -(2**63), 2**60))))
    assert outcomes(least) == ["amount_not_positive", "insufficient_funds"]


def test_a_users_large_batch_waits_for_a_second_person(served: Served) -> None:
    maker, checker = served.user("teller"), served.user("supervisor")
    payer, payee = served.account(served.customer(), "90000.00"), served.account(served.customer(), "0.00")
    asked = post(served, maker, stream(columns(payer, payee, 3_000_000, 3_000_000, 9_000_000)))
    assert asked.status_code == 202, asked.text
    assert asked.json()["effect"] == {"posted": 3, "refused": 0}
    assert served.balance(payee) == "0.00"
    path = f"/v1/approvals/{asked.json()['approval']}/decision"
    decided = served.post(path, checker, {"decision": "approve"}).json()
    assert decided["answer"] == {"posted": 2, "refused": 1}
    assert served.balance(payee) == "60000.00"


# --- hostile streams


def bomb() -> bytes:
    """Some thousand bytes that unfold into hundreds of megabytes."""
    narrative = ["a" * 100_000] * 2_000
    options = ipc.IpcWriteOptions(compression="zstd")
    accounts = {"debit": ["0001000000001762"] * 2_000, "credit": ["0001000000001859"] * 2_000}
    rest = {"amount_minor": amounts(*range(2_000)), "currency": ["CNY"] * 2_000, "narrative": narrative}
    return stream({**accounts, **rest}, rows=2_000, options=options)


def with_nulls(name: str, pair: tuple[str, str]) -> dict[str, Any]:
    given = columns(*pair, 1, 2, narrative=["", ""])
    value = given[name][0]
    kind = pa.int64() if name == "amount_minor" else pa.string()
    return {**given, name: pa.array([value.as_py() if isinstance(value, pa.Scalar) else value, None], kind)}


def test_a_stream_that_is_not_as_it_should_be_is_refused_in_words(served: Served) -> None:
    token, pair = served.token("integrator"), served.two_accounts()
    good = columns(*pair, 1, 2)
    whole = stream(good)
    huge = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), ["CNY", *(f"A{n:05d}" for n in range(1_001))])
    null_in_it = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["CNY", None]))
    deep = pa.array([[[["a"]]], [[["b"]]]])
    cases: dict[str, tuple[str, bytes]] = {
        "no rows": ("stream_empty", stream({name: pa.array([], pa.array(good[name]).type) for name in good})),
        "a schema alone": ("stream_empty", stream(good)[: stream(good).index(b"\xff\xff\xff\xff", 8)]),
        "too many rows": ("stream_too_many_rows", stream(columns(*pair, *range(10_001)))),
        "too many batches": ("stream_too_many_batches", stream(columns(*pair, *range(1, 1_200)), rows=1)),
        "a bomb": ("stream_compressed", bomb()),
        "lz4": ("stream_compressed", stream(good, options=ipc.IpcWriteOptions(compression="lz4"))),
        "cut": ("stream_malformed", whole[:-30]),
        "more behind": ("stream_malformed", whole + b"more"),
        "text": ("stream_malformed", b"debit,credit\n1,2\n"),
        "JSON": ("stream_malformed", b'{"transfers": []}'),
        "a file": ("stream_malformed", as_file(good)),
        "another column": ("column_not_taken", stream({**good, "note": ["a", "b"]})),
        "a column too few": ("column_missing", stream({name: good[name] for name in good if name != "currency"})),
        "a column twice": ("column_twice", twice(good)),
        "amounts as floats": ("column_type", stream({**good, "amount_minor": [1.0, 2.0]})),
        "amounts as decimals": (
            "column_type",
            stream({**good, "amount_minor": pa.array([1, 2], pa.decimal128(38, 2))}),
        ),
        "numbers with a sign": ("column_type", stream({**good, "debit": pa.array([1, 2], pa.int64())})),
        "nested": ("column_type", stream({**good, "narrative": deep})),
        "coded amounts": ("column_type", stream({**good, "amount_minor": amounts(1, 2).dictionary_encode()})),
        "ids of other length": ("column_type", stream({**good, "id": pa.array([b"a" * 15] * 2, pa.binary(15))})),
        "ids that are none": ("column_value", stream({**good, "id": ["not an id"] * 2})),
        "a huge dictionary": ("stream_dictionary_too_large", stream({**good, "currency": huge})),
        "null in a dictionary": ("column_null", stream({**good, "currency": null_in_it})),
        **{f"null in {name}": ("column_null", stream(with_nulls(name, pair))) for name in (*good, "narrative")},
    }
    before = served.balance(pair[0])
    for what, (code, body) in cases.items():
        assert refused(post(served, token, body)) == (422, code), what
    assert refused(post(served, token, b"")) == (400, "body_missing")
    assert refused(post(served, token, bytes(9 * 2**20))) == (413, "body_too_large")
    plain = served.ask("POST", PATH, token, raw=whole)
    assert refused(plain) == (415, "media_unknown")
    assert served.balance(pair[0]) == before


def as_file(given: dict[str, Any]) -> bytes:
    table, sink = pa.table(given), pa.BufferOutputStream()
    with ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def twice(given: dict[str, Any]) -> bytes:
    arrays = [pa.array(values) for values in given.values()]
    batch = pa.RecordBatch.from_arrays([*arrays, arrays[0]], names=[*given, "debit"])
    sink = pa.BufferOutputStream()
    with ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


NUMBERS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63 - 1, 2**63, 2**64 - 1)


def mutated(good: bytes, chance: random.Random) -> bytes:
    """A good stream with one to four places changed as an attacker, or a bad line, would."""
    body = bytearray(good)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(len(body))
        match chance.randrange(6):
            case 0:
                body[at] = chance.randrange(256)
            case 1:
                body[at] ^= 1 << chance.randrange(8)
            case 2:
                body = body[: max(at, 1)]
            case 3:
                at &= ~3
                body[at : at + 4] = (chance.choice(NUMBERS) % 2**32).to_bytes(4, "little")
            case 4:
                at &= ~7
                body[at : at + 8] = (chance.choice(NUMBERS) % 2**64).to_bytes(8, "little")
            case _:
                body[at:at] = bytes(chance.randrange(1, 9))
    return bytes(body)


def test_a_stream_changed_anywhere_is_refused_or_decided_and_never_breaks_anything(served: Served) -> None:
    token, pair, chance = served.token("integrator"), served.two_accounts(), random.Random(5)
    ids = pa.array([served.new_id().bytes for _ in range(4)], pa.binary(16))
    coded = pa.array(["CNY", "USD", "CNY", "USD"]).dictionary_encode()
    good = stream(columns(*pair, 1, 2, 3, 4, id=ids, currency=coded, narrative=["a", "b", "c", "d"]), rows=2)
    codes: dict[str, int] = {}
    for _ in range(200):
        # What is changed in a value alone is a good stream, so nothing is posted.
        answer = post(served, token, mutated(good, chance), path=f"{PATH}?dry_run=true")
        code = refused(answer)[1] if answer.status_code != 200 else f"decided {len(answered(answer))}"
        assert 200 <= answer.status_code < 500, (answer.status_code, answer.text)
        codes[code] = codes.get(code, 0) + 1
    assert codes.get("stream_malformed", 0) > 50, codes
    assert codes.get("decided 4", 0) > 5, codes
    assert served.get("/v1/payments", token).status_code == 200


@pytest.mark.slow
def test_ten_thousand_rows_are_posted_in_one_request(served: Served) -> None:
    payer, payee = served.account(served.customer(), "1000.00"), served.account(served.customer(), "0.00")
    rows = answered(post(served, served.token("integrator"), stream(columns(payer, payee, *[1] * 10_000), rows=10_000)))
    assert outcomes(rows) == ["posted"] * 10_000
    assert served.balance(payee) == "100.00"
