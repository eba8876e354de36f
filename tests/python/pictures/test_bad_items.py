"""One bad item of a list costs none of the others: what stands in each place, and that an error names its item."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import Context, LatentStore, compress, decompress, errors
from vaerans_ecs.eval.compare import compare
from vaerans_ecs.latents import cache_to_store, store_to_cache
from vaerans_ecs.ray import _Compress, _Pictures

Image = pytest.importorskip("PIL.Image")
FLOATS = np.linspace(0, 1, 16 * 24 * 3, dtype=np.float32).reshape(16, 24, 3)
BYTES = (FLOATS * 255).astype(np.uint8)
HOLE = np.where(np.arange(3) == 1, np.nan, FLOATS).astype(np.float32)
COLLECT = Context(on_error="collect")


class Hostile:
    """Raises what it likes, whatever is asked of it."""

    def __getattr__(self, name):
        raise KeyError(f"nothing is called {name}")


class Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise ConnectionError("the cable is out")


class OneWay(io.RawIOBase):
    """A pipe, which neither seeks nor tells."""

    def readable(self) -> bool:
        return True

    def readinto(self, room) -> int:
        return 0


def closed() -> io.BytesIO:
    file = io.BytesIO(b"gone")
    file.close()
    return file


def odd_image() -> object:
    image = Image.fromarray(BYTES)
    image.info["xmp"] = {"a": "b"}
    return image


def held(results: list) -> list:
    """The types that stand in each place; of an error also that it knows its place."""
    for place, result in enumerate(results):
        assert isinstance(result, (bytes, np.ndarray)) or result.entity == place, result
    return [type(result) for result in results]


# By what each is refused, with a value_range.
BAD_NUMBERS = [
    (HOLE, "finite numbers"),
    (FLOATS[None], "not (1, 16, 24, 3)"),
    (FLOATS.astype(complex), "complex128"),
    (FLOATS.astype(object), "object"),
    (None, "object"),
    ("missing.png", "missing.png"),
    (Hostile(), "nothing is called"),
    ([[1], [2, 3]], "inhomogeneous"),
]


def test_a_value_range_collects_as_everything_does():
    pictures = [FLOATS, *(bad for bad, _ in BAD_NUMBERS), FLOATS]
    results = compress(pictures, value_range=(0, 1), lossless=True, context=COLLECT)
    refused = [errors.ImageUnreadable if bad == "missing.png" else errors.ImageUnsupported for _, bad in BAD_NUMBERS]
    assert held(results) == [bytes, *refused, bytes]
    assert all(text in str(result) for result, (_, text) in zip(results[1:-1], BAD_NUMBERS, strict=True))
    assert results[0] == results[-1] == compress(FLOATS, value_range=(0, 1), lossless=True)
    np.testing.assert_array_equal(decompress(results[0]), np.rint(FLOATS * 255).astype(np.uint8))


def test_a_value_range_of_a_stack_collects_as_well():
    results = compress(np.stack([FLOATS, HOLE, FLOATS]), value_range=(0, 1), lossless=True, context=COLLECT)
    assert held(results) == [bytes, errors.ImageUnsupported, bytes]


def test_with_a_value_range_the_picture_is_named():
    for place, bad in ((1, HOLE), (2, FLOATS[None]), (2, Hostile())):
        pictures = [FLOATS] * 3
        pictures[place] = bad
        with pytest.raises(errors.ImageUnsupported, match=rf"^picture {place} of the list: "):
            compress(pictures, value_range=(0, 1), lossless=True)
    with pytest.raises(errors.ImageUnsupported, match=r"^with a value_range"):
        compress(HOLE, value_range=(0, 1), lossless=True)


def test_what_fails_later_is_named_by_its_place_as_well():
    """Pictures that are sound arrays, and yet cannot be coded as asked."""
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    flat = np.full((64, 64, 3), 90, np.uint8)
    cases = [
        (np.zeros((0, 5, 3), np.uint8), {"lossless": True}, "the picture is empty"),
        (flat[..., 0], {"mode": "model"}, "takes 8-bit RGB"),
        (noise, {"mode": "wavelet", "psnr": 200}, "no step reaches"),
    ]
    for bad, options, text in cases:
        with pytest.raises(errors.VaeransError, match=rf"^picture 2 of the list: .*{text}") as raised:
            compress([flat, flat, bad], **options)
        assert raised.value.entity == 2
        results = compress([flat, flat, bad], context=COLLECT, **options)
        assert held(results) == [bytes, bytes, type(raised.value)]
    with pytest.raises(errors.ImageUnsupported, match=r"^picture 1 of the list: the picture is empty"):
        v.World(1 << 20).spawn_batch_rgb([flat, cases[0][0]])
    with pytest.raises(errors.ImageUnsupported, match=r"^the picture is empty"):
        compress([cases[0][0]], lossless=True)


def test_a_range_that_is_none_is_no_fault_of_a_picture():
    for given in ((1, 0), "ab", (0, np.nan), 5):
        with pytest.raises(v.BadParameter, match=r"value_range is \(black, white\)"):
            compress([FLOATS, FLOATS], value_range=given, context=COLLECT)


@pytest.mark.parametrize("strip", [False, True])
def test_objects_that_raise_whatever_they_like(strip):
    bad = [Hostile(), closed(), Broken(), OneWay(), io.StringIO("text"), v.errors.CorruptStream("said before")]
    results = compress([BYTES, *bad, BYTES], lossless=True, strip=strip, context=COLLECT)
    assert held(results)[0] is bytes and results[-1] == results[0] == compress(BYTES, lossless=True)
    assert all(isinstance(one, errors.VaeransError) for one in results[1:-1])
    assert isinstance(results[-2], errors.CorruptStream) and str(results[-2]) == "said before"
    for one in bad:
        with pytest.raises(errors.VaeransError, match=r"^picture 1 of the list: "):
            compress([BYTES, one], lossless=True, strip=strip)


def test_odd_metadata_is_of_one_picture():
    results = compress([BYTES, odd_image()], lossless=True, context=COLLECT)
    assert held(results) == [bytes, errors.ImageUnsupported]
    assert compress([BYTES, odd_image()], lossless=True, strip=True, context=COLLECT)[1] == results[0]


def test_files_that_cannot_be_read_stand_in_their_places(tmp_path):
    good = compress(BYTES, lossless=True)
    (tmp_path / "good.vrs").write_bytes(good)
    missing = tmp_path / "missing.vrs"
    data = [good, missing, 7, None, closed(), Broken(), io.BytesIO(good), str(tmp_path), tmp_path / "good.vrs", b""]
    results = decompress(data, context=COLLECT)
    io_error, argument = errors.FileError, errors.InvalidArgument
    kinds = [np.ndarray, io_error, argument, argument, io_error, io_error, np.ndarray, io_error, np.ndarray]
    assert held(results) == [*kinds, errors.CorruptStream]
    for place in (0, 6, 8):
        np.testing.assert_array_equal(results[place], BYTES)
    assert str(results[1]) == f"{missing}: No such file or directory"
    assert str(results[5]) == "file 5 of the list: the cable is out"
    assert isinstance(results[5].__cause__, ConnectionError)


def test_without_collecting_the_file_is_named(tmp_path):
    good = compress(BYTES, lossless=True)
    with pytest.raises(FileNotFoundError, match=r"missing\.vrs"):
        decompress([good, tmp_path / "missing.vrs"])
    with pytest.raises(errors.FileError, match=r"^file 1 of the list: the cable is out") as raised:
        decompress([good, Broken()])
    assert raised.value.entity == 1 and isinstance(raised.value.__cause__, ConnectionError)
    with pytest.raises(errors.InvalidArgument, match=r"^file 2 of the list: "):
        decompress([good, good, 7])


def test_a_cache_file_that_breaks_its_reader_costs_no_other(tmp_path):
    folder = tmp_path / "cache"
    folder.mkdir()
    latent = np.random.default_rng(1).standard_normal((4, 32, 32)).astype(np.float32)
    for name in ("a", "b", "c"):
        np.savez_compressed(folder / f"{name}.npz", latents=latent)
    damage_deflated(folder / "b.npz")
    done = cache_to_store(folder, tmp_path / "store")
    assert done.made == 2 and [key for key, _ in done.failed] == ["b.npz"]
    assert isinstance(done.failed[0][1], errors.CorruptStream) and "b.npz" in str(done.failed[0][1])
    assert LatentStore(tmp_path / "store").keys() == ["a.npz", "c.npz"]


def damage_deflated(path) -> None:
    """Bytes in the middle of what is deflated, with the directory whole."""
    with zipfile.ZipFile(path) as file:
        entry = file.infolist()[0]
    data = bytearray(path.read_bytes())
    middle = entry.header_offset + 30 + len(entry.filename) + entry.compress_size // 2
    data[middle : middle + 64] = bytes(64)
    path.write_bytes(data)


def test_an_item_with_odd_notes_costs_no_other(tmp_path):
    latent = np.random.default_rng(1).standard_normal((4, 32, 32)).astype(np.float32)
    with LatentStore.writer(tmp_path / "store") as writer:
        writer.add("good", latent)
        writer.add("odd", latent, user={"cache": {"kept": {"size": 5}}})
        writer.add("fine", latent)
    done = store_to_cache(tmp_path / "store", tmp_path / "files")
    assert done.made == 2 and [key for key, _ in done.failed] == ["odd"]
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["fine.npz", "good.npz"]


def test_an_actor_of_ray_says_it_in_the_row():
    """Without a cluster: what an actor makes of one batch."""
    pictures = np.empty(4, object)
    pictures[:] = [FLOATS, HOLE, b"no picture", FLOATS]
    actor = _Compress({"lossless": True, "value_range": (0, 1)}, _Pictures("key", "image", None))
    rows = actor({"key": np.array(list("abcd")), "image": pictures})
    assert rows["key"] == ["a", "b", "c", "d"] and [len(data) > 0 for data in rows["data"]] == [
        True,
        False,
        False,
        True,
    ]
    assert [error.partition(":")[0] for error in rows["error"]] == ["", "ImageUnsupported", "ImageUnreadable", ""]
    assert rows["data"][0] == compress(FLOATS, value_range=(0, 1), lossless=True)


def test_a_comparison_names_the_result_that_is_none():
    for bad in (None, 7, "no json", {"file_info": 5}):
        with pytest.raises(ValueError, match="the result 'second' is no report"):
            compare({"first": {"metrics": {"psnr": 30.0}}, "second": bad})


SHORT_OF_MEMORY = """
import resource, sys
import numpy as np
import vaerans_ecs as v
small, large = np.zeros((8, 9, 3), np.uint8), np.zeros((2000, 2000, 3), np.uint8)
collect = v.Context(on_error="collect", threads=1)
whole = v.compress(large, lossless=True, effort=1)
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (500 << 20),) * 2)
files = v.compress([small, large, small], lossless=True, context=collect)
assert isinstance(files[0], bytes) and files[0] == files[2], files
pictures = v.decompress([files[0], whole, files[2]], context=collect)
assert (pictures[0] == small).all() and (pictures[2] == small).all()
for failed in (files[1], pictures[1]):
    assert isinstance(failed, v.errors.ArenaFull) and failed.entity == 1, failed
    assert "there is not enough memory" in str(failed), failed
"""


def test_one_that_finds_no_memory_costs_none_of_the_others():
    done = subprocess.run([sys.executable, "-c", SHORT_OF_MEMORY], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
