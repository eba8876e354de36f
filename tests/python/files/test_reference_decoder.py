"""docs/format.md equals the code: a second decoder, which follows the document, gives what the library gives.

tests/reference_decoder is that decoder. Symbols and values are compared exactly, of the golden files and of 200 more.
"""

import hashlib
import importlib.util
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from vaerans_ecs import Pipeline, World, compress, compress_latent, decompress, decompress_latent, file_info, read_file
from vaerans_ecs.models import CallableVAE
from vaerans_ecs.systems import ANSDecode

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
sys.path += [str(ROOT / "tests"), str(ROOT / "tools" / "fuzz")]

import vrs_bytes as vrs  # noqa: E402
from reference_decoder import FormatError, Priors, decode  # noqa: E402
from reference_decoder.coders import context_coder, static_coder  # noqa: E402
from reference_decoder.container import read_container  # noqa: E402
from reference_decoder.numbers import ByteReader  # noqa: E402
from reference_decoder.systems import vae  # noqa: E402


def load_samples():
    spec = importlib.util.spec_from_file_location("reference_samples", Path(__file__).with_name("reference_samples.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


samples = load_samples()
PRIORS = Priors.of_checkout(ROOT)

# The start of the SHA-256 of the symbols (u16) and of the values (f32), both little endian.
PINNED = {
    "bands.vrs": ("78bd24bfe0bd7deb", "40710d555cb95dc7"),
    "bands-tiles.vrs": ("8cd1cfc9027b4513", "1b4620e1fb2df9b2"),
    "bands-visual.vrs": ("0fbf0d4475fbdb21", "8a290afa68a0571f"),
    "bands-dependent.vrs": ("1877ff862c1939b6", "dbbf4c08fb79310e"),
    "bands-dependent-visual.vrs": ("fbbdf96a71305def", "91a18b72ee6af9f4"),
    "bands-restored.vrs": ("6caaf894eb6efc59", "5be1ec4990a09532"),
    "bands-restored-visual.vrs": ("6caaf894eb6efc59", "329fcde497bc9133"),
    "bands-grey.vrs": ("cdbd6672b46ff3bf", "30614d4c17963eca"),
    "bands-deep-grey.vrs": ("ed6b453bf5f906a8", "32bf5150e0bddb44"),
    "bands-deep.vrs": ("14a9edc41f119d48", "57aa56f933286f69"),
    "bits12.vrs": ("464c0403be5ca7d0", "fb74a1e839ad2c0c"),
    "graphics.vrs": ("595f43da550ed0cf", "08607b75aab4dd7e"),
    "digest.vrs": ("a42c91abd23a0ab2", "24afffa5fddda6e7"),
    "haar-u8.vrs": ("2f0354d98fa5da4b", "1eb94680697cde38"),
    "hadamard-cdf53-step.vrs": ("e2031f7b08eb6ad6", "fedcbbdb6d64238c"),
    "one-sample.vrs": ("96a296d224f285c6", "d99e58435243d9fe"),
    "pixels.vrs": ("7937166c9c458296", "5a11deb153ce4809"),
    "pixels-dense.vrs": ("183664c2ab303724", "ca6f42b048583e3e"),
    "pixels-fast.vrs": ("183664c2ab303724", "ca6f42b048583e3e"),
    "pixels-deep-1.vrs": ("9f5e7e2d9bdcf1a4", "5fb67356b36d2bac"),
    "pixels-deep-4.vrs": ("6603486a0c77a783", "1f98705c3200ecd1"),
}

# Files with another chunk than the base stream: checksums of tiles, a digest, alpha.
WITH_MORE_CHUNKS = ("bands-tiles.vrs", "digest.vrs", "pixels-deep-4.vrs")


def undone(world, entity, key, recipe):
    """By the library: a stream's symbols, and the values that they stand for; with `vae` the latent behind it."""
    pipe = world.pipe(entity).use(key) | ANSDecode()
    symbols = np.array(pipe.out()).ravel()
    steps = [step for step in recipe.split(" | ")[:-1] if not step.startswith("vae(")]
    return symbols, np.array((pipe | Pipeline(" | ".join(steps)).inverse()).out())


def assert_same(decoded, symbols, values):
    assert decoded.shape == values.shape
    np.testing.assert_array_equal(decoded.symbols, symbols)
    assert np.array(decoded.values, values.dtype).tobytes() == values.tobytes(), "every bit of every number"


def assert_decodes_as_the_library_does(data):
    ours, info = decode(data, PRIORS), file_info(data)
    world = World(64 << 20)
    entity = read_file(world, data)
    assert_same(ours.base, *undone(world, entity, "Bitstream", info.recipe))
    assert (ours.residual is not None) == info.has_residual
    if ours.residual is None:
        return ours
    assert_same(ours.residual, *undone(world, entity, "ResidualBitstream", info.residual_recipe))
    assert_completes_the_picture(ours, data, world)
    return ours


def sha256(values):
    return hashlib.sha256(np.ascontiguousarray(values)).digest()


def assert_completes_the_picture(ours, data, world):
    """The library's base picture has the file's digest, and with our difference it is the source."""
    recipe = file_info(data).recipe
    entity = read_file(world, data)
    base = np.array((world.pipe(entity).use("Bitstream") | Pipeline(recipe).inverse()).out())
    assert sha256(base)[:8] == ours.container.base_digest
    if ours.container.lossless:
        source = (base + np.array(ours.residual.values).reshape(base.shape)).astype(np.uint8)
        assert sha256(source)[:8] == ours.container.source_digest


@pytest.mark.parametrize("name", PINNED)
def test_golden_files(name):
    ours = assert_decodes_as_the_library_does((GOLDEN / name).read_bytes()).base
    pinned = tuple(sha256(np.array(v, t)).hex()[:16] for v, t in ((ours.symbols, "<u2"), (ours.values, "<f4")))
    assert pinned == PINNED[name]


@pytest.mark.parametrize("name", sorted(path.name for path in (GOLDEN / "generations").glob("*.vrs")))
def test_golden_files_of_released_models(name):
    """The library's pixels are held by tests/python/models/test_releases.py."""
    assert_decodes_as_the_library_does((GOLDEN / "generations" / name).read_bytes())


@pytest.mark.parametrize("name", sorted(path.name for path in (GOLDEN / "draft").glob("*.vrs")))
def test_files_from_before_format_1(name):
    draft, today = (read_container((folder / name).read_bytes()) for folder in (GOLDEN / "draft", GOLDEN))
    assert draft == today


def test_no_golden_file_is_left_out():
    assert set(PINNED) == {path.name for path in GOLDEN.glob("*.vrs")}


def test_generated_files(monkeypatch):
    """And they leave out nothing of the format."""
    found = Counter()
    count_calls(monkeypatch, context_coder.Decoder, "escaped", found)
    count_calls(monkeypatch, context_coder.Decoder, "is_zero", found)
    count_calls(monkeypatch, static_coder, "read_model", found)
    files = list(samples.all_files())
    assert len(files) == 200
    for name, data in files:
        try:
            ours = assert_decodes_as_the_library_does(data)
        except Exception as error:
            error.add_note(name)
            raise
        for decoded, stream in ((ours.base, ours.container.base), (ours.residual, ours.container.residual)):
            if stream is not None:
                found.update(samples.features(decoded, stream))
    assert not [name for name in samples.FEATURES if found[name] == 0]


@pytest.mark.parametrize(
    ("shape", "step"), [((1, 1), 3), ((1, 40), 0.7), ((30, 1), 12), ((24, 37), 0.6), ((33, 20), 5), ((40, 57), 30)]
)
@pytest.mark.parametrize("visual", ["false", "true"])
@pytest.mark.parametrize("dependent", ["false", "true"])
def test_wavelet_pictures(picture, shape, step, visual, dependent):
    """From noise under steps so fine that symbols take 16 bits to next to nothing."""
    quantizer = f"quantize_bands(step={step}, visual={visual}, dependent={dependent})"
    chain = f"ycocg | cdf97(levels=6) | {quantizer} | ans(coder=mixing)"
    data = compress(picture(*shape), pipeline=chain)
    ours = assert_decodes_as_the_library_does(data).base
    np.testing.assert_array_equal(np.array(ours.values).reshape(*shape, 3), decompress(data))


@pytest.mark.parametrize("shape", [(3, 600), (400, 1), (500, 7)])
@pytest.mark.parametrize("options", ["", ", visual=true", ", dependent=true", ", visual=true, dependent=true"])
def test_wavelet_pictures_in_tiles(picture, shape, options):
    chain = f"ycocg | cdf97(levels=6) | quantize_bands(step=9{options}, tile=256) | ans(coder=mixing)"
    data = compress(picture(*shape), pipeline=chain)
    assert "tiles" in [chunk.name for chunk in file_info(data).chunks]
    ours = assert_decodes_as_the_library_does(data).base
    np.testing.assert_array_equal(np.array(ours.values).reshape(*shape, 3), decompress(data))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 30, 1), (30, 1, 3), (13, 22, 3), (17, 9, 1)])
@pytest.mark.parametrize("options", ["strength=0", "strength=1", "strength=31, visual=true", "strength=80"])
def test_restored_pictures(picture, shape, options):
    image = picture(*shape[:2])[..., : shape[2]].copy()
    data = compress(image, pipeline=f"ycocg | restore({options}) | cdf97 | quantize_bands(step=11) | ans(coder=mixing)")
    ours = assert_decodes_as_the_library_does(data).base
    np.testing.assert_array_equal(np.array(ours.values).reshape(shape), decompress(data).reshape(shape))


@pytest.mark.parametrize("max_error", [0, 2])
@pytest.mark.parametrize("shape", [(1, 30), (30, 1), (23, 31)])
def test_dense_tiles(picture, shape, max_error):
    image = picture(*shape)
    data = compress(image, max_error=max_error, effort=9)
    ours = assert_decodes_as_the_library_does(data).base
    assert np.abs(np.array(ours.values).reshape(image.shape) - image.astype(int)).max() <= max_error


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (23, 31), (40, 57, 1)])
def test_fast_tiles(picture, shape):
    image = picture(*shape[:2])
    image = image[..., :1].copy() if len(shape) == 3 else image
    data = compress(image, lossless=True, effort=1)
    ours = assert_decodes_as_the_library_does(data).base
    np.testing.assert_array_equal(np.array(ours.values).reshape(image.shape), image)


def test_fast_tiles_of_any_samples(picture):
    """Noise that is not stored: one plane of three, beside a constant and a copy; steep edges."""
    rng = np.random.default_rng(5)
    noise = (rng.integers(0, 40, (25, 29)) ** 2 // 7).astype(np.uint8)
    edges = np.where(rng.random((25, 29, 3)) < 0.3, 255, picture(25, 29)).astype(np.uint8)
    for image in (np.dstack([noise, picture(25, 29)[..., 1], noise]), np.dstack([noise, noise, noise * 0]), edges):
        data = compress(image, lossless=True, effort=1)
        ours = assert_decodes_as_the_library_does(data)
        assert ours.container.base.steps[-1].side_info[1] == 7
        np.testing.assert_array_equal(np.array(ours.base.values).reshape(image.shape), image)


def test_exact_tiles():
    """A graphic stays exact under a bound; its file says so."""
    graphic = np.kron(np.random.default_rng(3).integers(0, 4, (7, 6)), np.ones((5, 6), int))
    graphic = (graphic[..., None] * [60, 35, 80]).astype(np.uint8)
    data = compress(graphic, max_error=2)
    ours = assert_decodes_as_the_library_does(data).base
    np.testing.assert_array_equal(np.array(ours.values).reshape(graphic.shape), graphic)


def count_calls(monkeypatch, owner, name, found):
    """Counts what the decoder meets on its way."""
    function = getattr(owner, name)

    def counted(*args):
        result = function(*args)
        found.update(samples.features_of_call(name, result))
        return result

    monkeypatch.setattr(owner, name, counted)


@pytest.mark.parametrize("wavelet", ["haar(levels=1)", "cdf53(levels=2)"])
def test_numbers_below_the_smallest_normal(wavelet):
    """Each product is rounded to a float32, also where it has few bits left."""
    rng = np.random.default_rng(5)
    for _ in range(40):
        latent = (rng.integers(-20, 20, (1, 3, 5)) * 1.4e-45).astype(np.float32)
        file = compress_latent(latent, f"{wavelet} | quantize(step=1.4e-45) | ans")
        ours = np.array(decode(file, PRIORS).base.values, np.float32)
        np.testing.assert_array_equal(ours.view(np.uint32), decompress_latent(file).ravel().view(np.uint32))


@pytest.mark.parametrize("name", PINNED)
def test_a_damaged_byte_is_told_by_the_checksum(name):
    data = (GOLDEN / name).read_bytes()
    rng = np.random.default_rng(1)
    for at in range(len(data)) if len(data) < 1000 else rng.integers(0, len(data), 300):
        damaged = bytearray(data)
        damaged[at] ^= rng.integers(1, 256)
        with pytest.raises(FormatError):
            decode(bytes(damaged), PRIORS)
    for length in (0, 9, len(data) // 2, len(data) - 1):
        with pytest.raises(FormatError):
            decode(data[:length], PRIORS)


# A stream that takes plain Python seconds to decode is damaged in few places.
DAMAGED_BYTES = {"pixels-dense.vrs": 257, "pixels-fast.vrs": 61}


@pytest.mark.parametrize("name", [name for name in PINNED if name not in WITH_MORE_CHUNKS])
def test_damage_under_a_right_checksum_is_told_or_harmless(name):
    """No other exception than the decoder's own, whatever the bytes are."""
    header, content = taken_apart((GOLDEN / name).read_bytes())
    refused, every = 0, DAMAGED_BYTES.get(name, 1)
    for part in (header, content):
        for at in range(4 if part is header else 0, len(part), every):
            kept, part[at] = part[at], part[at] ^ 1 << at % 8
            try:
                decode(vrs.sealed(bytes(header), vrs.chunk(vrs.BASE, bytes(content))), PRIORS)
            except FormatError:
                refused += 1
            part[at] = kept
    assert refused > len(content) / every / 4


def taken_apart(data):
    """The header of a file whose only chunk is the base stream, and the stream."""
    at = file_info(data).chunks[1].offset
    reader = ByteReader(data[:-4], "file")
    reader.take(at + 1)
    content = bytearray(reader.take(reader.varint()))
    assert vrs.sealed(data[:at], vrs.chunk(vrs.BASE, bytes(content))) == data
    return bytearray(data[:at]), content


def test_the_program(tmp_path):
    damaged = tmp_path / "damaged.vrs"
    damaged.write_bytes((GOLDEN / "one-sample.vrs").read_bytes()[:-1])
    command = [sys.executable, "-m", "tests.reference_decoder", damaged, GOLDEN / "one-sample.vrs"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr == f"{damaged}: file, byte 37: the data end too early\n"
    assert "base: cdf53 | quantize | ans" in run.stdout
    assert "what was encoded: (1, 1, 1) f32 from 0.5 to 0.5" in run.stdout


def encode_blocks(planes):
    n, _, h, w = planes.shape
    return planes.reshape(n, 3, h // 8, 8, w // 8, 8).mean((3, 5))


def decode_blocks(latents):
    """Not local: every pixel also depends on the mean of the window."""
    return (latents / 2 + latents.mean((2, 3), keepdims=True)).repeat(8, 2).repeat(8, 3)


@pytest.mark.parametrize("shape", [(300, 200), (129, 600), (100, 500)])
def test_blended_tiles(picture, shape):
    chain = "quantize(step=0.01) | ans"
    with CallableVAE(encode_blocks, decode_blocks, name="blocks", channels=3):
        data = compress(picture(*shape), pipeline=f"vae(blocks, tile=160) | {chain}")
        pixels = decompress(data)
    ours = decode(data, PRIORS).base
    assert (ours.network.tile, ours.network.overlap, ours.network.factor) == (20, 4, 8)
    latent = np.array(ours.values, np.float32).reshape(1, *ours.shape)
    planes = vae.blended(
        *ours.shape[1:], ours.network, lambda y, x, h, w: decode_blocks(latent[..., y : y + h, x : x + w])[0].tolist()
    )
    cropped = np.array(planes)[:, : shape[0], : shape[1]].transpose(1, 2, 0)
    assert np.abs(np.floor((cropped + 1) * 127.5 + 0.5).clip(0, 255) - pixels).max() <= 1
