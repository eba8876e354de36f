"""Pictures row by row: the same files and pixels as of the whole, in bounded memory."""

from __future__ import annotations

import gc
import io
import sys
import threading

import numpy as np
import pytest
import vaerans_ecs as v

from ..conftest import peak_bytes
from .row_samples import picture, strips


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_streamed_file_is_that_of_the_whole(channels):
    image, out = picture(channels), io.BytesIO()
    size = v.compress_stream(strips(image, 97), out, image.shape)
    assert out.getvalue() == v.compress(image, lossless=True) and size == len(out.getvalue())


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_tensors_are_streamed(dtype):
    torch = pytest.importorskip("torch")
    image = picture(3, dtype, 40, 30)
    tensor = torch.from_numpy(image)
    for rows, said in ((tensor, {}), ((tensor[i : i + 8] for i in range(0, 40, 8)), {"dtype": tensor.dtype})):
        out = io.BytesIO()
        v.compress_stream(rows, out, image.shape, **said)
        np.testing.assert_array_equal(v.decompress(out.getvalue()), image)


@pytest.mark.parametrize("dtype", [np.uint16, np.dtype(">u2"), "uint16", np.array([0], np.uint16).dtype])
def test_types_are_said_in_any_way(dtype):
    image, out = picture(3, "uint16", 20, 30), io.BytesIO()
    v.compress_stream(strips(image, 7), out, image.shape, dtype)
    np.testing.assert_array_equal(v.decompress(out.getvalue()), image)


def test_what_cannot_be_streamed_is_named():
    torch = pytest.importorskip("torch")
    tensor = torch.zeros((8, 8, 3), dtype=torch.uint8)
    for thing, kind, says in (
        (tensor.to("meta"), v.ImageUnsupported, "bring it to the CPU"),
        (tensor.bfloat16(), v.ImageUnsupported, "no array can be made of this Tensor"),
        (np.uint8(3), v.errors.ShapeError, "this is a number"),
        (3, v.errors.InvalidArgument, "not int"),
    ):
        with pytest.raises(kind, match=says):
            v.compress_stream(thing, io.BytesIO(), (8, 8, 3))
    with pytest.raises(v.errors.DTypeError, match="uint8 or uint16, not 'colour'"):
        v.RowWriter(io.BytesIO(), (8, 8), "colour")


@pytest.mark.parametrize("effort", [1, 2, 4, 8, 9])
def test_a_streamed_file_of_an_effort_is_that_of_the_whole(effort):
    image, out = picture(3), io.BytesIO()
    v.compress_stream(strips(image, 97), out, image.shape, effort=effort)
    data = out.getvalue()
    assert data == v.compress(image, lossless=True, effort=effort)
    assert (data == v.compress(image, lossless=True)) == (effort == 4)
    reader = v.RowReader(data)
    assert reader.bounded
    np.testing.assert_array_equal(np.concatenate(list(reader)), image)


def test_efforts_that_are_none_are_refused_at_once(tmp_path):
    for effort, says in (
        (0, "effort is 1 to 9, not 0"),
        (10, "effort is 1 to 9"),
        ("fast", "effort is a whole number"),
    ):
        with pytest.raises(v.BadParameter, match=says):
            v.RowWriter(tmp_path / "kept.vrs", (4, 8, 3), effort=effort)


def test_a_limit_on_memory_counts_the_effort(tmp_path):
    limits = v.Limits()
    limits.max_memory = 40 << 20
    context = v.Context(limits=limits)
    shape = (600, 600, 3)
    v.RowWriter(tmp_path / "kept.vrs", shape, effort=1, context=context)
    with pytest.raises(v.errors.LimitExceeded, match=r"a row of tiles .* takes \d+ bytes .*less effort"):
        v.RowWriter(tmp_path / "kept.vrs", shape, effort=9, context=context)


def test_metadata_and_largest_errors_go_along(tmp_path):
    image, path = picture(3), tmp_path / "kept.vrs"
    said = {"icc": bytes(200), "exif": b"II*\0" + bytes(9), "xmp": b"<x/>"}
    v.compress_stream(image, path, max_error=2, **said)
    assert path.read_bytes() == v.compress(image, max_error=2, **said)
    reader = v.decompress_stream(path)
    assert dict(zip(("icc", "exif", "xmp"), reader.metadata, strict=True)) == said
    back = reader.read()
    assert 0 < np.abs(back.astype(int) - image).max() <= 2


@pytest.mark.parametrize("channels", [1, 4])
@pytest.mark.parametrize("bits", [12, 16])
def test_deep_pictures(channels, bits):
    image, out = picture(channels, "uint16"), io.BytesIO()
    v.compress_stream(image, out, bits=bits)
    np.testing.assert_array_equal(v.decompress(out.getvalue()), image)
    reader = v.RowReader(out.getvalue())
    assert reader.shape == image.shape and reader.dtype == np.uint16
    np.testing.assert_array_equal(np.concatenate(list(reader)), image)


def test_arrays_of_any_layout():
    whole, deep = picture(3, height=300, width=70), picture(1, "uint16", 300, 70)
    sources = [np.asfortranarray(whole), whole[::-1, ::-1], whole[..., ::-1], whole[::2, ::3], deep.astype(">u2")]
    for source in sources:
        out = io.BytesIO()
        v.compress_stream(source, out)
        np.testing.assert_array_equal(v.decompress(out.getvalue()), source)
    out = io.BytesIO()
    v.compress_stream(strips(deep.astype(">u2"), 41), out, deep.shape, ">u2")
    np.testing.assert_array_equal(v.decompress(out.getvalue()), deep)
    out = io.BytesIO()
    v.compress_stream([whole[:0], whole[:100], whole[100:100], whole[100:]], out, whole.shape)
    np.testing.assert_array_equal(v.decompress(out.getvalue()), whole)


def test_an_image_of_pillow_is_a_whole_picture():
    image = pytest.importorskip("PIL.Image")
    for source in (picture(1), picture(4), picture(3)):
        given = image.fromarray(source)
        given.info["xmp"] = b"<x/>"
        out = io.BytesIO()
        v.compress_stream(given, out)
        np.testing.assert_array_equal(v.decompress(out.getvalue()), source)
        assert v.file_metadata(out.getvalue()).xmp == b"<x/>"


def test_a_palette_of_clear_colours_has_alpha():
    image = pytest.importorskip("PIL.Image").fromarray(picture(4)).quantize(16)
    out = io.BytesIO()
    v.compress_stream(image, out)
    np.testing.assert_array_equal(v.decompress(out.getvalue()), np.asarray(image.convert("RGBA")))


def test_shapes_and_counts_that_are_none(tmp_path):
    for shape in ((300.0, 70, 3), (-300, 70, 3), (1 << 64, 70, 3), "300x70", 300, ()):
        with pytest.raises(v.errors.ShapeError, match="shape is "):
            v.RowWriter(tmp_path / "kept.vrs", shape)
    with pytest.raises(v.errors.LimitExceeded, match="the picture has 18446744073709551615 x 70 pixels"):
        v.RowWriter(tmp_path / "kept.vrs", ((1 << 64) - 1, 70, 3))
    reader = v.RowReader(v.compress(picture(3)[:8], lossless=True))
    for rows in (-1, 2.5, "3"):
        with pytest.raises(v.BadParameter, match="rows is "):
            reader.read(rows)
    assert len(reader.read(np.int64(3))) == 3


class Slow(io.RawIOBase):
    """Takes at most so many bytes at a time, as a socket may."""

    def __init__(self, most: int | None):
        self.most, self.data = most, b""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int | None:
        if self.most is None:
            return None
        self.data += bytes(data[: self.most])
        return min(len(data), self.most)


def test_a_file_that_takes_a_part_gets_the_rest():
    image, slow = picture(3)[:60], Slow(1000)
    size = v.compress_stream(image, slow)
    assert size == len(slow.data) and slow.data == v.compress(image, lossless=True)
    for full in (Slow(0), Slow(None)):
        with pytest.raises(v.errors.FileError, match="took none of the"):
            v.compress_stream(image, full)
    with pytest.raises(v.errors.InvalidArgument, match="open for text"):
        v.compress_stream(image, io.StringIO())


def test_a_sample_of_more_bits_than_said_is_refused():
    with pytest.raises(v.BadParameter, match="a sample of 600 has more than the 9 bits"):
        v.compress_stream(np.full((3, 4), 600, np.uint16), io.BytesIO(), bits=9)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("rows", [900, 333])
def test_rows_are_those_of_the_picture(channels, rows):
    image = picture(channels)
    reader = v.RowReader(v.compress(image, lossless=True))
    assert reader.bounded and reader.shape == image.shape and reader.dtype == np.uint8
    for expected in strips(image, rows):
        np.testing.assert_array_equal(reader.read(rows), expected)
    assert reader.rows_left == 0 and len(reader.read(1)) == 0


def test_other_files_are_decoded_as_a_whole():
    image = picture(3)[:90]
    data = v.compress(image, mode="wavelet")
    reader = v.RowReader(data)
    assert not reader.bounded and reader.rows_left == 90
    np.testing.assert_array_equal(np.concatenate(list(reader)), v.decompress(data))


class Pipe(io.RawIOBase):
    """Gives a few bytes at a time and does not seek."""

    def __init__(self, data: bytes):
        self.data, self.given = data, 0

    def readable(self) -> bool:
        return True

    def readinto(self, room) -> int:
        piece = self.data[self.given : self.given + min(len(room), 5000)]
        room[: len(piece)] = piece
        self.given += len(piece)
        return len(piece)


def test_open_files_of_every_kind(tmp_path):
    image = picture(3)
    data = v.compress(image, lossless=True)
    (tmp_path / "kept.vrs").write_bytes(data)
    with (tmp_path / "kept.vrs").open("rb") as file:
        for source in (file, io.BytesIO(data), Pipe(data), tmp_path / "kept.vrs", str(tmp_path / "kept.vrs"), data):
            np.testing.assert_array_equal(v.RowReader(source).read(), image)


def test_what_is_no_file_is_refused_from_its_front():
    pipe = Pipe(b"PK\3\4" + bytes(1 << 20))
    with pytest.raises(v.CorruptStream, match=r"not a \.vrs file"):
        v.RowReader(pipe)
    assert pipe.given < 10_000
    with pytest.raises(v.CorruptStream, match=r"not a \.vrs file"):
        v.decompress(Pipe(b"PK\3\4" + bytes(1 << 20)))


def test_a_damaged_tile_is_named_when_its_rows_are_asked_for():
    image = picture(3)
    data = bytearray(v.compress(image, lossless=True))
    data[-500] ^= 4
    reader = v.RowReader(bytes(data))
    np.testing.assert_array_equal(reader.read(400), image[:400])
    with pytest.raises(v.CorruptStream, match="tile 1 of 2: the checksum does not match"):
        reader.read(600)


def test_a_failing_open_file_raises_its_own_error():
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 20_000:
                raise OSError("the cable is out")
            return super().read(size)

    reader = v.RowReader(Broken(v.compress(picture(3), lossless=True)))
    with pytest.raises(OSError, match="the cable is out"):
        reader.read()


def test_rows_must_fit_and_be_all_there(tmp_path):
    path = tmp_path / "kept.vrs"
    with pytest.raises(v.errors.ShapeError, match="rows of 8 pixels, 3 channels, u8 are wanted, not of 9 pixels"):
        v.compress_stream([np.zeros((2, 9, 3), np.uint8)], path, (4, 8, 3))
    with pytest.raises(v.errors.ShapeError, match="5 rows where only 4 of 4 are missing"):
        v.compress_stream([np.zeros((5, 8, 3), np.uint8)], path, (4, 8, 3))
    with pytest.raises(v.ContractError, match="1 of 4 rows are missing"):
        v.compress_stream([np.zeros((3, 8, 3), np.uint8)], path, (4, 8, 3))
    with pytest.raises(v.errors.InvalidArgument, match="shape="):
        v.compress_stream(iter([]), path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_is_kept_unless_forced(tmp_path):
    path, image = tmp_path / "kept.vrs", np.zeros((4, 8, 3), np.uint8)
    path.write_bytes(b"mine")
    with pytest.raises(v.errors.OutputExists):
        v.compress_stream(image, path)
    assert path.read_bytes() == b"mine"
    v.compress_stream(image, path, force=True)
    np.testing.assert_array_equal(v.decompress(path), image)


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), v.RowWriter(tmp_path / "kept.vrs", (4, 8, 3)) as out:
        out.write(np.zeros((2, 8, 3), np.uint8))
        assert out.rows_missing == 2
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_context_that_is_traced_lives_as_long_as_it_is_filled():
    """Its trace lies in it, and nobody else may hold it."""
    image, out = picture(3), io.BytesIO()
    made = []
    for make in (lambda context: v.RowWriter(out, image.shape, context=context),
                 lambda context: v.RowReader(v.compress(image, lossless=True), context=context)):  # fmt: skip
        context = v.Context(trace=True)
        held = sys.getrefcount(context)
        made.append(make(context))
        assert sys.getrefcount(context) > held
    del context
    gc.collect()
    writer, reader = made
    writer.write(image)
    writer.close()
    np.testing.assert_array_equal(v.decompress(out.getvalue()), image)
    np.testing.assert_array_equal(reader.read(), image)


def test_two_threads_at_one_writer_or_reader(tmp_path):
    """One of them is told; the file is whole or there is none."""
    image = picture(3)
    whole = v.compress(image, lossless=True)
    reader = v.RowReader(whole)
    errors, got = [], []

    def work(function, into):
        try:
            into.append(function())
        except v.errors.InvalidArgument as error:
            errors.append(str(error))

    threads = [threading.Thread(target=work, args=(lambda: reader.read(300), got)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(rows) for rows in got) + reader.rows_left == 900
    assert len(got) + len(errors) == 4 and all("another thread" in error for error in errors)

    out = v.RowWriter(tmp_path / "rows.vrs", image.shape)
    written = []
    strip = np.zeros((450, 300, 3), np.uint8)
    threads = [threading.Thread(target=work, args=(lambda: out.write(strip), written)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if len(written) == 1:
        out.write(strip)
    out.close()
    assert (v.decompress(tmp_path / "rows.vrs") == 0).all()


@pytest.mark.long
@pytest.mark.parametrize("channels", [3, 4])
def test_a_hundred_megapixels_stay_under_a_gibibyte(tmp_path, channels):
    """100 megapixels in strips, both ways, each in a process of its own whose peak is measured."""
    path = tmp_path / "large.vrs"
    program = """
        import sys
        import numpy as np
        import vaerans_ecs as v

        path, channels, way = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        width, rows = 10_000, 250

        def strip(top):
            y, x = np.mgrid[top : top + rows, 0:width]
            noise = np.random.default_rng(top).integers(0, 8, (rows, width))
            return np.stack([((y >> (c + 2)) + (x >> 3) + noise) % 251 for c in range(channels)], -1).astype(np.uint8)

        tops = range(0, 10_000, rows)
        if way == "in":
            v.compress_stream((strip(top) for top in tops), path, (10_000, width, channels))
        else:
            reader = v.decompress_stream(path)
            assert reader.bounded
            for top in tops:
                assert np.array_equal(reader.read(rows), strip(top)), top
    """
    for way in ("in", "out"):
        peak = peak_bytes(program, path, channels, way)
        assert peak < 1 << 30, f"{way}: a peak of {peak >> 20} MiB"
