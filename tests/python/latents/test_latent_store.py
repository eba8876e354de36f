"""The conditioning store from Python: what goes in comes out, and what goes wrong is told and costs nothing else."""

import json
import os
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors
from vaerans_ecs.latents import compact, encode_blob

from .latent_samples import fill, latent, relative


def test_what_goes_in_comes_out(tmp_path):
    arrays = {"latent": latent(1), "t5": (latent(2, 7, 64), {"rmse": 0.05}), "pooled": latent(3, 32)}
    with LatentStore.writer(tmp_path, model="m", model_hash="h", scaling=0.13, shift=0.1, user={"a": [1]}) as writer:
        writer.add("one", latent(0), size=(640, 480), crop=(1, 2, 600, 400), bucket="8x10", user={"caption": "ü"})
        writer.add("two", arrays, source_hash="s", flip_of="one")
        assert writer.items == 2
    store = LatentStore(tmp_path, model_hash="h")
    assert list(store) == store.keys() == ["one", "two"] and len(store) == 2 and "one" in store and "no" not in store
    assert store["one"].dtype == np.float16 and relative(store["one"], latent(0)) < 0.021
    assert set(store["two"]) == {"latent", "t5", "pooled"}
    assert store.info("two", "t5").target_value == pytest.approx(0.05)
    assert store.info("two", "t5").channel_axis == 1
    facts = store.item("one").facts
    assert (facts.width, facts.height, facts.crop, facts.bucket) == (640, 480, (1, 2, 600, 400), "8x10")
    assert json.loads(facts.user) == {"caption": "ü"} and store.item("two").facts.flip_of == "one"
    (shard,) = store.shards
    assert (shard.model.name, shard.model.scaling, shard.model.shift) == ("m", 0.13, 0.1)
    assert store.verify() == []


def test_folders_whose_names_are_no_utf8(tmp_path):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    with pytest.raises(errors.VaeransError, match=r"\\xff"):
        LatentStore(folder)
    with LatentStore.writer(folder) as writer:
        writer.add("one", latent(0))
    store = LatentStore(folder)
    assert relative(store["one"], latent(0)) < 0.021 and store.verify() == []
    assert [Path(shard.path).parent for shard in store.shards] == [Path(folder)]
    assert LatentStore(store.shards[0].path).keys() == ["one"]
    assert compact(folder, "one")[0] == 1 and LatentStore(folder).keys() == []


def test_padding_is_left_out_and_put_back(tmp_path):
    text, mask = latent(1, 40, 64), np.arange(40) < 13
    text[~mask] = 7.5
    with LatentStore.writer(tmp_path) as writer:
        writer.add("a", {"t5": (text, {"mask": mask, "rmse": 0.03})})
        writer.add("none", {"t5": (text, {"mask": np.zeros(40, int)})})
        writer.add("whole", {"t5": text})
        with pytest.raises(errors.ShapeError, match=r"t5: a mask of 9 tokens for an array of shape \(40, 64\)"):
            writer.add("b", {"t5": (text, {"mask": np.ones(9)})})
    store = LatentStore(tmp_path)
    assert store.get("a", "t5").shape == (13, 64) and store.info("a", "t5").rmse <= 0.03
    again, found = store.padded("a", "t5")
    np.testing.assert_array_equal(found, mask)
    assert again.shape == text.shape and (again[13:] == 0).all() and relative(again[:13], text[:13]) < 0.04
    again, found = store.padded("none", "t5", "f32")
    assert not found.any() and not again.any() and again.dtype == np.float32
    again, found = store.padded("whole", "t5")
    assert found.all() and (again[20] > 7).all()
    assert len(store.blob("a", "t5")) < 0.4 * len(store.blob("whole", "t5")) and store.verify() == []
    assert len(store.blob("a", "t5.mask")) < 80


def test_batches(tmp_path):
    store = LatentStore(fill(tmp_path))
    keys = [f"item {i}" for i in (4, 0, 4, 2)]
    expected = np.stack([store[key] for key in keys])
    for threads in (1, 0, 3):
        np.testing.assert_array_equal(store.get_batch(keys, threads=threads), expected)
    out = np.zeros(expected.shape, np.float32)
    assert store.get_batch(keys, out=out) is out
    np.testing.assert_array_equal(out.astype(np.float16), expected)
    with pytest.raises(errors.ShapeError, match="out: a contiguous array of shape"):
        store.get_batch(keys, out=np.zeros((8, *expected.shape[1:]), np.float16)[::2])
    with pytest.raises(errors.MissingComponent, match="no item 'nobody'"):
        store.get_batch(["item 1", "nobody"])


def test_a_batch_of_different_shapes_is_refused(tmp_path):
    with LatentStore.writer(tmp_path) as writer:
        writer.add("a", latent(1))
        writer.add("b", latent(1, 4, 8, 8))
    with pytest.raises(errors.ShapeError, match="b has shape"):
        LatentStore(tmp_path).get_batch(["a", "b"])


def test_a_store_travels_to_other_processes(tmp_path):
    store = LatentStore(fill(tmp_path), dtype="f32")
    again = pickle.loads(pickle.dumps(store))
    np.testing.assert_array_equal(again["item 3"], store["item 3"])


def test_many_shards_and_ranks_are_one_store(tmp_path):
    writers = [LatentStore.writer(tmp_path, rank=rank, shard_bytes=600) for rank in range(3)]

    def run(rank):
        for i in range(5):
            writers[rank].add(f"{rank}/{i}", latent(10 * rank + i))
        writers[rank].close()

    threads = [threading.Thread(target=run, args=(rank,)) for rank in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = LatentStore(tmp_path)
    assert sorted(store.keys()) == sorted(f"{rank}/{i}" for rank in range(3) for i in range(5))
    assert len(store.shards) > 6 and store.verify() == []
    assert relative(store["2/4"], latent(24)) < 0.03


def test_a_key_twice_and_stale_items(tmp_path):
    fill(tmp_path)
    with LatentStore.writer(tmp_path, model_hash="m1") as writer:
        assert writer.is_current("item 1", "s1") and not writer.is_current("item 1", "changed")
        assert not writer.is_current("item 1", "s1", "m2") and not writer.is_current("new", "s1")
        with pytest.raises(errors.OutputExists, match="item 1"):
            writer.add("item 1", latent(9))
    with LatentStore.writer(tmp_path, model_hash="m1", replace=True) as writer:
        writer.add("item 1", latent(9), source_hash="changed")
    store = LatentStore(tmp_path)
    assert len(store) == 6 and relative(store["item 1"], latent(9)) < 0.03
    assert sum(shard.dead for shard in store.shards) == 1
    removed, before, after = compact(tmp_path, drop=["item 5"])
    assert removed == 2 and after < before
    store = LatentStore(tmp_path)
    assert len(store) == 5 and "item 5" not in store and store.verify() == []
    assert store.item("item 1").facts.source_hash == "changed"
    assert compact(tmp_path)[0] == 0


def test_the_wrong_model_is_named(tmp_path):
    fill(tmp_path)
    with pytest.raises(errors.ModelMismatch, match=r"'m1'.*'m2'"):
        LatentStore(tmp_path, model_hash="m2")


@pytest.mark.parametrize(
    ("array", "error", "text"),
    [
        (np.array([1, np.nan], np.float32), errors.NonFinite, "bad: latent: channel"),
        (np.zeros((3, 0), np.float32), errors.ShapeError, "bad: latent: the array is empty"),
        (np.zeros(3), errors.DTypeError, "float64"),
    ],
)
def test_a_bad_item_costs_only_itself(tmp_path, array, error, text):
    with LatentStore.writer(tmp_path) as writer:
        writer.add("good", latent(1))
        with pytest.raises(error, match=text):
            writer.add("bad", array)
        writer.add("better", latent(2))
    store = LatentStore(tmp_path)
    assert store.keys() == ["good", "better"] and store.verify() == []


def test_blobs_travel_between_containers(tmp_path):
    with LatentStore.writer(tmp_path) as writer:
        writer.add_blobs("a", {"x": encode_blob(latent(1), lossless=True)}, source_hash="s", bucket="b")
        with pytest.raises(errors.CorruptStream):
            writer.add_blobs("b", {"x": b"no blob at all, but long enough"})
    store = LatentStore(tmp_path)
    np.testing.assert_array_equal(store["a"], latent(1))
    assert store.blob("a") == encode_blob(latent(1), lossless=True)
    assert store.item("a").facts.bucket == "b"


@pytest.mark.parametrize("facts", [{"bucket": "a\x1b[31m"}, {"source_hash": "a\nb"}, {"user": "x" * (1 << 20)}])
def test_texts_that_no_reader_takes_are_refused(tmp_path, facts):
    with LatentStore.writer(tmp_path) as writer:
        with pytest.raises(errors.InvalidArgument, match="UTF-8 without control characters"):
            writer.add("a", latent(1), **facts)
        with pytest.raises(errors.InvalidArgument, match="a key that is not UTF-8"):
            writer.add("a\x07", latent(1))
        writer.add("ü 猫", latent(1))
    assert LatentStore(tmp_path).keys() == ["ü 猫"]


@pytest.mark.parametrize("user", [{"loss": float("nan")}, {"loss": [float("inf")]}, {1, 2}])
def test_what_is_no_json_is_refused(tmp_path, user):
    with LatentStore.writer(tmp_path) as writer:
        with pytest.raises(errors.BadParameter, match="a: user is what JSON can hold"):
            writer.add("a", latent(1), user=user)
        writer.add("a", latent(1), user={"loss": None})
    assert json.loads(LatentStore(tmp_path).item("a").facts.user) == {"loss": None}
    with pytest.raises(errors.BadParameter, match="user is what JSON can hold"):
        LatentStore.writer(tmp_path / "b", user=user)


def test_no_store(tmp_path):
    with pytest.raises(errors.FileError, match="no such store"):
        LatentStore(tmp_path / "nowhere")
    with pytest.raises(errors.BadParameter, match="rank"):
        LatentStore.writer(tmp_path, rank="../x")
    assert len(LatentStore(tmp_path)) == 0


def test_one_key_to_drop_may_be_named_alone(tmp_path):
    with LatentStore.writer(tmp_path) as writer:
        for key in ("cat", "c", "a"):
            writer.add(key, latent(1))
    with pytest.raises(errors.MissingComponent, match="typo"):
        compact(tmp_path, drop=["c", "typo"])
    assert compact(tmp_path, drop="cat")[0] == 1
    assert LatentStore(tmp_path).keys() == ["c", "a"]


@pytest.mark.parametrize(
    ("array", "error", "text"),
    [
        ({1: np.zeros((2, 3), "f4")}, errors.InvalidArgument, "k: an array's name"),
        ((np.zeros((2, 3, 4), "f4"), {"channel_axis": -9}), errors.ShapeError, "k: channel axis -9"),
        ((np.zeros((2, 3, 4), "f4"), {"channel_axis": 3}), errors.ShapeError, "k: channel axis 3"),
        (np.zeros((2, 3), "f8"), errors.DTypeError, "k: numbers of type float64"),
        ((np.zeros((2, 3), "f4"), {"mask": np.ones(5)}), errors.ShapeError, "k: latent: a mask of 5"),
    ],
)
def test_what_cannot_be_added_is_named(tmp_path, array, error, text):
    with LatentStore.writer(tmp_path) as writer, pytest.raises(error, match=text):
        writer.add("k", array)


def test_the_other_order_of_bytes(tmp_path):
    x = latent(1)
    with LatentStore.writer(tmp_path) as writer:
        writer.add("native", x)
        writer.add("swapped", x.astype(x.dtype.newbyteorder("S")))
    store = LatentStore(tmp_path)
    assert (store["native"] == store["swapped"]).all()


def test_keys_of_numpy_and_numbers_beyond_float16(tmp_path):
    with LatentStore.writer(tmp_path) as writer:
        writer.add("a", latent(1))
        writer.add("large", latent(1).astype(np.float32) * 1e6)
    store = LatentStore(tmp_path)
    assert store.get_batch(np.array(["a", "a"])).shape[0] == 2
    with pytest.raises(errors.DTypeError, match=r"large: .* 65504"):
        _ = store["large"]
    assert np.isfinite(store.get("large", dtype="f32")).all()


def test_writers_say_where_they_cannot_write(tmp_path):
    with pytest.raises(errors.InvalidArgument, match="written into folders"):
        LatentStore.writer("s3://bucket/store")
    writer = LatentStore.writer(tmp_path)
    writer.add("a", latent(1))
    writer.close()
    with pytest.raises(errors.InvalidArgument, match="b: the writer is closed"):
        writer.add("b", latent(1))


def test_a_writer_belongs_to_its_process(tmp_path):
    """A fork that went on writing would spoil the shard of its parent, published or not."""
    writer = LatentStore.writer(tmp_path)
    writer.add("a", latent(0))
    if (child := os.fork()) == 0:
        refused = 0
        for use in (lambda: writer.add("child", latent(1)), writer.close):
            try:
                use()
            except errors.InvalidArgument as error:
                refused += "is a fork of that; open one here" in str(error)
        os._exit(0 if refused == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    writer.add("b", latent(2))
    writer.close()
    store = LatentStore(tmp_path)
    assert store.keys() == ["a", "b"] and store.verify() == []


@pytest.mark.parametrize("wrong", ["\udcff", 3, None, b"a"])
def test_keys_and_names_that_cannot_be_are_refused_in_words(tmp_path, wrong):
    with LatentStore.writer(tmp_path) as writer:
        writer.add("a", np.zeros((4, 8, 8), np.float32))
    store = LatentStore(tmp_path)
    assert wrong not in store
    for read in (store.get, store.numbers, store.info, store.item, store.blob, store.__getitem__):
        with pytest.raises(errors.InvalidArgument, match=r"^a key (is a text, not|that is not UTF-8)"):
            read(wrong)
    for read in (store.get, store.numbers, store.info, store.blob):
        with pytest.raises(errors.InvalidArgument, match=r"^an array's name is a text .UTF-8., not"):
            read("a", wrong)
    with pytest.raises(errors.InvalidArgument, match=r"^an array's name is a text .UTF-8., not"):
        store.get_batch(["a"], array=wrong)
