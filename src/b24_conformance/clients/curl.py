"""What both curl adapters share: the documented command, run once a call."""

from __future__ import annotations

import subprocess

from b24_conformance.clients.protocol import Answer, Setup, broken, read_body

# `-q` comes first, or ~/.curlrc is read. The rest comes through standard input: the URL and
# the body hold the secret, and anybody on the machine can read a command line.
COMMAND = ("curl", "-q", "-sS", "-w", "%{http_code}", "--config", "-")


def post(setup: Setup, url: str, body: str) -> Answer:
    """POSTs the JSON `body`, and reads what curl prints."""
    options = {
        "request": "POST",
        "url": url,
        "header": "Content-Type: application/json",
        "data-raw": body,
        "max-time": str(setup.patience),
    }
    if setup.ca:
        options["cacert"] = setup.ca
    config = "".join(f"{name} = {_quoted(value)}\n" for name, value in options.items())
    done = subprocess.run(COMMAND, input=config.encode(), capture_output=True, check=False)
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip()
        return broken(f"curl exits with {done.returncode}: {complaint}")
    return read_body(int(done.stdout[-3:]), done.stdout[:-3])


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def version() -> str:
    """The version that curl says it has."""
    return subprocess.check_output(("curl", "-q", "--version"), text=True).split()[1]
