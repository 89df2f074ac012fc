"""Products: what they are and promise, tried out, and the steps that bring them to market."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from yinhe.access.permissions import Permission
from yinhe.api.handlers import product_reads as reads
from yinhe.api.handlers import product_steps as steps
from yinhe.api.handlers import product_trials as trials
from yinhe.api.handlers.product_forms import (
    DepositScenario,
    DepositSimulation,
    LoanOffer,
    LoanScenario,
    ProductCheck,
    ProductDescription,
    ProductDetails,
    ProductDifference,
    ProductDifferenceParams,
    ProductFile,
    ProductListParams,
    ProductPage,
    ProductParams,
    ProductStepDone,
    ProductVersionParams,
    SimulatedMovement,
)
from yinhe.api.route import Handler, Route

_TAG: Final = "products"
_VERSION: Final = "/v1/products/{code}/versions/{version}"
_FILE_BYTES_MAX: Final = 256 * 1024
_EXAMPLE: Final = '[product]\ncode = "savings"\nnumber = 210\nversion = 1\n'

_STEPS: Final = (
    ("check", "checkProduct", "Check a draft once more as a whole; a sound one is checked from now on.", steps.check),
    ("approve", "approveProduct", "Approve a checked version; its author cannot.", steps.approve),
    ("publish", "publishProduct", "Publish an approved version: it never changes.", steps.publish),
    ("withdraw", "withdrawProduct", "Withdraw a published version; its contracts go on.", steps.withdraw),
)


def _step_routes() -> Iterator[Route]:
    for verb, name, summary, handler in _STEPS:
        permission = Permission.PRODUCT_WRITE if verb == "check" else Permission.PRODUCT_APPROVE
        yield _step(verb, name, summary, handler, permission)


def _step(verb: str, name: str, summary: str, handler: Handler, permission: Permission) -> Route:
    return Route(
        method="POST",
        path=f"{_VERSION}/{verb}",
        name=name,
        tag=_TAG,
        summary=summary,
        permission=permission,
        handler=handler,
        params=ProductVersionParams,
        answer=ProductStepDone,
        action=f"product.{verb}",
    )


ROUTES: Final = (
    Route(
        method="GET",
        path="/v1/products",
        name="listProducts",
        tag=_TAG,
        summary="Every version of every product, by product number and version.",
        permission=Permission.PRODUCT_READ,
        handler=reads.list_products,
        params=ProductListParams,
        answer=ProductPage,
    ),
    Route(
        method="GET",
        path=_VERSION,
        name="readProduct",
        tag=_TAG,
        summary="One version of a product: its parts, its terms, its life, and its canonical file.",
        permission=Permission.PRODUCT_READ,
        handler=reads.read_version,
        params=ProductVersionParams,
        answer=ProductDetails,
        conditional=True,
    ),
    Route(
        method="GET",
        path=f"{_VERSION}/description",
        name="describeProduct",
        tag=_TAG,
        summary="The terms a customer reads, in English and Chinese, made from the product's parts.",
        permission=Permission.PRODUCT_READ,
        handler=reads.describe,
        params=ProductVersionParams,
        answer=ProductDescription,
    ),
    Route(
        method="GET",
        path=f"{_VERSION}/difference",
        name="compareProducts",
        tag=_TAG,
        summary="What changes from one version of a product to another, in words.",
        permission=Permission.PRODUCT_READ,
        handler=reads.compare,
        params=ProductDifferenceParams,
        answer=ProductDifference,
    ),
    Route(
        method="POST",
        path="/v1/products/{code}/simulation",
        name="simulateDeposit",
        tag=_TAG,
        summary="Let one contract of a deposit product live through some days; nothing is posted.",
        description="The nights are those of the bank, on one contract, at the rates the bank has written down.",
        permission=Permission.PRODUCT_READ,
        handler=trials.simulate_deposit,
        params=ProductParams,
        body=DepositScenario,
        answer=DepositSimulation,
        problems=(422,),
        example=DepositScenario(
            deposit="10000.00",
            start=date(2026, 1, 5),
            until=date(2026, 6, 30),
            movements=(SimulatedMovement(date(2026, 2, 10), "-1500.00"),),
        ),
    ),
    Route(
        method="POST",
        path="/v1/products/{code}/schedule",
        name="scheduleLoan",
        tag=_TAG,
        summary="The instalments of a loan before there is a contract, and what it costs a year.",
        description="The annual percentage rate stands by the European directives and by Regulation Z.",
        permission=Permission.PRODUCT_READ,
        handler=trials.schedule_loan,
        params=ProductParams,
        body=LoanScenario,
        answer=LoanOffer,
        problems=(422,),
        example=LoanScenario(amount="12000.00", months=12, start=date(2026, 1, 5)),
    ),
    Route(
        method="POST",
        path="/v1/product-checks",
        name="checkProductFile",
        tag=_TAG,
        summary="Check a product's file as a whole, and against the bank; nothing is stored.",
        permission=Permission.PRODUCT_WRITE,
        handler=steps.check_file,
        body=ProductFile,
        body_bytes_max=_FILE_BYTES_MAX,
        answer=ProductCheck,
        example=ProductFile(_EXAMPLE),
    ),
    Route(
        method="POST",
        path="/v1/products",
        name="draftProduct",
        tag=_TAG,
        summary="Store a product's file as a draft; refused whole when anything is wrong.",
        description="An unpublished version of the same name is written anew.",
        permission=Permission.PRODUCT_WRITE,
        handler=steps.draft,
        body=ProductFile,
        body_bytes_max=_FILE_BYTES_MAX,
        answer=ProductStepDone,
        status=201,
        action="product.draft",
        example=ProductFile(_EXAMPLE),
    ),
    *_step_routes(),
)
