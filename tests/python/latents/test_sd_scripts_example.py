"""examples/sd_scripts_store.py over a strategy with the methods that sd-scripts' base class has."""

import importlib.util
import pickle
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "sd_scripts_store.py"


class Tensor:
    """As much of PyTorch's as a strategy hands over."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def float(self):
        return self.array.astype(np.float32)

    def __array__(self, dtype=None, copy=None):
        return self.array

    dtype = np.dtype(np.float32)


class Strategy:
    """The interface of LatentsCachingStrategy; what it would write as .npz must never be asked for."""

    def __init__(self, cache_to_disk=True):
        self.cache_to_disk = cache_to_disk

    def cache_batch_latents(self, encode, infos, flip_aug, alpha_mask, random_crop):
        for path, array in infos:
            flipped = Tensor(encode(array[..., ::-1])) if flip_aug else None
            mask = Tensor((np.arange(64 * 48).reshape(64, 48) % 256 / 255).astype(np.float32)) if alpha_mask else None
            self.save_latents_to_disk(path, Tensor(encode(array)), (500, 390), (-3, 0, 381, 512), flipped, mask)

    def load_latents_from_disk(self, npz_path, bucket_reso):
        raise AssertionError("the store's method has to be called")


@pytest.fixture(scope="module")
def example():
    spec = importlib.util.spec_from_file_location("sd_scripts_store", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_cached_is_found_and_loaded(tmp_path, example):
    strategy = example.with_store(Strategy, tmp_path / "store", rmse=0.01)()
    reso, rng = (384, 512), np.random.default_rng(1)
    arrays = {str(tmp_path / f"{name}_sdxl.npz"): rng.standard_normal((4, 64, 48)).astype(np.float32) for name in "ab"}
    path, other = arrays
    assert not strategy.is_disk_cached_latents_expected(reso, path, False, False)
    strategy.cache_batch_latents(lambda x: x.copy(), arrays.items(), True, True, False)
    assert strategy.is_disk_cached_latents_expected(reso, path, True, True)
    assert not strategy.is_disk_cached_latents_expected((512, 384), path, True, True)
    latents, size, crop, flipped, mask = strategy.load_latents_from_disk(path, reso)
    assert latents.dtype == np.float32 and (size, crop) == ([500, 390], [-3, 0, 381, 512])
    assert np.abs(latents - arrays[path]).max() < 0.06 and np.abs(flipped - arrays[path][..., ::-1]).max() < 0.06
    np.testing.assert_array_equal(np.rint(255 * mask).ravel(), np.arange(64 * 48) % 256)
    assert len(LatentStore(tmp_path / "store")) == 2 and not list(tmp_path.rglob("*.npz"))
    again = example.with_store(Strategy, tmp_path / "store")()
    assert again.is_disk_cached_latents_expected(reso, other, True, True)
    with pytest.raises(errors.MissingComponent, match="c_sdxl 64x48 is not in"):
        again.load_latents_from_disk(str(tmp_path / "c_sdxl.npz"), reso)
    assert not example.with_store(Strategy, tmp_path / "store")(False).is_disk_cached_latents_expected(
        reso, path, False, False
    )
    assert pickle.loads(pickle.dumps(LatentStore(tmp_path / "store"))).keys()
