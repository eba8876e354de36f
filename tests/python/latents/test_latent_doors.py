"""Blobs in other containers, each with the real package."""

import numpy as np
import pytest
from vaerans_ecs import LatentStore, errors
from vaerans_ecs.latents import blob_info, decode_blob, encode_blob
from vaerans_ecs.latents.doors import safetensors as blobs_in_safetensors
from vaerans_ecs.latents.doors.webdataset import blob_decoder

rng = np.random.default_rng(6)


def latents(n, *shape):
    return rng.standard_normal((n, *(shape or (4, 32, 24)))).astype(np.float16)


def relative(a, b):
    return np.sqrt(np.mean((a.astype(np.float32) - b.astype(np.float32)) ** 2))


def test_webdataset(tmp_path):
    wds = pytest.importorskip("webdataset", reason="needs webdataset")
    arrays = latents(5)
    with wds.TarWriter(str(tmp_path / "0.tar")) as sink:
        for i, array in enumerate(arrays):
            sink.write({"__key__": f"{i:05}", "latent.vlb": encode_blob(array), "txt": "a cat"})
    samples = list(wds.WebDataset(str(tmp_path / "0.tar"), shardshuffle=False).decode(blob_decoder("f32")))
    assert [sample["__key__"] for sample in samples] == [f"{i:05}" for i in range(5)]
    for sample, array in zip(samples, arrays, strict=True):
        assert sample["txt"] == "a cat" and sample["latent.vlb"].dtype == np.float32
        assert relative(sample["latent.vlb"], array) < 0.021
    assert blob_decoder()("00001.jpg", b"") is None


def test_zarr(tmp_path):
    zarr = pytest.importorskip("zarr", reason="needs zarr")
    from vaerans_ecs.latents.doors.zarr import BlobCodec

    arrays = latents(6)
    made = zarr.create_array(
        tmp_path / "a.zarr",
        shape=arrays.shape,
        chunks=(1, *arrays.shape[1:]),
        shards=(3, *arrays.shape[1:]),
        dtype="float16",
        serializer=BlobCodec(rmse=0.02),
        compressors=None,
    )
    made[:] = arrays
    opened = zarr.open_array(tmp_path / "a.zarr", mode="r")
    assert "vaerans.blob" in (tmp_path / "a.zarr/zarr.json").read_text()
    assert opened[:].shape == arrays.shape and relative(opened[:], arrays) < 0.021
    np.testing.assert_array_equal(opened[2:4, :, 1], opened[:][2:4, :, 1])
    size = sum(path.stat().st_size for path in (tmp_path / "a.zarr").rglob("*") if path.is_file())
    assert size < 0.5 * arrays.nbytes
    codec = BlobCodec(lossless=True)
    assert BlobCodec.from_dict(codec.to_dict()) == codec
    with pytest.raises((errors.DTypeError, TypeError, ValueError)):
        zarr.create_array(tmp_path / "b.zarr", shape=(4,), chunks=(4,), dtype="i4", serializer=codec, compressors=None)
    with pytest.raises(errors.BadParameter, match="one target"):
        BlobCodec(rmse=0.1, bits=3)


def test_zarr_finds_the_codec_by_its_entry_point(tmp_path):
    pytest.importorskip("zarr", reason="needs zarr")
    from importlib.metadata import entry_points

    (entry,) = entry_points(group="zarr.codecs", name="vaerans.blob")
    assert entry.load().__name__ == "BlobCodec"


def test_zarr_lossless_and_damage(tmp_path):
    zarr = pytest.importorskip("zarr", reason="needs zarr")
    from vaerans_ecs.latents.doors.zarr import BlobCodec

    arrays = latents(2)
    made = zarr.create_array(
        tmp_path / "a.zarr",
        shape=arrays.shape,
        chunks=(1, *arrays.shape[1:]),
        dtype="float16",
        serializer=BlobCodec(lossless=True),
        compressors=None,
    )
    made[:] = arrays
    np.testing.assert_array_equal(zarr.open_array(tmp_path / "a.zarr", mode="r")[:], arrays)
    chunk = next(path for path in (tmp_path / "a.zarr/c/1").rglob("*") if path.is_file())
    chunk.write_bytes(chunk.read_bytes()[:-9] + bytes(9))
    opened = zarr.open_array(tmp_path / "a.zarr", mode="r")
    np.testing.assert_array_equal(opened[0], arrays[0])
    with pytest.raises(errors.CorruptStream):
        opened[1]


def test_mosaic_streaming(tmp_path):
    pytest.importorskip("streaming", reason="needs mosaicml-streaming")
    from streaming import MDSWriter, StreamingDataset
    from vaerans_ecs.latents.doors import mds

    mds.register()
    arrays = latents(7)
    columns = {"key": "str", "latent": "vaerans:rmse=0.03,dtype=f32", "exact": "vaerans:lossless"}
    with MDSWriter(out=str(tmp_path / "mds"), columns=columns) as out:
        for i, array in enumerate(arrays):
            out.write({"key": str(i), "latent": array, "exact": array})
    data = StreamingDataset(local=str(tmp_path / "mds"), shuffle=False, batch_size=1)
    for i, array in enumerate(arrays):
        assert data[i]["key"] == str(i) and data[i]["latent"].dtype == np.float32
        assert 0.025 < relative(data[i]["latent"], array) < 0.031
        np.testing.assert_array_equal(data[i]["exact"], array)
    with pytest.raises(errors.BadParameter, match=r"rmse=0\.02"):
        mds.BlobEncoding.from_str("rmse")


def test_safetensors(tmp_path):
    arrays = {f"item {i}": array for i, array in enumerate(latents(4))}
    path = tmp_path / "a.safetensors"
    blobs_in_safetensors.save_file(arrays, path, {"model": "x"}, rmse=0.03)
    opened = blobs_in_safetensors.BlobFile(path, "f32")
    assert opened.metadata["model"] == "x" and list(opened) == list(arrays) and opened.info("item 2").rmse <= 0.03
    for name, array in blobs_in_safetensors.load_file(path).items():
        assert array.dtype == np.float16 and 0.025 < relative(array, arrays[name]) < 0.031
    with pytest.raises(errors.MissingComponent, match="no tensor 'x'"):
        opened["x"]
    package = pytest.importorskip("safetensors", reason="needs safetensors")
    with package.safe_open(path, "np") as file:
        tensor = file.get_tensor("item 1")
        assert tensor.dtype == np.uint8
        np.testing.assert_array_equal(decode_blob(tensor.tobytes(), "f32"), opened["item 1"])
    from safetensors.numpy import save_file

    save_file({"x": np.zeros(3, np.uint8)}, tmp_path / "b.safetensors")
    with pytest.raises(errors.CorruptStream, match="format=vaerans-blob-1"):
        blobs_in_safetensors.BlobFile(tmp_path / "b.safetensors")


def test_diffusers(tmp_path):
    torch = pytest.importorskip("torch", reason="needs PyTorch")
    diffusers = pytest.importorskip("diffusers", reason="needs diffusers")
    from vaerans_ecs.latents.doors.diffusers import hash_of_weights, items_of, writer_options

    torch.manual_seed(0)
    vae = diffusers.AutoencoderKL(
        block_out_channels=(32,), norm_num_groups=8, latent_channels=4, scaling_factor=0.5, shift_factor=0.25
    ).eval()
    with torch.no_grad():
        output = vae.encode(torch.rand(3, 3, 16, 24))
    options = writer_options(vae)
    assert (options["scaling"], options["shift"]) == (0.5, 0.25) and len(options["model_hash"]) == 64
    with LatentStore.writer(tmp_path, rmse=0.01, **options) as writer:
        for i, arrays in enumerate(items_of(output, log_variance=True)):
            writer.add(str(i), arrays)
    store = LatentStore(tmp_path, model_hash=hash_of_weights(vae), dtype="f32")
    for i in range(3):
        item = store[str(i)]
        expected = output.latent_dist.mean[i].numpy()
        assert item["latent"].shape == expected.shape
        assert np.abs(item["latent"] - expected).max() < 0.1 * expected.std()
        assert store.info(str(i), "log_variance").rmse <= 0.1
        assert store.sample(str(i), 0).shape == expected.shape
    with torch.no_grad():
        vae.quant_conv.weight += 1e-3
    assert hash_of_weights(vae) != options["model_hash"]
    assert [set(arrays) for arrays in items_of(torch.rand(2, 4, 8, 8))] == [{"latent"}] * 2
    with pytest.raises(errors.InvalidArgument, match="without a distribution"):
        items_of(torch.rand(2, 4, 8, 8), log_variance=True)
    assert blob_info(encode_blob(items_of(output)[0]["latent"])).type == "f32"
