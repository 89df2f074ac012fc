"""The OpenAPI document is complete and true: an outside program makes requests of it, and every answer is announced."""

import os
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.acceptance.interface.conftest import Served

from yinhe.access.permissions import Permission
from yinhe.api.arrow_columns import ARROW
from yinhe.api.openapi import document
from yinhe.api.route import Route
from yinhe.api.table import ROUTES

schemathesis.serializer.alias(ARROW, "application/octet-stream")
# The service runs beside the tests: its pool of database sessions draws numbers while examples are made.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")

EXAMPLES = int(os.environ.get("YINHE_API_EXAMPLES", "3"))
"""Requests made of each operation; `make api EXAMPLES=200` makes more."""
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
NEVER = frozenset({"logOut", "changePassword", "beginSecondFactor", "startNight", "followEvents"})
"""What would end the caller's own session, close the date under the other tests, or answer without an end."""


def test_the_document_is_openapi_and_its_examples_fit_their_schemas() -> None:
    described = document(ROUTES)
    assert described["openapi"] == "3.1.0"
    seen = 0
    for path in described["paths"].values():
        for operation in path.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                if "example" in media:
                    whole = {**media["schema"], "components": described["components"]}
                    jsonschema_rs.validator_for(whole).validate(media["example"])
                    seen += 1
    assert seen > 40


def test_every_operation_is_described() -> None:
    for route in ROUTES:
        assert route.summary.endswith("."), route.name
        if route.body is not None and route.body is not bytes:
            assert route.example is not None, f"{route.name} shows no example of its body"
        assert not route.is_command or route.permission is not None, f"{route.name} may be commanded by anyone"


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda one: one.value)
@pytest.mark.parametrize("route", [one for one in ROUTES if one.name not in NEVER], ids=lambda one: one.name)
def test_whatever_is_sent_the_answer_is_one_that_is_announced(
    served_to_anyone: Served, schema: Any, route: Route, mode: GenerationMode
) -> None:
    served = served_to_anyone
    operation = schema[route.path][route.method]
    # Users have second persons and secrets of their own; a client does everything at once.
    token = served.everything("own" if route.permission is Permission.OWN_SECRET else "all")
    if mode is GenerationMode.NEGATIVE and not (operation.query or operation.path_parameters or operation.body):
        pytest.skip("nothing that could be wrong is sent")

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        derandomize=True,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        headers = {"authorization": f"Bearer {token}"} if route.permission else {}
        if route.is_command:
            headers["idempotency-key"] = str(served.new_id())
        response = case.call(base_url=served.address, headers=headers, timeout=60)
        case.validate_response(response, checks=list(CHECKS))

    asked()


@pytest.fixture(scope="module")
def schema() -> Any:
    return schemathesis.openapi.from_dict(document(ROUTES))
