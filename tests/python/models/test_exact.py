"""The shipped decoders give the same pixels whatever runs them: proved from the graph, and tried.

VAERANS_REGENERATE=1 pytest tests/python/models/test_exact.py pins a new generation. What is pinned stays: its files
decode.
"""

import hashlib
import json
import os
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import vaerans_ecs as vaerans
from PIL import Image

import onnx

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden"
PINNED = GOLDEN / "exact_decoders.json"  # {name@first digits of the decoder's hash: SHA-256 of the pixels of `latents`}
GENERATIONS = sorted(
    f"{card.parent.name.split('@')[0]}@{json.loads(card.read_text())['decoder']['sha256'][:16]}"
    for card in (ROOT / "models").rglob("model.json")
)
DIGEST_FILE = GOLDEN / "digest.vrs"  # lake.png at quality 75, with a digest

sys.path.append(str(ROOT))
from training.exact.check_exact import NotExact, Prover  # noqa: E402


def decoder(model):
    """The file of a generation, among the shipped ones or those that they replaced."""
    return Path(vaerans.models.find_model(model).decoder_path)


def latents(model):
    """Eight latents on the decoder's grid and beyond it, the same on every machine."""
    channels = vaerans.models.find_model(model).latent_channels
    random = np.random.default_rng(1)
    spread = 40 / (1 + np.arange(channels))[None, :, None, None]
    return (np.round(random.integers(-256, 257, (8, channels, 5, 9)) * spread) / 256).astype(np.float32)


def session(model, level, threads):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = level
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(decoder(model)), options, providers=["CPUExecutionProvider"])


def pixels(run, z):
    return np.round((run.run(None, {"latent_sample": z})[0] + 1) * 127.5).astype(np.uint8)


def digest(x):
    return hashlib.sha256(np.ascontiguousarray(x)).hexdigest()


@pytest.fixture(scope="module", autouse=True)
def regenerated():
    """Pins what is not yet pinned, where that is asked for."""
    if os.environ.get("VAERANS_REGENERATE"):
        level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        pins = json.loads(PINNED.read_text())
        new = [model for model in GENERATIONS if model not in pins]
        pins |= {model: digest(pixels(session(model, level, 1), latents(model))) for model in new}
        PINNED.write_text(json.dumps(pins, indent=2) + "\n")


@pytest.mark.parametrize("model", GENERATIONS)
def test_no_sum_in_the_decoder_ever_rounds(model):
    graph = onnx.load(decoder(model)).graph
    assert Prover(graph).prove() == sum(node.op_type == "Conv" for node in graph.node) > 10
    assert vaerans.models.find_model(model).exact_decoder


def test_the_proof_refuses_a_weight_too_large():
    graph = onnx.load(decoder(GENERATIONS[0])).graph
    weight = max((t for t in graph.initializer if len(t.dims) == 4), key=lambda t: np.prod(t.dims))
    weight.CopyFrom(onnx.numpy_helper.from_array(8 * onnx.numpy_helper.to_array(weight), weight.name))
    with pytest.raises(NotExact, match="2\\^24 is the limit"):
        Prover(graph).prove()


def test_the_proof_refuses_a_decoder_that_does_not_round():
    graph = onnx.load(decoder(GENERATIONS[0])).graph
    next(node for node in graph.node if node.op_type == "Floor").op_type = "Identity"
    with pytest.raises(NotExact, match="not made of whole numbers"):
        Prover(graph).prove()


def test_the_proof_refuses_a_slope_that_rounds():
    graph = onnx.load(decoder("photo-f8c4")).graph
    next(node for node in graph.node if node.op_type == "LeakyRelu").attribute[0].f = 0.1
    with pytest.raises(NotExact, match="no power of two"):
        Prover(graph).prove()


@pytest.mark.parametrize("model", GENERATIONS)
@pytest.mark.parametrize("level", ["ORT_DISABLE_ALL", "ORT_ENABLE_BASIC", "ORT_ENABLE_EXTENDED", "ORT_ENABLE_ALL"])
def test_pixels_are_those_of_the_golden_file(model, level):
    z, pinned = latents(model), json.loads(PINNED.read_text())[model]
    for threads in (1, 2, 3, 4):
        run = session(model, getattr(onnxruntime.GraphOptimizationLevel, level), threads)
        batch = pixels(run, z)
        assert digest(batch) == pinned, (level, threads)
        assert np.array_equal(batch[2:3], pixels(run, z[2:3]))


def test_a_file_with_a_digest_decodes_to_the_encoders_pixels():
    data = DIGEST_FILE.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for threads in (1, 2, 3, 4):
            one = vaerans.decompress(data, threads=threads)
            assert digest(one)[:16] == vaerans.file_info(data).base_hash
        assert all(np.array_equal(one, each) for each in vaerans.decompress([data] * 8))


def test_other_pixels_than_the_encoders_are_refused():
    """The model is exact: there is no machine on which these could come out."""
    data = bytearray(DIGEST_FILE.read_bytes())
    data[-5] ^= 1  # the last byte of the digest, whose chunk is the last
    header, digest_chunk = bytes(data[:10]), bytes(data[-14:-4])
    data[-4:] = zlib.crc32(header + digest_chunk).to_bytes(4, "little")
    with pytest.raises(vaerans.errors.BaseMismatch, match="the same pixels everywhere"):
        vaerans.decompress(bytes(data))


def test_compress_adds_a_digest():
    picture = np.asarray(Image.open(ROOT / "examples" / "pictures" / "crop.png"))
    plain, with_digest = (vaerans.compress(picture, step=2.0, digest=on, mode="model") for on in (False, True))
    assert len(with_digest) == len(plain) + 14  # a chunk of its own
    info = vaerans.file_info(with_digest)
    assert info.base_hash == digest(vaerans.decompress(with_digest))[:16] and not info.has_residual
    assert vaerans.file_info(plain).base_hash == ""
    with pytest.raises(vaerans.BadParameter, match="no digest with"):
        vaerans.compress(picture, bpp=1.0, digest=True)
