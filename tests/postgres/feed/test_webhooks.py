"""Events reach a receiver in order, at least once, signed; what fails is tried again, then kept."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.postgres.deposits.conftest import Branch
from tests.postgres.feed.conftest import TELLER, open_for
from tests.postgres.feed.receiver import Receiver

from yinhe.access.principal import Scope
from yinhe.audit.desk import Asked, Desk, Told
from yinhe.audit.reading import Wanted, read_records
from yinhe.feed.addresses import Rules
from yinhe.feed.dispatcher import Denied, Dispatcher, Patience
from yinhe.feed.feed import Feed
from yinhe.feed.refusals import FeedRefusal
from yinhe.feed.sending import HttpSender
from yinhe.feed.subscription import OnDead, WebhookState, read_dead
from yinhe.feed.webhooks import WEBHOOKS_MAX, Made, Replay, Rotate, Subscribe, Webhooks
from yinhe.kernel.refusals import Refusal
from yinhe.rotation import reseal
from yinhe.storage.sessions import Sessions
from yinhe.storage.vault import Vault

SECOND = 1_000_000
POSTINGS = ("posting",)


class Post:
    """Webhooks, their dispatcher and a receiver; time passes as the test says."""

    def __init__(self, branch: Branch, sessions: Sessions, feed: Feed, receiver: Receiver) -> None:
        self.branch, self.sessions, self.feed, self.receiver = branch, sessions, feed, receiver
        self.vault = Vault({1: b"k" * 32}, b"b" * 32)
        self.rules = Rules()
        self.webhooks = Webhooks(Desk(sessions, branch.clock), feed, self.vault, self.rules)
        self.patience = Patience(attempts_max=3, first_wait_seconds=10, wait_max_seconds=15, tick_seconds=0.02)
        self.reach: Scope | Denied = Scope()
        self.asked_of: list[str] = []
        self.dispatcher = self.made_dispatcher()

    def made_dispatcher(self) -> Dispatcher:
        sender = HttpSender(self.rules, answer_seconds=0.3, whole_seconds=0.6)
        clock = self.branch.clock

        def allowed(actor: str) -> Scope | Denied:
            self.asked_of.append(actor)
            return self.reach

        return Dispatcher(self.sessions, self.feed, self.vault, clock, sender, self.patience, allowed)

    def asked(self, action: str, content: Any = None, **more: Any) -> Asked:
        return Asked(id=self.branch.ledger.ids.next(), action=action, content=content, author=TELLER, **more)

    def subscribe(self, **given: Any) -> Made:
        reach = given.pop("reach", Scope())
        command = Subscribe(**{"url": self.receiver.url, "types": POSTINGS} | given)
        told = self.webhooks.subscribe(self.asked("webhook.subscribe"), command, reach)
        assert isinstance(told, Told), told
        return told.read(Made)

    def post(self, count: int = 1) -> None:
        for _ in range(count):
            self.branch.ledger.transfer(debit=self.branch.till, credit=self.branch.purse, amount_minor=1)

    def deliver(self) -> int:
        return self.dispatcher.deliver_due()

    def later(self, seconds: int) -> int:
        self.branch.clock.advance(seconds * SECOND)
        return self.deliver()

    def state(self, webhook: int = 1) -> WebhookState:
        found = self.webhooks.show(webhook)
        assert not isinstance(found, Refusal)
        return found.state


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def post(branch: Branch, sessions: Sessions, feed: Feed, receiver: Receiver) -> Post:
    return Post(branch, sessions, feed, receiver)


def seqs(receiver: Receiver) -> list[int]:
    return [body["data"]["data"]["seq"] for body in receiver.bodies]


def verifies(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver checks it, by the specification."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return expected in headers["webhook-signature"].split(" ")


def test_events_arrive_one_by_one_in_order_and_signed(post: Post) -> None:
    made = post.subscribe()
    post.post(3)
    assert post.deliver() == 3
    assert seqs(post.receiver) == sorted(seqs(post.receiver))
    headers, body = post.receiver.got[0]
    assert made.secret is not None
    assert verifies(made.secret, headers, body)
    assert headers["webhook-id"] == json.loads(body)["data"]["id"]
    assert headers["content-type"] == "application/json"
    assert json.loads(body)["type"] == "posting.v1"
    assert post.deliver() == 0
    assert len(post.receiver.got) == 3


def test_events_arrive_together_where_that_is_asked_for(post: Post) -> None:
    post.subscribe(batch_max=2)
    post.post(3)
    post.deliver()
    counts = [len(body["data"]["events"]) for body in post.receiver.bodies]
    assert counts == [2, 1]
    assert len({headers["webhook-id"] for headers, _ in post.receiver.got}) == 2


def test_what_came_before_is_sent_where_that_is_asked_for(post: Post) -> None:
    post.post(2)
    post.subscribe()
    assert post.deliver() == 0
    post.subscribe(from_cursor="")
    assert post.deliver() == 2


@pytest.mark.parametrize("answer", [500, 404, 0, -1, -2], ids=["500", "404", "hangs", "drips", "redirects"])
def test_what_fails_is_sent_again_as_it_was_under_the_same_id(post: Post, answer: int) -> None:
    post.subscribe()
    post.post(2)
    post.receiver.answers = [answer]
    assert post.deliver() == 0
    assert post.deliver() == 0
    assert len(post.receiver.got) == 1
    assert post.later(10) == 2
    (first, body), (second, again), _ = post.receiver.got
    assert (first["webhook-id"], body) == (second["webhook-id"], again)


def test_a_receiver_that_is_not_there_is_asked_again(post: Post) -> None:
    post.subscribe()
    post.receiver.close()
    post.post()
    assert post.deliver() == 0
    found = post.webhooks.show(1)
    assert not isinstance(found, Refusal)
    assert (found.failures, found.why) == (1, "ConnectError")


def test_a_receiver_that_asks_for_time_gets_it(post: Post) -> None:
    post.subscribe()
    post.post()
    post.receiver.answers, post.receiver.headers = [503], {"retry-after": "14"}
    post.deliver()
    assert post.later(12) == 0
    assert post.later(3) == 1


def test_after_the_last_attempt_it_is_kept_and_the_next_is_sent(post: Post) -> None:
    post.subscribe()
    post.post(2)
    post.receiver.answers = [500, 500, 500]
    post.deliver()
    post.later(10)
    assert post.later(15) == 0
    assert post.deliver() == 1
    dead = post.webhooks.dead(1)
    assert not isinstance(dead, Refusal)
    assert [(one.attempts, one.reason, one.events) for one in dead] == [(3, "HTTP 500", 1)]
    assert seqs(post.receiver)[-1] > seqs(post.receiver)[0]
    with post.sessions.lend() as session:
        given_up = read_records(session, Wanted(action="webhook.give_up"))
    assert [record.told["detail"]["attempts"] for record in given_up] == [3]
    told = post.webhooks.resend(post.asked("webhook.resend"), dead[0].dead)
    assert isinstance(told, Told)
    assert post.dispatcher.resend_wanted() == 1
    assert post.receiver.got[-1][0]["webhook-id"] == dead[0].id
    with post.sessions.lend() as session:
        assert read_dead(session, 1)[0].resent_at is not None


def test_where_order_matters_a_delivery_given_up_pauses_the_webhook(post: Post) -> None:
    post.subscribe(on_dead=OnDead.PAUSE)
    post.post(2)
    post.receiver.answers = [500, 500, 500]
    post.deliver()
    post.later(10)
    post.later(15)
    assert post.state() is WebhookState.PAUSED
    assert post.deliver() == 0
    assert isinstance(post.webhooks.resume(post.asked("webhook.resume"), 1), Told)
    assert post.deliver() == 1


def test_who_says_it_is_gone_is_asked_no_more(post: Post) -> None:
    post.subscribe()
    post.post()
    post.receiver.answers = [410]
    post.deliver()
    assert post.state() is WebhookState.PAUSED
    assert post.later(100) == 0


def test_paused_it_sends_nothing_and_loses_nothing_and_removed_it_is_no_more(post: Post) -> None:
    post.subscribe()
    post.webhooks.pause(post.asked("webhook.pause"), 1)
    post.post(2)
    assert post.deliver() == 0
    post.webhooks.resume(post.asked("webhook.resume"), 1)
    assert post.deliver() == 2
    post.webhooks.remove(post.asked("webhook.remove"), 1)
    post.post()
    assert post.deliver() == 0
    assert post.webhooks.list() == ()
    refused = post.webhooks.resume(post.asked("webhook.resume"), 1)
    assert isinstance(refused, Refusal)
    assert refused.because is FeedRefusal.WEBHOOK_REMOVED


def test_a_replay_sends_again_under_the_same_ids(post: Post) -> None:
    post.subscribe()
    start = post.feed.now().text(post.feed.unit)
    post.post(2)
    post.deliver()
    told = post.webhooks.replay(post.asked("webhook.replay"), Replay(webhook=1, cursor=start))
    assert isinstance(told, Told)
    assert post.deliver() == 2
    ids = [headers["webhook-id"] for headers, _ in post.receiver.got]
    assert ids[:2] == ids[2:]
    refused = post.webhooks.replay(post.asked("webhook.replay"), Replay(webhook=1, cursor="garbage"))
    assert isinstance(refused, Refusal)


def test_while_a_secret_is_changed_both_sign_and_afterwards_the_new_one_alone(post: Post) -> None:
    old = post.subscribe().secret
    told = post.webhooks.rotate(post.asked("webhook.rotate"), Rotate(webhook=1, overlap_seconds=60))
    assert isinstance(told, Told)
    new = told.read(Made).secret
    assert old is not None
    assert new is not None
    post.post()
    post.deliver()
    assert verifies(old, *post.receiver.got[0])
    assert verifies(new, *post.receiver.got[0])
    post.branch.clock.advance(61 * SECOND)
    post.post()
    post.deliver()
    assert not verifies(old, *post.receiver.got[1])
    assert verifies(new, *post.receiver.got[1])


def test_after_a_change_of_the_banks_keys_both_secrets_sign_as_before(post: Post) -> None:
    old = post.subscribe().secret
    told = post.webhooks.rotate(post.asked("webhook.rotate"), Rotate(webhook=1, overlap_seconds=60))
    assert isinstance(told, Told)
    new, keys = told.read(Made).secret, {1: b"k" * 32, 2: b"n" * 32}
    assert (reseal(post.sessions, Vault(keys, b"b" * 32)).webhooks, old is None, new is None) == (1, False, False)
    assert reseal(post.sessions, Vault(keys, b"b" * 32)).count == 0
    post.vault = Vault({2: keys[2]}, b"b" * 32)
    post.dispatcher = post.made_dispatcher()
    post.post()
    assert post.deliver() == 1
    assert all(verifies(secret or "", *post.receiver.got[0]) for secret in (old, new))


def test_a_secret_is_told_once_and_stands_nowhere(post: Post) -> None:
    command, asked = Subscribe(url=post.receiver.url), post.asked("webhook.subscribe")
    first, again = post.webhooks.subscribe(asked, command), post.webhooks.subscribe(asked, command)
    assert isinstance(first, Told)
    assert isinstance(again, Told)
    secret = first.read(Made).secret
    assert secret is not None
    assert (again.repeated, again.read(Made).secret, again.read(Made).webhook) == (True, None, 1)
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    with post.sessions.lend() as session:
        for table in ("webhook", "request", "audit_record"):
            rows = session.execute(f"SELECT t::text FROM {table} t").fetchall()
            assert rows
            assert all(secret not in row[0] and raw.hex() not in row[0] for row in rows)


def test_whose_reach_is_narrowed_since_has_sent_what_it_may_have_now(post: Post) -> None:
    post.subscribe(types=(), reach=Scope(parties=frozenset((12, 34))))
    open_for(post.branch, "34")
    post.deliver()
    post.reach = Scope(parties=frozenset((12, 56)))
    for holder in ("34", "12", "56"):
        open_for(post.branch, holder)
    post.deliver()
    assert [body["data"]["parties"] for body in post.receiver.bodies] == [[34], [34], [12], [12]]
    assert set(post.asked_of) == {TELLER.actor}


def test_who_may_have_no_events_any_more_is_sent_none_until_they_may_again(post: Post) -> None:
    post.subscribe()
    post.post()
    assert post.deliver() == 1
    post.reach = Denied.ANY_MORE
    post.post(2)
    assert post.deliver() == 0
    found = post.webhooks.show(1)
    assert not isinstance(found, Refusal)
    assert (found.state, found.why) == (WebhookState.PAUSED, "maker_may_not")
    with post.sessions.lend() as session:
        paused = session.execute("SELECT object FROM audit_record WHERE action = 'webhook.pause'").fetchall()
    assert paused == [("webhook/1",)]
    post.reach = Scope()
    post.webhooks.resume(post.asked("webhook.resume"), 1)
    assert post.deliver() == 2


def test_what_was_on_its_way_when_the_reach_was_narrowed_is_put_together_anew(post: Post) -> None:
    post.subscribe(types=(), batch_max=10)
    for holder in ("34", "12"):
        open_for(post.branch, holder)
    post.receiver.answers = [500]
    assert post.deliver() == 0
    post.reach = Scope(parties=frozenset((12,)))
    assert post.later(10) == 1
    failed, arrived = (body["data"]["events"] for body in post.receiver.bodies)
    assert sorted(one["parties"] for one in failed) == [[12], [12], [34], [34]]
    assert [one["parties"] for one in arrived] == [[12], [12]]


def test_what_was_given_up_is_not_sent_once_more_when_the_reach_has_changed(post: Post) -> None:
    post.subscribe()
    post.post()
    post.receiver.answers = [500, 500, 500]
    post.deliver()
    post.later(10)
    post.later(15)
    (dead,) = post.webhooks.dead(1)
    sent_again = [
        (Scope(frozenset((12,))), "reach_changed", 0),
        (Denied.ANY_MORE, "maker_may_not", 0),
        (Scope(), "", 1),
    ]
    for reach, reason, arrived in sent_again:
        post.reach = reach
        assert isinstance(post.webhooks.resend(post.asked("webhook.resend"), dead.dead), Told)
        assert post.dispatcher.resend_wanted() == arrived
        (dead,) = post.webhooks.dead(1)
        assert dead.reason == reason


def test_who_may_have_none_at_this_moment_loses_nothing(post: Post) -> None:
    post.subscribe()
    post.reach = Denied.NOT_NOW
    post.post(2)
    assert (post.deliver(), post.state()) == (0, WebhookState.ACTIVE)
    post.reach = Scope()
    assert post.deliver() == 2


def test_who_is_limited_has_sent_what_it_may_have_and_reaches_its_own_webhooks_alone(post: Post) -> None:
    post.subscribe(types=(), reach=Scope(parties=frozenset((12,))))
    open_for(post.branch, "34")
    open_for(post.branch, "12")
    post.deliver()
    assert [body["data"]["parties"] for body in post.receiver.bodies] == [[12], [12]]
    assert post.webhooks.list(TELLER.actor) != ()
    assert post.webhooks.list("client:other") == ()
    for refused in (
        post.webhooks.pause(post.asked("webhook.pause"), 1, "client:other"),
        post.webhooks.show(1, "client:other"),
        post.webhooks.dead(1, "client:other"),
        post.webhooks.rotate(post.asked("webhook.rotate"), Rotate(webhook=1), "client:other"),
    ):
        assert isinstance(refused, Refusal)
        assert refused.because is FeedRefusal.WEBHOOK_UNKNOWN


REFUSED = [
    ({"url": "https://169.254.169.254/latest/meta-data"}, FeedRefusal.ADDRESS_FORBIDDEN),
    ({"url": "http://10.0.0.1/"}, FeedRefusal.ADDRESS_FORBIDDEN),
    ({"url": "gopher://127.0.0.1/"}, FeedRefusal.URL_NOT_HTTPS),
    ({"types": ("Posting",)}, FeedRefusal.TYPE_MALFORMED),
    ({"types": ("a' OR 1=1 --",)}, FeedRefusal.TYPE_MALFORMED),
    ({"types": ("posting",) * 51}, FeedRefusal.TYPES_TOO_MANY),
    ({"batch_max": 0}, FeedRefusal.BATCH_OUT_OF_BOUNDS),
    ({"batch_max": 101}, FeedRefusal.BATCH_OUT_OF_BOUNDS),
    ({"from_cursor": "garbage"}, FeedRefusal.CURSOR_UNKNOWN),
]


def test_what_cannot_be_sent_to_is_refused_and_on_record(post: Post) -> None:
    for given, because in REFUSED:
        asked = post.asked("webhook.subscribe")
        refused = post.webhooks.subscribe(asked, Subscribe(**{"url": post.receiver.url} | given))
        assert isinstance(refused, Refusal)
        assert refused.because is because
    assert post.webhooks.list() == ()
    with post.sessions.lend() as session:
        noted = read_records(session)
    assert [record.told["why"] for record in noted] == [because.name.lower() for _, because in REFUSED]
    assert WEBHOOKS_MAX == 200


def test_a_name_that_leads_into_the_network_later_is_not_followed(post: Post) -> None:
    post.subscribe()
    post.post()
    inside = HttpSender(Rules(), look_up=lambda host, port: ["10.0.0.1"])
    post.dispatcher = Dispatcher(post.sessions, post.feed, post.vault, post.branch.clock, inside, post.patience)
    assert post.deliver() == 0
    assert post.receiver.got == []
    found = post.webhooks.show(1)
    assert not isinstance(found, Refusal)
    assert found.why == "address_forbidden"


def test_started_it_delivers_to_each_while_one_hangs_and_goes_on_after_a_restart(post: Post) -> None:
    slow = Receiver()
    slow.answers = [0] * 100
    post.subscribe(url=slow.url)
    post.subscribe()
    post.post(5)
    post.dispatcher.start()
    wait_for(lambda: len(post.receiver.got) == 5)
    post.dispatcher.stop()
    post.post(5)
    again = post.made_dispatcher()
    again.start()
    wait_for(lambda: len(post.receiver.got) == 10)
    again.stop()
    slow.close()
    assert seqs(post.receiver) == sorted(set(seqs(post.receiver)))
    assert len({headers["webhook-id"] for headers, _ in slow.got}) == 1


def wait_for(true: Any) -> None:
    for _ in range(1_000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")
