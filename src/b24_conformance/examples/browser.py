"""Examples for a page in the portal's frame: the SDK's UMD build, and BX24.js."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from b24_conformance.clients.entry import Client
from b24_conformance.docs_page import METHOD, Tab
from b24_conformance.examples import process
from b24_conformance.examples.hearing import Run
from b24_conformance.examples.javascript import HERE, NODE, told
from b24_conformance.examples.printed import Access
from b24_conformance.examples.runner import READY, Runner, found, heard_of

_PLAYWRIGHT = "installed:playwright-core-1.65.1"
_BX24 = "https://api.bitrix24.com/api/v1/"
_ICON = '<!doctype html><link rel="icon" href="data:,">'
_BX24_ADDRESS = re.compile(r"""(?:https?:)?//api\.bitrix24\.\w+/api/v1/[^\s"'<>]*""")
_UMD_ADDRESS = re.compile(
    r"""https?://[^\s"'<>]*@bitrix24/b24jssdk(?:@([\w.^~-]+))?/[^\s"'<>]*\.js"""
)
_UMD_FILE = "node_modules/@bitrix24/b24jssdk/dist/umd/index.min.js"


class _Browser(Runner):
    """An example in a frame of a page that plays the portal."""

    def run(self, tab: Tab, code: str, access: Access, folder: Path) -> Run:
        """Opens the example's page; the addresses of its scripts are answered from files."""
        example = folder / "example.html"
        example.write_text(self.page(code), encoding="utf-8")
        client = self.known(self.client)
        paths = (found(client, _PLAYWRIGHT), found(client, "browser:"))
        argv = (found(client, NODE), str(HERE / "page.mjs"), str(example), *paths)
        portal = {
            "scheme": urlsplit(access.webhook).scheme,
            "domain": access.domain,
            "access_token": access.access_token,
            "refresh_token": access.refresh_token,
        }
        ready = folder / READY
        env = process.environment(
            folder,
            EXAMPLE_PORTAL=json.dumps({"portal": portal, "method": METHOD}),
            EXAMPLE_READY=str(ready),
            EXAMPLE_EVENTS=str(folder / "events"),
        )
        ended = process.run((*argv, json.dumps(self.scripts(tab))), folder, env)
        failed = heard_of(ended, ready=ready.exists())
        # A page has no exit code, and what our own program says of it is not its output.
        went_well = told(folder, Run((), None, overdue=ended.overdue))
        return failed if ended.exit_code and not ended.overdue else went_well

    def page(self, code: str) -> str:
        """The page that holds the example."""
        return f"{_ICON}\n{code}"


class Umd(_Browser):
    """A page that loads the SDK's UMD build, in the version that its address names."""

    kind = "b24jssdk-umd"
    client = "b24jssdk-umd"

    def clients(self, tab: Tab) -> tuple[Client, ...]:
        """The browser, and of the SDK only the version that the page asks for."""
        browser, named = self.known(self.client), self._version(tab)
        without = replace(browser, requires=tuple(r for r in browser.requires if not _is_sdk(r)))
        if not named:
            return (without,)
        sdk = self.known(named)
        return without, replace(sdk, requires=tuple(r for r in sdk.requires if _is_sdk(r)))

    def scripts(self, tab: Tab) -> Mapping[str, str]:
        """The SDK's own file, from the version that a package registry would serve."""
        sdk = self.clients(tab)[-1]
        path = str(Path(found(sdk, *sdk.requires)) / _UMD_FILE)
        return {address[0]: path for address in _UMD_ADDRESS.finditer(tab.code)}

    def needs(self, tab: Tab) -> str:
        """Also a version that is kept here; without one nothing is guessed."""
        address = _UMD_ADDRESS.search(tab.code)
        if address is None:
            return "the address of a UMD build of @bitrix24/b24jssdk in the page"
        if address[1] in _KNOWN_VERSIONS:
            return super().needs(tab)
        return f"@bitrix24/b24jssdk@{address[1]}, of which no version is known here"

    def _version(self, tab: Tab) -> str:
        address = _UMD_ADDRESS.search(tab.code)
        return _KNOWN_VERSIONS.get(address[1], "") if address else ""


class Bx24(_Browser):
    """A script that takes BX24 for granted, or a page that loads it."""

    kind = "bx24js"
    client = "bx24js"

    def page(self, code: str) -> str:
        """The example as a script of its own, after BX24.init has called back."""
        if "<script" in code:
            return super().page(code)
        # As text, for the example may not parse; a script in a string must not end the outer one.
        text = json.dumps(code).replace("</", "<\\/")
        start = (
            "BX24.init(() => { const example = document.createElement('script');"
            f" example.text = {text}; document.head.append(example) }})"
        )
        return super().page(f'<script src="{_BX24}"></script>\n<script>{start}</script>')

    def scripts(self, tab: Tab) -> Mapping[str, str]:
        """The user's copy, at the vendor's address and at that which the page prints."""
        path = found(self.known(self.client), "file:bx24js")
        named = (address[0] for address in _BX24_ADDRESS.finditer(tab.code))
        # Without a scheme it gets the page's own, which is the portal's.
        whole = (
            f"{scheme}{each}" if each.startswith("//") else each
            for each in named
            for scheme in ("http:", "https:")
        )
        return dict.fromkeys((_BX24, *whole), path)


def _is_sdk(requirement: str) -> bool:
    return requirement.startswith("installed:b24jssdk-")


# What a package registry serves for each, and the client that keeps that version. The last of
# 0.x is not kept.
_KNOWN_VERSIONS: dict[str | None, str] = {
    None: "b24jssdk",
    "latest": "b24jssdk",
    "2": "b24jssdk",
    "2.2.0": "b24jssdk",
    "1": "b24jssdk-1.3.0",
    "1.3.0": "b24jssdk-1.3.0",
    "1.0.1": "b24jssdk-1.0.1",
}
