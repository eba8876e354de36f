"""open(), save(), Pillow's plugin, pickles and copies, and what may stand where a file is asked for."""

import copy
import io
import os
import pickle
import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs.errors import FileError, InvalidArgument, OutputExists
from vaerans_ecs.eval.page import Page
from vaerans_ecs.systems import Quantize, System


@pytest.fixture
def data(img):
    return v.compress(img, lossless=True)


@pytest.mark.parametrize(
    "how",
    [bytes, bytearray, memoryview, io.BytesIO, lambda d: np.frombuffer(d, np.uint8)],
    ids=lambda how: how.__name__,
)
def test_decompress_takes_all_that_holds_bytes(img, data, how):
    np.testing.assert_array_equal(v.decompress(how(data)), img)
    assert v.file_info(how(data)).file_bytes == len(data)
    np.testing.assert_array_equal(v.decompress([data, how(data)])[1], img)


@pytest.mark.parametrize("thing", [None, 7, {}, 2.5])
def test_what_is_no_file(thing):
    with pytest.raises(InvalidArgument, match=f"a path or an open file, not {type(thing).__name__}"):
        v.decompress(thing)
    with pytest.raises(InvalidArgument, match="file 1 of the list"):
        v.decompress([b"", thing])


def test_open_and_save(img, tmp_path):
    path = tmp_path / "a.vrs"
    assert v.save(path, img, lossless=True) == path.stat().st_size
    np.testing.assert_array_equal(v.open(path), img)
    np.testing.assert_array_equal(v.decompress(str(path)), img)
    with pytest.raises(OutputExists, match="force=True"):
        v.save(path, img, lossless=True)
    v.save(path, img[:8], lossless=True, force=True)
    assert v.open(path).shape[0] == 8 and [p.name for p in tmp_path.iterdir()] == ["a.vrs"]


@pytest.fixture
def no_utf8(tmp_path):
    """A path with a byte that is no UTF-8; what messages make of it."""
    return os.fsdecode(os.fsencode(tmp_path) + b"/\xff.vrs"), str(tmp_path / "\\xff.vrs")


@pytest.mark.parametrize("how", [str, Path])
def test_names_that_are_no_utf8(img, no_utf8, how):
    path = how(no_utf8[0])
    v.save(path, img, lossless=True, preview=True)
    np.testing.assert_array_equal(v.open(path), img)
    np.testing.assert_array_equal(v.decompress([path])[0], img)
    np.testing.assert_array_equal(v.decompress(path, region=(3, 4, 9, 8)), img[4:12, 3:12])
    np.testing.assert_array_equal(v.decompress_part(path).image, img)
    np.testing.assert_array_equal(v.RowReader(path).read(), img)
    assert v.preview(path).shape[2] == 3 and v.file_info(path).has_residual is False
    v.verify(path, full=True)
    v.compress_stream(img, path, force=True)
    np.testing.assert_array_equal(v.open(path), img)


def test_messages_escape_what_is_no_utf8(img, no_utf8):
    path, told = no_utf8
    for ask in (v.decompress_part, v.preview, v.RowReader):
        with pytest.raises(FileError, match=re.escape(told)):
            ask(path)
    Path(path).write_bytes(v.compress(img, lossless=True)[:-9])
    for ask in (v.decompress, lambda path: v.decompress([path])):
        with pytest.raises(v.errors.CorruptStream, match=re.escape(told)):
            ask(path)
    with pytest.raises(v.errors.ImageUnreadable, match=re.escape(told)):
        v.compress(path)


def test_pillow(img, tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    import vaerans_ecs.pillow  # noqa: F401

    path = tmp_path / "a.vrs"
    image_module.fromarray(img).save(path, lossless=True)
    opened = image_module.open(path)
    assert (opened.format, opened.size, opened.mode) == ("VRS", (96, 64), "RGB")
    np.testing.assert_array_equal(np.asarray(opened), img)
    np.testing.assert_array_equal(np.asarray(image_module.open(path).resize((96, 64), 0)), img)


KINDS = {"L": (), "LA": (2,), "RGB": (3,), "RGBA": (4,), "I;16": ()}


def samples(channels, dtype=np.uint8):
    return np.random.default_rng(3).integers(0, np.iinfo(dtype).max, (15, 22, *channels)).astype(dtype)


@pytest.mark.parametrize("mode", KINDS)
def test_pillow_gives_every_mode(tmp_path, mode):
    image_module = pytest.importorskip("PIL.Image")
    import vaerans_ecs.pillow  # noqa: F401

    image = image_module.fromarray(samples(KINDS[mode], np.uint16 if mode == "I;16" else np.uint8))
    assert image.mode == mode
    path = tmp_path / "a.vrs"
    image.save(path, lossless=True)
    with image_module.open(path) as opened:
        assert (opened.mode, opened.size, opened.tell()) == (mode, (22, 15), 0)
        assert opened._im is None, "opening decodes nothing"
        opened.seek(0)
        with pytest.raises(EOFError):
            opened.seek(1)
        np.testing.assert_array_equal(np.asarray(opened), np.asarray(image))
    np.testing.assert_array_equal(image_module.open(path).rotate(90), image.rotate(90))
    for band in () if mode == "I;16" else image.getbands():  # Pillow gives no channel of it
        np.testing.assert_array_equal(image_module.open(path).getchannel(band), image.getchannel(band))
    for other in ("I", "F") if mode == "I;16" else ("RGB", "RGBA", "L"):
        np.testing.assert_array_equal(image_module.open(path).convert(other), image.convert(other))
    image_module.open(path).save(tmp_path / "b.png")
    np.testing.assert_array_equal(np.asarray(image_module.open(tmp_path / "b.png")), np.asarray(image))
    image_module.open(path).save(path, lossless=True)
    np.testing.assert_array_equal(v.open(path), np.asarray(image))


@pytest.mark.parametrize("channels", [(2,), (3,), (4,)])
def test_pillow_has_8_bits_of_other_modes(tmp_path, channels):
    image_module = pytest.importorskip("PIL.Image")
    import vaerans_ecs.pillow  # noqa: F401

    deep = samples(channels, np.uint16)
    v.save(tmp_path / "a.vrs", deep, lossless=True)
    image = image_module.open(tmp_path / "a.vrs")
    assert image.info["bit_depth"] == 16
    np.testing.assert_array_equal(np.asarray(image), deep >> 8)
    for opened in (image, image_module.open(tmp_path / "a.vrs")):
        with pytest.raises(v.ImageUnsupported, match="decompress"):
            v.compress(opened)
    np.testing.assert_array_equal(v.decompress(v.compress(image.copy(), lossless=True)), deep >> 8)


def test_pillow_verifies(data, tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    import vaerans_ecs.pillow  # noqa: F401

    path = tmp_path / "a.vrs"
    path.write_bytes(data)
    image_module.open(path).verify()
    flipped = bytearray(data)
    flipped[-20] ^= 1
    path.write_bytes(flipped)
    with pytest.raises(OSError, match="checksum"):
        image_module.open(path).verify()
    with pytest.raises(OSError):
        image_module.open(path).load()
    with pytest.raises(OSError):
        image_module.open(io.BytesIO(data[:6]))


def test_everything_that_is_kept_can_be_pickled_and_copied(data):
    keep = [
        v.Pipeline("hadamard4 | quantize(step=0.5)"),
        v.Limits(max_side=77),
        v.file_info(data),
    ]
    for thing in keep:
        for again in (pickle.loads(pickle.dumps(thing)), copy.copy(thing), copy.deepcopy(thing)):
            assert again == thing and repr(again) == repr(thing)
    step = Quantize(step=0.5)
    for again in (pickle.loads(pickle.dumps(step)), copy.copy(step), copy.deepcopy(step)):
        assert (type(again), again.params()) == (Quantize, {"step": 0.5})
    context = v.Context(threads=3, dtype="f16", trace=True, limits=v.Limits(max_side=5))
    for again in (pickle.loads(pickle.dumps(context)), copy.copy(context), copy.deepcopy(context)):
        assert repr(again) == repr(context) and again.limits.max_side == 5 and again.trace == []


class Mine(System):
    def __init__(self, amount):
        super().__init__()
        self.amount = amount


def test_systems_of_ones_own_can_be_copied():
    assert copy.copy(Mine(3)).amount == 3 and copy.deepcopy(Mine(4)).amount == 4


def test_limits_name_what_they_do_not_know():
    with pytest.raises(v.BadParameter, match="there is no limit 'max_colours'"):
        v.Limits(max_colours=3)
    with pytest.raises(v.BadParameter, match="max_side is a whole number"):
        v.Limits(max_side="wide")


def test_open_files_and_other_names(img, tmp_path):
    with (tmp_path / "a.vrs").open("wb") as file:
        assert v.save(file, img, lossless=True) == file.tell()
    with (tmp_path / "a.vrs").open("rb") as file:
        np.testing.assert_array_equal(v.open(file), img)
    with pytest.raises(v.errors.InvalidArgument, match=r"use .*b\.vrs"):
        v.save(tmp_path / "b.jpg", img)
    with pytest.raises(v.errors.FileError, match="no folder") as caught:
        v.save(tmp_path / "no/b.vrs", img)
    assert ".part" not in str(caught.value)
    with pytest.raises(v.errors.FileError, match="no folder"):
        v.compress_stream(img, tmp_path / "no/b.vrs")
    (tmp_path / "b.png").write_bytes(b"PNG")
    with pytest.raises(v.CorruptStream, match=r"b\.png: this is not a \.vrs file"):
        v.decompress(tmp_path / "b.png")


def test_a_folder_is_refused_before_the_work(img, tmp_path):
    class Untouched:
        def __array__(self, dtype=None, copy=None):
            raise AssertionError("the work began")

    (tmp_path / "a.vrs").mkdir()
    for write in (
        lambda path: v.save(path, Untouched()),
        lambda path: v.save(path, Untouched(), force=True),
        lambda path: v.RowWriter(path, (4, 4)),
    ):
        with pytest.raises(FileError, match=r"a\.vrs: cannot be written: it is a folder"):
            write(tmp_path / "a.vrs")
    (tmp_path / "a.html").mkdir()
    with pytest.raises(FileError, match="it is a folder"):
        Page({}).save(tmp_path / "a")


WRITERS = {
    "save": lambda path, img: v.save(path, img, lossless=True, force=True),
    "rows": lambda path, img: v.compress_stream(img, path, force=True),
}


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_links_are_followed_and_rights_stay(img, tmp_path, write):
    (tmp_path / "below").mkdir()
    target, link = tmp_path / "below/right.vrs", tmp_path / "link.vrs"
    target.write_bytes(b"old")
    target.chmod(0o600)
    link.symlink_to("below/right.vrs")
    write(link, img)
    assert link.is_symlink() and target.stat().st_mode & 0o777 == 0o600
    np.testing.assert_array_equal(v.open(target), img)
    before = os.umask(0o027)
    try:
        write(tmp_path / "new.vrs", img)
    finally:
        os.umask(before)
    assert (tmp_path / "new.vrs").stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["link.vrs", "new.vrs", "right.vrs"]


@pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)
def test_pipes_are_written_to(img, data, tmp_path, write):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe, img)
    reader.join(30)
    assert pipe.is_fifo() and got == [data] and [p.name for p in tmp_path.iterdir()] == ["pipe"]


def test_devices_need_no_force(img, tmp_path):
    device = tmp_path / "null"
    device.symlink_to("/dev/null")
    assert v.save(device, img, lossless=True) > 0
    assert device.is_symlink() and device.is_char_device()


def test_what_came_there_meanwhile_stays(img, tmp_path):
    path = tmp_path / "a.vrs"
    out = v.RowWriter(path, img.shape)
    out.write(img)
    path.write_bytes(b"another's")
    with pytest.raises(OutputExists, match="by now"):
        out.close()
    assert path.read_bytes() == b"another's" and [p.name for p in tmp_path.iterdir()] == ["a.vrs"]
    (tmp_path / "b.vrs").symlink_to("gone")
    with pytest.raises(OutputExists):
        v.save(tmp_path / "b.vrs", img)


def test_a_full_disk_is_an_error_of_the_file(img, tmp_path):
    (tmp_path / "full").symlink_to("/dev/full")
    with pytest.raises(FileError, match="full: cannot be written: No space left"):
        v.save(tmp_path / "full", img, lossless=True)


def test_save_to_files_that_take_parts(img, data):
    class Slow(io.RawIOBase):
        taken = b""

        def writable(self):
            return True

        def write(self, part):
            self.taken += bytes(part[:1000])
            return min(len(part), 1000)

    slow = Slow()
    assert v.save(slow, img, lossless=True) == len(data) and slow.taken == data
    with pytest.raises(InvalidArgument, match="open for text"):
        v.save(io.StringIO(), img)


@pytest.mark.parametrize("several", [list, np.stack])
def test_several_pictures_are_not_saved(img, tmp_path, several):
    for target in (tmp_path / "a.vrs", io.BytesIO()):
        with pytest.raises(v.BadParameter, match="one picture for one file"):
            v.save(target, several([img, img]))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("target", [None, 7, b"a.vrs"])
def test_what_is_no_target(img, target):
    for write in (v.save, lambda path, image: v.compress_stream(image, path)):
        with pytest.raises(InvalidArgument, match=f"a path or an open file, not {type(target).__name__}"):
            write(target, img)


def test_names_that_are_no_text(tmp_path):
    """A name on Linux is bytes; the error about it is still one of the package's."""
    with pytest.raises(v.errors.ImageUnreadable, match="udcff"):
        v.compress(str(tmp_path / "\udcff.png"))


def test_the_command_of_the_package(img, tmp_path):
    image_module = pytest.importorskip("PIL.Image")
    image_module.fromarray(img).save(tmp_path / "a.png")

    def run(*words):
        command = [sys.executable, "-m", "vaerans_ecs", *words]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert run("compress", "a.png", "--lossless").returncode == 0
    assert run("decompress", "a.vrs", "-o", "b.png").returncode == 0
    np.testing.assert_array_equal(np.asarray(image_module.open(tmp_path / "b.png")), img)
    again = run("compress", "a.png", "gone.png", "--lossless", "-o", ".")
    assert again.returncode == 5 and "--force" in again.stderr and "gone.png" in again.stderr
    refused = run("compress", "a.png", "-o", "a.jpg")
    assert refused.returncode == 2 and "use a.vrs" in refused.stderr
    assert '"recipe": "predict' in run("info", "a.vrs", "--json").stdout
    assert "hadamard4" in run("systems").stdout and "photo-f8c4" in run("models").stdout
    assert run("--version").stdout.startswith("vaerans ")
