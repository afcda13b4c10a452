"""Post something to an address that somebody gave, without being made a tool against one's own network.

The name is looked up once, every address it has must be allowed, and the connection goes to one of those, so that a
name that means something else a moment later leads nowhere else. No proxy, no redirect, certificates verified, and an
end to it all after a while, however slowly an answer drips. Of the answer the status alone is looked at.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx

from domain.addresses import Network, is_allowed

PATIENCE = 15.0  # seconds, for all of it
GONE = 410


@dataclass(frozen=True)
class Answer:
    """The status of the answer, if one came, and what went wrong, in a word; nothing if it was taken."""

    status: int | None = None
    failure: str | None = None


class _Refused(Exception):
    """The address may not be spoken to, or there is none."""


async def post(url: str, body: str, headers: Mapping[str, str], networks: tuple[Network, ...]) -> Answer:
    """Send the body, and tell what came of it; never raises."""
    try:
        async with asyncio.timeout(PATIENCE):
            return _judged(await _send(httpx.URL(url), body, headers, networks))
    except TimeoutError:
        return Answer(failure="timeout")
    except httpx.TimeoutException:
        return Answer(failure="timeout")
    except _Refused as refused:
        return Answer(failure=str(refused))
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
        return Answer(failure="tls" if any(isinstance(one, ssl.SSLError) for one in _causes(error)) else "connection")


async def _send(url: httpx.URL, body: str, headers: Mapping[str, str], networks: tuple[Network, ...]) -> int:
    address = await _address(url, networks)
    async with httpx.AsyncClient(verify=httpx.create_ssl_context(), trust_env=False, timeout=PATIENCE) as client:
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers={**headers, "Host": url.netloc.decode()},
            # Whom the certificate must name, and who is asked for.
            extensions={"sni_hostname": url.host},
        )
        response = await client.send(request, stream=True)
        await response.aclose()
        return response.status_code


async def _address(url: httpx.URL, networks: tuple[Network, ...]) -> str:
    """The address to connect to; raises _Refused where any that the name has is not allowed."""
    port = url.port or {"https": 443, "http": 80}[url.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise _Refused("name") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(is_allowed(address, networks) for address in addresses):
        raise _Refused("address")
    return addresses[0]


def _judged(status: int) -> Answer:
    if 200 <= status < 300:
        return Answer(status)
    return Answer(status, "redirect" if 300 <= status < 400 else "status")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
