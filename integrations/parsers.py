"""JSON in, with a bound."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any, Final

from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

#: Bytes. The longest note, every letter of it escaped, takes an eighth.
BODY_MAXIMUM: Final = 2**20


class BoundedJSONParser(JSONParser):
    """Reads at most `BODY_MAXIMUM` bytes (S8), and takes nesting that no reader follows for bad JSON (S3)."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Raises DRF's `ParseError`, or `RequestDataTooBig`."""
        body = stream.read(BODY_MAXIMUM + 1)
        if len(body) > BODY_MAXIMUM:
            raise RequestDataTooBig
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError as error:
            raise ParseError("JSON parse error - nested too deeply") from error
