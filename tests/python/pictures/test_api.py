"""compress() and decompress()."""

import subprocess
import sys

import numpy as np
import pytest
from vaerans_ecs import (
    BadParameter,
    Context,
    ContractError,
    CorruptStream,
    ImageUnsupported,
    ModelNotFound,
    Pipeline,
    World,
    compress,
    compress_latent,
    decompress,
    decompress_latent,
    file_info,
    read_file,
)
from vaerans_ecs.errors import InvalidArgument
from vaerans_ecs.systems import ANSEncode, Hadamard4, OnnxVAEEncode, Quantize, WaveletCDF53

RECIPE = "vae(sdxl-vae) | hadamard4 | cdf53 | quantize(step=0.02) | ans"


@pytest.fixture
def options(sdxl):
    return {"model": sdxl, "pipeline": RECIPE}


def test_round_trip(img, options, psnr):
    data = compress(img, **options)
    back = decompress(data)
    assert isinstance(data, bytes) and back.shape == img.shape and back.dtype == np.uint8 and back.flags.writeable
    assert psnr(back, img) > 20


def test_lists_give_lists(picture, options):
    pictures = [picture(16, 24, 0), picture(40, 8, 1), picture(16, 24, 2)]
    files = compress(pictures, step=0.02, **options)
    assert files == [compress(one, step=0.02, **options) for one in pictures]
    for one, alone in zip(decompress(files), pictures, strict=True):
        assert one.shape == alone.shape
    assert len(compress(np.stack(pictures[::2]), step=0.02, **options)) == 2
    assert compress([], **options) == [] and decompress([]) == []


def test_quality_orders_size(img, options, psnr):
    files = [compress(img, q, **options) for q in (20, 60, 95)]
    sizes, quality = [len(f) for f in files], [psnr(decompress(f), img) for f in files]
    assert sizes[0] < sizes[1] < sizes[2] and quality[0] < quality[2]
    assert compress(img, **options) == compress(
        img, step=0.02, **options
    )  # the recipe's own step, if nothing is asked for


@pytest.mark.parametrize("target", [{"bpp": 20}, {"bpp": 400}, {"target_bytes": 10_000_000}], ids=str)
def test_generous_targets_give_the_best_file(picture, options, psnr, target):
    image = picture(70, 70, 4)
    best, fine = compress(image, **target, **options), compress(image, step=0.0005, **options)
    assert abs(psnr(decompress(best), image) - psnr(decompress(fine), image)) < 0.1
    assert len(best) < 2 * len(fine), "no bytes that buy nothing"


def test_rate_targets(picture, options):
    image = picture(256, 256, 4)
    free = len(compress(image, step=0.0005, **options))
    target = free // 2
    assert 0.5 * target < len(compress(image, target_bytes=target, **options)) <= target
    bpp = 8 * target / image[..., 0].size
    assert compress(image, bpp=bpp, **options) == compress(image, target_bytes=target, **options)
    with pytest.raises(InvalidArgument, match="coarse"):
        compress(image, target_bytes=20, **options)


@pytest.mark.parametrize(
    "both", [{"quality": 75, "bpp": 1}, {"step": 1, "target_bytes": 9}, {"quality": 5, "step": 0.1}]
)
def test_two_targets_are_one_too_many(img, both):
    with pytest.raises(BadParameter, match="only one"):
        compress(img, **both)


@pytest.mark.parametrize(
    "wrong", [{"quality": 0}, {"quality": 101}, {"step": 0}, {"step": -1.0}, {"bpp": 0}, {"residual": 0}]
)
def test_values_out_of_range(img, options, wrong):
    with pytest.raises(ValueError):
        compress(img, **options, **wrong)


@pytest.mark.parametrize("wrong", ["all", 1.5, True])
def test_residuals_that_do_not_exist(img, wrong):
    with pytest.raises(BadParameter, match="lossless"):
        compress(img, residual=wrong)


def test_lossless(picture, options):
    for shape in [(64, 96), (17, 31), (1, 1)]:
        image = picture(*shape, 6)
        data = compress(image, residual="lossless", **options)
        np.testing.assert_array_equal(decompress(data), image)
        assert file_info(data).lossless
        near = decompress(compress(image, residual=4, **options))
        assert np.abs(near.astype(int) - image).max() <= 16


def test_pipelines_instead_of_recipes(img, sdxl):
    chain = OnnxVAEEncode(sdxl) | Hadamard4() | WaveletCDF53() | Quantize(step=0.02) | ANSEncode()
    assert isinstance(chain, Pipeline)
    assert compress(img, model=sdxl, pipeline=chain, step=0.02) == compress(img, model=sdxl, pipeline=RECIPE, step=0.02)


def test_a_new_process_decodes(img, options, model_folder, tmp_path):
    file, out = tmp_path / "a.vrs", tmp_path / "a.npy"
    file.write_bytes(compress(img, **options))
    script = (
        "import numpy, sys, vaerans_ecs\n"
        "with open(sys.argv[1], 'rb') as file: data = file.read()\n"
        "numpy.save(sys.argv[2], vaerans_ecs.decompress(data))\n"
    )
    subprocess.run([sys.executable, "-c", script, file, out], check=True, timeout=120, cwd=tmp_path)
    np.testing.assert_array_equal(np.load(out), decompress(file.read_bytes()))


def test_file_info_and_read_file(img, options):
    data = compress(img, **options)
    info = file_info(data)
    assert info.source_key == "RGB" and info.source_shape == img.shape and info.model == "sdxl-vae"
    assert info.file_bytes == len(data) == sum(part.bytes for part in info.parts)
    said = [(d.step, d.name, d.text) for d in info.details]
    assert said[:2] == [("vae", "model", "sdxl-vae"), ("vae", "model_hash", info.model_hash)]
    assert said[2:] == [("ans", "coder", "static")] and len(info.model_hash) == 16
    world = World(32 << 20)
    stream = world.get(read_file(world, data), "Bitstream")
    assert stream.trail[0].system.startswith("vae(")
    assert stream.n_symbols == 4 * 8 * 12


def test_a_component_writes_a_file(img, sdxl, world):
    pipe = (
        world.pipe(world.spawn_image(img))
        | OnnxVAEEncode(sdxl)
        | Hadamard4()
        | WaveletCDF53()
        | Quantize(0.02)
        | ANSEncode()
    )
    data = pipe.out("Bitstream").to_file_bytes()
    assert decompress(data).shape == img.shape


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n" + bytes(64), bytes(1000)])
def test_what_is_no_file(data):
    with pytest.raises(CorruptStream):
        decompress(data)


def test_every_truncation_and_every_flipped_byte_is_an_error(latent):
    data = compress_latent(latent[:, :4, :4], "quantize(step=0.5) | ans")
    for n in range(len(data)):
        with pytest.raises(ValueError):
            decompress_latent(data[:n])
        flipped = bytearray(data)
        flipped[n] ^= 0x55
        with pytest.raises((ValueError, LookupError)):
            decompress_latent(flipped)


def test_collect_puts_exceptions_in_their_places(picture, options):
    pictures = [picture(8, 8, 0), picture(8, 8, 1)]
    good = compress(pictures, **options)
    results = decompress([good[0], good[1][:-3], good[1]], context=Context(on_error="collect"))
    assert [type(r) for r in results] == [np.ndarray, CorruptStream, np.ndarray]


def test_the_failing_file_of_a_list_is_named(picture, options, tmp_path):
    good = compress(picture(16, 24, 0), step=0.02, **options)
    path = tmp_path / "bad.vrs"
    path.write_bytes(good[:-3])
    with pytest.raises(CorruptStream, match=r"^file 1 of the list: .*cut short") as raised:
        decompress([good, good[:-3], good])
    assert raised.value.entity == 1
    with pytest.raises(CorruptStream, match=rf"^{path}: .*cut short"):
        decompress([good, path])
    (_, failed) = decompress([good, path], context=Context(on_error="collect"))
    assert str(failed).startswith(f"{path}: ")
    with pytest.raises(CorruptStream, match=r"^chunk 'base'"):
        decompress(good[:-3])


def test_pictures_and_models_that_are_refused(img, options):
    with pytest.raises(ImageUnsupported):
        compress(img[..., 0], mode="model")
    with pytest.raises(ImageUnsupported):
        compress([img, img.astype(np.float32)])
    with pytest.raises(ModelNotFound, match="no-such-model"):
        compress(img, model="no-such-model")
    with pytest.raises(BadParameter):
        compress(img, context=Context(), threads=2, **options)


def test_latents(latent):
    data = compress_latent(latent, "hadamard4 | cdf53 | quantize(step=0.01) | ans")
    assert np.abs(decompress_latent(data) - latent).max() < 0.05
    assert file_info(data).source_key == "Latent4" and len(data) < latent.nbytes / 2
    with pytest.raises(ContractError, match="decompress_latent"):
        decompress(data)


def test_a_context_traces_the_whole_chain(img, options):
    context = Context(trace=True)
    data = compress(img, context=context, **options)
    decompress(data, context=context)
    seen = [record["system"].partition("(")[0] for record in context.trace]
    assert "vae" in seen and "ans" in seen
