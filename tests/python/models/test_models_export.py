"""python -m vaerans_ecs.models export, on small autoencoders with random weights."""

import hashlib
import json

import numpy as np
import pytest
from vaerans_ecs import World, models
from vaerans_ecs.models import __main__ as command
from vaerans_ecs.models import export
from vaerans_ecs.systems import OnnxVAEDecode, OnnxVAEEncode

torch = pytest.importorskip("torch", reason="torch is not installed: exports are not tested")
pytest.importorskip("diffusers", reason="diffusers is not installed: exports are not tested")
pytest.importorskip("onnx")

from .autoencoders import encode, kl, tiny  # noqa: E402


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    root = tmp_path_factory.mktemp("exports")
    sources = {"kl": kl(), "tiny": tiny()}
    for name, vae in sources.items():
        vae.save_pretrained(root / f"{name}-weights")
        export.export_autoencoder(export.load_autoencoder(str(root / f"{name}-weights")), root / name)
    return root, sources


def test_what_the_graphs_and_the_config_say(exported):
    root, _ = exported
    info = models.find_model(str(root / "kl"))
    assert (info.encoder_kind, info.latent_channels, info.factor) == ("moments", 4, 8)
    assert (info.scaling, info.shift, info.pixel_low) == (0.13025, 0.0, -1.0)
    info = models.find_model(str(root / "tiny"))
    assert (info.encoder_kind, info.latent_channels, info.factor) == ("mean", 4, 8)
    assert (info.scaling, info.pixel_low) == (1.0, -1.0), "diffusers converts to TAESD's [0, 1] in the graph"


@pytest.mark.parametrize("name", ["kl", "tiny"])
@pytest.mark.parametrize("size", [(64, 64), (40, 136)])
def test_latents_and_pixels_are_those_of_torch(exported, name, size, picture):
    root, sources = exported
    vae, image, folder = sources[name], picture(*size), str(root / name)
    world = World(arena_bytes=64 << 20)
    entity = world.spawn_image(image)
    found = np.asarray(world.pipe(entity).to(OnnxVAEEncode(model=folder)).out("Latent4"))
    with torch.no_grad():
        latent = encode(vae, image)
        decoded = vae.decode(latent).sample[0].numpy()
    scale = 0.13025 if name == "kl" else 1.0
    np.testing.assert_allclose(found, scale * latent[0].numpy(), atol=1e-4)
    pixels = np.asarray(world.pipe(entity).select("Latent4").to(OnnxVAEDecode(model=folder)).out("ReconRGB"))
    wanted = ((decoded + 1) * 127.5).clip(0, 255).transpose(1, 2, 0)
    np.testing.assert_allclose(pixels, wanted, atol=0.6)


@pytest.mark.parametrize("name", ["kl", "tiny"])
def test_equal_weights_give_equal_bytes(exported, name, tmp_path):
    root, sources = exported
    export.export_autoencoder(sources[name], tmp_path)
    for file in ("encoder.onnx", "decoder.onnx", "config.json"):
        first, second = (hashlib.sha256((folder / file).read_bytes()).hexdigest() for folder in (root / name, tmp_path))
        assert first == second, file
    assert str(root) not in (root / name / "config.json").read_text()


def test_more_channels_and_a_shift(tmp_path):
    vae = kl(
        latent_channels=16, scaling_factor=0.3611, shift_factor=0.1159, use_quant_conv=False, use_post_quant_conv=False
    )
    export.export_autoencoder(vae, tmp_path / "m")
    info = models.find_model(f"{tmp_path}/m")
    assert (info.latent_channels, info.scaling, info.shift) == (16, 0.3611, 0.1159)


def test_the_command_writes_a_folder(exported, tmp_path, capsys):
    root, _ = exported
    (tmp_path / "pipeline").mkdir()
    (root / "tiny-weights").rename(tmp_path / "pipeline/vae")
    assert command.main(["export", str(tmp_path / "pipeline"), "-o", str(tmp_path / "out")]) == 0
    (tmp_path / "pipeline/vae").rename(root / "tiny-weights")
    assert "written" in capsys.readouterr().out
    assert (tmp_path / "out/encoder.onnx").read_bytes() == (root / "tiny/encoder.onnx").read_bytes()
    assert json.loads((tmp_path / "out/config.json").read_text())["_class_name"] == "AutoencoderTiny"


def test_what_does_not_pass_its_check_is_not_added(exported, tmp_path, capsys, monkeypatch):
    root, _ = exported
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert command.main(["export", str(root / "kl-weights"), "--name", "random"]) == 1
    assert "round trip" in capsys.readouterr().err, "random weights do not undo each other"
    assert list((tmp_path / "vaerans/models").iterdir()) == []


def test_a_folder_without_an_autoencoder(tmp_path, capsys):
    assert command.main(["export", str(tmp_path)]) == 1
    assert "no autoencoder of diffusers there" in capsys.readouterr().err
