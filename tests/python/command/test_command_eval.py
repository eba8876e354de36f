"""`vaerans eval` of the package says what the program's does, of pictures as small as they come, too."""

import json
import re
import sys

import numpy as np
import pytest
import vaerans_ecs as v
from PIL import Image

from .both_commands import PROGRAM, ROOT, answers

sys.path.append(str(ROOT / "tests/cli/pictures"))

from odd_pictures import profile

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason="the program is not there: ./dev build")


@pytest.fixture
def pairs(tmp_path, monkeypatch, img):
    """in/ and out/: a.png, which differs by 4, b.png, the same, and tiny.png of 5 pixels, which differs by 4."""
    monkeypatch.chdir(tmp_path)
    for folder, more in (("in", 0), ("out", 4)):
        (tmp_path / folder).mkdir()
        low = np.minimum(img, 251)
        Image.fromarray(low + np.uint8(more)).save(f"{folder}/a.png")
        Image.fromarray(img).save(f"{folder}/b.png")
        Image.fromarray(low[:5, :5] + np.uint8(more)).save(f"{folder}/tiny.png")


def lines(text):
    """Each line as JSON, which knows no NaN."""
    return [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]


def test_what_a_tiny_picture_has_no_number_for_is_null(pairs, capsys):
    theirs, ours = answers(["eval", "in/tiny.png", "out/tiny.png", "--json"], capsys)
    (said,) = lines(ours.out)
    assert lines(theirs.out) == [said]
    assert said["psnr_db"] == pytest.approx(20 * np.log10(255 / 4)) and said["identical"] is False
    assert [said[name] for name in ("ssim", "ms_ssim", "ms_ssim_rgb", "ssimulacra2")] == [None] * 4


@pytest.mark.parametrize("name", ["a.png", "b.png", "tiny.png"])
def test_lines_are_those_of_the_program(pairs, capsys, name):
    theirs, ours = answers(["eval", f"in/{name}", f"out/{name}"], capsys)
    assert ours == theirs and "PSNR " in ours.out


def test_means_are_of_what_has_a_number(pairs, capsys):
    theirs, ours = answers(["eval", "in", "out", "-r", "--json"], capsys)
    *files, last = lines(ours.out)
    *their_files, their_last = lines(theirs.out)
    assert files == their_files and [file["file"] for file in files] == ["out/a.png", "out/b.png", "out/tiny.png"]
    means = last["summary"]
    assert means["mean_psnr_db"] == pytest.approx(20 * np.log10(255 / 4))
    assert means["mean_ssimulacra2"] == pytest.approx((files[0]["ssimulacra2"] + 100) / 2)
    assert means["mean_ssim"] == pytest.approx((files[0]["ssim"] + 1) / 2) and means["identical"] == 1
    theirs = their_last["summary"]
    assert means.pop("megapixels_per_second") > 0 and theirs.pop("megapixels_per_second") > 0
    assert means == theirs and len(means) == 12


def without_speed(text):
    return re.sub(r"[\d.]+ MP/s", "", text)


def test_sums_are_said_as_by_the_program(pairs, capsys):
    for names in ([], ["--include", "b.png"], ["--include", "tiny.png"]):
        theirs, ours = answers(["eval", "in", "out", "-r", *names], capsys)
        assert without_speed(ours.out) == without_speed(theirs.out) and " failed, " in ours.out
        assert (", identical 1, 0 skipped" in ours.out) == ("tiny.png" not in names)


def test_sums_of_other_commands_have_the_programs_fields(pairs, capsys):
    for words in (["compress", "in", "-o", "made", "--lossless"], ["decompress", "made", "-o", "back"]):
        both = answers([*words, "-r", "-f", "--json"], capsys)
        theirs, ours = (lines(one.out)[-1]["summary"] for one in both)
        assert list(ours) == list(theirs) and ours["megapixels_per_second"] > 0


def test_means_of_nothing_are_left_out(pairs, capsys):
    words = ["eval", "in", "out", "-r", "--include", "tiny.png"]
    _, ours = answers([*words, "--json"], capsys)
    means = lines(ours.out)[-1]["summary"]
    assert "mean_psnr_db" in means and not {"mean_ssim", "mean_ms_ssim", "mean_ssimulacra2"} & means.keys()
    assert ", mean PSNR 36.09 dB, 0 skipped" in answers(words, capsys)[1].out


def test_vrs_files_are_converted_as_pictures_are(pairs, img, capsys):
    """Alpha over white, grey and 16 bits made RGB, colours of a profile made sRGB."""
    wide = profile("swapped")
    for name, picture, icc in (
        ("grey", img[..., 0], None),
        ("rgba", np.dstack([img, img[..., 0]]), None),
        ("wide", img, wide),
    ):
        Image.fromarray(picture).save(f"{name}.png", icc_profile=icc)
        v.save(f"{name}.vrs", picture, lossless=True, icc=icc)
    v.save("deep.vrs", img.astype(np.uint16) * 257 - img // 2, lossless=True)
    answers(["decompress", "deep.vrs", "-o", "deep.ppm"], capsys)
    for file in ("grey.png", "rgba.png", "wide.png", "deep.ppm"):
        theirs, ours = answers(["eval", file, f"{file[:-4]}.vrs", "--convert"], capsys)
        assert ours == theirs and "PSNR inf dB" in ours.out, file
    theirs, ours = answers(["eval", "in/b.png", "wide.vrs", "--convert"], capsys)
    assert ours.code == theirs.code == 0 and "PSNR inf" not in ours.out, "red is green in its profile"


def test_a_profile_that_a_vrs_file_keeps_is_applied_as_in_its_original(pairs, img, capsys):
    wide = profile("swapped")
    for name, picture in (("rgb", img), ("dark", img // 2)):
        Image.fromarray(picture).save(f"{name}.png", icc_profile=wide)
        answers(["compress", f"{name}.png", "--lossless"], capsys)
        assert v.file_metadata(f"{name}.vrs").icc == wide
        theirs, ours = answers(["eval", f"{name}.png", f"{name}.vrs"], capsys)
        assert "PSNR inf dB" in theirs.out and "PSNR inf dB" in ours.out, name
    theirs, ours = answers(["eval", "in/b.png", "rgb.vrs"], capsys)
    assert ours.code == theirs.code == 0 and "PSNR inf" not in ours.out + theirs.out


def test_pictures_of_two_sizes_are_bad_input(pairs, capsys):
    theirs, ours = answers(["eval", "in/a.png", "out/tiny.png"], capsys)
    assert ours.code == theirs.code == 3 and "differ in size" in ours.err and "differ in size" in theirs.err
