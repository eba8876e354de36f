"""Caches of trainers into stores and back: nothing is lost but what the target allows."""

import json
import math

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors
from vaerans_ecs.latents import cache_to_store, store_to_cache
from vaerans_ecs.latents._numbers import Numbers
from vaerans_ecs.latents._safetensors import SafetensorsFile, write_safetensors
from vaerans_ecs.latents.caches import CacheItem, read_cache, write_cache
from vaerans_ecs.latents.convert import channel_axis_of

rng = np.random.default_rng(5)


def floats(*shape, dtype=np.float32):
    return rng.standard_normal(shape).astype(dtype)


def relative(a, b, axis):
    axes = tuple(i for i in range(a.ndim) if i != axis)
    a, b = a.astype(np.float64), b.astype(np.float64)
    return math.sqrt(np.mean(((a - b) ** 2).mean(axes) / a.var(axes)))


def brain(values):
    return Numbers((values.view(np.uint32) >> 16).astype(np.uint16), "bf16")


def widened(numbers):
    return (numbers.values.astype(np.uint32) << 16).view(np.float32)


def sd_scripts_file(path, suffix=""):
    """What sd-scripts writes: float32 latents, their mirror, size and crop, a mask of eight bits."""
    arrays = {
        "latents": floats(4, 64, 48),
        "original_size": np.array([1000, 700]),
        "crop_ltrb": np.array([8, 0, 992, 700]),
        "latents_flipped": floats(4, 64, 48),
        "alpha_mask": (rng.integers(0, 256, (64, 48)) / 255).astype(np.float32),
    }
    np.savez(path, **{name + suffix: array for name, array in arrays.items()})
    return arrays


@pytest.mark.parametrize("suffix", ["", "_64x48"])
def test_sd_scripts(tmp_path, suffix):
    (tmp_path / "cache/sub").mkdir(parents=True)
    arrays = sd_scripts_file(tmp_path / "cache/sub/a_sdxl.npz", suffix)
    done = cache_to_store(tmp_path / "cache", tmp_path / "store", rmse=0.03)
    assert (done.made, done.skipped, done.failed) == (1, 0, [])
    store = LatentStore(tmp_path / "store")
    facts = store.item("sub/a_sdxl.npz").facts
    assert (facts.width, facts.height, facts.crop, facts.bucket) == (1000, 700, (8, 0, 984, 700), "4x64x48")
    assert store_to_cache(store, tmp_path / "again").made == 1
    with np.load(tmp_path / "again/sub/a_sdxl.npz") as back:
        assert back.files == [name + suffix for name in arrays]
        for name, array in arrays.items():
            assert back[name + suffix].dtype == array.dtype and back[name + suffix].shape == array.shape
        for name in ("latents", "latents_flipped"):
            assert 0.025 < relative(arrays[name], back[name + suffix], 0) <= 0.03
        np.testing.assert_array_equal(back["original_size" + suffix], arrays["original_size"])
        np.testing.assert_array_equal(back["crop_ltrb" + suffix], arrays["crop_ltrb"])
        levels = [np.rint(255 * m) for m in (back["alpha_mask" + suffix], arrays["alpha_mask"])]
        np.testing.assert_array_equal(*levels)


def test_musubi_tuner(tmp_path):
    (tmp_path / "cache").mkdir()
    latents, text = floats(16, 3, 32, 24), floats(40, 512)
    path = tmp_path / "cache/clip_0000-003_0192x0256_wan.safetensors"
    tensors = {"latents_3x32x24_bfloat16": brain(latents), "varlen_t5_bfloat16": brain(text), "mask": np.ones(9, bool)}
    metadata = {"architecture": "wan", "width": "192", "height": "256", "format_version": "1.0.1"}
    write_safetensors(path, tensors, metadata)
    assert cache_to_store(tmp_path / "cache", tmp_path / "store", targets={"varlen_*": {"rmse": 0.05}}).failed == []
    store = LatentStore(tmp_path / "store")
    facts = store.item(path.name).facts
    assert (facts.width, facts.height) == (192, 256)
    assert store.info(path.name, "varlen_t5_bfloat16").channel_axis == 1
    assert store.info(path.name, "latents_3x32x24_bfloat16").channel_axis == 0
    store_to_cache(store, tmp_path)
    back = SafetensorsFile(tmp_path / path.name)
    assert back.metadata == metadata and set(back) == set(tensors)
    np.testing.assert_array_equal(back["mask"], np.ones(9, bool))
    found = back["latents_3x32x24_bfloat16"]
    assert found.kind == "bf16" and relative(widened(brain(latents)), widened(found), 0) <= 0.02
    assert 0.04 < relative(widened(brain(text)), widened(back["varlen_t5_bfloat16"]), 1) <= 0.05


def test_the_package_reads_what_is_written_and_the_other_way_round(tmp_path):
    package = pytest.importorskip("safetensors.numpy", reason="needs safetensors")
    tensors = {"half": floats(3, 5, dtype=np.float16), "bytes": np.arange(7, dtype=np.uint8), "one": np.array(2.5)}
    write_safetensors(tmp_path / "a.safetensors", tensors, {"b": "ü"})
    for name, array in package.load_file(tmp_path / "a.safetensors").items():
        np.testing.assert_array_equal(array, tensors[name])
    package.save_file(tensors, tmp_path / "b.safetensors", {"b": "ü"})
    file = SafetensorsFile(tmp_path / "b.safetensors")
    assert file.metadata == {"b": "ü"} and set(file) == set(tensors)
    for name in file:
        np.testing.assert_array_equal(file[name], tensors[name])


def test_files_of_torch(tmp_path):
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    tree = {
        "latents": torch.randn(16, 32, 24).to(torch.bfloat16),
        "text": [torch.randn(20, 256), (torch.arange(5), None, float("inf"), "a")],
        "number": 3,
        7: torch.randn(4, 16, 16).half(),
    }
    (tmp_path / "cache").mkdir()
    torch.save(tree, tmp_path / "cache/a.pt")
    torch.save(torch.randn(1, 4, 16, 16), tmp_path / "cache/plain.pt")
    assert cache_to_store(tmp_path / "cache", tmp_path / "store").failed == []
    assert LatentStore(tmp_path / "store").info("plain.pt").channel_axis == 1
    assert store_to_cache(tmp_path / "store", tmp_path / "again").failed == []
    back = torch.load(tmp_path / "again/a.pt", weights_only=True)
    assert list(back) == list(tree) and back["number"] == 3
    assert back["latents"].dtype == torch.bfloat16 and back[7].dtype == torch.float16
    text, (integers, *rest) = back["text"]
    assert rest == [None, math.inf, "a"] and isinstance(back["text"][1], tuple)
    assert torch.equal(integers, torch.arange(5))
    assert relative(tree["text"][0].numpy(), text.numpy(), 1) <= 0.02
    assert torch.load(tmp_path / "again/plain.pt", weights_only=True).shape == (1, 4, 16, 16)


def test_code_in_a_torch_file_is_not_run(tmp_path):
    torch = pytest.importorskip("torch", reason="needs PyTorch")

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / "owned"), "w"))

    torch.save({"latents": torch.zeros(4, 8, 8), "evil": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(errors.CorruptStream, match="weights_only"):
        read_cache(tmp_path / "evil.pt")
    assert not (tmp_path / "owned").exists()


def test_bad_files_are_named_and_cost_nothing(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    sd_scripts_file(folder / "good.npz")
    np.savez(folder / "nan.npz", latents=np.full((4, 16, 16), np.nan, np.float32))
    np.savez(folder / "pickled.npz", latents=np.array([{}], dtype=object))
    np.savez(folder / "empty.npz", size=np.arange(2))
    np.savez(folder / "large.npz", latents=floats(4, 16, 16), ids=np.zeros(1 << 18, np.uint8))
    (folder / "cut.npz").write_bytes((folder / "good.npz").read_bytes()[:-500])
    (folder / "wrong.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{")
    done = cache_to_store(folder, tmp_path / "store", threads=2)
    expected = {
        "cut.npz": errors.CorruptStream,
        "empty.npz": errors.InvalidArgument,
        "large.npz": errors.LimitExceeded,
        "nan.npz": errors.NonFinite,
        "pickled.npz": errors.DTypeError,
        "wrong.safetensors": errors.CorruptStream,
    }
    assert {key: type(error) for key, error in done.failed} == expected and done.made == 1
    assert all(key in str(error) for key, error in done.failed)
    assert LatentStore(tmp_path / "store").keys() == ["good.npz"]


def test_resume_makes_what_is_new_and_stale(tmp_path):
    folder, store = tmp_path / "cache", tmp_path / "store"
    folder.mkdir()
    for name in "abc":
        sd_scripts_file(folder / f"{name}.npz")
    assert cache_to_store(folder, store).made == 3
    sd_scripts_file(folder / "d.npz")
    done = cache_to_store(folder, store, resume=True)
    assert (done.made, done.skipped) == (1, 3)
    sd_scripts_file(folder / "b.npz")
    seen = []
    done = cache_to_store(folder, store, replace=True, progress=seen.append)
    assert (done.made, done.skipped) == (1, 3) and seen == ["a.npz", "b.npz", "c.npz", "d.npz"]


def test_other_forms_and_items_that_come_from_no_cache(tmp_path):
    with LatentStore.writer(tmp_path / "store") as writer:
        writer.add("photos/a.jpg", {"latent": floats(4, 16, 16, dtype=np.float16), "t5": floats(7, 64)})
        writer.add("../out.jpg", brain(floats(4, 16, 16)))
        writer.add("/etc/x", floats(100))
    assert store_to_cache(tmp_path / "store", tmp_path / "npz").made == 3
    names = sorted(p.relative_to(tmp_path / "npz").as_posix() for p in (tmp_path / "npz").rglob("*.npz"))
    assert names == ["%2Fetc%2Fx.npz", "..%2Fout.jpg.npz", "photos/a.jpg.npz"]
    with np.load(tmp_path / "npz/photos/a.jpg.npz") as back:
        assert {name: back[name].dtype for name in back.files} == {"latent": np.float16, "t5": np.float32}
    store_to_cache(tmp_path / "store", tmp_path / "st", form="safetensors", keys=["../out.jpg"])
    assert SafetensorsFile(tmp_path / "st/..%2Fout.jpg.safetensors")["latent"].kind == "bf16"
    with pytest.raises(errors.BadParameter, match=r"there are \.npz"):
        store_to_cache(tmp_path / "store", tmp_path, form="hdf5")
    assert not list(tmp_path.rglob("*.part"))


def test_one_array_and_doubles(tmp_path):
    array = floats(3, 40, 8, dtype=np.float64)
    write_cache(tmp_path / "a.npy", CacheItem({"array": array}))
    np.testing.assert_array_equal(read_cache(tmp_path / "a.npy").arrays["array"], array)
    cache_to_store([tmp_path / "a.npy"], tmp_path / "store", rmse=0.01)
    (key,) = LatentStore(tmp_path / "store").keys()
    assert json.loads(LatentStore(tmp_path / "store").item(key).facts.user)["cache"]["types"] == {"array": "float64"}
    store_to_cache(tmp_path / "store", tmp_path / "out")
    (path,) = (tmp_path / "out").rglob("*.npy")
    back = np.load(path)
    assert back.dtype == np.float64 and relative(array, back, 0) <= 0.01
    with pytest.raises(errors.InvalidArgument, match="one array"):
        write_cache(tmp_path / "b.npy", CacheItem({"a": array, "b": array}))
    with pytest.raises(errors.InvalidArgument, match="cache files end with"):
        read_cache(tmp_path / "a.h5")


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((5,), 0), ((7, 8), 1), ((1, 7, 8), 2), ((4, 8, 8), 0), ((1, 4, 8, 8), 1), ((16, 3, 8, 8), 0), ((1, 1, 9), 2)],
)
def test_which_axis_is_the_channels(shape, axis):
    assert channel_axis_of(np.zeros(shape, np.float32)) == axis


def test_a_distribution_is_sampled_by_seed_and_key(tmp_path):
    mean, log_variance = floats(4, 64, 64), floats(4, 64, 64) - 4
    with LatentStore.writer(tmp_path, rmse=0.01) as writer:
        for key in "ab":
            writer.add(key, {"latent": mean, "log_variance": (log_variance, {"rmse": 0.02})})
    store = LatentStore(tmp_path)
    one = store.sample("a", 3)
    assert one.dtype == np.float16
    np.testing.assert_array_equal(one, LatentStore(tmp_path).sample("a", 3))
    drawn_by = [store.sample(key, seed, dtype="f32") for key, seed in ("a3", "a4", "b3")]
    noise = [(drawn - mean) / np.exp(0.5 * log_variance) for drawn in drawn_by]
    for i, drawn in enumerate(noise):
        assert abs(drawn.std() - 1) < 0.05 and abs(drawn.mean()) < 0.05
        for other in noise[:i]:
            assert abs(np.corrcoef(drawn.ravel(), other.ravel())[0, 1]) < 0.05


def test_masks_keep_their_levels_beside_other_targets(tmp_path):
    levels = np.random.default_rng(1).integers(0, 256, (24, 32))
    (tmp_path / "cache").mkdir()
    latents = np.random.default_rng(2).standard_normal((4, 24, 32)).astype("f4")
    np.savez(tmp_path / "cache/cat.npz", latents=latents, alpha_mask=(levels / 255).astype("f4"))
    targets = {"t5*": {"rmse": 0.05}}
    assert cache_to_store(tmp_path / "cache", tmp_path / "store", targets=targets).made == 1
    back = LatentStore(tmp_path / "store", dtype="f32").get("cat.npz", "alpha_mask")
    assert (np.rint(back * 255) == levels).all()
    targets = {"alpha*": {"rmse": 0.2}}
    assert cache_to_store(tmp_path / "cache", tmp_path / "coarse", targets=targets).made == 1
    assert LatentStore(tmp_path / "coarse").info("cat.npz", "alpha_mask").target == "rmse"


def test_two_items_of_one_name_cost_none(tmp_path):
    (tmp_path / "cache").mkdir()
    np.savez(tmp_path / "cache/cat.npz", latents=np.ones((4, 8, 8), "f4"))
    np.save(tmp_path / "cache/cat.npy", np.zeros((4, 8, 8), "f4"))
    cache_to_store(tmp_path / "cache", tmp_path / "store")
    done = store_to_cache(tmp_path / "store", tmp_path / "out", form="safetensors")
    assert done.made == 1
    ((key, error),) = done.failed
    assert key == "cat.npz" and isinstance(error, errors.OutputExists) and "cat.npy" in str(error)
