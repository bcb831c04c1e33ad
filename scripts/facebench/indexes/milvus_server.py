"""Milvus, a server or a database on this disk: connecting to it, and what it says in sentences."""

import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from facebench.errors import Unreachable, UserError
from facebench.secrets import secret
from facebench.timing import loading

#: Seconds in which a server has to answer when it is called.
CALL = 10.0
#: The same for a database on this machine, which may be busy.
OWN_CALL = 120.0
#: Seconds that a database is waited for which another process has open.
HELD = 30.0

#: What gRPC's states and Milvus' codes mean, the first that fits. 2: pymilvus could not connect.
MEANING = {
    "refuses {token}": {"UNAUTHENTICATED", "PERMISSION_DENIED"},
    "doesn't answer: start it, or name another one in index.uri": {
        "UNAVAILABLE", "DEADLINE_EXCEEDED", "2",
    },
}  # fmt: skip


@contextmanager
def installed() -> Iterator[None]:
    """Raise `UserError` for a library that is imported inside and isn't installed."""
    try:
        with loading():
            yield
    except ImportError as error:
        raise UserError(
            "An index of the kind milvus needs pymilvus and milvus-lite, which are not installed"
            f" (make milvus): {error}."
        ) from error


def load_pymilvus() -> ModuleType:
    """Return pymilvus. Raises `UserError` where it isn't installed.

    It would print what goes wrong, with tracebacks and past our logs: here that is a sentence.
    """
    with installed():
        import pymilvus
    for name in ("pymilvus", "pymilvus.milvus_client", "milvus_lite", "grpc"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.CRITICAL)
    return pymilvus


@contextmanager
def connected(where: str | Path, token: str = "") -> Iterator[Any]:
    """Yield pymilvus' client of the server at an address, or of the database at a path.

    A database is open, and closed to other processes, only meanwhile. token: "$" and the variable
    of the environment that holds it, or nothing. Raises `UserError` for all that Milvus raises
    inside, `Unreachable` for a server that is away or refuses.
    """
    pymilvus = load_pymilvus()
    with ExitStack() as stack:
        if isinstance(where, Path):
            address = stack.enter_context(opened(where))
            # A proxy of the user's can't reach this machine.
            own = {"grpc.enable_http_proxy": 0}
            given: dict[str, Any] = {"grpc_options": own, "timeout": OWN_CALL}
        else:
            address, given = where, {"token": value_of(token), "timeout": CALL}
        try:
            client = pymilvus.MilvusClient(address, dedicated=True, **given)
            stack.callback(client.close)
            yield client
        except Exception as error:
            if codes := codes_of(error):
                raise sentence(error, codes, where, token) from error
            raise


@contextmanager
def opened(path: Path) -> Iterator[str]:
    """Yield the address on this machine at which the database at `path` can be reached meanwhile.

    Raises `UserError` for one that can't be used, `Unreachable` for one in use for too long.
    """
    with installed():
        from milvus_lite.adapter.grpc.server import start_server_in_thread
        from milvus_lite.exceptions import DataDirLockedError

    ends = time.monotonic() + HELD
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            server, database, port = start_server_in_thread(str(path))
            break
        except DataDirLockedError as error:
            if time.monotonic() >= ends:
                raise Unreachable(
                    f"The database {path} is in use by another process: end that and run again."
                ) from error
            time.sleep(0.1)
        except Exception as error:
            raise UserError(
                f"{path} can't be used as a database of Milvus ({error}): remove it, or name"
                " another folder in index.uri."
            ) from error
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
        database.close()


def value_of(token: str) -> str:
    """Return the token that a variable holds. Raises `UserError` for a variable that isn't set."""
    value = secret(token.removeprefix("$")) if token else ""
    if token and not value:
        raise Unreachable(f"index.token is {token}, and the environment has no such variable.")
    return value


def codes_of(error: BaseException | None) -> set[str]:
    """Return gRPC's states and Milvus' codes of an error and its causes; none of another error."""
    import grpc
    from pymilvus import MilvusException

    chain: list[BaseException] = []
    while error is not None and error not in chain:  # pymilvus makes errors their own cause
        chain.append(error)
        error = error.__cause__
    codes = [one.code for one in chain if isinstance(one, grpc.RpcError | MilvusException)]
    known = [code() if callable(code) else code for code in codes]
    return {getattr(code, "name", str(code)) for code in known}


def sentence(error: Exception, codes: set[str], where: str | Path, token: str) -> UserError:
    """Return what a user can do about an error of Milvus."""
    named = f"the token in {token}" if token else "to answer without a token: see index.token"
    for meaning, known in MEANING.items():
        if codes & known:
            return Unreachable(f"Milvus at {where} {meaning.format(token=named)}.")
    said = getattr(error, "message", str(error)).strip().partition("\n")[0][:300]
    return UserError(f"Milvus at {where} refuses what it is asked for: {said or sorted(codes)}.")
