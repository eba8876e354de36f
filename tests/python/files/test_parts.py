"""Parts of pictures, and what is left of damaged files."""

from __future__ import annotations

import io
import os
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image

ROOT = Path(__file__).resolve().parents[3]
CLI = Path(os.environ.get("VAERANS_CLI", ROOT / "build" / "release" / "bin" / "vaerans"))


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    """Four tiles: 700 x 800 pixels are cut into two rows and two columns."""
    rows, columns = np.mgrid[0:800, 0:900]
    noise = np.random.default_rng(5).integers(0, 4, (800, 900))
    return np.stack([rows // 4, columns // 4, (rows + columns) // 8 + noise], -1).astype(np.uint8)


@pytest.fixture(scope="module")
def tiled(pixels) -> bytes:
    return v.compress(pixels, lossless=True)


REGIONS = [(0, 0, 900, 800), (0, 0, 1, 1), (899, 799, 1, 1), (440, 390, 30, 20), (100, 0, 200, 800), (3, 500, 700, 7)]


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_is_that_of_the_picture(pixels, tiled, region):
    x, y, width, height = region
    np.testing.assert_array_equal(v.decompress(tiled, region=region), pixels[y : y + height, x : x + width])


def test_only_the_tiles_that_are_needed_are_read(tiled):
    assert [c.name for c in v.file_info(tiled).chunks] == ["header", "tiles", "base"]
    part = v.decompress_part(tiled, (10, 10, 50, 50))
    assert part.bytes_read < len(tiled) / 2 and part.missing == [] and part.problems == []


@pytest.mark.parametrize("options", [{"mode": "wavelet"}, {"residual": "lossless", "step": 2.0}])
def test_other_files_are_decoded_whole_and_cut(pixels, options):
    small = pixels[:60, :70]
    data = v.compress(small, **options)
    part = v.decompress_part(data, (5, 7, 20, 30))
    np.testing.assert_array_equal(part.image, v.decompress(data)[7:37, 5:25])
    assert part.bytes_read >= len(data)


@pytest.fixture(scope="module")
def wide() -> bytes:
    """Two tiles of the wavelet coder."""
    rows, columns = np.mgrid[0:90, 0:1700]
    noise = np.random.default_rng(5).integers(0, 9, rows.shape)
    return v.compress(np.stack([rows, columns // 8, rows + noise], -1).astype(np.uint8), mode="wavelet")


def test_large_wavelet_pictures_are_read_in_part(wide):
    assert "tile=1024" in v.file_info(wide).recipe
    part = v.decompress_part(wide, (20, 30, 40, 50))
    np.testing.assert_array_equal(part.image, v.decompress(wide)[30:80, 20:60])
    assert part.bytes_read < 0.8 * len(wide)
    both = v.decompress_part(wide, (1000, 0, 40, 90))
    np.testing.assert_array_equal(both.image, v.decompress(wide)[:, 1000:1040])


def test_a_damaged_wavelet_tile_costs_what_is_near(wide):
    damaged = bytearray(wide)
    damaged[-20] ^= 1
    with pytest.raises(v.CorruptStream, match="checksum"):
        v.decompress(bytes(damaged))
    part = v.decompress_part(bytes(damaged), allow_partial=True)
    assert part.missing == [(1024, 0, 676, 90)]
    assert part.problems == ["tile 1 of 2: the checksum does not match"]
    near = 1024 - 3 * 63
    np.testing.assert_array_equal(part.image[:, :near], v.decompress(wide)[:, :near])


def test_without_checksums_the_damaged_wavelet_tile_is_named_all_the_same(wide):
    damaged = bytearray(v.strip(wide))
    assert [c.name for c in v.file_info(bytes(damaged)).chunks] == ["header", "base"]
    damaged[-50:] = b"\xff" * 50
    with pytest.raises(v.CorruptStream, match="chunk 'base' from byte 9 on: the checksum does not match"):
        v.decompress(bytes(damaged), region=(20, 10, 20, 20))
    part = v.decompress_part(bytes(damaged), allow_partial=True)
    assert part.missing == [(1024, 0, 676, 90)] and "tile 1 of 2: " in part.problems[-1]
    assert part.problems[0].startswith("chunk 'base': the checksum does not match")
    damaged[-4:] = zlib.crc32(damaged[:-4]).to_bytes(4, "little")
    with pytest.raises(v.CorruptStream, match=r"tile 1 of 2: .* ans payload"):
        v.decompress(bytes(damaged), region=(1600, 10, 20, 20))
    part = v.decompress_part(bytes(damaged), allow_partial=True)
    assert part.missing == [(1024, 0, 676, 90)] and "tile 1 of 2: " in part.problems[-1]


@pytest.mark.parametrize("region", [(0, 0, 0, 5), (0, 0, 901, 1), (900, 0, 1, 1), (0, 800, 1, 1), (2**64 - 1, 0, 2, 2)])
@pytest.mark.parametrize("part", [slice(None), slice(50)])
def test_a_region_outside_is_refused(pixels, tiled, region, part):
    data = tiled if part == slice(None) else v.compress(pixels[:50, :50], lossless=True)
    with pytest.raises(v.BadParameter, match="is not within the picture"):
        v.decompress(data, region=region)


@pytest.mark.parametrize("region", [(0, 0, 5), (0, 0, 1.5, 2), (-1, 0, 5, 5)])
def test_a_region_is_four_whole_numbers(tiled, region):
    with pytest.raises(v.BadParameter, match="a region is"):
        v.decompress(tiled, region=region)


def test_a_damaged_tile_costs_that_tile(pixels, tiled):
    damaged = bytearray(tiled)
    damaged[-1000] ^= 1  # in the last tile
    with pytest.raises(v.CorruptStream, match="checksum"):
        v.decompress(bytes(damaged))
    with pytest.raises(v.CorruptStream, match="tile 3 of 4: the checksum does not match"):
        v.decompress_part(bytes(damaged))
    part = v.decompress_part(bytes(damaged), allow_partial=True)
    assert part.missing == [(450, 400, 450, 400)]
    assert part.problems == ["tile 3 of 4: the checksum does not match"]
    expected = pixels.copy()
    expected[400:, 450:] = 0
    np.testing.assert_array_equal(part.image, expected)
    whole = v.decompress(bytes(damaged), region=(0, 0, 900, 400))
    np.testing.assert_array_equal(whole, pixels[:400])


@pytest.mark.parametrize("keep", ["tiles", ""])
def test_a_cut_file_gives_what_is_there(pixels, tiled, keep):
    data = v.strip(tiled, [keep])
    whole = 0
    for length in range(0, len(data), len(data) // 23):
        try:
            part = v.decompress_part(data[:length], allow_partial=True)
        except v.CorruptStream:
            assert length < 300, "the head of the file"
            continue
        left = np.ones(pixels.shape[:2], bool)
        for x, y, width, height in part.missing:
            left[y : y + height, x : x + width] = False
        np.testing.assert_array_equal(part.image[left], pixels[left])
        assert not part.image[~left].any() and part.problems
        whole = max(whole, 4 - len(part.missing))
    assert whole >= 3


def test_every_flipped_bit_of_the_head_is_told_or_harmless(pixels, tiled):
    """Damage never gives other pixels: a tile is right, or missing."""
    for at in range(0, 120):
        damaged = bytearray(tiled)
        damaged[at] ^= 1 << at % 8
        try:
            part = v.decompress_part(bytes(damaged), (0, 0, 64, 64), allow_partial=True)
        except v.VaeransError:
            continue
        if not part.problems:
            np.testing.assert_array_equal(part.image, pixels[:64, :64])


def test_a_damaged_residual_leaves_the_base(pixels):
    small = pixels[:60, :70]
    data = v.compress(small, residual="lossless", step=2.0)
    base = v.compress(small, step=2.0)
    with pytest.raises(v.CorruptStream):
        v.decompress_part(data[:-9])
    part = v.decompress_part(data[:-9], allow_partial=True)
    np.testing.assert_array_equal(part.image, v.decompress(base))
    assert part.problems == ["chunk 'residual': the file is cut short"]


def test_the_command_line(tmp_path, pixels, tiled):
    (tmp_path / "photo.vrs").write_bytes(tiled)
    damaged = bytearray(tiled)
    damaged[-1000] ^= 1
    (tmp_path / "damaged.vrs").write_bytes(damaged)

    def vaerans(*words: object, code: int = 0) -> str:
        run = subprocess.run([CLI, *map(str, words)], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert run.returncode == code, run.stderr
        return run.stdout + run.stderr

    text = vaerans("decompress", "photo.vrs", "--region", "440,390,30,20", "-o", "part.png")
    assert f"of {len(tiled):,} bytes read" in text
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "part.png")), pixels[390:410, 440:470])
    assert "tile 3 of 4" in vaerans("decompress", "damaged.vrs", "--region", "0,0,900,800", code=3)
    text = vaerans("decompress", "damaged.vrs", "--allow-partial")
    assert "missing: 450 x 400 at 450,400" in text and "tile 3 of 4: the checksum" in text
    assert "--region is X,Y,WIDTH,HEIGHT" in vaerans("decompress", "photo.vrs", "--region", "1,2", code=2)


@pytest.mark.long
def test_a_region_of_100_megapixels(tmp_path):
    """256² pixels of 10 000 x 10 000 take at most 2 % of the file, and half a percent of the time of all of it."""
    import time

    rng = np.random.default_rng(7)
    part = rng.integers(0, 256, (250, 250, 3), np.uint8)
    pixels = np.kron(part, np.ones((40, 40, 1), np.uint8)) + rng.integers(0, 3, (10_000, 10_000, 3), np.uint8)
    path = tmp_path / "large.vrs"
    begin = time.process_time()
    path.write_bytes(v.compress(pixels, lossless=True))
    whole = time.process_time() - begin  # decoding takes as long, and both scale with what else the machine does
    begin = time.process_time()
    found = v.decompress_part(path, (5000, 5100, 256, 256))
    seconds = time.process_time() - begin  # all threads took this, for up to four tiles
    np.testing.assert_array_equal(found.image, pixels[5100:5356, 5000:5256])
    share = found.bytes_read / path.stat().st_size
    print(f"{share:.2%} of the file read, {seconds * 1000:.0f} ms")
    assert share <= 0.02
    assert seconds <= 0.005 * whole  # four tiles of 1600


class Counting(io.BytesIO):
    """An open file that knows how much of it was read."""

    taken = 0

    def read(self, *size):
        out = super().read(*size)
        self.taken += len(out)
        return out


def test_of_an_open_file_that_seeks_only_what_is_needed_is_read():
    image = np.random.default_rng(3).integers(0, 256, (600, 2100, 3), np.uint8)
    data = v.compress(image, lossless=True, effort=1, preview=True)
    file = Counting(b"before" + data)
    file.seek(6)  # it is read from where it stands
    part = v.decompress_part(file, (1700, 30, 40, 20))
    assert np.array_equal(part.image, image[30:50, 1700:1740])
    assert part.bytes_read <= file.taken + 64 < len(data) / 3
    file.taken = 0
    file.seek(6)
    assert np.array_equal(v.preview(file), v.preview(data)) and file.taken < 3000


@pytest.mark.parametrize("file", [io.StringIO("text"), io.BytesIO(b""), io.BytesIO(b"no such file")])
def test_open_files_that_are_none(file):
    for read in (v.preview, lambda file: v.decompress_part(file, (0, 0, 1, 1)), v.RowReader):
        file.seek(0)
        with pytest.raises(v.VaeransError):
            read(file)
