"""The client of a Crosstally hub.

    from crosstally import Client, ClientSecret

    with Client("https://hub.example", ClientSecret("nyc-data", secret)) as hub:
        receipt = hub.submit("nyc-east-harlem", "2026-05", report)
        for row in hub.observations(indicator="overdose_events", level="site"):
            ...

`AsyncClient` has the same methods; what answers a value there is awaited, what iterates is iterated with `async for`.
"""

from crosstally.clients import AsyncClient, Client
from crosstally.credentials import ClientSecret, Credentials, PrivateKey
from crosstally.models import Finding, Head, Receipt, ReleaseEntry, StoredReport, Validation
from crosstally.problems import (
    Conflict,
    Forbidden,
    Gone,
    HubError,
    Invalid,
    NotFound,
    PointedError,
    PreconditionMissing,
    Problem,
    Stale,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unreachable,
)
from crosstally.tables import Table

__all__ = [
    "AsyncClient",
    "Client",
    "ClientSecret",
    "Conflict",
    "Credentials",
    "Finding",
    "Forbidden",
    "Gone",
    "Head",
    "HubError",
    "Invalid",
    "NotFound",
    "PointedError",
    "PreconditionMissing",
    "PrivateKey",
    "Problem",
    "Receipt",
    "ReleaseEntry",
    "Stale",
    "StoredReport",
    "Table",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unreachable",
    "Validation",
]
