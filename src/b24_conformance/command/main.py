"""The command's root: its subcommands, and how errors of use are told."""

from __future__ import annotations

import sys
from traceback import format_exc

import click

from b24_conformance import __version__
from b24_conformance.command.clients import clients
from b24_conformance.command.discover import discover
from b24_conformance.command.docs import docs
from b24_conformance.command.doctor import doctor
from b24_conformance.command.init import init
from b24_conformance.command.proving import prove
from b24_conformance.command.reading import clauses, judge, report
from b24_conformance.command.running import run
from b24_conformance.command.serving import serve
from b24_conformance.command.undoing import undo_joins
from b24_conformance.errors import ConformanceError
from b24_conformance.redaction import hidden


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="b24-conformance")
def cli() -> None:
    """Does a portal, a stand-in or a client keep the contract of imopenlines.session.join?"""


for subcommand in (
    run,
    serve,
    judge,
    prove,
    clauses,
    report,
    clients,
    doctor,
    discover,
    init,
    docs,
    undo_joins,
):
    cli.add_command(subcommand)


def main(arguments: list[str] | None = None) -> None:
    """Runs the command; every error of use exits with 2 and says what to do."""
    try:
        code = cli.main(arguments, prog_name="b24-conformance", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except click.exceptions.Exit as error:
        code = error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        code = 3
    except ConformanceError as error:
        click.echo(f"error: {error}", err=True)
        code = error.exit_code
    except Exception:  # a mistake of ours is neither a verdict nor a reason to tell secrets
        click.echo(f"internal error, please report it:\n{hidden(format_exc())}", err=True)
        code = 3
    sys.exit(code if isinstance(code, int) else 0)
