"""The README's tables, made from the code. `python -m tests.readme_tables` writes them in."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.contract import END_REASONS, UNSUPPORTED, Status
from bot.job import ASKS
from bot.manifest import manifest
from bot.pod import Placement
from bot.schema import schema
from bot.settings import Settings, settings_table
from tests.platform_table import platform_table

README = Path(__file__).parent.parent / "README.md"
MEANINGS = {
    Status.QUEUED: "the job was taken",
    Status.JOINING_CALL: "browser and page are being started, the bot asks to join",
    Status.IN_WAITING_ROOM: "the ask was made; nobody has answered it",
    Status.IN_WAITING_FOR_HOST: "the host is not there yet",
    Status.IN_CALL_NOT_RECORDING: "admitted",
    Status.IN_CALL_RECORDING: "recording; `start_time` is time 0 of every artifact",
    Status.RECORDING_PAUSED: "nothing is recorded; the bot watches and listens",
    Status.RECORDING_RESUMED: "recording again; the pause is in no artifact",
    Status.CALL_ENDED: "left; storing what is left",
    Status.TRANSCRIBING: "(a later version)",
    Status.COMPLETED: "the recording stands",
    Status.FAILED: "it does not, or the meeting was never recorded",
}


def job_table() -> str:
    """Every field of the job."""
    model = schema("job")
    later = {field for feature, field, asking in ASKS if feature in UNSUPPORTED}
    rows = ["| field | default | meaning |", "| --- | --- | --- |"]
    for name, field in _fields(model, model["properties"], ""):
        required = name in model.get("required", [])
        default = "required" if required else f"`{_default(field)}`"
        note = " *Partly or wholly later.*" if name in later else ""
        rows.append(f"| `{name}` | {default} | {_meaning(model, field)}{note} |")
    return "\n".join(rows) + "\n"


def statuses_table() -> str:
    """Every status, in order."""
    rows = ["| code | meaning |", "| --- | --- |"]
    rows += [f"| `{status.value}` | {MEANINGS[status]} |" for status in Status]
    return "\n".join(rows) + "\n"


def end_reasons_table() -> str:
    """Every code that this worker can raise; then the others, by name."""
    rows = ["| code | ends as | exit | retry | meaning |", "| --- | --- | --- | --- | --- |"]
    for reason, facts in END_REASONS.items():
        if facts.raised_here:
            retry = "yes" if facts.retryable else "no"
            rows.append(
                f"| `{reason.value}` | {facts.ends_as} | {facts.exit_code} | {retry} "
                f"| {facts.sentence} |"
            )
    others = [f"`{r.value}`" for r, facts in END_REASONS.items() if not facts.raised_here]
    return "\n".join(rows) + f"\n\nIn the enum, never raised here: {', '.join(others)}.\n"


def manifest_yaml() -> str:
    """The manifest of a small job, as a block of code."""
    job = {
        "bot_id": "6f0c1b2a-5d1e-4c3b-9a87-2e4d6c8b0f13",
        "meeting_url": "https://meet.google.com/abc-defg-hij",
        "bot_name": "Notes",
    }
    placement = Placement(
        image="registry.example/meetbot@sha256:...", name="standup", aws_secret="meetbot-aws"
    )
    # without the environment of whoever writes the README
    settings = Settings.model_construct(storage="s3://recordings/team")
    text = manifest(json.dumps(job), settings, placement, datetime(2026, 1, 1, tzinfo=UTC))
    return f"```yaml\n{text}```\n"


TABLES = {
    "job": job_table,
    "statuses": statuses_table,
    "end reasons": end_reasons_table,
    "settings": settings_table,
    "platforms": platform_table,
    "manifest": manifest_yaml,
}


def filled(text: str) -> str:
    """The README with every table as the code has it."""
    for name, make in TABLES.items():
        pattern = rf"(<!-- table: {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, rf"\g<1>{_escaped(make())}\g<2>", text, flags=re.DOTALL)
    return text


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\")


def _fields(model: dict[str, Any], properties: dict[str, Any], prefix: str) -> Any:  # noqa: ANN401
    for name, field in properties.items():
        yield prefix + name, field
        inner = _resolved(model, field)
        if "properties" in inner:
            yield from _fields(model, inner["properties"], f"{prefix}{name}.")


def _resolved(model: dict[str, Any], field: dict[str, Any]) -> dict[str, Any]:
    for option in [field, *field.get("anyOf", [])]:
        if "$ref" in option:
            found: dict[str, Any] = model["$defs"][option["$ref"].split("/")[-1]]
            return found
    return field


def _default(field: dict[str, Any]) -> str:
    default = field.get("default")
    if isinstance(default, dict):
        return "{}"
    if isinstance(default, bool):
        return str(default).lower()
    return "null" if default is None else str(default)


def _meaning(model: dict[str, Any], field: dict[str, Any]) -> str:
    inner = _resolved(model, field)
    words = field.get("description") or inner.get("description", "")
    choices = inner.get("enum") or field.get("enum")
    if choices:
        words = f"{', '.join(f'`{choice}`' for choice in choices)}. {words}"
    return " ".join(str(words).split())


if __name__ == "__main__":
    README.write_text(filled(README.read_text()))
