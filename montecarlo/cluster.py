"""An existing Dask cluster as an executor. Its library, the extra `dask`, is imported when one is asked for."""

from __future__ import annotations

import logging
from collections.abc import Generator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from montecarlo.errors import InputError
from montecarlo.simulation import simulate
from montecarlo.spec import Spec

PATIENCE = 10.0  # seconds to wait for a scheduler
# One small run of each sampler; who draws other networks has another version of something.
PROBES = tuple(
    (method, Spec(widths=(5, 6, 7), networks=40, claim_sigma_w2=2.0)) for method in ("dense", "conditioned", "chain")
)


@contextmanager
def cluster(address: str, *, patience: float = PATIENCE) -> Generator[tuple[Executor, int], None, None]:
    """The cluster's executor and how many blocks its workers draw side by side.

    Every worker is asked first for a few networks, which have to be the ones that this process draws.

    Args:
        address: of the scheduler, e.g. "tcp://10.0.0.1:8786".
        patience: seconds to wait for it.

    Raises:
        InputError: Dask is not installed, nobody answers, there are no workers, or they draw other networks.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise InputError("a scheduler needs Dask; install it: pip install 'derive-init[dask]'") from None
    # What goes wrong with connections and workers is said by this program, in its own words.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        # A client that its address fails waits half a minute for itself when it is thrown away.
        import_module("distributed.comm").get_address_host_port(address)
        client = distributed.Client(address, timeout=patience, set_as_default=False)
    except Exception as error:  # whatever the address makes of it: no route, no such protocol, no number
        raise InputError(_unreachable(address, error)) from None
    try:
        threads: dict[str, int] = client.nthreads()
        if not threads:
            raise InputError(f"the scheduler {address} has no workers; start one: dask worker {address}")
        _check_workers(client)
        yield client.get_executor(), sum(threads.values())
    finally:
        client.close(timeout=patience)


def probe() -> tuple[str, ...]:
    """The digests of `PROBES`, where this is called."""
    return tuple(simulate(spec, method=method).digest for method, spec in PROBES)


def _check_workers(client: Any) -> None:
    try:
        found: dict[str, tuple[str, ...]] = client.run(probe)
    except Exception as error:  # most often: no module named montecarlo
        raise InputError(f"the workers cannot run this program ({error}); install it there as here") from None
    wrong = sorted(worker for worker, digests in found.items() if digests != probe())
    if wrong:
        raise InputError(f"the worker {wrong[0]} draws other networks than this process; install the same versions")


def _unreachable(address: str, error: Exception) -> str:
    reason = str(error).split("\n", maxsplit=1)[0].rstrip(".") or type(error).__name__
    return (
        f"the scheduler {address!r} cannot be reached ({reason}); start it (dask scheduler), "
        f"or write its address, e.g. --scheduler tcp://10.0.0.1:8786"
    )
