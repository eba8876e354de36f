"""What machines of many processors do: more threads than there are tiles, blocks or pictures.

Most machines that run tests have few. Here a library in front of the system's says that there are sixteen, so that
threads take all the slots they may; results are held against those of one thread.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

SIXTEEN = """
#define _GNU_SOURCE
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

extern long __sysconf(int);
long sysconf(int name) {
  return name == _SC_NPROCESSORS_ONLN || name == _SC_NPROCESSORS_CONF ? 16 : __sysconf(name);
}
int get_nprocs(void) { return 16; }
int get_nprocs_conf(void) { return 16; }
int sched_getaffinity(pid_t pid, size_t size, cpu_set_t* set) {
  (void)pid;
  memset(set, 0, size);
  for (int i = 0; i < 16; ++i) CPU_SET(i, set);
  return 0;
}
"""

PROGRAM = """
import numpy as np
import vaerans_ecs as v
from vaerans_ecs import Context, World

rng = np.random.default_rng(1)


def picture(height, width):
    y, x = np.mgrid[0:height, 0:width]
    planes = [(y * (c + 1) + x * 2) // 5 % 230 + rng.integers(0, 20, (height, width)) for c in range(3)]
    return np.stack(planes, -1).astype(np.uint8)


pictures = [picture(*size) for size in ((320, 320), (300, 700), (40, 1700), (17, 9))]
WAYS = [{"lossless": True}, {"max_error": 2}, {"quality": 60, "mode": "wavelet"}, {"quality": 30, "mode": "wavelet"}]
for _ in range(2):
    for how in WAYS:
        for image in pictures:
            alone, all_of_them = (v.compress(image, threads=threads, **how) for threads in (1, 0))
            assert alone == all_of_them, how
            one, many = (v.decompress(alone, threads=threads) for threads in (1, 0))
            assert (one == many).all(), how
        pair = [pictures[0], pictures[0][::-1].copy(), pictures[1]]
        files = v.compress(pair, threads=0, **how)
        assert files == v.compress(pair, threads=1, **how)
        for back, image in zip(v.decompress(files, threads=0), v.decompress(files, threads=1)):
            assert (back == image).all()
    for chain in ("ycocg | cdf97 | quantize_bands(step=8) | ans", "blur(sigma=2)"):
        results = []
        for threads in (1, 0):
            world = World(1 << 28)
            entities = world.spawn_batch_rgb([pictures[0], pictures[0][::-1].copy()])
            key = world.run(chain, entities, context=Context(threads=threads)).key
            results.append([np.asarray(world.get(entity, key)).tobytes() for entity in entities])
        assert results[0] == results[1], chain
print("all equal")
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
def test_threads_are_more_than_what_there_is_to_do(tmp_path):
    source, library = tmp_path / "sixteen.c", tmp_path / "sixteen.so"
    source.write_text(SIXTEEN)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    env = {**os.environ, "LD_PRELOAD": str(library)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout == "all equal\n", (done.returncode, done.stderr[-2000:])
