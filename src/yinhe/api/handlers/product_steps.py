"""The steps of a product's life: a draft is checked, approved by another person, published, and one day withdrawn."""

from collections.abc import Callable
from typing import Any

import psycopg

from yinhe.api.call import Call
from yinhe.api.handlers.product_forms import (
    ProductCheck,
    ProductFile,
    ProductFinding,
    ProductStepDone,
    ProductVersionParams,
    refusal_of,
)
from yinhe.api.problem import Reasons
from yinhe.api.route import Handled, Reply
from yinhe.audit.desk import Done
from yinhe.kernel.refusals import Refusal
from yinhe.products import catalogue_store as store
from yinhe.products.assembly import read_product
from yinhe.products.catalogue import read_versions
from yinhe.products.digest import sha256_of
from yinhe.products.findings import Refused
from yinhe.products.registry import part_classes
from yinhe.products.status import Status

FILE = "product"
"""What a file that was sent is called in findings."""

Step = Callable[..., int | Refused]


def check_file(call: Call) -> Handled:
    """Check a product's file as a whole, and against the bank; nothing is stored."""
    text, day = call.body_as(ProductFile).text, call.bank.ledger.business_date
    with call.bank.sessions.lend() as session:
        found = read_product(text, FILE, part_classes(), store.bank_of(session, day))
    if not isinstance(found, Refused):
        return Reply(value=ProductCheck(sound=True, product=found.name, findings=()))
    findings = tuple(
        ProductFinding(
            line=one.line, path=one.path, code=one.code.value, words=Reasons(one.english, one.chinese), hint=one.hint
        )
        for one in found.findings
    )
    return Reply(value=ProductCheck(sound=False, product=None, findings=findings))


def draft(call: Call) -> Handled:
    """Store a product's file as a draft; refused whole when anything is wrong."""
    text = call.body_as(ProductFile).text

    def work(session: psycopg.Connection) -> Done | Refusal:
        drafted = store.draft(session, text, FILE, **_by(call))
        if isinstance(drafted, Refused):
            return refusal_of(drafted)
        name = next(one.name for one in read_versions(session) if one.id == drafted)
        return _done(name, Status.DRAFT)

    told = call.bank.desk.carry_out(call.asked({"sha256": sha256_of(text)}), work)
    return told if isinstance(told, Refusal) else Reply(value=told.read(ProductStepDone))


def check(call: Call) -> Handled:
    """Check a draft once more as a whole; a sound one is checked from now on."""
    return _take(call, store.check, Status.CHECKED)


def approve(call: Call) -> Handled:
    """Approve a checked version; its author cannot."""
    return _take(call, store.approve, Status.APPROVED)


def publish(call: Call) -> Handled:
    """Publish an approved version: it never changes."""
    return _take(call, store.publish, Status.PUBLISHED)


def withdraw(call: Call) -> Handled:
    """Withdraw a published version; its contracts go on."""
    return _take(call, store.withdraw, Status.WITHDRAWN)


def _take(call: Call, step: Step, becomes: Status) -> Handled:
    params = call.params_as(ProductVersionParams)
    name = f"{params.code}/{params.version}"

    def work(session: psycopg.Connection) -> Done | Refusal:
        taken = step(session, name, **_by(call))
        return refusal_of(taken) if isinstance(taken, Refused) else _done(name, becomes)

    told = call.bank.desk.carry_out(call.asked({"product": name}), work)
    if isinstance(told, Refusal):
        return told
    if becomes.is_fixed and not told.dry_run:
        # Contracts are opened on what is in memory; a step that was taken before is read again too.
        call.bank.holding.reload_catalogue()
    return Reply(value=told.read(ProductStepDone))


def _by(call: Call) -> dict[str, Any]:
    """Who takes a step and when, as the store takes it."""
    return {
        "actor": call.principal.name,
        "business_date": call.bank.ledger.business_date,
        "author": call.author,
        "clock": call.bank.clock,
    }


def _done(name: str, status: Status) -> Done:
    return Done(answer=ProductStepDone(name, status.value), object=f"product/{name}", recorded=True)
