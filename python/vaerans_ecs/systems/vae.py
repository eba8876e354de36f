"""The VAE: pictures to latents and back, run by ONNX Runtime on arena memory."""

from os import PathLike, fspath

from ._base import InverseOf, NativeSystem


class OnnxVAEDecode(NativeSystem, entry="OnnxVAEDecode"):
    """Latent4 (C, h, w) float32 → ReconRGB (H, W, 3) uint8.

    `model`: a name (see vaerans_ecs.models) or a folder; empty: the model that made the latent. `providers`: ONNX
    Runtime execution providers in order, with options: 'CUDAExecutionProvider(device_id=1),CPUExecutionProvider';
    empty: by the Context's device. `tile`: pixels on a side of the tiles in which a picture is decoded, margins
    included; 0: the picture as a whole; −1: tiles where the whole would take more than `Limits.max_run_bytes`.
    Networks that are not local (normalisation, attention) are decoded as the latent's encoder recorded, whatever
    `tile` says then. A latent that no encoder made gives its full (h·f, w·f) picture. Raises ModelNotFound,
    ModelInvalid, ModelMismatch, RuntimeNotFound, InferenceError, and BadParameter for tiles too small for the
    model.
    """

    def __init__(self, model: str | PathLike[str] = "", *, providers: str = "", tile: int = -1) -> None:
        super().__init__(model=fspath(model), providers=providers, tile=tile)


class OnnxVAEEncode(NativeSystem, entry="OnnxVAEEncode"):
    """RGB (H, W, 3) uint8 → Latent4 (C, ⌈H/f⌉, ⌈W/f⌉) float32, scaled by (z − shift) · scale as diffusers does.

    Sides that the model's factor f does not divide are padded by repeating the edge; decoding crops. The latent is
    the mean of the posterior; `sample=True` draws from it instead, for models that give mean and log-variance, with
    `seed` (−1: the Context's). `tile`: see OnnxVAEDecode, which gets the same; tiles of local networks give what the
    whole picture gives, those of others are blended. Raises ModelNotFound, ModelInvalid, RuntimeNotFound,
    InferenceError, NonFinite, and BadParameter for tiles too small for the model.
    """

    inverse = InverseOf(OnnxVAEDecode)

    def __init__(
        self,
        model: str | PathLike[str] = "photo-f8c4",
        *,
        providers: str = "",
        sample: bool = False,
        seed: int = -1,
        tile: int = -1,
    ) -> None:
        super().__init__(model=fspath(model), providers=providers, sample=sample, seed=seed, tile=tile)
