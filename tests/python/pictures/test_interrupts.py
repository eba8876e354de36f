"""Ctrl-C ends a long call soon, not when its work is done."""

import signal
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest
import vaerans_ecs as v

# Four tiles of the pixel coder, which would store pure noise as it is.
PICTURE = np.random.default_rng(1).integers(100, 132, (1024, 1024, 3), dtype=np.uint8)


@contextmanager
def interrupted_after(seconds):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(seconds, signal.raise_signal, [signal.SIGINT])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        signal.signal(signal.SIGINT, before)


def seconds_of(work):
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


@pytest.mark.parametrize("options", [{"lossless": True}, {"mode": "wavelet", "quality": 60}], ids=["pixel", "wavelet"])
def test_a_long_call_ends_half_way(options):
    data = v.compress(PICTURE, **options)
    for work in (
        lambda: v.compress(PICTURE, threads=1, **options),
        lambda: v.decompress(data, threads=1),
    ):
        whole = seconds_of(work)

        def ends(work=work, whole=whole):
            with pytest.raises(KeyboardInterrupt), interrupted_after(whole / 10):
                work()

        # Other programs may hold one try up.
        assert any(seconds_of(ends) < 0.7 * whole for _ in range(3))


def test_the_next_call_works_as_if_nothing_had_been():
    small = PICTURE[:64, :64]
    with pytest.raises(KeyboardInterrupt), interrupted_after(0.05):
        while True:
            v.compress(small, lossless=True)
    assert np.array_equal(v.decompress(v.compress(small, lossless=True)), small)
