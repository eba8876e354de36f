"""The specification's overview of classes, held against what the package has."""

import inspect

import pytest
import vaerans_ecs
from vaerans_ecs import api, components, systems

# class → what it has, in the specification's words
CORE = {
    "Arena": ["alloc_tensor", "view", "subref_axis0", "mark", "rewind", "high_water", "capacity"],
    "TensorRef": ["shape", "dtype", "strides", "offset", "nbytes"],
    "World": [
        "new_entity", "spawn_image", "spawn_batch_rgb", "despawn", "scratch", "pipe", "run", "arena", "rgb", "recon",
        "blur", "latent", "yuvw", "wavelet", "symbols", "quant", "bitstream", "residual",
    ],
    "Pipe": ["to", "select", "use", "out", "fork", "__or__"],
    "Pipeline": ["systems", "to", "select", "use", "out", "run", "resolve", "inverse", "__or__"],
    "System": ["run", "inverse", "contract", "__or__"],
    "Context": ["device", "dtype", "threads", "seed", "trace", "limits"],
}  # fmt: skip
COMPONENTS = {
    "RGB": ["pix", "colourspace"],
    "ReconRGB": ["pix"],
    "BlurRGB": ["pix"],
    "Latent4": ["z"],
    "YUVW4": ["t"],
    "WaveletPyr": ["packed", "index", "levels", "wavelet"],
    "SymbolsU8": ["q", "qp"],
    "QuantParams": ["scale", "zero"],
    "ANSBitstream": ["probs", "words_u32", "n_symbols"],
    "Residual": ["r"],
}
SYSTEMS = {
    "OnnxVAEEncode": ["model"],
    "OnnxVAEDecode": ["model"],
    "Hadamard4": [],
    "Hadamard4Inverse": [],
    "WaveletCDF53": ["levels"],
    "WaveletCDF53Inverse": ["levels"],
    "WaveletHaar": ["levels"],
    "QuantizeU8": ["per_band"],
    "Dequantize": [],
    "ANSEncode": [],
    "ANSDecode": [],
    "GaussianBlur": ["sigma"],
    "Residual": ["src", "recon", "dtype"],
    "AddResidual": [],
    "MetricPSNR": [],
    "MetricSSIM": [],
    "MetricMSSSIM": [],
}
KEYS = {"ANSBitstream": "Bitstream"}


@pytest.mark.parametrize(("name", "members"), CORE.items())
def test_core(name, members):
    cls = getattr(vaerans_ecs, name)
    assert [member for member in members if not hasattr(cls, member)] == []


@pytest.mark.parametrize(("name", "members"), COMPONENTS.items())
def test_components(name, members):
    cls = getattr(components, name)
    assert cls.key == KEYS.get(name, name)
    assert [member for member in members if not isinstance(inspect.getattr_static(cls, member), property)] == []


@pytest.mark.parametrize(("name", "parameters"), SYSTEMS.items())
def test_systems(name, parameters):
    cls = getattr(systems, name)
    assert issubclass(cls, vaerans_ecs.System)
    signature = inspect.signature(cls)
    assert [parameter for parameter in parameters if parameter not in signature.parameters] == []
    cls()  # every parameter has a default


def test_context_takes_all_by_name():
    vaerans_ecs.Context(device="cpu", dtype="f16", threads=1, seed=1, trace=True, limits=vaerans_ecs.Limits())


def test_api():
    for name in ("compress", "decompress", "Pipe", "Pipeline"):
        assert hasattr(api, name)
