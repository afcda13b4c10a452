"""Post something to an address that somebody gave, without being made a tool against one's own network.

The name is looked up once, every address it has must be allowed, and the connection goes to one of those, the next
where nobody can be reached at the first, so that a name that means something else a moment later leads nowhere else. No
proxy, no redirect, certificates verified, and an end to it all after a while, however slowly an answer drips. Of the
answer nothing is looked at but the status and how long it asks to wait.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import httpx

from domain.addresses import Network, is_allowed

PATIENCE = 15.0  # seconds, for all of it
TO_CONNECT = 5.0  # seconds, for one address
MOST_ADDRESSES = 3
GONE = 410


@dataclass(frozen=True)
class Answer:
    """The status of the answer, if one came, and what went wrong, in a word; nothing if it was taken.

    `retry_after` is that header of the answer, as it came.
    """

    status: int | None = None
    failure: str | None = None
    retry_after: str = ""


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


async def _send(url: httpx.URL, body: str, headers: Mapping[str, str], networks: tuple[Network, ...]) -> httpx.Response:
    *others, last = (await _addresses(url, networks))[:MOST_ADDRESSES]
    timeout = httpx.Timeout(PATIENCE, connect=TO_CONNECT)
    async with httpx.AsyncClient(verify=httpx.create_ssl_context(), trust_env=False, timeout=timeout) as client:
        for address in others:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):  # nothing was sent yet
                return await _send_to(client, address, url, body, headers)
        return await _send_to(client, last, url, body, headers)


async def _send_to(
    client: httpx.AsyncClient, address: str, url: httpx.URL, body: str, headers: Mapping[str, str]
) -> httpx.Response:
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
    return response


async def _addresses(url: httpx.URL, networks: tuple[Network, ...]) -> list[str]:
    """The addresses to connect to, each once; raises _Refused where any that the name has is not allowed."""
    port = url.port or {"https": 443, "http": 80}[url.scheme]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise _Refused("name") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not addresses or not all(is_allowed(address, networks) for address in addresses):
        raise _Refused("address")
    return addresses


def _judged(response: httpx.Response) -> Answer:
    status = response.status_code
    if 200 <= status < 300:
        return Answer(status)
    failure = "redirect" if 300 <= status < 400 else "status"
    return Answer(status, failure, response.headers.get("Retry-After", ""))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
