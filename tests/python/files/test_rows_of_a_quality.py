"""Pictures row by row with a quality: the wavelet coder's file, in the memory of some rows (test_rows.py: lossless)."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import vaerans_ecs as v

from ..conftest import peak_bytes
from .row_samples import picture, run, strips


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_a_streamed_file_of_a_quality_is_the_wavelet_coders(channels, dtype):
    image, out = picture(channels, dtype), io.BytesIO()
    v.compress_stream(strips(image, 97), out, image.shape, dtype, quality=60, effort=1, exif=b"taken")
    if (channels, dtype) not in ((2, "uint16"), (4, "uint16")):  # how many bits alpha has, rows do not know
        assert out.getvalue() == v.compress(image, 60, mode="wavelet", effort=1, exif=b"taken")
    back = np.concatenate(list(v.RowReader(out.getvalue())))
    assert back.shape == image.shape and back.dtype == image.dtype
    if channels % 2 == 0:
        np.testing.assert_array_equal(back[..., -1], image[..., -1])


def test_a_limit_on_memory_holds_for_qualities_too(tmp_path):
    """Trials take most of it: 46 bytes a sample, of 2048 x 2048 pixels at most."""
    limits = v.Limits()
    limits.max_memory = 500 << 20
    context = v.Context(limits=limits)
    with pytest.raises(v.errors.LimitExceeded, match=r"a quality of this picture takes 578813952 bytes .*--max-memory"):
        v.RowWriter(tmp_path / "large.vrs", (4000, 6000, 3), quality=80, context=context)
    assert not list(tmp_path.iterdir())
    v.RowWriter(io.BytesIO(), (4000, 6000), quality=80, context=context)


def test_qualities_that_are_none_are_refused_at_once(tmp_path):
    for how, says in (
        ({"quality": 100}, "1 to below 100, or none for lossless"),
        ({"quality": 0}, "1 to below 100"),
        ({"quality": "good"}, "quality is a number"),
        ({"quality": 80, "max_error": 1}, "without a largest error"),
        ({"quality": 80, "bits": 12}, "without bits"),
    ):
        with pytest.raises(v.BadParameter, match=says):
            v.RowWriter(tmp_path / "kept.vrs", (4, 8, 3), "uint16", **how)


def test_the_command_line_streams_a_quality(tmp_path):
    image = picture(3)
    path = tmp_path / "source.ppm"
    path.write_bytes(b"P6\n%d %d\n255\n" % (image.shape[1], image.shape[0]) + image.tobytes())
    run("compress", "--stream", "-q", 70, path, "-o", tmp_path / "rows.vrs")
    run("compress", "--mode", "wavelet", "-q", 70, path, "-o", tmp_path / "whole.vrs")
    assert (tmp_path / "rows.vrs").read_bytes() == (tmp_path / "whole.vrs").read_bytes()
    piped = run("compress", "--stream", "-q", 70, "-", "-o", "-", stdin=path.read_bytes()).stdout
    assert piped == (tmp_path / "whole.vrs").read_bytes()
    for more in (("--tune", "psnr"), ("--digest",), ("--mode", "model"), ("--residual-step", 2)):
        refused = run("compress", "--stream", "-q", 70, *more, path, "-o", "-", code=2).stderr
        assert b"--stream goes with --lossless, --max-error or -q" in refused, more


LARGE = """
    import sys
    import numpy as np
    import vaerans_ecs as v

    def strip(top, rows=250, width=10_000):
        y, x = np.mgrid[top : top + rows, 0:width]
        noise = np.random.default_rng(top).integers(0, 8, (rows, width))
        return np.stack([((y >> (c + 2)) + (x >> 3) + noise) % 251 for c in range(3)], -1).astype(np.uint8)

    path, way = sys.argv[1:]
    tops = range(0, 10_000, 250)
    if way == "whole":
        image = np.empty((10_000, 10_000, 3), np.uint8)
        for top in tops:
            image[top : top + 250] = strip(top)
        v.save(path, image, 60, mode="wavelet", effort=1, threads=2)
    else:
        v.compress_stream(map(strip, tops), path, (10_000, 10_000, 3), quality=60, effort=1, threads=2)
"""


@pytest.mark.long
def test_a_hundred_lossy_megapixels_stay_under_a_gibibyte(tmp_path):
    """From an array, whose 300 MB are counted, and in strips: the same file."""
    for way in ("whole", "rows"):
        peak = peak_bytes(LARGE, tmp_path / f"{way}.vrs", way)
        assert peak < (1 << 30 if way == "whole" else 768 << 20), f"{way}: a peak of {peak >> 20} MiB"
    whole = (tmp_path / "whole.vrs").read_bytes()
    assert whole == (tmp_path / "rows.vrs").read_bytes()
    info = v.file_info(whole)
    assert "tile=512" in info.recipe and not info.lossless


@pytest.mark.long
def test_pictures_above_sixteen_megapixels_are_coded_as_those_below(tmp_path):
    """In strips comes what the chain makes of the whole, which a digest asks for; also where a size is searched for."""
    image = picture(3, height=4200, width=4096)
    for tune, how in (("visual", {"quality": 80}), ("psnr", {"quality": 75}), ("visual", {"bpp": 0.4})):
        data = v.compress(image, effort=1, tune=tune, mode="wavelet", **how)
        step = re.search(r"quantize_bands\(step=([0-9.]+)", v.file_info(data).recipe)
        whole = v.compress(image, step=float(step[1]), effort=1, tune=tune, mode="wavelet", digest=True)
        assert sizes(data) == sizes(whole), how
        np.testing.assert_array_equal(v.decompress(data), v.decompress(whole))


def sizes(data: bytes) -> list[tuple[str, int]]:
    parts = v.file_info(data).parts
    return [(part.name, part.bytes) for part in parts if part.name.startswith(("quantize", "ans"))]
