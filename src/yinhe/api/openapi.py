"""The OpenAPI 3.1 document, made of the table of routes: every operation, parameter, body, answer and problem."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from yinhe import __version__
from yinhe.api.problem import MEDIA, HttpRefusal, Problem, as_any, problem_of
from yinhe.api.route import JSON, Route
from yinhe.kernel.refusals import Refusal

_REF: Final = "#/components/schemas/{name}"
_PATH_NAME: Final = re.compile(r"{(\w+)}")
_EXAMPLE_KEY: Final = "019b8c6e-0000-7000-8000-000000000001"

_STATUS_WORDS: Final = {
    200: "Done.",
    201: "Made.",
    202: "It waits for a second person.",
    204: "Done; there is nothing to tell.",
    304: "It is as the caller has it.",
    400: "The request does not read.",
    401: "It is not known who asks.",
    403: "Whoever asks may not.",
    404: "There is no such object, or it is out of reach.",
    406: "None of the media types asked for is offered.",
    408: "The body did not arrive in time.",
    409: "The id was used before with other content.",
    412: "It was changed since it was read.",
    413: "The body is too large.",
    415: "The media type is not taken.",
    422: "It reads, but is refused; the code says why.",
    428: "The version that is to be changed must be named.",
    429: "Too many requests.",
    503: "Busy, or the fate is not known: ask again under the same id.",
}


def document(routes: Sequence[Route]) -> dict[str, Any]:
    """The whole document, as plain data."""
    named = [kind for route in routes for kind in (route.body, route.form, route.error, route.answer)]
    kinds = [Problem, *filter(_has_schema, named)]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REF)
    known = dict(zip(map(repr, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation, more = _operation(route, known)
        components |= more
        paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Yinhe",
            "version": __version__,
            "summary": "An open core banking system.",
            "description": "Amounts are text with a currency, never numbers. Every command carries an "
            "`Idempotency-Key` (UUIDv7): sent twice it is done once. Every command can be tried with `dry_run=true`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route in routes)],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": {f"Problem{status}": _refused(status) for status in _STATUS_WORDS if status >= 400},
            "securitySchemes": {
                "oauth": {
                    "type": "oauth2",
                    "flows": {"clientCredentials": {"tokenUrl": "/v1/oauth/token", "scopes": _scopes(routes)}},
                },
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def _has_schema(kind: Any) -> bool:
    return kind is not None and kind is not bytes


def _scopes(routes: Sequence[Route]) -> dict[str, str]:
    granted = {route.permission for route in routes if route.permission is not None}
    return {str(permission): permission.english for permission in sorted(granted)}


def _operation(route: Route, known: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    parameters, components = _parameters(route)
    made: dict[str, Any] = {
        "operationId": route.name,
        "tags": [route.tag],
        "summary": route.summary,
        "description": _description(route),
        "parameters": parameters,
        "responses": {str(status): _response(route, status, known) for status in statuses(route)},
        "security": [] if route.permission is None else [{"oauth": [str(route.permission)]}, {"bearer": []}],
    }
    if route.body is not None:
        made["requestBody"] = {"required": True, "content": {media: _body(route, known) for media in route.media_in}}
    if route.permission is not None:
        made["x-permission"] = str(route.permission)
    if route.is_command:
        made["x-action"] = route.action
    return {name: value for name, value in made.items() if value or name in ("responses", "security")}, components


def _description(route: Route) -> str:
    needs = "" if route.permission is None else f"Needs the permission `{route.permission}`."
    return " ".join(part for part in (route.description, needs) if part)


def _body(route: Route, known: dict[str, Any]) -> dict[str, Any]:
    if route.form is not None:
        return {"schema": known[repr(route.form)]}
    if route.body is bytes:
        return {"schema": {"type": "string", "contentEncoding": "binary"}}
    schema: dict[str, Any] = {"schema": known[repr(route.body)]}
    if route.example is not None:
        schema["example"] = msgspec.to_builtins(route.example)
    return schema


def _parameters(route: Route) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    found: list[dict[str, Any]] = []
    components: dict[str, Any] = {}
    if route.params is not None:
        in_path = set(_PATH_NAME.findall(route.path))
        (_,), components = msgspec.json.schema_components([route.params], ref_template=_REF)
        schema = components.pop(route.params.__name__)
        for name, its in schema["properties"].items():
            place = "path" if name in in_path else "query"
            needed = place == "path" or name in schema.get("required", ())
            about = its.get("description", "")
            found.append({"name": name, "in": place, "required": needed, "description": about, "schema": its})
    found += [{**header, "in": "header"} for header in _headers(route)]
    if route.is_command:
        about = "Decide and tell what would happen; change nothing."
        schema = {"type": "boolean", "default": False}
        found.append({"name": "dry_run", "in": "query", "required": False, "description": about, "schema": schema})
    return found, components


def _headers(route: Route) -> Iterator[dict[str, Any]]:
    if route.is_command:
        yield {
            "name": "Idempotency-Key",
            "required": True,
            "description": "The command's id, a UUID of version 7: sent twice it is done once.",
            "schema": {
                "type": "string",
                "format": "uuid",
                "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
            },
            "example": _EXAMPLE_KEY,
        }
    if route.permission is not None:
        yield {
            "name": "X-Reason",
            "required": False,
            "description": "Why it is asked; it goes on record.",
            "schema": {"type": "string", "maxLength": 500},
        }
    if route.conditional:
        name = "If-Match" if route.is_command else "If-None-Match"
        about = "The version that is to be changed." if route.is_command else "The version the caller has."
        yield {"name": name, "required": False, "description": about, "schema": {"type": "string", "maxLength": 80}}


def statuses(route: Route) -> tuple[int, ...]:
    """Every status the route can answer with, ascending."""
    found = {route.status, 406, 503, *route.problems}
    if route.permission is not None:
        found |= {401, 403, 429}
    if route.params is not None or route.body is not None or route.permission is not None:
        found.add(400)
    if _PATH_NAME.search(route.path):
        found.add(404)
    if route.body is not None:
        found |= {408, 413, 415}
    if route.is_command:
        found |= {202, 404, 409, 422}
    if route.conditional:
        found |= {412, 428} if route.is_command else {304}
    return tuple(sorted(found))


def _response(route: Route, status: int, known: dict[str, Any]) -> dict[str, Any]:
    if status in (400, 401) and route.error is not None:
        refused = _refused(status)
        refused["content"] = {**refused["content"], JSON: {"schema": known[repr(route.error)]}}
        return refused
    if status == 422 and route.media_refused:
        refused = _refused(status)
        refused["content"] = {**refused["content"], route.media_refused: _answer(route, route.media_refused, known)}
        return refused
    if status >= 400:
        return {"$ref": f"#/components/responses/Problem{status}"}
    made: dict[str, Any] = {"description": _STATUS_WORDS[status]}
    if status == 202 and route.status != 202:
        made["content"] = {JSON: {"schema": {"type": "object"}}}
    elif status == route.status and status != 204:
        made["content"] = {media: _answer(route, media, known) for media in route.media_out}
        if route.conditional:
            made["headers"] = {"ETag": {"schema": {"type": "string"}, "description": "The version."}}
    return made


def _answer(route: Route, media: str, known: dict[str, Any]) -> dict[str, Any]:
    if media == JSON and _has_schema(route.answer):
        return {"schema": known[repr(route.answer)]}
    return {"schema": {"type": "string"} if media.startswith("text/") else {"type": "string", "format": "binary"}}


def _refused(status: int) -> dict[str, Any]:
    """What a problem of a status looks like."""
    made: dict[str, Any] = {
        "description": _STATUS_WORDS[status],
        "content": {MEDIA: {"schema": {"$ref": _REF.format(name="Problem")}, "example": _problem(status)}},
    }
    if status in (429, 503):
        made["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
    return made


def _problem(status: int) -> dict[str, Any]:
    examples = {401: HttpRefusal.UNAUTHENTICATED, 403: HttpRefusal.FORBIDDEN, 404: HttpRefusal.OBJECT_UNKNOWN}
    examples |= {406: HttpRefusal.NOT_ACCEPTABLE, 429: HttpRefusal.TOO_MANY_REQUESTS, 503: HttpRefusal.BUSY}
    examples |= {412: HttpRefusal.VERSION_DIFFERS, 428: HttpRefusal.PRECONDITION_MISSING}
    problem = problem_of(Refusal(examples.get(status, HttpRefusal.FAULT)), _EXAMPLE_KEY)
    return as_any(msgspec.structs.replace(problem, status=status))
