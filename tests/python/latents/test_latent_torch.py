"""Stores in PyTorch's trainings: buckets, ranks, workers, resuming."""

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors

torch = pytest.importorskip("torch", reason="needs PyTorch")
from vaerans_ecs.latents.torch import LatentDataset, LatentLoader, tensor_of  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path, rng = tmp_path_factory.mktemp("latents") / "store", np.random.default_rng(1)
    with LatentStore.writer(path, shard_bytes=20000) as writer:
        for i in range(30):
            shape = (4, 16, 12) if i % 3 else (4, 8, 24)
            text = rng.standard_normal((5 + i % 4, 32)).astype(np.float16)
            writer.add(f"item {i}", {"latent": rng.standard_normal(shape).astype(np.float16), "t5": text})
    return path


def keys_of(loader):
    return [batch["key"] for batch in loader]


def test_a_dataset_is_a_map(folder):
    store = LatentStore(folder)
    data = LatentDataset(store, arrays=["latent"])
    item = data[7]
    assert set(item) == {"key", "latent"} and item["latent"].dtype == torch.float16
    np.testing.assert_array_equal(item["latent"].numpy(), store.get(item["key"], "latent"))
    loader = torch.utils.data.DataLoader(data, batch_size=5, collate_fn=lambda items: [i["key"] for i in items])
    assert [key for batch in loader for key in batch] == store.keys()
    assert LatentDataset(folder, keys=["item 3"], transform=lambda i: i["key"] + "!")[0] == "item 3!"


def test_tensors_lie_on_the_memory_that_was_decoded_into(folder):
    store = LatentStore(folder)
    brain = tensor_of(store, "item 1", "latent", torch.bfloat16)
    assert brain.dtype == torch.bfloat16 and brain.shape == (4, 16, 12)
    np.testing.assert_allclose(brain.float().numpy(), store.get("item 1", "latent", "f32"), rtol=0.01)
    array = store.get("item 1", "latent", "f32")
    shared = torch.from_dlpack(array)
    assert shared.data_ptr() == array.ctypes.data
    out = torch.empty((2, 4, 16, 12), dtype=torch.bfloat16)
    assert store.get_batch(["item 1", "item 2"], out=out, array="latent") is out
    assert torch.equal(out[0], brain)


@pytest.mark.parametrize("options", [{}, {"num_workers": 2}, {"num_workers": 2, "multiprocessing_context": "spawn"}])
def test_workers_give_the_plan_in_its_order(folder, options):
    store = LatentStore(folder)
    store.get_batch(["item 1", "item 2"], array="latent", threads=2)  # threads before fork
    loader = LatentLoader(store, 4, seed=5, **options)
    for epoch in range(2):
        assert loader.epoch == epoch
        found = list(loader)
        assert [batch["key"] for batch in found] == loader.plan.batches(epoch) and len(found) == len(loader)
        for batch in found:
            shape = (8, 24) if int(batch["key"][0][5:]) % 3 == 0 else (16, 12)
            assert batch["latent"].shape == (len(batch["key"]), 4, *shape)
            for key, text in zip(batch["key"], batch["t5"], strict=True):
                np.testing.assert_array_equal(text.numpy(), store.get(key, "t5"))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_training_goes_on_where_it_was(folder, workers):
    whole = LatentLoader(folder, 3, seed=2, num_workers=workers)
    expected = [*keys_of(whole), *keys_of(whole)]
    first = LatentLoader(folder, 3, seed=2, num_workers=workers)
    found, state = [], None
    for i, batch in enumerate(first):
        found.append(batch["key"])
        if i == 3:
            state = first.state_dict()
            break
    second = LatentLoader(folder, 3, seed=2)
    second.load_state_dict(state)
    found += keys_of(second)
    assert second.state_dict()["epoch"] == 1
    assert found + keys_of(second) == expected
    with pytest.raises(errors.BadParameter, match="seed 2"):
        LatentLoader(folder, 3, seed=3).load_state_dict(state)


def test_an_array_that_only_some_items_have(tmp_path):
    with LatentStore.writer(tmp_path) as writer:
        writer.add("a", {"latent": np.zeros((2, 4, 4), np.float16), "t5": np.ones((3, 8), np.float16)})
        writer.add("b", np.zeros((2, 4, 4), np.float16))
    (batch,) = LatentLoader(tmp_path, 2, shuffle=False)
    assert batch["key"] == ["a", "b"] and batch["latent"].shape == (2, 2, 4, 4)
    assert batch["t5"][0].shape == (3, 8) and batch["t5"][1] is None


def test_ranks_share_the_items(folder):
    found = [keys_of(LatentLoader(folder, 2, rank=rank, ranks=3)) for rank in range(3)]
    assert {key for batches in found for batch in batches for key in batch} == set(LatentStore(folder).keys())
    with pytest.raises(errors.BadParameter, match="persistent_workers"):
        LatentLoader(folder, 2, num_workers=1, persistent_workers=True)


def test_a_bad_item_is_named_by_the_worker(folder, tmp_path):
    path = tmp_path / "store"
    with LatentStore.writer(path) as writer:
        for i in range(4):
            writer.add(f"item {i}", np.random.default_rng(i).standard_normal((4, 16, 16)).astype(np.float16))
    (shard,) = path.glob("*.vls")
    data, blob = bytearray(shard.read_bytes()), LatentStore(path).blob("item 2")
    data[data.find(blob) + len(blob) // 2] ^= 1
    shard.write_bytes(data)
    with pytest.raises(errors.CorruptStream, match=r"item 2: .*checksum"):
        list(LatentLoader(path, 1, num_workers=1))


def test_a_state_of_other_items_or_worlds_is_refused(folder, tmp_path):
    state = LatentLoader(folder, 4).state_dict()
    LatentLoader(folder, 4, rank=0).load_state_dict(state)
    LatentLoader(folder, 4).load_state_dict({name: state[name] for name in ("epoch", "done", "seed", "batches")})
    with LatentStore.writer(tmp_path / "other") as writer:
        for key in LatentStore(folder):
            writer.add(f"other {key}", np.zeros((2, 4, 4), np.float16))
    for loader in (LatentLoader(folder, 2, ranks=2, rank=0), LatentLoader(tmp_path / "other", 4)):
        with pytest.raises(errors.BadParameter, match="other batches"):
            loader.load_state_dict(state)
