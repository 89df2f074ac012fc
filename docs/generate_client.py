"""Write the typed client out of the table of routes: its models and its operations.

    python docs/generate_client.py            # rewrites src/yinhe/client/{models,operations}.py
    python docs/generate_client.py --check    # exits with 1 when they are not as they would be written

The types come from the OpenAPI document, as any other language's generator would see them: what the document does not
say, the client does not know.
"""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from yinhe.api.openapi import document
from yinhe.api.route import JSON, Route
from yinhe.api.table import ROUTES

ROOT: Final = Path(__file__).resolve().parent.parent
CLIENT: Final = ROOT / "src" / "yinhe" / "client"
_FORMATS: Final = {"date": "date", "date-time": "datetime", "uuid": "UUID"}
_SIMPLE: Final = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}


def type_of(schema: Mapping[str, Any]) -> str:
    """The Python type of a schema."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(type_of(one) for one in schema[key]))
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum']))}]"
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(_SIMPLE[one] for one in kind)
    if kind == "string":
        return _FORMATS.get(schema.get("format", ""), "str")
    if kind == "array":
        if "prefixItems" in schema:
            return f"tuple[{', '.join(type_of(one) for one in schema['prefixItems'])}]"
        return f"tuple[{type_of(schema.get('items', {}))}, ...]"
    if kind == "object":
        return f"dict[str, {type_of(schema.get('additionalProperties') or {})}]"
    return _SIMPLE.get(str(kind), "Any")


def models(schemas: Mapping[str, Any]) -> Iterator[str]:
    """The source of every model."""
    for name, schema in schemas.items():
        if schema.get("type") != "object":
            yield f"{name}: TypeAlias = {type_of(schema)}\n"
    yield "\n\n"
    for name, schema in schemas.items():
        if schema.get("type") != "object":
            continue
        tags = {field: its["enum"][0] for field, its in schema.get("properties", {}).items() if _is_tag(its)}
        tag = "".join(f", tag_field={field!r}, tag={value!r}" for field, value in tags.items())
        yield f"class {name}(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True{tag}):\n"
        yield f'    """{_sentence(schema.get("description") or name)}"""\n\n'
        required = set(schema.get("required", ()))
        for field, its in schema.get("properties", {}).items():
            if field in tags:
                continue
            spelled = field if field.isidentifier() and field not in ("from",) else f"{field}_"
            rename = "" if spelled == field else f", name={field!r}"
            if field in required:
                value = f" = msgspec.field(name={field!r})" if rename else ""
                yield f"    {spelled}: {type_of(its)}{value}\n"
            else:
                kind = type_of(its)
                kind = f"{kind} | None" if "default" not in its and "None" not in kind else kind
                yield f"    {spelled}: {kind} = {_default(its, rename)}\n"
            if its.get("description"):
                yield f'    """{_sentence(its["description"])}"""\n'
        yield "\n\n"


def _is_tag(schema: Mapping[str, Any]) -> bool:
    """Whether a property only tells which of several structs it is."""
    return len(schema.get("enum", ())) == 1


def _default(schema: Mapping[str, Any], rename: str) -> str:
    value = schema.get("default")
    if isinstance(value, dict) and ("$ref" in schema or "$ref" in str(schema.get("anyOf", ""))):
        kind = type_of(schema).partition(" ")[0]
        return f"msgspec.field(default_factory=lambda: {kind}(){rename})"
    text = "()" if value == [] else repr(value)
    if isinstance(value, dict):
        return f"msgspec.field(default_factory=dict{rename})"
    if isinstance(value, list) and value:
        text = repr(tuple(value))
    return f"msgspec.field(default={text}{rename})" if rename else text


def _sentence(text: str) -> str:
    line = " ".join(text.split()).replace("\\", "\\\\").replace('"""', "'''")
    return line if line.endswith((".", "!", "?", "`")) else f"{line}."


def operations(routes: tuple[Route, ...], paths: Mapping[str, Any]) -> Iterator[str]:
    """The source of every method."""
    for route in routes:
        operation = paths[route.path][route.method.lower()]
        yield from _operation(route, operation)
        if JSON in route.media_out and len(route.media_out) > 1:
            yield from _operation(route, operation, document=True)


def _operation(route: Route, operation: Mapping[str, Any], *, document: bool = False) -> Iterator[str]:
    """A method; with `document` the one that gives another media type than JSON, as bytes."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", route.name).lower() + ("_document" if document else "")
    given = [one for one in operation.get("parameters", ()) if one["in"] in ("path", "query")]
    path_names = [one["name"] for one in given if one["in"] == "path"]
    query = [one for one in given if one["in"] == "query" and one["name"] != "dry_run"]
    first = [f"{one['name']}: {type_of(one['schema'])}" for one in given if one["in"] == "path"]
    takes_bytes = route.body is bytes
    if route.body is not None:
        body = "bytes" if takes_bytes else type_of(operation["requestBody"]["content"][JSON]["schema"])
        first.append(f"body: {body}")
    keywords = [_keyword(one) for one in query]
    answer = "bytes" if document else _answer_type(route, operation)
    if answer == "bytes":
        keywords.append(f"media: str = {next((one for one in route.media_out if one != JSON), JSON)!r}")
    if takes_bytes:
        keywords.append(f"media_in: str = {route.media_in[0]!r}")
    if route.is_command:
        keywords += ["key: UUID | None = None", "dry_run: bool = False", 'reason: str = ""']
        keywords += ['if_match: str = ""'] if route.conditional else []
    signature = ", ".join(["self", *first, *(["*", *keywords] if keywords else [])])
    yield f"    def {name}({signature}) -> {answer}:\n"
    yield f'        """{_sentence(route.summary)}"""\n'
    path = re.sub(r"{(\w+)}", r"{\1}", route.path)
    spelled = f'f"{path}"' if path_names else f'"{path}"'
    asked = "{" + ", ".join(f"{one['name']!r}: {_argument(one['name'])}" for one in query) + "}" if query else "None"
    yield f"        return {_call(route, spelled, asked, answer)}\n\n"


def _call(route: Route, path: str, query: str, answer: str) -> str:
    kind = "type(None)" if answer == "None" else answer
    if route.is_command:
        more = [f"query={query}"] if query != "None" else []
        more += ["body=body"] if route.body is not None else []
        more += ["media=media_in"] if route.body is bytes else []
        more += ["accept=media"] if answer == "bytes" else []
        more += ["key=key", "dry_run=dry_run", "reason=reason"] + (["if_match=if_match"] if route.conditional else [])
        return f'self.command("{route.method}", {path}, {kind}, {", ".join(more)})'
    if answer == "bytes":
        return f"self.document({path}, media, {query})"
    if route.method == "POST":
        return f"self.post({path}, {kind}, {'body' if route.body is not None else 'None'}, {query})"
    return f"self.read({path}, {kind}, {query})"


def _answer_type(route: Route, operation: Mapping[str, Any]) -> str:
    if route.status == 204:
        return "None"
    content = operation["responses"][str(route.status)].get("content", {})
    return type_of(content[JSON]["schema"]) if JSON in content and route.answer is not None else "bytes"


def _keyword(parameter: Mapping[str, Any]) -> str:
    kind = type_of(parameter["schema"])
    if parameter["required"]:
        return f"{_argument(parameter['name'])}: {kind}"
    kind = kind if "None" in kind else f"{kind} | None"
    return f"{_argument(parameter['name'])}: {kind} = None"


def _argument(name: str) -> str:
    return f"{name}_" if name in ("from", "to", "type", "id") else name


def sources() -> dict[Path, str]:
    """Every generated file with its content, formatted."""
    described = document(ROUTES)
    head = (
        '"""{}: written by docs/generate_client.py, not by hand."""\n\n'
        "# ruff: noqa: {}\n\nfrom __future__ import annotations\n\n"
        "from datetime import date, datetime\nfrom typing import Any, Literal, TypeAlias\n"
        "from uuid import UUID\n\nimport msgspec\n\n"
    )
    made = {
        CLIENT / "models.py": head.format("What operations take and give", "D404, E501")
        + "".join(models(described["components"]["schemas"])),
        CLIENT / "operations.py": head.format("The operations of the interface", "D404")
        + "from yinhe.client.models import *\nfrom yinhe.client.transport import Transport\n\n\n"
        + 'class Client(Transport):\n    """Every operation of the interface as a method."""\n\n'
        + "".join(operations(ROUTES, described["paths"])),
    }
    names = ", ".join(sorted(described["components"]["schemas"]))
    made[CLIENT / "operations.py"] = made[CLIENT / "operations.py"].replace("import *", f"import ({names})")
    return {path: _formatted(path, text) for path, text in made.items()}


def _formatted(path: Path, text: str) -> str:
    for command in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        done = subprocess.run(  # noqa: S603 - the linter of this environment
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        text = done.stdout
    return text


def main(arguments: list[str]) -> int:
    """Write or check; the exit code."""
    wrong = [path for path, text in sources().items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in wrong:
            sys.stderr.write(f"{path.relative_to(ROOT)} is not as docs/generate_client.py writes it.\n")
        return 1 if wrong else 0
    for path, text in sources().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
