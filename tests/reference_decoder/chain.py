"""A stream: its steps' shapes played forward, then undone from the last to the first (docs/format.md, "Chains")."""

from dataclasses import dataclass

from .arithmetic import Float32, Int16, Numbers
from .coders import constriction_coder, context_coder, static_coder
from .coders.prior import Priors
from .container import Step, Stream
from .mixing import mixing_coder
from .numbers import FormatError
from .rules import (
    ANS,
    CDF53,
    CDF97,
    HAAR,
    HADAMARD,
    IMAGE,
    KLT,
    PREDICT,
    QUANTIZE,
    QUANTIZE_BANDS,
    QUANTIZE_U8,
    RCT,
    RESTORE,
    SYSTEMS,
    VAE,
    YCOCG,
    check_taken,
)
from .systems import channels, dequantizers, restoration, wavelets
from .systems.subbands import Subband, plain_subbands, wavelet_subbands
from .systems.vae import Network, read_network

ENDS = ([QUANTIZE, ANS], [QUANTIZE_U8, ANS], [PREDICT, ANS], [QUANTIZE_BANDS, ANS])
STATIC, CONTEXT, CONSTRICTION, MIXING = 1, 2, 3, 4


@dataclass
class Item:
    """What a step makes or takes: a picture (H, W, 3 or 1), or channels (C, h, w) in subbands. Kinds are in `rules`."""

    kind: str
    shape: tuple[int, int, int]
    numbers: Numbers
    subbands: list[Subband]


@dataclass
class Decoded:
    """`values` are what stands before the first step, or before `vae` where there is one: then a latent."""

    symbols: list[int]
    values: list
    shape: tuple[int, int, int]
    numbers: Numbers
    network: Network | None  # what the values are for, unless they are the source


def played_forward(step: Step, before: Item) -> Item:
    """What a step makes of an item, values apart."""
    check_taken(step.system, step.side_info, before.kind, before.shape, before.numbers.exact)
    kind = SYSTEMS[step.system].makes
    if step.system == VAE:
        network = read_network(step.side_info)
        height, width = (-(-n // network.factor) for n in before.shape[:2])
        shape = (network.channels, height, width)
        return Item(kind, shape, Float32, plain_subbands(*shape))
    if step.system in (PREDICT, RCT, YCOCG):
        shape = (before.shape[2], *before.shape[:2])
        return Item(kind, shape, Float32 if step.system == YCOCG else Int16, plain_subbands(*shape))
    if step.system in (CDF53, HAAR, CDF97):
        return Item(kind, before.shape, before.numbers, wavelet_subbands(*before.shape, step.parameter(1, 4)))
    return Item(kind, before.shape, before.numbers, before.subbands)


def undone(step: Step, values: list, before: Item, deep: bool) -> list:
    """A step undone; its result has the shape of `before`. `deep`: the source is a picture of 16 bits."""
    if step.system == PREDICT:
        return channels.undo_predict(values) if before.shape[2] == 3 else values
    if step.system == YCOCG:
        return channels.undo_ycocg(values, before.shape[2], deep)
    if step.system == RESTORE:
        return restoration.undo_restore(values, before.shape, step)
    if step.system == RCT:
        return channels.undo_rct(values)
    if step.system == HADAMARD:
        return channels.undo_hadamard(values, before.shape[0])
    if step.system == KLT:
        return channels.undo_klt(values, before.shape[0], step.side_info)
    if step.system == CDF97:
        return wavelets.inverse(values, played_forward(step, before).subbands, before.shape, wavelets.Cdf97, Float32)
    if step.system in (CDF53, HAAR):
        subbands = played_forward(step, before).subbands
        wavelet = wavelets.Cdf53 if step.system == CDF53 else wavelets.Haar
        return wavelets.inverse(values, subbands, before.shape, wavelet, before.numbers)
    return dequantizers.undo(values, step, before.subbands, before.numbers)


def symbols_of(stream: Stream, subbands: list[Subband], max_symbol: int, priors: Priors) -> list[int]:
    """`max_symbol` is 65535 of pixels of 16 bits."""
    side_info = stream.steps[-1].side_info
    payload = b"" if stream.payload == b"\0" else stream.payload
    coder, rest = side_info[:1], side_info[1:]
    if coder == bytes([STATIC]):
        return static_coder.decode(rest, payload, subbands, max_symbol)
    if coder == bytes([CONTEXT]):
        return context_coder.decode(rest, payload, subbands, max_symbol, priors)
    if coder == bytes([CONSTRICTION]):
        return constriction_coder.decode(rest, payload, subbands, max_symbol)
    if coder == bytes([MIXING]):
        symbols = mixing_coder.decode(rest, payload, subbands, deep=max_symbol == 65535)
        if max(symbols) > max_symbol:
            raise FormatError("ans payload (mixing): a symbol that is larger than its type")
        return symbols
    raise FormatError("ans side information: the coder is unknown")


def decode_stream(stream: Stream, source: Item, priors: Priors, deep: bool = False) -> Decoded:
    """`deep`: the source is a picture of 16 bits."""
    if len(stream.steps) < 2 or [s.system for s in stream.steps[-2:]] not in ENDS:
        raise FormatError("a stream that does not end in a quantiser, or predict, and ans")
    items = [source]
    for step in stream.steps:
        items.append(played_forward(step, items[-1]))
    last = stream.steps[-2]
    if last.system == PREDICT:
        max_symbol = 65535 if deep else 255
    elif source.kind == IMAGE and (deep or source.shape[2] == 1) and stream.steps[0].system != YCOCG:
        raise FormatError("only predict and ycocg take pictures of 16 bits or one channel")
    else:
        max_symbol = dequantizers.symbol_range(last)
    symbols = symbols_of(stream, items[-1].subbands, max_symbol, priors)
    values = symbols
    for step, before in reversed(list(zip(stream.steps[:-1], items, strict=False))):
        if step.system == VAE:
            return Decoded(symbols, values, items[1].shape, Float32, read_network(step.side_info))
        values = undone(step, values, before, deep)
    return Decoded(symbols, values, source.shape, source.numbers, None)
