"""Systems of the topic vae: OnnxVAEDecode, OnnxVAEEncode."""

# Written by tools/generate/systems.py from the descriptors in src/systems: change those.

from os import PathLike

from ._base import InverseOf, NativeSystem
from ._keys import model_of


class OnnxVAEDecode(NativeSystem, entry="OnnxVAEDecode"):
    """Decoder of a VAE: Latent4 (C, h, w) float32 → ReconRGB (H, W, 3) uint8.

    A latent that no encoder made gives its full (h·f, w·f) picture. Networks that are not local (normalisation,
    attention) are decoded in the tiles that the latent's encoder recorded, whatever `tile` says then. The trace's value
    "exact" is 1 where the pixels are those of every machine (an exact decoder on the CPU), else 0. Raises
    ModelNotFound, ModelInvalid, ModelMismatch, RuntimeNotFound, InferenceError, and BadParameter for tiles too small
    for the model.

    Args:
        model: Empty: the model that made the latent, or the default one where no encoder did.
        providers: ONNX Runtime execution providers in order, with options:
            CUDAExecutionProvider(device_id=1),CPUExecutionProvider; empty: by the Context's device.
        tile: Pixels on a side of the tiles in which a picture is run, margins included; 0: the whole picture; -1: tiles
            where the whole would take more than Limits.max_run_bytes. -1 to 1048576.
    """

    def __init__(self, model: str | PathLike[str] = "", providers: str = "", tile: int = -1) -> None:
        super().__init__(model=model_of(model), providers=providers, tile=tile)


class OnnxVAEEncode(NativeSystem, entry="OnnxVAEEncode"):
    """Encoder of a VAE: RGB (H, W, 3) uint8 → Latent4 (C, ⌈H/f⌉, ⌈W/f⌉) float32.

    Scaled by (z − shift) · scale as diffusers does. Sides that the model's factor f does not divide are padded by
    repeating the edge; decoding crops. One session.run for each group. Tiles of local networks give what the whole
    picture gives, those of others are blended. Raises ModelNotFound, ModelInvalid, RuntimeNotFound, InferenceError,
    NonFinite, and BadParameter for tiles too small for the model.

    Args:
        model: The model (docs/models.md).
        providers: ONNX Runtime execution providers in order, with options:
            CUDAExecutionProvider(device_id=1),CPUExecutionProvider; empty: by the Context's device.
        sample: Draw from the posterior instead of taking its mean, with models that give mean and log-variance.
        seed: Seeds that draw; -1: the Context's seed. At least -1.
        tile: Pixels on a side of the tiles in which a picture is run, margins included; 0: the whole picture; -1: tiles
            where the whole would take more than Limits.max_run_bytes. -1 to 1048576.
    """

    inverse = InverseOf(OnnxVAEDecode)

    def __init__(
        self,
        model: str | PathLike[str] = "photo-f8c64",
        providers: str = "",
        sample: bool = False,
        seed: int = -1,
        tile: int = -1,
    ) -> None:
        super().__init__(model=model_of(model), providers=providers, sample=sample, seed=seed, tile=tile)
