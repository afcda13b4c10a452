"""Take a secret or key from a client."""

from __future__ import annotations

from actions.add_credential import require_own_client
from actions.hub import Hub, managing
from domain.access import Principal
from domain.refusals import NotFound
from store.credentials import remove_credential as forget


def remove_credential(hub: Hub, *, by: Principal, client_id: str, credential_id: str) -> None:
    """The client can't prove itself with this from now on; tokens that it has stay good until they expire."""
    with hub.database.write(managing(by)) as connection:
        require_own_client(connection, by, client_id)
        if not forget(connection, client_id, credential_id):
            raise NotFound(f"The client {client_id} has no secret or key {credential_id}.")
        hub.audit(connection, by, "credential.remove", f"{client_id}/{credential_id}")
