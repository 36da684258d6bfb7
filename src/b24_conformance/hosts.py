"""What an address says of its host: which one, whether it is this machine, and of proxies."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit
from urllib.request import getproxies_environment, proxy_bypass

_HERE = {"localhost": "127.0.0.1", "::1": "127.0.0.1"}
_PORTS = {"http": 80, "https": 443}


def place(address: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, the same for every way to write them."""
    parts = urlsplit(address.strip())
    host = _host(address)
    return parts.scheme, _HERE.get(host, host), parts.port or _PORTS.get(parts.scheme)


def readable(address: str) -> bool:
    """Whether what is sent there can be read on its way: no TLS, and over a network."""
    return address.startswith("http://") and not _is_here(_host(address))


def unused_proxy(address: str) -> str | None:
    """The variable of the environment that names a proxy for an address: none is ever used."""
    scheme, host, port = place(address)
    if _is_here(host) or proxy_bypass(f"{host}:{port}"):
        return None
    found = getproxies_environment()
    kind = next((one for one in (scheme, "all") if one in found), None)
    names = (f"{kind}_proxy", f"{kind}_proxy".upper())
    return next((name for name in names if os.environ.get(name)), None)


def _host(address: str) -> str:
    return (urlsplit(address.strip()).hostname or "").removesuffix(".")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
