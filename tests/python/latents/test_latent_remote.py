"""Stores elsewhere: in memory and behind HTTP. Two requests for the index, one for each item."""

import http.server
import pickle
import re
import threading
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors

fsspec = pytest.importorskip("fsspec", reason="needs fsspec")


def latent(seed):
    return np.random.default_rng(seed).standard_normal((4, 16, 12)).astype(np.float16)


@pytest.fixture
def folder(tmp_path):
    with LatentStore.writer(tmp_path / "store", model_hash="m", shard_bytes=4000) as writer:
        for i in range(9):
            writer.add(f"item {i}", latent(i), source_hash=str(i))
    return tmp_path / "store"


@pytest.fixture
def in_memory(folder):
    memory = fsspec.filesystem("memory")
    for path in folder.glob("*.vls"):
        memory.pipe(f"/tests/store/{path.name}", path.read_bytes())
    yield "memory://tests/store"
    memory.rm("/tests", recursive=True)


class Server(http.server.SimpleHTTPRequestHandler):
    """Files with ranges, and a page that lists them."""

    requests: ClassVar[list] = []
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None:
            return super().do_GET()
        data = Path(self.translate_path(self.path)).read_bytes()
        first, last = map(int, wanted.groups())
        part = data[first : last + 1]
        Server.requests.append((self.path.rpartition("/")[2], first, len(part)))
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)
        return None


@pytest.fixture
def served(folder):
    pytest.importorskip("aiohttp", reason="needs aiohttp")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Server.requests.clear()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def test_in_memory(folder, in_memory):
    here, there = LatentStore(folder), LatentStore(in_memory, model_hash="m")
    assert there.keys() == here.keys() and len(there.shards) > 1
    np.testing.assert_array_equal(there["item 4"], here["item 4"])
    keys = [f"item {i}" for i in (8, 0, 3)]
    np.testing.assert_array_equal(there.get_batch(keys, threads=2), here.get_batch(keys))
    assert there.blob("item 1") == here.blob("item 1") and there.verify() == []
    assert there.item("item 5").facts.source_hash == "5"
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(there))["item 2"], here["item 2"])


def test_over_http_each_item_is_one_request(folder, served):
    there = LatentStore(served)
    shards = len(list(folder.glob("*.vls")))
    assert len(Server.requests) == 2 * shards and there.keys() == LatentStore(folder).keys()
    Server.requests.clear()
    np.testing.assert_array_equal(there["item 7"], LatentStore(folder)["item 7"])
    assert len(Server.requests) == 1 and Server.requests[0][2] == there.item("item 7").bytes
    Server.requests.clear()
    there.get_batch(["item 1", "item 2", "item 6"])
    assert len(Server.requests) == 3


def test_one_shard_by_its_address(folder, in_memory):
    (name, *_) = sorted(path.name for path in folder.glob("*.vls"))
    assert set(LatentStore(f"{in_memory}/{name}")) < set(LatentStore(in_memory))


def test_damage_and_loss_are_told(in_memory):
    memory = fsspec.filesystem("memory")
    there = LatentStore(in_memory)
    path = there.shards[0].path
    data = bytearray(memory.cat(path))
    data[there.item("item 0").bytes // 2 + 100] ^= 4
    memory.pipe(path, bytes(data))
    assert {damage.key for damage in LatentStore(in_memory).verify()} == {"item 0"}
    memory.pipe(path, bytes(data[:-20]))
    (shard, *_) = LatentStore(in_memory, strict=False).shards
    assert "index" in shard.damage
    with pytest.raises(errors.FileError):
        there["item 1"] if memory.rm(path) is None else None


def test_a_shard_that_is_gone_is_said_with_its_address(in_memory):
    memory = fsspec.filesystem("memory")
    there = LatentStore(in_memory)
    path = there.shards[0].path
    memory.rm(path)
    text = f"{in_memory}: there is no such file any more: {path}"
    for ask in (there.verify, lambda: there["item 0"], lambda: there.blob("item 0")):
        with pytest.raises(errors.FileError) as raised:
            ask()
        assert str(raised.value) == text
    assert LatentStore(in_memory).verify() == []  # what is left of it


def test_whatever_a_file_system_raises_is_said_with_the_address(in_memory, monkeypatch):
    there = LatentStore(in_memory)

    def refused(*words, **how):
        raise RuntimeError("no credentials")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "cat_ranges", refused)
    with pytest.raises(errors.FileError, match=f"^{in_memory}: no credentials$"):
        there.verify()
    monkeypatch.setattr(type(fsspec.filesystem("memory")), "size", lambda *words: None)
    with pytest.raises(errors.FileError, match=f"^{in_memory}: "):
        LatentStore(in_memory)


def test_addresses_that_lead_nowhere():
    with pytest.raises(errors.FileError, match=r"memory://b/nope\.vls: there is no such store"):
        LatentStore("memory://b/nope.vls")
    with pytest.raises(errors.FileError, match="no such store"):
        LatentStore("memory://nothing/here")
    with pytest.raises(errors.FileError, match="nonsense"):
        LatentStore("nonsense://bucket/store")
