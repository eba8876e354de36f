"""compress and decompress of grey, alpha and 16-bit files: they come back as they were."""

import numpy as np
import pytest
from PIL import Image

HEIGHT, WIDTH = 21, 34


def samples(channels, most):
    return np.random.default_rng(3).integers(0, most + 1, (HEIGHT, WIDTH, channels))


def pam(channels, most):
    kind = ["GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"][channels - 1]
    head = f"P7\nWIDTH {WIDTH}\nHEIGHT {HEIGHT}\nDEPTH {channels}\nMAXVAL {most}\nTUPLTYPE {kind}\nENDHDR\n"
    return head.encode() + samples(channels, most).astype(">u2" if most > 255 else "u1").tobytes()


@pytest.mark.parametrize("most", [255, 65535])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_pam_files_come_back_byte_by_byte(cli, channels, most):
    source = cli.path("in.pam")
    source.write_bytes(pam(channels, most))
    cli("compress", "--lossless", source, "-o", cli.path("a.vrs"))
    cli("decompress", cli.path("a.vrs"), "-o", cli.path("out.pam"))
    assert cli.path("out.pam").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("most", [255, 65535])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_through_png_and_tiff(cli, channels, most, suffix):
    cli.path("in.pam").write_bytes(pam(channels, most))
    cli("compress", "--lossless", cli.path("in.pam"), "-o", cli.path("a.vrs"))
    cli("decompress", cli.path("a.vrs"), "-o", cli.path(f"b.{suffix}"))
    cli("compress", "--lossless", cli.path(f"b.{suffix}"), "-o", cli.path("c.vrs"))
    assert cli.path("c.vrs").read_bytes() == cli.path("a.vrs").read_bytes()


def test_kinds_of_png_files(cli):
    grey = Image.fromarray(samples(1, 255)[..., 0].astype(np.uint8))
    for name, image in {"L": grey, "LA": Image.merge("LA", (grey, grey)), "1": grey.convert("1")}.items():
        image.save(cli.path(f"{name}.png"))
        cli("compress", "--lossless", cli.path(f"{name}.png"), "-o", cli.path(f"{name}.vrs"))
        cli("decompress", cli.path(f"{name}.vrs"), "-o", cli.path(f"{name}-out.png"))
        back = Image.open(cli.path(f"{name}-out.png"))
        assert back.mode == name.replace("1", "L")
        assert np.array_equal(np.asarray(back), np.asarray(image.convert(back.mode)))


def test_formats_that_hold_less_refuse(cli):
    cli.path("in.pam").write_bytes(pam(4, 65535))
    cli("compress", "--lossless", cli.path("in.pam"), "-o", cli.path("a.vrs"))
    assert "no 16-bit samples" in cli("decompress", "a.vrs", "-o", "a.jpg", code=None).err
    assert "no alpha" in cli("decompress", "a.vrs", "-o", "a.ppm", code=None).err


@pytest.mark.parametrize(("channels", "most"), [(1, 255), (2, 255), (1, 65535), (3, 65535), (4, 65535)])
def test_lossy_files_keep_the_kind(cli, channels, most):
    cli.path("in.pam").write_bytes(pam(channels, most))
    cli("compress", "--mode", "wavelet", "-q", "90", cli.path("in.pam"), "-o", cli.path("a.vrs"))
    cli("decompress", cli.path("a.vrs"), "-o", cli.path("out.pam"))
    source, out = cli.path("in.pam").read_bytes(), cli.path("out.pam").read_bytes()
    assert out != source and len(out) == len(source), "the header says the kind, and is as long"
    assert out[: out.index(b"ENDHDR")] == source[: source.index(b"ENDHDR")]
    if channels in (1, 3):
        cli("eval", cli.path("in.pam"), cli.path("a.vrs"))


def test_models_refuse_other_kinds_with_a_way_out(cli):
    for channels, most in ((1, 255), (3, 65535)):
        cli.path("in.pam").write_bytes(pam(channels, most))
        text = cli("compress", "--mode", "model", cli.path("in.pam"), "-o", cli.path("a.vrs"), code=3).err
        assert "a model takes 8-bit RGB" in text and "--convert" in text
