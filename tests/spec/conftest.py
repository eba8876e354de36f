"""The pictures and the small model of the Python tests, and a world in which the specification's chain has run."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest
import tomllib

_spec = importlib.util.spec_from_file_location("python_conftest", Path(__file__).parents[1] / "python/conftest.py")
_shared = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_shared)

img, latent, model_folder, picture, psnr, sdxl = (
    _shared.img, _shared.latent, _shared.model_folder, _shared.picture, _shared.psnr, _shared.sdxl,
)  # fmt: skip
registry_as_it_was = _shared.registry_as_it_was


@pytest.fixture
def encoded(img, sdxl):
    """The specification's chain, there and back, with blur and residual: everything that a component can be."""
    from vaerans_ecs import Context, World, systems

    world, context = World(arena_bytes=64 << 20), Context(trace=True)
    entity = world.spawn_image(img)
    pipe = world.pipe(entity, context).to(systems.OnnxVAEEncode(model=sdxl)).to(systems.Hadamard4())
    pipe.to(systems.WaveletCDF53(levels=4)).to(systems.QuantizeU8(per_band=True)).to(systems.ANSEncode())
    pipe.select("Latent4").to(systems.OnnxVAEDecode(), out="ReconRGB")
    pipe.to(systems.GaussianBlur(sigma=1.5)).to(systems.Residual())
    about = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    package = {"project": about["project"], "tool": about["tool"]}
    return SimpleNamespace(w=world, e=entity, p=pipe, img=img, context=context, model=sdxl, half="half", **package)
