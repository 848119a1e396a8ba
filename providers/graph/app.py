"""How this installation is known to Microsoft, and where Microsoft is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class App:
    """The app as registered in Entra. Roots are without a final slash; one in plain http is an emulator."""

    client_id: str
    client_secret: str
    graph_root: str = "https://graph.microsoft.com"
    login_root: str = "https://login.microsoftonline.com"
    #: Whose people may log in: a directory's id or name, or all of them.
    tenant: str = "common"
