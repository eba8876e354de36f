"""A model can be made anew from a clone and the photos: a minute of training, the exact decoder, the prior, a file."""

import importlib
import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest
import vaerans_ecs as vaerans
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
PHOTOS = ROOT.parent / "shared" / "photos"
PICTURES = ROOT / "examples" / "pictures"


@pytest.fixture
def torch(monkeypatch):
    """PyTorch, with the package training on the path."""
    monkeypatch.syspath_prepend(ROOT)
    return pytest.importorskip("torch", reason="PyTorch is missing: ./dev setup --training")


def new_run(folder, learning_rate):
    """A run of training that keeps its checkpoint in the folder."""
    return importlib.import_module("training.autoencoder.trainer").Trainer(
        Namespace(model="photo-f8c4", run=folder, lr=learning_rate, optimizer="muon", minutes=10, part="both")
    )


@pytest.mark.usefixtures("torch")
def test_another_learning_rate_leaves_the_rates_own_alone(tmp_path):
    """Training resumed with another --lr uses it for the networks; the mixtures that model the bits keep theirs."""
    trainer = importlib.import_module("training.autoencoder.trainer")

    def rates(trained):
        trained.steps = trainer.WARMUP_STEPS
        trained.set_schedule()
        return [float(group["lr"]) for optimizer in trained.optimizers for group in optimizer.param_groups]

    new_run(tmp_path, 6e-4).save()
    resumed = new_run(tmp_path, 2e-4)
    assert resumed.resume()
    assert rates(resumed) == pytest.approx([2e-4, trainer.PRIOR_RATE, 2e-4])


@pytest.mark.usefixtures("torch")
def test_a_card_tells_what_the_run_began_with(tmp_path):
    origin = importlib.import_module("training.autoencoder.origin")
    run = new_run(tmp_path, 6e-4)
    run.steps, run.seconds, run.origin = 7, 90.0, origin.origin(ROOT / "models/photo-f8c4")
    run.save()
    shipped = run.origin["started_from"]
    assert shipped["revision"] and shipped["steps"] > 1000
    begun = origin.origin(tmp_path / "checkpoint.pt")["started_from"]
    assert begun == {"minutes": 1.5, "steps": 7, "started_from": shipped}
    assert origin.origin(None) == {}


def test_new_weights_for_dead_units_leave_the_others_and_the_slope_alone(torch):
    """Dead units that are the same everywhere: their share of the output goes into a bias, so nothing changes where
    zero padding does not reach. The last block's reach is two latents and what follows it adds two."""
    model, revive = (importlib.import_module(f"training.autoencoder.{name}") for name in ("model", "revive"))
    torch.manual_seed(0)
    networks, pictures = model.Autoencoder(), torch.rand(2, 3, 96, 96) * 2 - 1
    block, inside = networks.decoder.eighth[-1], (..., slice(32, -32), slice(32, -32))
    with torch.no_grad():
        block.first.weight[:40], block.first.bias[:40] = 0, -8.0
        alive = block.first.weight[40:].clone(), block.second.weight[:, 40:].clone()
        latents = networks.encoder(pictures)
        before = networks.decoder(latents)
        assert revive.revive(networks, "decoder", False, pictures) == 40
        after = networks.decoder(latents)
        torch.testing.assert_close(after[inside], before[inside], rtol=0, atol=1e-5)
        assert (after - before).abs().max() > 1e-2  # at the border, so the units did count
        torch.testing.assert_close((block.first.weight[40:], block.second.weight[:, 40:]), alive, rtol=0, atol=0)
        assert revive.revive(networks, "decoder", False, pictures) == 0
    slopes = {m.negative_slope for m in networks.modules() if isinstance(m, torch.nn.LeakyReLU)}
    assert slopes == {networks.shape.slope}


def train(module, *words):
    command = [sys.executable, "-m", f"training.{module}", *map(str, words)]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(command, check=True, timeout=3600, env=environment, cwd=ROOT)


@pytest.mark.long
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the training photos are not in shared/photos beside the checkout")
def test_a_model_from_the_photos(tmp_path, torch):
    run, folder, pictures = tmp_path / "run", tmp_path / "photo-f8c4", tmp_path / "pictures"
    pictures.mkdir()
    lake = Image.open(PICTURES / "lake.png")
    lake.save(pictures / "lake.png")
    for slice_minutes in (0.5, 0.5):  # stopped, and resumed
        train("autoencoder.train", "--model", "photo-f8c4", "--minutes", 1, "--slice", slice_minutes, "--run", run)
    history = torch.load(run / "checkpoint.pt", weights_only=True)["history"]
    assert history[-1]["silent"] < 0.1  # share of the units that never fire
    train("exact.export", "--checkpoint", run / "checkpoint.pt", "--out", folder, "--images", pictures, "--steps", 1)
    train("prior.train", "--folder", folder)
    card = json.loads((folder / "model.json").read_text())
    assert card["decoder"]["exact"] and card["prior"] and card["training"]["minutes"] == pytest.approx(1, abs=0.5)
    report = vaerans.models.verify_model(str(folder))
    assert report.passed, report.checks
    assert 18 < psnr_of_a_round_trip(pictures / "lake.png", tmp_path) < 40


def psnr_of_a_round_trip(picture, models):
    """In a process that finds these models before the shipped ones."""
    program = (
        "import sys, numpy as np, vaerans_ecs as vaerans; from PIL import Image;"
        "photo = np.asarray(Image.open(sys.argv[1]).convert('RGB'));"
        "back = vaerans.decompress(vaerans.compress(photo, model='photo-f8c4', step=1.0));"
        "print(vaerans.measure(photo, back)['psnr'])"
    )
    environment = os.environ | {"VAERANS_MODEL_PATH": str(models)}
    command = [sys.executable, "-c", program, str(picture)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


@pytest.mark.parametrize("model", ["photo-f8c64", "photo-f8c4"])
def test_the_gradient_graph_is_that_of_the_decoder(torch, model):
    """Its slopes are those that PyTorch finds in the decoder's own graph, roundings passed straight through."""
    graphs = importlib.import_module("training.exact.torch_graph")
    ort = pytest.importorskip("onnxruntime")
    folder = ROOT / "models" / model
    decoder = graphs.TorchGraph(folder / "decoder.onnx")
    torch.manual_seed(0)
    latent = (0.5 * torch.randn(1, decoder.channels, 4, 6)).requires_grad_(True)  # no activation is at its limit
    slopes = torch.randn(1, 3, 32, 48)
    (decoder.run(latent) * slopes).sum().backward()
    folded = torch.nn.functional.pixel_unshuffle(slopes, 8)
    session = ort.InferenceSession(folder / "gradient.onnx", providers=["CPUExecutionProvider"])
    both = torch.cat([latent.detach(), folded], 1).numpy()
    found = torch.from_numpy(session.run(None, {session.get_inputs()[0].name: both})[0])
    assert (found - latent.grad).norm() < 1e-4 * latent.grad.norm()
