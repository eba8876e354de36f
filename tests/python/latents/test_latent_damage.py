"""Stores that are damaged, cut short, killed or full: what is whole is read, and what is not is named."""

import fcntl
import os
import signal
import struct
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors
from vaerans_ecs.latents import compact, salvage

from .latent_samples import fill, latent, only_shard, relative


def test_every_flipped_bit_is_found_and_the_other_items_are_read(tmp_path):
    path = only_shard(fill(tmp_path, 3, rmse=0.3))
    whole = path.read_bytes()
    clean = LatentStore(path)
    expected = {key: clean[key] for key in clean}
    blamed = set()
    for bit in range(8 * len(whole)):
        if bit % 5 and bit > 400:  # every bit of the start, then one in five
            continue
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        try:
            store = LatentStore(path, strict=False)
        except errors.UnsupportedVersion:
            continue
        damages = store.verify()
        assert damages, bit
        bad = {damage.key for damage in damages}
        blamed |= bad
        for key in set(store.keys()) - bad:
            np.testing.assert_array_equal(store[key], expected[key])
        if len(bad - {""}) == 1:
            assert set(expected) - bad <= set(store.keys()), bit
    assert blamed == {"", *expected}


def test_a_shard_that_is_cut_while_it_is_open_is_an_error_of_its_items(tmp_path):
    """Reading what is no longer there of a mapped file would end the process."""
    path = only_shard(fill(tmp_path, 40))
    store = LatentStore(path)
    first, *_, last = store
    expected = store[first]
    os.truncate(path, 4096 * (path.stat().st_size // 8192))
    with pytest.raises(errors.FileError, match="has become shorter"):
        store[last]
    np.testing.assert_array_equal(store[first], expected)
    assert last in {damage.key for damage in store.verify()}


def test_a_truncated_shard_still_gives_its_whole_items(tmp_path):
    path = only_shard(fill(tmp_path))
    whole = path.read_bytes()
    for length in (len(whole) - 1, len(whole) - 200, len(whole) // 2):
        path.write_bytes(whole[:length])
        store = LatentStore(path)
        assert store.shards[0].damage and store.verify()[0].key == ""
        for key in store:
            assert relative(store[key], latent(int(key[5:]))) < 0.03
    path.write_bytes(b"")
    with pytest.raises(errors.CorruptStream, match="neither header nor index"):
        LatentStore(path)
    assert len(LatentStore(path, strict=False)) == 0


def test_a_newer_version_is_told(tmp_path):
    path = only_shard(fill(tmp_path))
    data = bytearray(path.read_bytes())
    (index,) = struct.unpack_from("<Q", data, len(data) - 16)
    data[index + 5] = 2
    (described,) = struct.unpack_from("<I", data, index + 16)
    description = data[index + 24 : index + 24 + (described + 7) // 8 * 8]
    struct.pack_into("<I", data, index + 20, zlib.crc32(description, zlib.crc32(data[index : index + 20])))
    path.write_bytes(data)
    with pytest.raises(errors.UnsupportedVersion, match="format 2"):
        LatentStore(path)


def test_an_index_that_lies(tmp_path):
    path = only_shard(fill(tmp_path, 2))
    data = bytearray(path.read_bytes())
    (index,) = struct.unpack_from("<Q", data, len(data) - 16)
    (described,) = struct.unpack_from("<I", data, index + 16)
    start = index + 24 + (described + 7) // 8 * 8
    (size,) = struct.unpack_from("<Q", data, index + 24)
    listing = data[start : start + size]
    listing = listing.replace(b"item 0", b"item X")
    data[start : start + size] = listing
    struct.pack_into("<I", data, index + 32, zlib.crc32(listing))
    covered = bytes(data[index : index + 20]) + bytes(data[index + 24 : start])
    struct.pack_into("<I", data, index + 20, zlib.crc32(covered))
    path.write_bytes(data)
    store = LatentStore(path)
    with pytest.raises(errors.CorruptStream, match=r"item X: .*another record"):
        store["item X"]
    assert [damage.key for damage in store.verify()] == ["item X"]


def test_a_full_disk_takes_nothing_with_it(tmp_path):
    """A limit on the size of files stands for the disk."""
    script = f"""
import resource, signal
import numpy as np
from vaerans_ecs import LatentStore, errors
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
array = np.random.default_rng(1).standard_normal((4, 32, 32)).astype(np.float16)
with LatentStore.writer({str(tmp_path)!r}) as writer:
    for i in range(5):
        writer.add(str(i), array)
    resource.setrlimit(resource.RLIMIT_FSIZE, (17000, -1))
    full = 0
    for i in range(5, 8):
        try:
            writer.add(str(i), array)
        except errors.FileError as error:
            full += "File too large" in str(error)
    assert full, "the limit was never reached"
    resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))
    writer.add("last", array)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    store = LatentStore(tmp_path)
    assert {"0", "4", "last"} <= set(store.keys()) and "7" not in store and store.verify() == []


PACK = """
import sys
import numpy as np
from vaerans_ecs import LatentStore
rng = np.random.default_rng(0)
with LatentStore.writer(sys.argv[1], resume=True, shard_bytes=40000) as writer:
    print("open", flush=True)
    for i in range(300):
        array = rng.standard_normal((4, 12, 12)).astype(np.float16)
        if not writer.is_current(str(i), "s"):
            writer.add(str(i), array, source_hash="s")
            print(i, flush=True)
"""


@pytest.mark.parametrize("tries", [12, pytest.param(60, marks=pytest.mark.long)])
def test_killed_at_any_moment_no_item_is_lost(tmp_path, tries):
    rng = np.random.default_rng(3)
    done, kills = set(), 0
    for _ in range(tries):
        run = subprocess.Popen([sys.executable, "-c", PACK, tmp_path], stdout=subprocess.PIPE, text=True)
        assert run.stdout.readline() == "open\n"
        time.sleep(rng.uniform(0, 0.004))
        run.send_signal(signal.SIGKILL)
        said = [int(line) for line in run.stdout.read().split("\n")[:-1]]
        kills += run.wait() == -signal.SIGKILL
        assert not done & set(said), "an item was made twice"
        done |= set(said)
    assert kills > tries // 3
    subprocess.run([sys.executable, "-c", PACK, tmp_path], check=True, capture_output=True, timeout=60)
    store = LatentStore(tmp_path)
    assert sorted(map(int, store.keys())) == list(range(300)) and store.verify() == []
    assert not list(tmp_path.glob("*.part"))


def test_an_unfinished_shard_waits_for_resume(tmp_path):
    writer = LatentStore.writer(tmp_path)
    writer.add("a", latent(1))
    with pytest.raises(errors.FileError, match="another process is writing"):
        LatentStore.writer(tmp_path, resume=True)
    del writer
    with pytest.raises(errors.OutputExists, match="resume"):
        LatentStore.writer(tmp_path)
    (part,) = tmp_path.glob("*.part")
    with part.open("ab") as file:
        file.write(os.urandom(100))
    assert salvage(part) == str(part)[: -len(".part")]
    assert relative(LatentStore(tmp_path)["a"], latent(1)) < 0.03


COMPACT = """
import sys
from vaerans_ecs import errors
from vaerans_ecs.latents import compact
print("ready", flush=True)
sys.stdin.readline()
try:
    compact(sys.argv[1])
except errors.FileError as error:
    assert "another process compacts this store" in str(error), error
"""


def test_compactions_at_once_and_killed_ones_lose_nothing(tmp_path):
    big = np.random.default_rng(1).integers(0, 30000, (64, 1024), np.uint16).view(np.float16)
    with LatentStore.writer(tmp_path, lossless=True) as writer:
        for i in range(100):
            writer.add(str(i), big)
    with LatentStore.writer(tmp_path, lossless=True, replace=True) as writer:
        writer.add("0", big)
    shard = tmp_path / "000001-0.vls"
    before = shard.stat().st_ino
    command = [sys.executable, "-c", COMPACT, tmp_path]
    runs = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    for run in runs:
        assert run.stdout.readline() == "ready\n"
    runs[0].stdin.write("go\n")
    runs[0].stdin.flush()
    deadline, copy = time.monotonic() + 60, tmp_path / "000001-0.vls.compact"
    while time.monotonic() < deadline and not (copy.exists() and copy.stat().st_size > 1 << 20):
        pass
    runs[1].stdin.write("go\n")  # while the first one writes
    runs[1].stdin.flush()
    while time.monotonic() < deadline and shard.stat().st_ino == before:
        pass
    for run in runs:  # just when the first shard has its name: half of one would stay half
        run.kill()
        run.communicate()
    assert shard.stat().st_ino != before, "no compaction got so far"
    assert compact(tmp_path)[0] in (0, 1)
    store = LatentStore(tmp_path)
    assert len(store) == 100 and store.verify() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000001-0.vls", "000002-0.vls"]


def test_a_second_compaction_is_refused(tmp_path):
    fill(tmp_path)
    with (tmp_path / "compacting.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(errors.FileError, match=r"compacting\.lock: another process compacts this store"):
            compact(tmp_path, "item 1")
    assert compact(tmp_path, "item 1")[0] == 1


def test_an_item_has_as_many_arrays_as_readers_take(tmp_path):
    arrays = {str(i): np.ones((1, 2), np.float16) for i in range(4097)}
    with LatentStore.writer(tmp_path) as writer:
        with pytest.raises(errors.InvalidArgument, match=r"many: an item of 4097 arrays; it may have 4096"):
            writer.add("many", arrays)
        del arrays["7"]
        writer.add("many", arrays)
    assert len(LatentStore(tmp_path).item("many").arrays) == 4096
