"""Refusals of Microsoft Graph in its one shape, with Exchange's names where Outlook answers.

https://learn.microsoft.com/graph/errors gives the shape; the names are those that clients and threads report.
"""

from __future__ import annotations

from typing import Any


class GraphError(Exception):
    """An answer with `status` and `{"error": {"code", "message", "innerError"}}`."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def body(self, *, date: str, request_id: str, client_request_id: str) -> dict[str, Any]:
        """`date` is UTC without a zone, as Graph writes it."""
        inner = {"date": date, "request-id": request_id, "client-request-id": client_request_id}
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}


def bad_request(message: str) -> GraphError:
    """What the gateway refuses before Exchange sees it."""
    return GraphError(400, "BadRequest", message)


def bad_uri(message: str) -> GraphError:
    """A path or query that names what is not there."""
    return GraphError(400, "RequestBroker--ParseUri", message)


def bad_property(name: str) -> GraphError:
    return bad_uri(f"Could not find a property named '{name[:80]}' on type 'Microsoft.OutlookServices.Message'.")


def bad_query(message: str) -> GraphError:
    return GraphError(400, "ErrorInvalidUrlQuery", message)


def bad_body(message: str) -> GraphError:
    """JSON that does not fit its type."""
    return GraphError(400, "RequestBodyRead", message)


def malformed_id() -> GraphError:
    return GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed.")


def item_not_found() -> GraphError:
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def folder_not_found() -> GraphError:
    return GraphError(404, "ErrorFolderNotFound", "The specified folder could not be found in the store.")


def access_denied() -> GraphError:
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


def conflict() -> GraphError:
    return GraphError(
        412,
        "ErrorIrresolvableConflict",
        "The send or update operation could not be performed because the change key passed in the request does not "
        "match the current change key for the item.",
    )


def read_only(name: str) -> GraphError:
    return GraphError(400, "ErrorInvalidPropertySet", f"Set action is invalid for property {name}.")


def too_large() -> GraphError:
    return GraphError(413, "BadRequest", "Maximum request length exceeded.")
