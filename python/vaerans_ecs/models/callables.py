"""Models that are Python functions: a PyTorch module, JAX, NumPy, a call to another machine."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from .. import _vaerans
from .._vaerans import ModelInfo
from .._values import flag, given_number, given_whole, numbers, text
from ..errors import BadParameter, OutputExists


class CallableVAE:
    """A VAE whose halves are Python functions, known by `name` wherever a model is: systems, recipes, files.

    >>> vae = CallableVAE(encode, decode, name="mine", channels=4, factor=8)
    >>> data = compress(picture, model=vae)          # or model="mine", or OnnxVAEEncode(vae)
    >>> picture = decompress(data)                   # in any process that registered the same model

    `encode`: (N, 3, H, W) float32 in `pixel_range`, H and W multiples of `factor` → (N, channels, H/factor, W/factor)
    float32, or with `moments` twice the channels: means, then log-variances. `decode`: the other way round. Either may
    be None. They get NumPy arrays over memory of the library, without a copy; use them inside the call only (their
    contents change afterwards). They return any array or tensor in the CPU's memory (DLPack, buffer). They may be
    called from several threads, one at a time (with the GIL held, which the library has released until then).
    `scaling_factor`, `shift_factor`: latent = (encoded − shift) · scaling, as in diffusers; the functions see unscaled
    values. `latents_mean`, `latents_std`: one number for each channel, where a VAE has them (diffusers' config):
    latent = (encoded − shift − mean) · scaling / std. `latent_std`: standard deviation of a photo's scaled latents, to
    which quality is relative. `single`: one picture a call. `version`: text or bytes that identify the weights; files
    refer to it, and to the properties above. `recipe`: what compress() runs by default. `vjp`: the vector–Jacobian
    product of `decode`, by which efforts above 5 better latents: of latents and the slopes of a loss by what `decode`
    makes of them, (N, 3, H, W), the slopes by the latents, as `torch.func.vjp` gives them.

    What the functions raise arrives as InferenceError with the traceback's text, and so do wrong shapes and types; NaN
    as NonFinite. Raises OutputExists where the name is registered already, unless `replace`, which leaves the old model
    in its place if anything is wrong with the new one; BadParameter, InvalidArgument.
    """

    def __init__(
        self,
        encode: Callable[[Any], Any] | None = None,
        decode: Callable[[Any], Any] | None = None,
        *,
        name: str,
        channels: int = 4,
        factor: int = 8,
        scaling_factor: float = 1.0,
        shift_factor: float = 0.0,
        latents_mean: Sequence[float] = (),
        latents_std: Sequence[float] = (),
        pixel_range: tuple[float, float] = (-1.0, 1.0),
        moments: bool = False,
        latent_std: float = 1.0,
        single: bool = False,
        version: str | bytes = "",
        recipe: str = "",
        vjp: Callable[[Any, Any], Any] | None = None,
        replace: bool = False,
    ) -> None:
        _check_functions(encode, decode, vjp)
        name, weights, replacing = _plain("name", name), _bytes_of(version), flag("replace", replace)
        # Numbers of Python, whatever was given: files name the hash of how they are written. The library says which
        # counts it takes, all of them above 0.
        channels, factor = (max(0, given_whole(what, n)) for what, n in (("channels", channels), ("factor", factor)))
        scaling, shift = given_number("scaling_factor", scaling_factor), given_number("shift_factor", shift_factor)
        low, high = numbers("pixel_range", pixel_range, 2)
        mean, deviation = numbers("latents_mean", latents_mean), numbers("latents_std", latents_std)
        with_moments = flag("moments", moments)
        lists = (tuple(mean), tuple(deviation)) if mean or deviation else ()  # files name the hash without them, too
        properties = (name, channels, factor, scaling, shift, low, high, with_moments, *lists)
        self.info: ModelInfo = _registered(
            replacing,
            name,
            encode,
            decode,
            None if vjp is None else _folded(vjp, channels, factor),
            channels,
            factor,
            scaling,
            shift,
            mean,
            deviation,
            (low, high),
            with_moments,
            given_number("latent_std", latent_std),
            flag("single", single),
            hashlib.sha256(repr(properties).encode() + b"\n" + weights).hexdigest(),
            text("recipe", recipe),
        )

    @property
    def name(self) -> str:
        return self.info.name

    def unregister(self) -> bool:
        """Forgets the name; False if that was done before. Chains that hold the model already keep it."""
        return _vaerans._unregister_model(self.name)

    def __enter__(self) -> "CallableVAE":
        return self

    def __exit__(self, *_: object) -> None:
        self.unregister()

    def __fspath__(self) -> str:
        """The name: so that it can be given wherever a model's name or folder can."""
        return self.name

    def __repr__(self) -> str:
        return f"CallableVAE({self.name!r}, {self.info.latent_channels} channels, factor {self.info.factor})"


def _check_functions(*functions: Any) -> None:
    for function in functions:
        if function is not None and not callable(function):
            raise BadParameter(f"encode, decode and vjp are functions or None, not {type(function).__name__}")


def _plain(name: str, value: Any) -> str:
    """The text as Python's own type, for NumPy's have another repr()."""
    return str.__str__(text(name, value))


def _bytes_of(version: Any) -> bytes:
    if isinstance(version, bytes):
        return version
    if not isinstance(version, str):
        raise BadParameter(f"version is a text or bytes, not {version!r}")
    return version.encode(errors="surrogatepass")


def _registered(replace: bool, name: str, *properties: Any) -> ModelInfo:
    """Registers the model. That the name is taken is the last thing that the library finds wrong with one."""
    try:
        return _vaerans._register_model(name, *properties)
    except OutputExists:
        if not replace:
            raise
    _vaerans._unregister_model(name)
    return _vaerans._register_model(name, *properties)


def _folded(vjp: Callable[[Any, Any], Any], channels: int, factor: int) -> Callable[[Any], Any]:
    """The same of one array, as the library calls it: the pixels of each latent sample stand as channels behind it."""

    def call(both: Any) -> Any:
        n, _, h, w = both.shape
        slopes = both[:, channels:].reshape(n, 3, factor, factor, h, w).transpose(0, 1, 4, 2, 5, 3)
        return vjp(both[:, :channels], slopes.reshape(n, 3, h * factor, w * factor))

    return call
