"""The parts of docs/ that are drawn from the code, between two marks; what stands around them is written by hand."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Any, Final

import typer.main

from schemas.json_schema import schema_for
from schemas.record import Record
from schemas.records import KINDS
from tests.docs.project import make_targets, pyproject
from wire.audit.report import CHECKS, CODES
from wire.reasons import EXPLANATIONS, PASSING, Reason

MARKED: Final = re.compile(r"(<!-- drawn from the code: (?P<name>\S+) -->\n)(?P<body>.*?)(<!-- end -->)", re.DOTALL)


def blocks(page: str) -> dict[str, str]:
    """Give a page's blocks by name, as they stand there."""
    return {found["name"]: found["body"].strip() for found in MARKED.finditer(page)}


def with_block(page: str, name: str, body: str) -> str:
    """Give the page with one of its blocks replaced."""
    return MARKED.sub(lambda found: f"{found[1]}\n{body}\n\n{found[4]}" if found["name"] == name else found[0], page)


def root_command(script: str) -> Any:
    """Give the click group behind one of the project's scripts."""
    package = pyproject()["project"]["scripts"][script].partition(".")[0]
    return typer.main.get_command(import_module(f"{package}.cli").app)


def commands(group: Any, words: str) -> list[tuple[str, Any]]:
    """Give all commands below a group, each with the words that call it."""
    found: list[tuple[str, Any]] = []
    for name, command in group.commands.items():
        called = f"{words} {name}"
        found += commands(command, called) if hasattr(command, "commands") else [(called, command)]
    return found


def options(command: Any) -> list[Any]:
    """Give a command's options, without those that complete or install shells."""
    return [p for p in command.params if p.param_type_name == "option" and not getattr(p, "hidden", False)]


def _cli(script: str) -> str:
    root = root_command(script)
    own = [f"### `{script} {option.opts[0]}`\n\n{_cell(option.help)}" for option in options(root)]
    return "\n\n".join([*own, *(_command(called, command) for called, command in commands(root, script))])


def _command(called: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join([called, *(_argument(argument) for argument in arguments)])
    told, _, example = (command.help or "").replace("\b", "").partition("Example: ")
    lines = [f"### `{usage}`", "", " ".join(told.split())]
    if example:
        lines += ["", *(f"    {line.strip()}" for line in example.strip().removesuffix(".").splitlines())]
    rows = [f"| `{_cell(_argument(argument))}` | {_cell(argument.help)} |" for argument in arguments]
    rows += [f"| {_names(option)} | {_cell(option.help)}{_default(option)} |" for option in options(command)]
    told_rows = [row for row in rows if not row.endswith("|  |")]
    return "\n".join([*lines, *(["", "| | |", "|---|---|", *told_rows] if told_rows else [])])


def _argument(argument: Any) -> str:
    name = argument.metavar or argument.name.upper()
    name = str(name).strip("[]")
    return name if argument.required else f"[{name}]"


def _names(option: Any) -> str:
    value = "" if option.is_flag else f" {option.metavar or str(option.name).strip('_').upper()}"
    return ", ".join(f"`{name}{value}`" for name in [*option.opts, *option.secondary_opts])


def _default(option: Any) -> str:
    if option.required:
        return " Required."
    if option.is_flag or option.default is None or option.default in ("", [], ()) or callable(option.default):
        return ""
    return f" Default: `{option.default}`."


def _cell(words: str | None) -> str:
    return (words or "").replace("|", "\\|").replace("\n", " ")


def _targets() -> str:
    rows = [f"| `make {name}` | {_cell(what)} |" for name, what in make_targets().items()]
    return "\n".join(["| target | what it does |", "|---|---|", *rows])


def _reasons() -> str:
    rows = ["| step | reason | meaning | what to do | what becomes of the event |", "|---|---|---|---|---|"]
    for reason in Reason:
        told = EXPLANATIONS[reason]
        rows.append(f"| {told.step} | `{reason}` | {told.meaning} | {told.remedy} | {_fate(reason, told.step)} |")
    return "\n".join(rows)


def _fate(reason: Reason, step: int) -> str:
    if step >= 8:
        return "logged, left out of the view"
    if reason is Reason.FORKED:
        return "quarantine; both tokens in the log"
    return "quarantine; the node offers it again" if reason in PASSING else "quarantine"


def _findings() -> str:
    rows = ["| check | code | severity | meaning |", "|---|---|---|---|"]
    for check, what in CHECKS.items():
        rows.append(f"| **{check}** | | | {_cell(what)} |")
        rows += [
            f"| | `{code}` | {told.severity} | {_cell(told.meaning)} |"
            for code, told in CODES.items()
            if told.check == check
        ]
    return "\n".join(rows)


def _kinds() -> str:
    common = ["### Fields that any kind may have", "", *_fields(_common(), "field")]
    shared = {name: part for kind in KINDS for name, part in schema_for(kind)["$defs"].items() if name in _SHARED}
    for name, part in sorted(shared.items()):
        common += _part(name, part)
    return "\n\n".join(["\n".join(common), *(_kind(kind) for kind in KINDS)])


def _common() -> dict[str, Any]:
    schema = schema_for("need")
    return {"properties": {name: schema["properties"][name] for name in Record.model_fields} | {"themes": _themes()}}


def _themes() -> dict[str, Any]:
    return dict(schema_for("link")["properties"]["themes"])


def _kind(kind: str) -> str:
    schema = schema_for(kind)
    required = schema.get("required", ())
    own = {n: p for n, p in schema["properties"].items() if n not in Record.model_fields or n in required}
    lines = [f"### {kind}", "", str(schema["description"]), "", *_fields({**schema, "properties": own}, "field")]
    for name in _parts(own, schema.get("$defs", {})):
        lines += _part(name, schema["$defs"][name])
    return "\n".join(lines)


def _part(name: str, part: Mapping[str, Any]) -> list[str]:
    return ["", f"*{name}*: {part.get('description', '')}", "", *_fields(part, "member")]


_SHARED: Final = ("CountryPlace", "RegionPlace", "OutsideOrg", "Document", "Source", "Identifier", "Money", "Period")


def _parts(fields: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    """The groups of fields a kind has for itself, in the order in which they are met."""
    found: list[str] = []
    for schema in fields.values():
        for name in re.findall(r"#/\$defs/(\w+)", str(schema)):
            if name not in found and name not in _SHARED and not name.startswith(("Code_", "SectorShare_")):
                inner = _parts(definitions[name].get("properties", {}), definitions)
                found += [name, *(each for each in inner if each not in found)]
    return found


def _fields(part: Mapping[str, Any], word: str) -> list[str]:
    rows = [f"| {word} | type | meaning |", "|---|---|---|"]
    required = part.get("required", ())
    for name, schema in part["properties"].items():
        star = "*" if name in required else ""
        rows.append(f"| `{name}`{star} | {_cell(_type(schema))} | {_cell(schema.get('description'))} |")
    return rows


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return _reference(schema["$ref"].rpartition("/")[2])
    if "oneOf" in schema or "anyOf" in schema:
        choices = list(dict.fromkeys(_type(each) for each in schema.get("oneOf", schema.get("anyOf", ()))))
        return " or ".join([choices[0], *(choice.removeprefix("code of ") for choice in choices[1:])])
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return _codes(schema["enum"])
    if schema.get("type") == "array":
        inner = _type(schema.get("items", {}))
        return f"list of {inner}"
    if schema.get("type") == "object":
        return "text by language" if "propertyNames" in schema else "object"
    return _plain(schema)


def _reference(name: str) -> str:
    base, _, scheme = name.partition("_")
    if base in ("Code", "SectorShare"):
        return f"code of `{scheme}`" + (" with percentage" if base == "SectorShare" else "")
    return {"CountryPlace": "country", "RegionPlace": "region", "OutsideOrg": "{scheme, id}"}.get(name, f"*{name}*")


def _codes(codes: list[str]) -> str:
    listed = ", ".join(f"`{code}`" for code in codes[:14])
    return listed if len(codes) <= 14 else f"one of {len(codes)} codes"


def _plain(schema: Mapping[str, Any]) -> str:
    if schema.get("format") == "date":
        return "date"
    pattern = str(schema.get("pattern", ""))
    if pattern.startswith("^[a-z0-9]+(?:-"):
        return "organization id"
    if "[a-z0-9][a-z0-9-]{0,63}" in pattern:
        return "record id or address" if ")?" in pattern else "record address"
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(
        str(schema.get("type")), str(schema.get("type", "any"))
    )


def _metrics(module: str) -> str:
    rows = [
        f"| `{name}{{{','.join(meaning.labels)}}}` | {meaning.kind} | {meaning.text} |".replace("{}", "")
        for name, meaning in import_module(module).METRICS.items()
    ]
    return "\n".join(["| metric | type | meaning |", "|---|---|---|", *rows])


DRAWN: Final[dict[str, Callable[[], str]]] = {
    **{f"commands:{script}": partial(_cli, script) for script in pyproject()["project"]["scripts"]},
    "make-targets": _targets,
    "reasons": _reasons,
    "audit-findings": _findings,
    "kinds": _kinds,
    "metrics:liaison-node": partial(_metrics, "node.metrics"),
    "metrics:liaison-hub": partial(_metrics, "hub.metrics"),
}
