"""What an endpoint does not know, and how it says so: each text is as real servers word theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.model.outcomes import JSON, Raw

if TYPE_CHECKING:
    from support.model.calls import Call


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Which parts of the API there are. What is missing is refused, as long as this is set."""

    json_schema: bool = True
    json_object: bool = True
    tools: bool = True
    tool_choice: bool = True
    images: bool = True
    max_tokens: bool = True
    """Without it only max_completion_tokens."""
    max_completion_tokens: bool = True
    temperature: bool = True
    seed: bool = True
    system_role: bool = True
    image_format: bool = True
    """Whether images may ask for `response_format`."""
    image_as: str = "b64_json"
    """How images come when it is not asked for: b64_json or url."""
    stream: bool = True
    stream_options: bool = True
    key: str | None = None
    """The API key that it wants; None: none."""
    strict_schemas: bool = False
    """Every object of a schema must have additionalProperties false and all its properties required."""

    def refusal(self, call: Call) -> Raw | None:
        """What is answered instead of a reply; None: all that is asked for is known."""
        body = call.body
        if self.key is not None and call.headers.get("authorization") != f"Bearer {self.key}":
            return _openai(401, "Incorrect API key provided: sk-****.", None, "invalid_api_key")
        if not isinstance(body, dict):
            return None
        if call.path.endswith("/images/generations"):
            if "response_format" in body and not self.image_format:
                return _openai(400, "Unknown parameter: 'response_format'.", "response_format")
            return None
        return self._of_chat(call, body)

    def _of_chat(self, call: Call, body: dict[str, Any]) -> Raw | None:
        if call.format == "json_schema" and not self.json_schema:
            return _openai(
                400,
                "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this"
                " model.",
                "response_format",
            )
        if call.format == "json_object" and not self.json_object:
            return _vllm("response_format.type json_object is not supported by this server")
        if call.format == "json_schema" and self.strict_schemas:
            fault = _not_strict(call.schema)
            if fault:
                return _openai(
                    400,
                    f"Invalid schema for response_format: In context={fault}.",
                    "response_format",
                )
        if call.tools and not self.tools:
            return Raw(  # as Ollama says it
                400,
                {
                    "error": {
                        "message": f"registry.ollama.ai/library/{body.get('model')} does not support tools",
                        "type": "api_error",
                        "param": None,
                        "code": None,
                    }
                },
                JSON,
            )
        if call.tools and "tool_choice" in body and not self.tool_choice:
            return _vllm(
                '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
            )
        if call.images and not self.images:
            return Raw(  # as llama.cpp says it, with its status
                500,
                {
                    "error": {
                        "code": 500,
                        "message": "image input is not supported - hint: if this is unexpected, you may need"
                        " to provide the mmproj",
                        "type": "server_error",
                    }
                },
                JSON,
            )
        if "max_tokens" in body and not self.max_tokens:
            return _openai(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this model. Use"
                " 'max_completion_tokens' instead.",
                "max_tokens",
                "unsupported_parameter",
            )
        if "max_completion_tokens" in body and not self.max_completion_tokens:
            return Raw(  # as pydantic servers say it
                422,
                {
                    "detail": [
                        {
                            "type": "extra_forbidden",
                            "loc": ["body", "max_completion_tokens"],
                            "msg": "Extra inputs are not permitted",
                        }
                    ]
                },
                JSON,
            )
        if "temperature" in body and not self.temperature:
            return _openai(
                400,
                f"Unsupported value: 'temperature' does not support {body['temperature']} with this model."
                " Only the default (1) value is supported.",
                "temperature",
                "unsupported_value",
            )
        if "stream_options" in body and not self.stream_options:
            return _openai(400, "Unrecognized request argument supplied: stream_options", None)
        if body.get("stream") and not self.stream:
            return _vllm("stream is not supported")
        if "seed" in body and not self.seed:
            return _openai(400, "Unrecognized request argument supplied: seed", None)
        if not self.system_role and any(m.get("role") == "system" for m in call.messages):
            return _vllm("System role not supported")
        return None


def _openai(status: int, message: str, param: str | None, code: str | None = None) -> Raw:
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return Raw(status, {"error": error}, JSON)


def _vllm(message: str) -> Raw:
    error = {
        "object": "error",
        "message": message,
        "type": "BadRequestError",
        "param": None,
        "code": 400,
    }
    return Raw(400, error, JSON)


def _not_strict(schema: Any, path: str = "()") -> str | None:
    """Where a schema is not what strict mode takes."""
    if isinstance(schema, list):
        return next(filter(None, (_not_strict(one, path) for one in schema)), None)
    if not isinstance(schema, dict):
        return None
    properties = schema.get("properties")
    if isinstance(properties, dict):
        if schema.get("additionalProperties") is not False:
            return f"{path}, 'additionalProperties' is required to be supplied and to be false"
        missing = set(properties) - set(schema.get("required", []))
        if missing:
            return f"{path}, 'required' is required to be supplied and to include every key. Missing '{min(missing)}'"
    return next(
        filter(None, (_not_strict(value, f"('{name}',)") for name, value in schema.items())), None
    )
