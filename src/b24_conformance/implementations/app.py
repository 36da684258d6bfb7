"""A WSGI or ASGI application under test, called in this process instead of over a socket."""

from __future__ import annotations

from b24_conformance.config import Config
from b24_conformance.errors import ConfigError
from b24_conformance.implementations.app_loading import load_app
from b24_conformance.implementations.app_output import AppOutput
from b24_conformance.implementations.asgi import AsgiTransport
from b24_conformance.implementations.base import Transport
from b24_conformance.implementations.building import Asked
from b24_conformance.implementations.configured import configured_portal
from b24_conformance.implementations.keyring import Keyring
from b24_conformance.implementations.portal import PortalImplementation
from b24_conformance.implementations.wsgi import WsgiTransport
from b24_conformance.redaction import Redaction

_EXAMPLE = """say in b24-conformance.toml which credentials and which chats it knows:
  [portal]
  stand_in = true
  [operator]
  webhook = "https://example.bitrix24.com/rest/1/SECRET/"
  chats = { joinable = [2043], joined = [2045], access_denied = [2050] }"""


def configured_app(target: str, config: Config, asked: Asked) -> PortalImplementation:
    """The application `app:module:attribute`, declared by `config` as a portal is.

    The address in the webhook says only where the application believes to be served.
    """
    if config.operator.webhook is None and config.operator.access_token is None:
        raise ConfigError(f"nothing is declared of {target}", hint=_EXAMPLE)
    redaction = Redaction({})
    output = AppOutput(redaction)

    def opening(address: str, keyring: Keyring) -> Transport:
        redaction.learn(keyring.secrets())
        found = load_app(target, output)
        if found.protocol == "wsgi":
            return WsgiTransport(found.app, address, output, timeout=asked.timeout)
        return AsgiTransport(found.app, address, output, timeout=asked.timeout)

    portal = configured_portal(config, asked, name=target, opening=opening)
    portal.redaction.teach(redaction)
    return portal
