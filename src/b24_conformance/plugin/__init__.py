"""The pytest plugin: collects the suites, one item per clause and implementation.

Everything heavy is imported only once a suite is collected, so that a pytest run that does not
use the plugin pays next to nothing for it.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from b24_conformance.plugin.fixtures import bitrix24_portal
from b24_conformance.plugin.options import add_options
from b24_conformance.resources import suites_folder

__all__ = ["bitrix24_portal"]

# The value is a `plugin.session.Engine`, which is heavy to import.
ENGINE = pytest.StashKey[Any]()
OUR_SUITE = "b24_conformance_suite"
_SUITES = suites_folder()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options, all under one prefix."""
    add_options(parser)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Teaches pytest-xdist, where it is in use, to keep an implementation on one worker."""
    config.addinivalue_line("markers", "xdist_group(name): the items of one implementation")
    if config.pluginmanager.hasplugin("dsession"):
        from b24_conformance.plugin import distributed  # noqa: PLC0415 (only with xdist)

        config.pluginmanager.register(distributed.Controller(), "b24_conformance_controller")


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Takes the suites' folders for folders: a foreign package `suites` must not be imported."""
    if path == _SUITES or _SUITES in path.parents:
        return pytest.Dir.from_parent(parent, path=path)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Collects the suites ourselves, whatever the project around says about its test files."""
    collected = yield
    if _SUITES not in file_path.parents:
        return collected
    if not (file_path.name.startswith("test_") and file_path.suffix == ".py"):
        return []
    from b24_conformance.plugin.collecting import SuiteFile  # noqa: PLC0415 (heavy)

    return [SuiteFile.from_parent(parent, path=file_path)]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Marks what is said of our suites: a worker's ids do not tell where a file lies."""
    report = yield
    if _SUITES in collector.path.parents:
        setattr(report, OUR_SUITE, True)
    return report


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tells the engine which clauses were selected."""
    if engine := session.config.stash.get(ENGINE, None):
        engine.select(session.items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Hides secrets in tracebacks and captured output, so in `--junitxml` as well."""
    report = yield
    engine = item.config.stash.get(ENGINE, None)
    hidden: pytest.TestReport = engine.hidden(report) if engine else report
    return hidden


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the reports; a verdict other than conformant is no success."""
    engine = session.config.stash.get(ENGINE, None)
    if engine is None:
        return
    engine.finish()
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["b24_conformance"] = engine.told()
    elif engine.exit_code and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Prints the verdict lines."""
    engine = config.stash.get(ENGINE, None)
    if engine is not None:
        engine.summarise(terminalreporter)
