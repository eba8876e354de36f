"""Makes the seed corpus of the fuzz targets: one folder for each, fuzz/corpus/<target>, small files that reach far.

    python tools/fuzz/make_corpus.py [FOLDER]

Seeds come from golden files, from the tiny models of the tests, and from chains over latents of whole numbers. No model
runs and nothing is random, so the same bytes come out on every machine (tests/python/files/test_must_fail.py compares
them).
"""

from __future__ import annotations

import argparse
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import vaerans_ecs as vaerans
import vrs_bytes as vrs

ROOT = Path(__file__).resolve().parents[2]
Seeds = Iterator[tuple[str, bytes]]

# Chains over latents: each system and each coder that a file may name, and the ways of the quantisers.
LATENT_CHAINS = {
    "plain-static": ((2, 9, 15), "quantize(step=2) | ans(coder=static)"),
    "hadamard-cdf53": ((4, 16, 24), "hadamard4 | cdf53(levels=3) | quantize(step=3) | ans(coder=static)"),
    "haar-per-band": ((3, 12, 10), "haar(levels=2) | quantize_u8 | ans(coder=static)"),
    "haar-one-scale": ((3, 12, 10), "haar(levels=2) | quantize_u8(per_band=false) | ans(coder=static)"),
    "klt-bits": ((8, 10, 12), "klt | quantize(bits=9) | ans(coder=static)"),
    "sixteen-bit": ((1, 24, 24), "quantize(bits=14) | ans(coder=static)"),
    "constriction": ((2, 11, 13), "cdf53(levels=2) | quantize(step=4) | ans(coder=constriction)"),
    "many-lanes": ((4, 64, 64), "cdf53(levels=4) | quantize(step=2) | ans(coder=static)"),
}
RECIPES = (
    "vae(photo-f8c4) | hadamard4 | cdf53(levels=4) | quantize(step=0.7, rdo=0.06) | ans",
    "@Latent4 haar(levels=2) -> Bands | quantize_u8(per_band=false) | ans(coder='static')",
)


def whole_numbers(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    """Smooth along the rows with a little noise from a linear congruential generator; float32 that hold integers."""
    count, state, noise = int(np.prod(shape)), seed, []
    for _ in range(count):
        state = (1103515245 * state + 12345) % 2**31
        noise.append(state >> 28)
    rows = np.arange(count).reshape(shape) % shape[-1]
    return (np.array(noise).reshape(shape) * 2 + rows * (1 + np.arange(shape[0])[:, None, None])).astype(np.float32)


class Stream:
    """What a chain makes of a component: the coder's side information behind its number, and the payload."""

    def __init__(self, key: str, kind: str | None, values: np.ndarray, chain: str) -> None:
        world = vaerans.World(16 << 20)
        entity = world.new_entity()
        world.set(entity, key, values, kind)
        world.pipe(entity).select(key) | vaerans.Pipeline(chain)
        bitstream = world.get(entity, "Bitstream")
        self.steps = [(s.system, s.side_info) for s in bitstream.trail]
        self.side_info, self.payload = self.steps[-1][1], bytes(np.asarray(bitstream))


def latent_file(shape: tuple[int, ...], chain: str) -> bytes:
    return vaerans.compress_latent(whole_numbers(shape), chain)


def residual_stream(levels: int) -> Stream:
    """The residual of a picture of 24 x 20 pixels, by the prior that is built in."""
    values = (whole_numbers((24, 20, 3)) % 41 - 20).astype(np.int16)
    return Stream("Residual", "difference", values, f"rct | cdf53(levels={levels}) | quantize | ans(coder=context)")


def picture_file(*chunks: bytes) -> bytes:
    """A picture of 24 x 20 pixels whose base names a model that is not there, and further chunks."""
    base = [
        vrs.step(vrs.VAE, (vrs.name(1, "nonesuch"),), bytes(range(8)) + struct.pack("<BH", 8, 4)),
        vrs.step(vrs.QUANTIZE, (vrs.number(1, 0.5),), b"\x00\x00"),
        vrs.step(vrs.ANS, (), b"\x01\x08\x21\x00"),
    ]
    return vrs.file(vrs.picture(24, 20), vrs.stream(base, b"\x00"), *chunks)


def layered_file() -> bytes:
    """With two digests and a residual stream."""
    residual = residual_stream(levels=5)
    steps = [
        vrs.step(vrs.RCT),
        vrs.step(vrs.CDF53, (vrs.integer(1, 5),)),
        vrs.step(vrs.QUANTIZE, (vrs.number(1, 1.0),), residual.steps[2][1]),
        vrs.step(vrs.ANS, (), residual.side_info),
    ]
    stream = vrs.stream(steps, residual.payload)
    return picture_file(vrs.chunk(vrs.RESIDUAL, b"\x01" + bytes(range(16)) + stream))


def container() -> Seeds:
    """Files without magic and version, which the target puts before its input; it makes the checksums right."""
    golden = sorted((ROOT / "tests" / "golden").glob("*.vrs"))
    files = {path.stem: path.read_bytes() for path in golden if path.stat().st_size < 4096}
    files |= {label: latent_file(*chain) for label, chain in LATENT_CHAINS.items()}
    files["layered"] = layered_file()
    files["digest"] = picture_file(vrs.chunk(vrs.DIGEST, bytes(range(8))))
    files["named-chunks"] = picture_file(
        vrs.chunk(vrs.NAMED, b"abc", name="depth"), vrs.chunk(40, b""), vrs.chunk(vrs.ICC, b"\x00profile")
    )
    for label, data in files.items():
        yield label, data[5:]


def file() -> Seeds:
    """Whole files of pictures without magic and version, of each kind that decodes without ONNX Runtime."""
    colors = (whole_numbers((24, 20, 3)) % 251).astype(np.uint8)
    clear = np.concatenate([colors, colors[..., :1]], axis=2)
    deep = colors[..., 0].astype(np.uint16) * 200
    long = np.tile(colors[:, :1], (33, 1, 1))  # 792 rows: two tiles
    lossless = {"colors": colors, "grey": colors[..., 0], "clear": clear, "deep": deep, "two-tiles": long}
    for label, picture in lossless.items():
        yield label, vaerans.compress(picture, lossless=True)[5:]
    yield "near", vaerans.compress(colors, max_error=2)[5:]
    for label, options in {"wavelet": {"step": 20.0}, "squares": {"step": 9.0, "tune": "psnr"}}.items():
        yield label, vaerans.compress(colors, mode="wavelet", **options)[5:]
    for label, picture in {"wavelet-grey": colors[..., 0], "wavelet-deep": deep}.items():
        yield label, vaerans.compress(picture, mode="wavelet", step=20.0)[5:]
    chain = (
        "ycocg | cdf97(levels=3) | quantize_bands(step=9, visual=true, dependent=true, tile=256) | ans(coder=mixing)"
    )
    yield "wavelet-tiles", vaerans.compress(np.tile(colors[:4], (1, 20, 1)), pipeline=chain)[5:]
    said = {"icc": bytes(range(64)), "exif": b"II*\0" + bytes(12), "xmp": b"<x/>"}
    yield "everything", vaerans.compress(clear, mode="wavelet", step=30.0, preview=True, digest=True, **said)[5:]
    yield "network", network_file()[5:]


def network_file() -> bytes:
    """A picture of 24 x 20 pixels by the target's own model, of which no weights are needed."""
    latent = Stream("Latent4", "planes", whole_numbers((3, 6, 5)), "quantize(step=2) | ans(coder=static)")
    base = [
        vrs.step(vrs.VAE, (vrs.name(1, "tiny"),), bytes(8) + struct.pack("<BH", 4, 3)),
        vrs.step(vrs.QUANTIZE, (vrs.number(1, 2.0),), latent.steps[0][1]),
        vrs.step(vrs.ANS, (), latent.side_info),
    ]
    return vrs.file(vrs.picture(24, 20), vrs.stream(base, latent.payload))


def recipe() -> Seeds:
    """Recipes: those of the README, and texts with quotes and spaces."""
    texts = [*RECIPES, "predict(max_error=2) | ans(coder=mixing)", "ycocg | cdf97 | quantize_bands(step=4) | ans"]
    texts += ["vae(' a b') | klt | quantize(bits=9) | ans", "rct | cdf53(levels=5) | quantize | ans(coder=context)"]
    texts.append("ycocg | cdf97(levels=5) | quantize_bands(step=4, dependent=true, tile=256) | ans")
    for i, text in enumerate(texts):
        yield f"recipe-{i}", text.encode()


def round_trip() -> Seeds:
    """The way, the width, the kind, samples."""
    samples = (whole_numbers((24, 20, 3)) % 251).astype(np.uint8).tobytes()
    for way, kind in ((0, 2), (0, 0), (0, 7), (9, 2), (13, 3), (43, 2), (83, 3), (12, 4)):
        yield f"way-{way}-kind-{kind}", bytes([way, 19, kind]) + samples


def context() -> Seeds:
    """The length of the side information behind the prior's number, the side information, the payload."""
    stream = residual_stream(levels=3)
    tail = stream.side_info[5:]  # without the coder's number and the prior's
    yield "residual", bytes([len(tail)]) + tail + stream.payload


def tables() -> Seeds:
    """A byte that chooses subbands, and side information of a coder without its number; or the text of a recipe."""
    for channels, rows in ((1, 9), (2, 9), (4, 9), (1, 25), (2, 25), (4, 25)):
        data = table_stream((channels, rows, rows + 6), "static")
        yield f"static-{channels}-{rows}", bytes([channels - 1 + 16 * (rows - 9) // 4]) + data
    yield "constriction", b"\0" + table_stream((1, 1, 100), "constriction")
    for i, recipe in enumerate(RECIPES):
        yield f"recipe-{i}", recipe.encode()


def table_stream(shape: tuple[int, ...], coder: str) -> bytes:
    """The coder's side information, without its number."""
    return Stream("Latent4", "planes", whole_numbers(shape), f"quantize(step=2) | ans(coder={coder})").side_info[1:]


def categorical() -> Seeds:
    """A quarter of the number of symbols, the size of the alphabet, probabilities, words."""
    for quarter in (4, 25, 60):
        values = whole_numbers((1, 4, quarter), seed=quarter)
        symbols = (values - values.min()).astype(np.uint8)
        counts = np.bincount(symbols.ravel())
        payload = Stream("Latent4", "planes", values, "quantize(step=1) | ans(coder=constriction)").payload
        # Less than a word at the end is left out; its last bit says that the alphabet's probabilities are doubles.
        table = (counts / counts.sum()).astype("<f8").tobytes()
        yield f"symbols-{4 * quarter}", bytes([quarter, len(counts)]) + table + payload + b"\x01"


def mixing() -> Seeds:
    """Side information of the mixing coder without its number, then the payload, of pictures of 20 x 24 pixels."""
    values = whole_numbers((20, 24, 3)) % 251
    pictures = {
        "smooth": values,
        "grey": np.repeat(values[:, :, :1], 3, axis=2),
        "flat": np.full((20, 24, 3), 7),
        "noise": whole_numbers((20, 24, 3), seed=9) * 37 % 256,
    }
    for max_error in (0, 2):
        for label, picture in pictures.items():
            chain = f"predict(max_error={max_error}) | ans(coder=mixing)"
            stream = Stream("RGB", "image", picture.astype(np.uint8), chain)
            yield f"{label}-{max_error}", stream.side_info[1:] + stream.payload
            dense = Stream("RGB", "image", picture.astype(np.uint8), chain.replace(")", ", effort=9)", 1))
            if dense.side_info[1] == 5:
                yield f"dense-{label}-{max_error}", dense.side_info[1:] + dense.payload
            fast = Stream("RGB", "image", picture.astype(np.uint8), chain.replace(")", ", effort=1)", 1))
            if fast.side_info[1] == 7:
                yield f"fast-{label}", fast.side_info[1:] + fast.payload
            grey = (picture.astype(np.int64) * 257 ^ values.astype(np.int64) * 31 % 256).astype(np.uint16)[..., :1]
            deep = Stream("RGB", "image", grey.copy(), chain)
            kind, *rest = deep.side_info[1:] + deep.payload
            yield f"deep-{label}-{max_error}", bytes([kind | 128, *rest])

    yield from graphics()


def graphics() -> Seeds:
    """A list of colours, one plane, and a window of one colour."""
    picture = np.full((20, 24, 3), (200, 30, 7), np.uint8)
    picture[4:9, 3:17:2] = (0, 90, 250)
    picture[11:14] = (9, 9, 9)
    for label, planes in (("palette", picture), ("grey", picture[..., :1])):
        stream = Stream("RGB", "image", planes.copy(), "predict | ans(coder=mixing)")
        kind, *rest = stream.side_info[1:] + stream.payload
        yield f"graphic-{label}", bytes([kind | (128 if label == "grey" else 0), *rest])
    window = bytes([1, 1, 4, 2, 8, 4, 4, 0x15, 1, 2, 3]) + bytes(4) + b"\x01" + bytes(3)
    yield "graphic-window", bytes([4, 11, len(window)]) + window


def blob() -> Seeds:
    """Blobs without magic, version and checksum, which the target puts around its input."""
    for path in sorted((ROOT / "tests" / "golden").glob("*.vlb")):
        yield path.stem, path.read_bytes()[4:-4]


def shard() -> Seeds:
    """Shards of a store: items with one array and with several, facts of all kinds, a damaged index."""
    blobs = {path.stem: path.read_bytes() for path in sorted((ROOT / "tests" / "golden").glob("*.vlb"))}
    facts = {"source_hash": "s", "model_hash": "m", "bucket": "8x8", "flip_of": "one", "user": '{"a":1}'}
    with tempfile.TemporaryDirectory() as folder:
        with vaerans.LatentStore.writer(folder, model="tiny", model_hash="h", scaling=0.5, user=[1]) as writer:
            writer.add_blobs("one", {"latent": blobs["haar"]})
            writer.add_blobs("two", {"latent": blobs["exact"], "t5": blobs["text"]}, **facts)
        (path,) = Path(folder).glob("*.vls")
        whole = path.read_bytes()
    yield "whole", whole
    yield "no-index", whole[: len(whole) // 2]


def bands() -> Seeds:
    """A byte that chooses shape, width of symbols, kind of indices and planes, then the payload: 24 x 20 pixels."""
    values = (whole_numbers((24, 20, 3)) % 251).astype(np.uint8)
    noise = (whole_numbers((24, 20, 3), seed=9) * 37 % 256).astype(np.uint8)
    for label, picture, step in (("smooth", values, 4), ("coarse", values, 40), ("noise", noise, 8)):
        chain = f"ycocg | cdf97(levels=2) | quantize_bands(step={step}) | ans(coder=mixing)"
        stream = Stream("RGB", "image", picture, chain)
        yield label, bytes([4 * stream.steps[2][1][0]]) + stream.payload
    chain = "ycocg | cdf97(levels=2) | quantize_bands(step=4, dependent=true) | ans(coder=mixing)"
    for label, picture in (("dependent", values), ("dependent-noise", noise)):
        stream = Stream("RGB", "image", picture, chain)
        yield label, bytes([8 + 4 * stream.steps[2][1][0]]) + stream.payload
    grey = Stream("RGB", "image", noise[..., :1].copy(), chain)
    yield "grey", bytes([24 + 4 * grey.steps[2][1][0]]) + grey.payload
    chain = "ycocg | cdf97(levels=2) | quantize_bands(step=2) | ans(coder=mixing)"
    yield "row", b"\x03" + Stream("RGB", "image", values[:1, :3].copy(), chain).payload


def graph() -> Seeds:
    """ONNX files of the tests' tiny models."""
    for path in sorted((ROOT / "tests" / "data" / "models").glob("*/*.onnx")):
        if path.parent.name in ("tiny-mean", "tiny-moments", "tiny-half"):
            yield f"{path.parent.name}-{path.stem}", path.read_bytes()


TARGETS = {
    "bands": bands,
    "blob": blob,
    "categorical": categorical,
    "container": container,
    "context": context,
    "file": file,
    "graph": graph,
    "mixing": mixing,
    "recipe": recipe,
    "round_trip": round_trip,
    "shard": shard,
    "tables": tables,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "fuzz" / "corpus")
    folder = parser.parse_args().folder
    for target, seeds in TARGETS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for label, data in seeds():
            (folder / target / label).write_bytes(data)
    files = [path for path in folder.rglob("*") if path.is_file()]
    print(f"{len(files)} seeds, {sum(path.stat().st_size for path in files)} bytes in {folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
