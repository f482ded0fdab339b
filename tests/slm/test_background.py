import asyncio
import threading
from datetime import datetime

import pytest

from services.db import Database
from slm import worker
from slm.background import in_background


async def test_a_background_computation_gives_its_result_or_its_error() -> None:
    assert await in_background(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await in_background(divmod, 7, 0)


async def test_nobody_has_to_wait_for_a_background_computation() -> None:
    released = threading.Event()
    waiting = asyncio.create_task(in_background(released.wait, 60))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, timeout=5)
    released.set()


async def test_upkeep_that_takes_long_holds_up_neither_the_worker_nor_its_end(database: Database) -> None:
    began = asyncio.Event()

    async def upkeep(database: Database, *, now: datetime) -> bool:
        began.set()
        await asyncio.sleep(3600)
        return True

    stopping = asyncio.Event()
    working = asyncio.create_task(worker.run(database, stopping=stopping, upkeep=[upkeep]))
    await asyncio.wait_for(began.wait(), timeout=10)
    stopping.set()
    await asyncio.wait_for(working, timeout=10)
