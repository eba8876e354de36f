"""Decodes .vrs files and says what is in them.

usage: python -m tests.reference_decoder FILE...    (in the project's root, where the priors are)
"""

import sys
import zlib
from pathlib import Path

from . import FormatError, Priors, decode
from .chain import Decoded
from .container import Stream
from .rules import SYSTEMS


def describe(name: str, stream: Stream, decoded: Decoded):
    print(f"  {name}: {' | '.join(SYSTEMS[step.system].name for step in stream.steps)}")
    packed = b"".join(symbol.to_bytes(2, "little") for symbol in decoded.symbols)
    print(f"    {len(decoded.symbols)} symbols, CRC-32 {zlib.crc32(packed):08x} as u16")
    what = "a latent, which the network takes" if decoded.network else "what was encoded"
    print(f"    {what}: {decoded.shape} {decoded.numbers.name} from {min(decoded.values)} to {max(decoded.values)}")


def main() -> int:
    priors = Priors.of_checkout(Path(__file__).resolve().parents[2])
    failed = 0
    for name in sys.argv[1:]:
        try:
            file = decode(Path(name).read_bytes(), priors)
        except FormatError as error:
            print(f"{name}: {error}", file=sys.stderr)
            failed = 1
            continue
        print(f"{name}: {'latent' if file.container.is_latent else 'picture'} {file.container.source_shape}")
        describe("base", file.container.base, file.base)
        if file.residual is not None:
            describe("residual", file.container.residual, file.residual)
    return failed


sys.exit(main())
