"""A transform of your own in Python: the blockwise 8×8 DCT, in a chain with native systems.

    python plugin_dct.py [PICTURE]

The same systems as in plugin_dct.cpp; files written by one are read by the other.
"""

import sys
from pathlib import Path

import numpy as np
from vaerans_ecs import Contract, Pipeline, Spec, World, decode_entities, measure, read_file, write_file
from vaerans_ecs.systems import System, register

SIZE = 8
FREQUENCY = np.arange(SIZE)
COSINES = np.cos(np.pi * (2 * FREQUENCY[None, :] + 1) * FREQUENCY[:, None] / (2 * SIZE)) * np.sqrt(2 / SIZE)
COSINES[0] /= np.sqrt(2)
COSINES = COSINES.astype(np.float32)  # row k is the k-th cosine, of length 1: the inverse is the transpose


def bands():
    """(level, band, side s, first v, first u): coefficients of one octave of frequencies, s×s of each block."""
    yield 3, "LL", 1, 0, 0
    for level, s in ((3, 1), (2, 2), (1, 4)):
        yield level, "HL", s, 0, s
        yield level, "LH", s, s, 0
        yield level, "HH", s, s, s


def layout(shape):
    """Blocks down and across, and the subbands of the bands (C, 64·blocks) that planes (C, h, w) become."""
    channels, h, w = shape
    rows, columns = -(-h // SIZE), -(-w // SIZE)
    subbands, offset = [], 0
    for channel in range(channels):
        for level, band, s, _, _ in bands():
            subbands.append((channel, level, band, offset, rows * s, columns * s))
            offset += rows * columns * s * s
    return rows, columns, subbands


def described(spec):
    """What dct8 makes of `spec`; ValueError for anything but (C, h, w) float32 planes."""
    if spec.kind != "planes" or spec.dtype != np.float32 or len(spec.shape) != 3:
        raise ValueError(f"dct8 needs (C, h, w) float32 planes, not {spec}")
    rows, columns, subbands = layout(spec.shape)
    return Spec("bands", "f32", (spec.shape[0], rows * columns * SIZE**2), subbands)


@register()
class Dct8Inverse(System):
    """Undoes dct8."""

    contract = Contract("dct8_inverse", inputs=["bands"], outputs=["planes"], role="inverse", inverse_of="dct8")

    def run(self, group):
        shape = group.undone_step(0).input.shape  # what dct8 was given, from the trail or from the file
        channels, h, w = shape
        rows, columns, subbands = layout(shape)
        flat = group.batch().reshape(len(group), -1)
        blocks = np.empty((len(group), channels, rows, columns, SIZE, SIZE), np.float32)
        for i, (channel, _, _, offset, _, _) in enumerate(subbands):
            _, _, s, v, u = list(bands())[i % 10]
            tiles = flat[:, offset : offset + rows * columns * s * s].reshape(-1, rows, s, columns, s)
            blocks[:, channel, :, :, v : v + s, u : u + s] = tiles.swapaxes(2, 3)
        planes = (COSINES.T @ blocks @ COSINES).swapaxes(3, 4).reshape(-1, channels, rows * SIZE, columns * SIZE)
        group.output(shape)[...] = planes[:, :, :h, :w]


@register()
class Dct8(System):
    """Orthonormal 8x8 DCT of blocks."""

    contract = Contract("dct8", inputs=["planes"], outputs=[("bands", "Dct8")])

    def inverse(self):
        return Dct8Inverse()

    def describe(self, input, side_info):
        return described(input)

    def run(self, group):
        channels, h, w = group.spec().shape
        rows, columns, subbands = layout(group.spec().shape)
        edges = ((0, 0), (0, 0), (0, rows * SIZE - h), (0, columns * SIZE - w))
        padded = np.pad(group.batch(), edges, mode="edge")
        blocks = padded.reshape(-1, channels, rows, SIZE, columns, SIZE).swapaxes(3, 4)
        coefficients = COSINES @ blocks @ COSINES.T
        spec = described(group.spec())
        flat = group.output(spec.shape, subbands=subbands).reshape(len(group), -1)
        for i, (channel, _, _, offset, _, _) in enumerate(subbands):
            _, _, s, v, u = list(bands())[i % 10]
            tiles = coefficients[:, channel, :, :, v : v + s, u : u + s].swapaxes(2, 3)
            flat[:, offset : offset + rows * columns * s * s] = tiles.reshape(len(group), -1)


def main(path):
    from PIL import Image

    photo = np.asarray(Image.open(path).convert("RGB"))
    encode = Pipeline("vae | hadamard4 | dct8 | quantize(step=0.2) | ans")
    print(f"encode: {encode}\ndecode: {encode.inverse()}")

    world = World()
    entity = world.spawn_image(photo)
    encode.run(world, [entity])
    file = write_file(world, entity)
    encode.inverse().run(world, [entity])
    in_memory = np.asarray(world.get(entity, "ReconRGB"))

    other = World()  # as another program would
    copy = read_file(other, file)
    decode_entities(other, [copy])
    from_file = np.asarray(other.get(copy, "ReconRGB"))

    quality = measure(photo, from_file)
    print(f"{len(file)} bytes, {8 * len(file) / (photo.size / 3):.3f} bpp, PSNR {quality['psnr']:.2f} dB")
    print("in memory and from the file:", "equal" if (in_memory == from_file).all() else "DIFFERENT")
    return int((in_memory != from_file).any())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "pictures" / "lake.png"))
