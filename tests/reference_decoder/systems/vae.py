"""The side information of `vae`, and the tiles that its decoder may have run on (docs/format.md, "vae")."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from ..numbers import ByteReader


@dataclass
class Network:
    """`tile` and `overlap` are in latent samples; tile 0: the decoder takes the whole latent."""

    hash: bytes
    factor: int
    channels: int
    tile: int = 0
    overlap: int = 0


def read_network(side_info: bytes) -> Network:
    reader = ByteReader(side_info, "vae side information")
    network = Network(reader.take(8), reader.u8(), reader.unpack("H"))
    if network.factor == 0 or network.channels == 0:
        reader.fail("no factor or no channels")
    if reader.at < len(side_info):
        network.tile, network.overlap = reader.varint(), reader.varint()
        if network.tile < 16 or not 2 <= network.overlap <= network.tile // 4 or network.overlap % 2:
            reader.fail("impossible tiles")
    reader.expect_end()
    return network


@dataclass
class Window:
    """In one direction: where it begins and how long it is, in latent samples, and the shares of its pixels."""

    begin: int
    length: int
    shares: list[float]


def windows(n: int, network: Network) -> list[Window]:
    tile, overlap, factor = network.tile, network.overlap, network.factor
    if n <= tile:
        return [Window(0, n, [1.0] * (n * factor))]
    count = -(-(n - overlap) // (tile - overlap))
    length = -(-(n - overlap) // count) + overlap
    begins = [(n - length) * i // (count - 1) for i in range(count)]
    out = [Window(begin, length, [1.0] * (length * factor)) for begin in begins]
    for before, after in pairwise(out):
        shared = (before.begin + length - after.begin) * factor
        for k in range(shared):
            after.shares[k] = (k + 0.5) / shared
            before.shares[k - shared] = 1 - after.shares[k]
    return out


def blended(height: int, width: int, network: Network, run: Callable) -> list[list[list[float]]]:
    """[colour][row][column] of a latent of this size; run(y, x, h, w) gives as much of one of its windows."""
    rows, columns = windows(height, network), windows(width, network)
    factor = network.factor
    out = [[[0.0] * (width * factor) for _ in range(height * factor)] for _ in range(3)]
    for row in rows:
        for column in columns:
            pixels = run(row.begin, column.begin, row.length, column.length)
            for c in range(3):
                for y, share in enumerate(row.shares):
                    line = out[c][row.begin * factor + y]
                    for x, other in enumerate(column.shares):
                        line[column.begin * factor + x] += share * other * pixels[c][y][x]
    return out
