"""The VAE: pictures to latents and back, run by ONNX Runtime on arena memory."""

from os import PathLike, fspath

from ._base import InverseOf, NativeSystem


class OnnxVAEDecode(NativeSystem, entry="OnnxVAEDecode"):
    """Latent4 (C, h, w) float32 → ReconRGB (H, W, 3) uint8.

    `model`: a name (see vaerans_ecs.models) or a folder; empty: the model that made the latent. `providers`: ONNX
    Runtime execution providers in order, with options: 'CUDAExecutionProvider(device_id=1),CPUExecutionProvider';
    empty: by the Context's device. A latent that no
    encoder made gives its full (h·f, w·f) picture. Raises ModelNotFound, ModelInvalid, ModelMismatch,
    RuntimeNotFound, InferenceError.
    """

    def __init__(self, model: str | PathLike[str] = "", *, providers: str = "") -> None:
        super().__init__(model=fspath(model), providers=providers)


class OnnxVAEEncode(NativeSystem, entry="OnnxVAEEncode"):
    """RGB (H, W, 3) uint8 → Latent4 (C, ⌈H/f⌉, ⌈W/f⌉) float32, scaled by (z − shift) · scale as diffusers does.

    Sides that the model's factor f does not divide are padded by repeating the edge; decoding crops. The latent is
    the mean of the posterior; `sample=True` draws from it instead, for models that give mean and log-variance, with
    `seed` (−1: the Context's). Raises ModelNotFound, ModelInvalid, RuntimeNotFound, InferenceError, NonFinite.
    """

    inverse = InverseOf(OnnxVAEDecode)

    def __init__(
        self,
        model: str | PathLike[str] = "photo-f8c4",
        *,
        providers: str = "",
        sample: bool = False,
        seed: int = -1,
    ) -> None:
        super().__init__(model=fspath(model), providers=providers, sample=sample, seed=seed)
