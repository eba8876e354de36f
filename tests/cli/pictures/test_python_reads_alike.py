"""What the Python package makes of picture files is what the program makes of them."""

import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parent))

from odd_pictures import Odd, pngs

vaerans = pytest.importorskip("vaerans_ecs")
FILES = list(pngs())


@pytest.mark.parametrize("odd", FILES, ids=lambda odd: odd.name)
@pytest.mark.parametrize("strip", [False, True])
def test_png(cli, odd: Odd, strip):
    cli.path(odd.name).write_bytes(odd.data)
    cli("compress", "--lossless", *["--strip"] * strip, odd.name, "-o", "a.vrs")
    program = vaerans.decompress(cli.path("a.vrs"))
    data = vaerans.compress(io.BytesIO(odd.data), lossless=True, strip=strip)
    package = vaerans.decompress(data)
    assert package.dtype == program.dtype and package.shape == program.shape
    # A profile of 16 bits: less than a sixth of a step of 8 bits, since curves are tables there.
    most = 46 if package.dtype == np.uint16 and "swapped" in odd.name else odd.tolerance
    assert np.abs(package.astype(int) - program).max() <= most
    assert vaerans.file_metadata(data).icc == vaerans.file_metadata(cli.path("a.vrs")).icc


def test_other_primaries_are_refused_by_both(cli):
    """cHRM without gAMA, too."""
    values = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
    chunk = struct.pack(">I", 32) + b"cHRM" + values + struct.pack(">I", zlib.crc32(b"cHRM" + values))
    plain = next(odd.data for odd in FILES if b"gAMA" not in odd.data and odd.data[25] == 2)
    data = plain[:33] + chunk + plain[33:]
    cli.path("wide.png").write_bytes(data)
    assert "cHRM" in cli("compress", "--lossless", "wide.png", code=3).err
    with pytest.raises(vaerans.errors.ImageUnsupported, match="cHRM"):
        vaerans.compress(io.BytesIO(data), lossless=True)
