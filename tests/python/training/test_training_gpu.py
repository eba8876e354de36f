"""Training in slices on a lent machine, rehearsed on the CPU, and the parts that let a GPU hold a whole step."""

import importlib
import json
import os
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[3]
PHOTOS = ROOT.parent / "shared" / "photos"
NOT_IN_A_GRAPH = ("_local_scalar_dense", "nonzero", "lift_fresh", "masked_select", "_unique2", "multinomial")
MOST_FILES, MOST_BYTES = 8, 16 << 20  # what a lent machine hands back


@pytest.fixture
def torch(monkeypatch):
    """PyTorch, with the package training on the path."""
    monkeypatch.syspath_prepend(ROOT)
    return pytest.importorskip("torch", reason="PyTorch is missing: ./dev setup --training")


def module(name):
    return importlib.import_module(f"training.{name}")


def new_trainer(model="photo-f8c4", msssim_weight=0.0):
    return module("autoencoder.trainer").Trainer(
        Namespace(
            model=model,
            lr=6e-4,
            optimizer="muon",
            minutes=10,
            part="both",
            msssim_weight=msssim_weight,
            ssimulacra2_weight=msssim_weight,
        )
    )


def test_crops_are_pieces_of_the_photos(torch, monkeypatch):
    """Pixels that tell where they come from: red is the row, green the column, blue the photo."""
    data = module("autoencoder.data")
    monkeypatch.setattr(data, "RAMP_ODDS", 0)
    monkeypatch.setattr(data, "LEAST_GAIN", 1)
    monkeypatch.setattr(data, "varied", lambda x: x)
    sizes = ((80, 120), (64, 70))
    photos = [np.stack([*np.indices(size), np.full(size, i)], -1).astype(np.uint8) for i, size in enumerate(sizes)]
    torch.manual_seed(0)
    batch = data.CropSampler(photos, 64, reductions={1.0: 1.0}).batch(200)
    assert batch.shape == (200, 3, 64, 64)
    crops = ((batch + 1) * 127.5).round().int().numpy()
    seen = set()
    for rows, columns, photo in crops:
        i, along = photo[0, 0], int(columns[0, 1] - columns[0, 0])
        top, left = rows[0, 0], columns[0].min()
        assert (photo == i).all() and abs(along) == 1
        assert top + 64 <= sizes[i][0] and left + 64 <= sizes[i][1]
        assert (rows == top + np.arange(64)[:, None]).all()
        assert (columns == left + np.arange(64)[::along]).all()
        seen.add((int(i), along))
    assert len(seen) == 4  # both photos, both ways round


def test_photos_too_small_for_a_crop_are_refused(torch):
    with pytest.raises(ValueError, match="crops of 64 pixels"):
        module("autoencoder.data").CropSampler([np.zeros((100, 60, 3), np.uint8)], 64)


def test_muon_makes_each_matrix_nearly_orthogonal(torch):
    orthogonalise = module("autoencoder.optimizer").orthogonalise
    torch.manual_seed(0)
    matrices = torch.randn(3, 16, 40) * torch.tensor([1e-3, 1.0, 50.0])[:, None, None]
    together = orthogonalise(matrices)
    values = torch.linalg.svdvals(together)
    assert values.min() > 0.6 and values.max() < 1.3
    left, _, right = torch.linalg.svd(matrices, full_matrices=False)
    nearest = left @ right  # the nearest matrix with orthonormal rows
    assert ((together - nearest).norm(dim=(1, 2)) / nearest.norm(dim=(1, 2))).max() < 0.35
    for one, matrix in zip(together, matrices, strict=True):
        torch.testing.assert_close(orthogonalise(matrix[None])[0], one)


def test_the_chains_hadamard_is_the_codecs(torch):
    chain = module("autoencoder.chain")
    x = torch.randn(2, 4, 3, 5)
    torch.testing.assert_close(chain.hadamard4(x), torch.einsum("ij,njhw->nihw", chain.HADAMARD4, x))
    torch.testing.assert_close(chain.hadamard4(chain.hadamard4(x)), x)


def test_a_gradient_that_is_not_finite_leaves_the_networks_as_they_were(torch):
    trainer = new_trainer()
    before = {k: v.clone() for k, v in trainer.model.state_dict().items()}
    numbers = trainer.step(torch.full((1, 3, 64, 64), float("nan")))
    assert np.isnan(numbers["norm"]) and trainer.steps == 1
    torch.testing.assert_close(trainer.model.state_dict(), before, rtol=1e-3, atol=0)  # but for weight decay
    numbers = trainer.step(torch.rand(1, 3, 64, 64))
    assert np.isfinite(numbers["norm"]) and all(p.isfinite().all() for p in trainer.model.parameters())


@pytest.mark.parametrize(("model", "tile"), [("photo-f8c4", None), ("photo-f8c32", (8, 40))])
def test_a_cuda_graph_can_hold_a_step(torch, model, tile):
    """No number is read back, no shape depends on values, no constant comes from the host. All but Adam, whose
    `capturable` does the same on a GPU, and is none on a CPU."""
    mode = importlib.import_module("torch.utils._python_dispatch").TorchDispatchMode

    class Capturing(mode):
        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            assert function.overloadpacket.__name__ not in NOT_IN_A_GRAPH, function
            return function(*args, **(kwargs or {}))

    data, step = module("autoencoder.data"), module("gpu.step")
    trainer = new_trainer(model, msssim_weight=0.7)
    trainer.optimizers = trainer.optimizers[1:]
    step.use_bfloat16(trainer.model)
    photos = [np.random.default_rng(0).integers(0, 256, (200, 220, 3), np.uint8)]
    stepper = step.Stepper(trainer, data.CropSampler(photos, 176, reductions={1.0: 1.0}), 1, captured=False)
    with pytest.raises(AssertionError, match="_local_scalar_dense"), Capturing():
        torch.rand(3).max().item()
    stepper._update(tile)
    with Capturing():
        stepper._update(tile)
    assert trainer.optimizers and stepper.sums["norm"] > 0


def test_residual_blocks_in_bfloat16_stay_near_those_in_float32(torch):
    model, step = module("autoencoder.model"), module("gpu.step")
    torch.manual_seed(0)
    networks, x = model.Autoencoder(), torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        exact = networks.encoder(x)
        step.use_bfloat16(networks)
        rough = networks.encoder(x)
    assert rough.dtype == torch.float32 and not torch.equal(rough, exact)
    assert (rough - exact).norm() / exact.norm() < 0.01


def test_a_checkpoint_in_parts(torch, monkeypatch, tmp_path):
    slices = module("gpu.slices")
    monkeypatch.setattr(slices, "PART_BYTES", 5 << 20)
    trainer = new_trainer()
    trainer.step(torch.rand(1, 3, 64, 64) * 2 - 1)
    trainer.seconds = 12.5
    assert slices.read(tmp_path) is None
    slices.write(tmp_path, trainer.state())
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(slices.names(tmp_path))
    assert len(slices.names(tmp_path)) > 3
    other = new_trainer()
    other.load_state(slices.read(tmp_path))
    assert (other.steps, other.seconds) == (1, 12.5)
    torch.testing.assert_close(other.model.state_dict(), trainer.model.state_dict(), rtol=0, atol=0)
    torch.testing.assert_close(other.ema, trainer.ema, rtol=2**-11, atol=2**-24)
    momenta = [next(iter(t.optimizers[1].state.values()))["momentum"] for t in (other, trainer)]
    assert momenta[0].dtype == torch.float32
    torch.testing.assert_close(*momenta, rtol=2**-8, atol=0)

    first, second = (tmp_path / slices.part_name(i) for i in (0, 1))
    content = first.read_bytes()
    first.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(slices.BrokenSlice, match="do not belong together"):
        slices.read(tmp_path)
    second.unlink()
    with pytest.raises(slices.BrokenSlice, match=r"lacks checkpoint\.1"):
        slices.read(tmp_path)


@pytest.mark.usefixtures("torch")
@pytest.mark.parametrize("model", ["photo-f8c32", "photo-f8c4"])
def test_pytorch_decodes_the_pixels_of_the_golden_file(model):
    """The runtime that training.exact.cuda compares GPUs by, here on the CPU."""
    cuda, torch_graph = module("exact.cuda"), module("exact.torch_graph")
    graph = torch_graph.TorchGraph(ROOT / "models" / model / "decoder.onnx")
    z = cuda.latents(graph.channels, cuda.SMALL)
    pinned = cuda.pinned(ROOT / "models" / model / "decoder.onnx")
    assert cuda.digest(graph(importlib.import_module("torch").from_numpy(z))) == pinned
    z[0, 0, 0, 0] += 1
    assert cuda.digest(graph(importlib.import_module("torch").from_numpy(z))) != pinned


def call(name, *words):
    command = [sys.executable, "-m", f"training.{name}", *map(str, words)]
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, check=True, timeout=1800, env=environment, cwd=ROOT, capture_output=True, text=True
    ).stdout


def few_photos(folder):
    """The held-out photos and three others."""
    held_out = module("autoencoder.data").HELD_OUT
    others = sorted(p for p in PHOTOS.iterdir() if p.suffix == ".webp" and p.stem not in held_out)[:3]
    for path in (*(PHOTOS / f"{name}.webp" for name in held_out), *others):
        (folder / path.name).symlink_to(path)


@pytest.mark.long
@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the training photos are not in shared/photos beside the checkout")
def test_two_slices_on_the_cpu(torch, tmp_path):
    photos, carry, checkpoint = tmp_path / "photos", tmp_path / "carry", tmp_path / "run" / "checkpoint.pt"
    photos.mkdir()
    few_photos(photos)
    pack = ("gpu.pack", "--model", "photo-f8c4", "--data", photos, "--carry", carry)
    call(*pack, "--start", ROOT / "models" / "photo-f8c4")
    assert {p.name for p in carry.iterdir()} == {"photos.zip", "start.pt"}
    rows = []
    for i, after in enumerate((40, 0)):
        out = tmp_path / f"out{i}"
        words = ("--model", "photo-f8c4", "--carry", carry, "--out", out)
        seconds = ("--after", after, "--limit", 90, "--reserve", 10)
        small = ("--batch", 2, "--crop", 64, "--msssim-weight", 0, "--prior-steps", 50, "--lr", 5e-5)
        print(call("gpu.train", *words, *seconds, *small))
        files = [p for p in out.iterdir() if p.name != "log.jsonl"]
        assert len(files) < MOST_FILES and all(p.stat().st_size <= MOST_BYTES for p in files)
        rows.append([json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()])
        call(*pack, "--resume", out)
    first, last = (r[-1] for r in rows)
    assert last["step"] > first["step"] > 10
    foretold = next(row for row in rows[0] if "steps_per_second" in row)
    assert foretold["steps_at_end"] > foretold["steps_at_end_of_slice"] > 10
    assert 26.5 < last["psnr"] < 28  # the shipped model's is 27.55
    call("gpu.slices", tmp_path / "out1", checkpoint)
    state = torch.load(checkpoint, weights_only=True)
    assert state["steps"] == last["step"] and state["origin"]["started_from"]["revision"]
    rates = [float(group["lr"]) for optimizer in state["optimizers"] for group in optimizer["param_groups"]]
    assert rates[0] < 0.05 * 5e-5  # annealed at the end of the last slice, not of the first
    assert len(state["history"]) == sum("psnr" in row for r in rows for row in r)
