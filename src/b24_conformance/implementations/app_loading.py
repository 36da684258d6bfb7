"""From `module:attribute` to an application, and to the protocol that it speaks."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple

from b24_conformance.errors import UsageError, nearest
from b24_conformance.implementations.app_output import AppOutput, described

PREFIX = "app:"
_FORM = "write app:module:attribute, for instance app:myproject.fake:app"
_FORMS = (
    "it may be a WSGI application, app(environ, start_response); an ASGI application, "
    "async app(scope, receive, send); or a factory of one, called without arguments. Anything "
    "else is asked over HTTP: start it, and name its webhook instead"
)
# The messages of these speak of names; those of others may hold anything.
_SPEAKING = (ImportError, SyntaxError, NameError, AttributeError, KeyError)
_LONGEST = 200
Protocol = Literal["wsgi", "asgi"]


class Application(NamedTuple):
    """What can be called, and how."""

    app: Callable[..., Any]
    protocol: Protocol


def load_app(target: str, output: AppOutput) -> Application:
    """The application that `target` names; UsageError says what was found instead."""
    module_name, names = _parsed(target)
    _working_folder_first()
    with output.heard():
        try:
            return _loaded(target, module_name, names)
        except UsageError as error:
            raise UsageError(output.hide(error.what), hint=error.hint) from None


def _loaded(target: str, module_name: str, names: list[str]) -> Application:
    found = _attribute(target, _imported(target, module_name), names)
    protocol = _protocol_of(found)
    if protocol == "factory":
        found = _made(target, found)
        protocol = _protocol_of(found, made=True)
    if protocol == "wsgi":
        return Application(found, "wsgi")
    if protocol == "asgi":
        return Application(found, "asgi")
    raise UsageError(f"{target} is {protocol}", hint=_FORMS)


def _parsed(target: str) -> tuple[str, list[str]]:
    module, _, attribute = target.removeprefix(PREFIX).partition(":")
    names = [*module.split("."), *attribute.split(".")]
    if not all(name.isidentifier() for name in names) or module.endswith(".py"):
        raise UsageError(f"{target!r} is not of the form app:module:attribute", hint=_FORM)
    return module, attribute.split(".")


def _working_folder_first() -> None:
    """As servers do; it stays so, as an application may import more of itself at any time."""
    folder = str(Path.cwd())
    if sys.path[:1] != [folder]:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()


def _imported(target: str, name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            missing = error.name or "a module"
            raise UsageError(
                f"{target}: {missing!r}, which it imports, is not installed ({described(error)})",
                hint=f"install it where this command is: {sys.executable} -m pip install …",
            ) from None
        raise UsageError(
            f"{target}: there is no module {error.name!r} in {Path.cwd()}, nor is one installed",
            hint="run in the folder from which `import` finds it",
        ) from None
    except (Exception, SystemExit) as error:
        told = f"{target}: importing {name} failed: {_told(error)}"
        raise UsageError(told, hint=f"all of it: {sys.executable} -c 'import {name}'") from None


def _attribute(target: str, module: ModuleType, names: list[str]) -> Any:
    found: Any = module
    for name in names:
        try:
            found = getattr(found, name)
        except Exception as error:
            if not isinstance(error, AttributeError):
                raise UsageError(f"{target}: {name!r} raised {_told(error)}") from None
            known = nearest(name, [one for one in dir(found) if not one.startswith("_")])
            told = f"{target}: {_kind(found)} has no attribute {name!r}"
            raise UsageError(told, hint=known if len(known) < _LONGEST else _FORM) from None
    return found


def _made(target: str, factory: Callable[[], Any]) -> Any:
    try:
        made = factory()
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{target} was called as a factory, without arguments, and failed: {_told(error)}",
            hint=_FORMS,
        ) from None
    return made


def _protocol_of(found: Any, *, made: bool = False) -> str:
    """`wsgi`, `asgi` or `factory`; anything else says in words what was found."""
    kind = f"a factory of {_kind(found)}" if made else _kind(found)
    if not callable(found):
        return kind
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return f"{kind}, which does not say what it takes"
    takes = [count for count in (3, 2, 0) if _takes(signature, count)]
    coroutine = _is_coroutine(found)
    if 3 in takes and (coroutine or 2 not in takes):
        return "asgi"
    if not coroutine and 2 in takes and 0 not in takes:
        return "wsgi"
    if not coroutine and 0 in takes and not made:
        return "factory"
    names = ", ".join(signature.parameters)
    return f"{kind} that takes ({names})" + (" and is a coroutine function" if coroutine else "")


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*[None] * count)
    except TypeError:
        return False
    return True


def _is_coroutine(found: Any) -> bool:
    if inspect.iscoroutinefunction(found):
        return True
    # What a class does when it is called is not what its instances do.
    return not inspect.isclass(found) and inspect.iscoroutinefunction(type(found).__call__)


def _kind(found: Any) -> str:
    if isinstance(found, ModuleType):
        return f"the module {found.__name__}"
    if inspect.isclass(found):
        return f"the class {found.__qualname__}"
    if inspect.isroutine(found):
        return f"the function {getattr(found, '__qualname__', '')}"
    return f"an object of type {type(found).__module__}.{type(found).__qualname__}"


def _told(error: BaseException) -> str:
    """An exception in a line; its traceback may hold secrets that nobody here knows."""
    if isinstance(error, _SPEAKING) and (lines := str(error).strip().splitlines()):
        return f"{described(error)}: {lines[0][:_LONGEST]}"
    return described(error)
