"""JSON Schemas (2020-12) of what goes in and out, generated from the types that judge it.

`job` and `report` describe one object, `event` and `command` whole messages, `[kind, body]`; each
body alone is in `$defs` under its kind. A schema cannot say everything `bot.job` checks (a meeting
URL that some platform knows, 600.0 being no integer, keys given twice, what this version lacks):
what a schema refuses is refused, and what passes it is still judged.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, get_args

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from bot.commands import COMMAND_BODIES, Ack
from bot.contract import SCHEMA_VERSION
from bot.job import Job
from bot.report import Report
from bot.transient import MESSAGES

Kind = Literal["job", "event", "command", "report"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_BASE: Final = f"https://meetbot.invalid/schema/{SCHEMA_VERSION}"
_REF: Final = "#/$defs/{model}"

JsonSchema = dict[str, Any]


def of_model(model: type[BaseModel], mode: JsonSchemaMode) -> JsonSchema:
    """The schema of one model: as it is read ("validation") or written ("serialization")."""
    return model.model_json_schema(mode=mode, ref_template=_REF)


def of_messages(bodies: Mapping[str, type[BaseModel]], mode: JsonSchemaMode) -> JsonSchema:
    """The schema of `[kind, body]` for each kind, every body also being `#/$defs/<kind>`."""
    models = [(model, mode) for model in bodies.values()]
    found, definitions = models_json_schema(models, ref_template=_REF)
    shared = definitions.get("$defs", {})
    named = {kind: found[model, mode] for kind, model in bodies.items()}
    return {
        "type": "array",
        "oneOf": [_message(kind) for kind in bodies],
        "$defs": {**shared, **named},
    }


def _message(kind: str) -> JsonSchema:
    return {
        "title": kind,
        "prefixItems": [{"const": kind}, {"$ref": f"#/$defs/{kind}"}],
        "minItems": 2,
        "maxItems": 2,
    }


_MAKERS: Final[Mapping[Kind, tuple[str, Callable[[], JsonSchema]]]] = {
    "job": ("Job", lambda: of_model(Job, "validation")),
    "event": (
        "What the worker says",
        lambda: of_messages({message.kind: message for message in MESSAGES}, "serialization"),
    ),
    "command": (
        "What the orchestrator says besides the job",
        lambda: of_messages(
            {Ack.kind: Ack, **{kind.value: body for kind, body in COMMAND_BODIES.items()}},
            "validation",
        ),
    ),
    "report": ("report.json", lambda: of_model(Report, "serialization")),
}
"""One row per schema: its title and how it is made."""


def schema(kind: Kind) -> JsonSchema:
    """The published schema of `kind`."""
    title, make = _MAKERS[kind]
    return {
        **make(),
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"{_BASE}/{kind}.json",
        "title": title,
    }
