"""Folders without a card: any number of channels, folders of any name, latents that are scaled for each channel."""

from __future__ import annotations

import json

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import models
from vaerans_ecs.systems import OnnxVAEDecode, OnnxVAEEncode

FACTOR = 4


def weights(channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Encoder and decoder by blocks of 4 x 4: the first channels are the means of R, G and B; one or two channels hold
    what they can, and more than three hold nothing."""
    mix = np.zeros((channels, 3), np.float32)
    for c in range(min(channels, 3)):
        mix[c, c] = 1
    if channels == 1:
        mix[:] = 1 / 3
    if channels == 2:
        mix[1] = [0, 0.5, 0.5]
    back = np.linalg.pinv(mix).T.astype(np.float32)
    blocks = np.ones((1, 1, FACTOR, FACTOR), np.float32)
    return mix[..., None, None] * blocks / FACTOR**2, back[..., None, None] * blocks


def save_graph(path, op: str, values: np.ndarray, inputs: int, outputs: int) -> None:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    node = helper.make_node(op, ["in", "w"], ["out"], kernel_shape=[FACTOR] * 2, strides=[FACTOR] * 2)
    ports = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, [f"{n}_n", c, f"{n}_h", f"{n}_w"])
        for n, c in (("in", inputs), ("out", outputs))
    ]
    graph = helper.make_graph([node], "vae", ports[:1], ports[1:], [numpy_helper.from_array(values, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))


@pytest.fixture
def bare(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))

    def make(channels: int, name: str = "some-vae", **config: object) -> str:
        folder = tmp_path / name
        folder.mkdir()
        down, up = weights(channels)
        save_graph(folder / "encoder.onnx", "Conv", down, 3, channels)
        save_graph(folder / "decoder.onnx", "ConvTranspose", up, channels, 3)
        if config:
            text = json.dumps({"_class_name": "AutoencoderKLQwenImage", "latent_channels": channels, **config})
            (folder / "config.json").write_text(text)
        return str(folder)

    return make


@pytest.fixture
def smooth() -> np.ndarray:
    y, x = np.mgrid[0:48, 0:64]
    return np.uint8(np.clip(np.stack([127 + 90 * np.sin(x / 20 + y / 30 + c) for c in range(3)], -1), 0, 255))


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 12, 16, 48, 127, 128])
def test_any_number_of_channels(bare, smooth, psnr, channels):
    folder = bare(channels)
    info = models.find_model(folder)
    assert info.latent_channels == channels and info.factor == FACTOR
    assert ("hadamard4" in info.default_recipe) == (channels & (channels - 1) == 0)
    back = v.decompress(v.compress(smooth, model=folder, quality=90))
    assert psnr(back, smooth) > (20 if channels > 2 else 10)
    rotation = "klt | " if channels <= 64 else ""  # more channels are too many for klt
    data = v.compress(smooth, pipeline=f"vae('{folder}') | {rotation}cdf53(levels=2) | quantize(step=0.05) | ans")
    assert v.decompress(data).shape == smooth.shape
    if channels > 2:  # fewer cannot hold colours, and are not added
        added = models.add_model(folder, f"bare-{channels}")
        assert added.latent_channels == channels
        assert v.decompress(v.compress(smooth, model=added.name)).shape == smooth.shape


@pytest.mark.parametrize(
    ("folder", "name"), [("My best VAE", "My-best-VAE"), ("modèle été", "mod-le-t"), ("模型", "model"), (".x y", "x-y")]
)
def test_folders_of_any_name(bare, smooth, folder, name):
    path = bare(4, folder)
    info = models.find_model(path)
    assert info.name == name and info.default_recipe.startswith(f"vae({name}) | ")
    data = v.compress(smooth, model=path)
    assert v.file_info(data).model == name
    assert np.array_equal(v.decompress(data), v.decompress(v.compress(smooth, pipeline=_recipe_of(path))))
    assert models.add_model(path).name == name
    assert v.decompress(v.compress(smooth, model=name)).shape == smooth.shape


def _recipe_of(path: str) -> str:
    quoted = path.replace("'", "\\'")
    step = models.find_model(path).latent_std * 2 ** ((50 - 75) / 12.5)
    return f"vae('{quoted}') | hadamard4 | cdf53(levels=4) | quantize(step={step}) | ans"


def test_a_folder_on_the_path_needs_a_models_name(bare, monkeypatch, tmp_path):
    bare(4, "two words")
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(tmp_path))
    with pytest.raises(ValueError, match="rename it, or give the folder as a path"):
        models.find_model("two words")
    assert models.find_model(str(tmp_path / "two words")).name == "two-words"


MEAN, STD = [0.25, -0.5, 0.125], [0.5, 2.0, 4.0]


def latents_of(folder: str, picture: np.ndarray) -> np.ndarray:
    world = v.World()
    entity = world.spawn_image(picture)
    return np.array(world.pipe(entity).to(OnnxVAEEncode(model=folder)).out("Latent4"))


def test_latents_are_scaled_for_each_channel(bare, smooth, psnr):
    folder = bare(3, latents_mean=MEAN, latents_std=STD, scaling_factor=0.5)
    info = models.find_model(folder)
    assert (info.latents_mean, info.latents_std, info.scaling) == (MEAN, STD, 0.5)
    blocks = (smooth / 127.5 - 1).reshape(12, 4, 16, 4, 3).mean((1, 3)).transpose(2, 0, 1)
    right = (blocks - np.reshape(MEAN, (3, 1, 1))) * 0.5 / np.reshape(STD, (3, 1, 1))
    assert np.allclose(latents_of(folder, smooth), right, atol=1e-5)
    world = v.World()
    pipe = world.pipe(world.spawn_image(smooth)).to(OnnxVAEEncode(model=folder)).to(OnnxVAEDecode(model=folder))
    whole = np.asarray(pipe.out("ReconRGB"))
    flat = np.uint8(np.rint((blocks.transpose(1, 2, 0) + 1) * 127.5)).repeat(4, 0).repeat(4, 1)
    assert np.abs(whole.astype(int) - flat).max() <= 1


def test_the_lists_are_kept_in_cards(bare, smooth):
    folder = bare(3, latents_mean=MEAN, latents_std=STD)
    added = models.add_model(folder, "kept")
    assert (added.latents_mean, added.latents_std) == (MEAN, STD)
    assert np.array_equal(latents_of("kept", smooth), latents_of(folder, smooth))
    assert models.verify_model("kept").passed


@pytest.mark.parametrize(
    ("lists", "problem"),
    [
        ({"latents_mean": [1, 2]}, "one number for each of the 3 channels"),
        ({"latents_std": [1, 0, 1]}, "latents_std are numbers above 0"),
        ({"latents_std": "1 1 1"}, "'latents_std' must be a list of numbers"),
    ],
)
def test_lists_that_do_not_fit(bare, lists, problem):
    with pytest.raises(ValueError, match=problem):
        models.find_model(bare(3, **lists))


def test_a_registered_model_has_them_too(smooth):
    def encode(planes):
        n, c, h, w = planes.shape
        return planes.reshape(n, c, h // 4, 4, w // 4, 4).mean((3, 5))

    def decode(latents):
        return latents.repeat(4, 2).repeat(4, 3)

    plain = {"channels": 3, "factor": 4}
    with models.CallableVAE(encode, decode, name="plain", **plain) as a:
        before = latents_of("plain", smooth)
    with models.CallableVAE(encode, decode, name="plain", **plain, latents_mean=MEAN, latents_std=STD) as b:
        after = latents_of("plain", smooth)
        assert b.info.latents_mean == MEAN and b.info.hash != a.info.hash
        assert v.decompress(v.compress(smooth, model="plain")).shape == smooth.shape
    assert np.allclose(after, (before - np.reshape(MEAN, (3, 1, 1))) / np.reshape(STD, (3, 1, 1)), atol=1e-6)
    with pytest.raises(ValueError, match="latents_std are numbers above 0"):
        models.CallableVAE(encode, decode, name="broken", **plain, latents_std=[1, 1, -1])
