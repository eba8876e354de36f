"""Generations of a model in Python: two in one process and in one batch, and fetching one by its hash."""

import functools
import hashlib
import http.server
import json
import shutil
import subprocess
import sys
import threading

import pytest
from vaerans_ecs import BadParameter, Context, ModelNotFound, compress, decompress, file_info, models, transcode
from vaerans_ecs.cli.run import main
from vaerans_ecs.errors import ModelMismatch
from vaerans_ecs.models import __main__ as command

from .small_generations import NAME, write_generation

HASH = "0" * 16  # no decoder has it


@pytest.fixture
def twins(tmp_path, monkeypatch, img):
    """(old, new) files of one picture by two generations; the older one is in `released`, to decode with.

    Neither has the weights of conftest's model, which this process may have met under another name: that decodes, too.
    """
    monkeypatch.setenv("VAERANS_MODEL_PATH", str(tmp_path / "models"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("VAERANS_MODEL_SOURCES", raising=False)
    place = tmp_path / "models" / NAME
    write_generation(place, "1", 2)
    old = compress(img, model=NAME)
    (place / "encoder.onnx").unlink()
    place.rename(tmp_path / "away")
    write_generation(place, "2", 8)
    new = compress(img, model=NAME)
    shutil.copytree(tmp_path / "away", tmp_path / "models/released/some-name")
    return old, new


def gone(tmp_path):
    shutil.rmtree(tmp_path / "models" / "released")


def test_two_in_one_process(twins, img, psnr):
    old, new = twins
    assert file_info(old).model_hash != file_info(new).model_hash
    for data in (old, new, old):
        assert psnr(decompress(data), img) > 20
    for picture in decompress([old, new, new, old]):
        assert psnr(picture, img) > 20


@pytest.mark.parametrize(
    ("behind", "told"),
    [("{:.7}", "there are 7"), ("", "there are 0"), ("{:.7}g", "'.{7}g' is something else"), ("{}{}", "there are 128")],
)
def test_what_is_no_hash_is_said(twins, behind, told):
    hash = models.find_model(NAME).hash
    assert models.find_model(f"{NAME}@{hash[:8]}").hash == hash
    text = f"behind an '@' stand 8 to 64 hexadecimal digits .*; {told}"
    with pytest.raises(ModelNotFound, match=rf"no model '{NAME}@.*': {text}\. Models that are there: "):
        models.find_model(f"{NAME}@{behind.format(hash, hash)}")
    with pytest.raises(BadParameter, match=text):
        models.remove_model(f"{NAME}@{behind.format(hash, hash)}")


def test_a_hash_without_its_sign(twins):
    hash = models.find_model(NAME).hash[:12]
    with pytest.raises(ModelNotFound, match=rf"no model '{hash}' \(a decoder's hash is called '@{hash}'\)\. Models"):
        models.find_model(hash)


def test_what_lies_there(twins):
    old, new = (file_info(data).model_hash for data in twins)
    there = [one for one in models.list_generations() if one.name == NAME]
    assert [(one.hash[:16], one.revision, one.encodes, one.newest) for one in there] == [
        (new, "2", True, True),
        (old, "1", False, False),
    ]
    assert repr(there[1]).startswith(f"ModelGeneration('{NAME}@{old}'")
    assert models.find_model(NAME).hash == there[0].hash
    assert models.find_model(f"{NAME}@{old}").hash == there[1].hash


def test_a_missing_one_fails_alone(twins, tmp_path):
    old, new = twins
    gone(tmp_path)
    command = f"vaerans models fetch {file_info(old).model_hash}"
    with pytest.raises(ModelMismatch, match=command):
        decompress(old)
    results = decompress([old, new], context=Context(on_error="collect"))
    assert isinstance(results[0], ModelMismatch) and not isinstance(results[1], Exception)


def test_fetched_from_a_folder(twins, tmp_path, img, psnr):
    old, _ = twins
    gone(tmp_path)
    hash = file_info(old).model_hash
    info = models.fetch_model(hash, tmp_path)  # `away` lies in it
    assert info.folder == str(tmp_path / "data/vaerans/models" / f"{NAME}@{hash}")
    assert psnr(decompress(old), img) > 20
    models.remove_model(f"{NAME}@{hash}")
    with pytest.raises(ModelMismatch):
        decompress(old)


def test_fetched_from_a_server(twins, tmp_path):
    old, _ = twins
    gone(tmp_path)
    hash = file_info(old).model_hash
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(ModelNotFound, match=r"models\.json: HTTP Error 404"):
            models.fetch_model(hash, address)
        assert models.write_model_list(str(tmp_path)) == 1
        assert models.fetch_model(hash, ["/nowhere", address]).hash.startswith(hash)
        server.shutdown()
    decompress(old)


def test_fetched_from_a_package(twins, tmp_path, monkeypatch):
    old, _ = twins
    gone(tmp_path)
    hash = file_info(old).model_hash
    with pytest.raises(LookupError, match="no package 'old_decoders'"):
        models.fetch_model(hash, "package:old_decoders")
    (tmp_path / "site/old_decoders/models").mkdir(parents=True)
    (tmp_path / "site/old_decoders/__init__.py").touch()
    (tmp_path / "away").rename(tmp_path / "site/old_decoders/models/any")
    script = [sys.executable, "-m", "vaerans_ecs.models", "fetch", hash]
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    done = subprocess.run([*script, "--from", "package:old_decoders"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and f"{NAME} is here" in done.stdout
    decompress(old)


@pytest.mark.parametrize("name", ["", ".x", "..", "no.such", "json.decoder"])
def test_what_is_no_package_is_told_in_a_line(twins, name, capsys):
    """Whatever Python's machinery of imports makes of such a name."""
    with pytest.raises(ModelNotFound, match=r"^package:.*(there is no package|no package of Python)"):
        models.fetch_model(HASH, f"package:{name}")
    assert main(["models", "fetch", HASH, "--from", f"package:{name}"]) == 4
    assert capsys.readouterr().err.startswith(f"vaerans: error[model_not_found]: package:{name}: ")
    assert command.main(["fetch", HASH, "--from", f"package:{name}"]) == 1
    assert capsys.readouterr().err.startswith(f"error: package:{name}: ")


def test_fewer_digits_than_fetching_takes(twins):
    for reference in (f"{NAME}@12345678", "@12345678"):
        with pytest.raises(
            (ModelNotFound, ModelMismatch), match=r"`vaerans models fetch HASH`, with 16 digits of that"
        ):
            models.find_model(reference)


def test_what_fetch_refuses(twins):
    with pytest.raises(BadParameter, match="16 to 64"):
        models.fetch_model(NAME)
    with pytest.raises(ModelNotFound, match="nobody said where from"):
        models.fetch_model("0123456789abcdef")
    assert models.model_sources() == []


def test_differences(twins):
    old, _ = twins
    found = {one.field: one for one in models.diff_models(NAME, f"{NAME}@{file_info(old).model_hash}")}
    assert json.loads(found["revision"].a) == "2" and json.loads(found["revision"].b) == "1"
    assert found["bytes.encoder"].b == "" and "name" not in found


def test_transcode(twins, img, tmp_path):
    old, new = twins
    with pytest.raises(BadParameter, match="lossy"):
        transcode(old, NAME)
    assert transcode(new, NAME) == new
    exact = compress(img, quality=60, mode="model", residual="lossless", model=f"{NAME}@{file_info(new).model_hash}")
    assert transcode(exact, NAME) == exact
    again = transcode(old, NAME, lossy=True)
    assert file_info(again).model_hash == file_info(new).model_hash
    assert len(transcode(old, NAME, lossy=True, quality=20)) < len(again)
    gone(tmp_path)
    assert decompress(again).shape == img.shape


def test_the_name_counts_where_weights_are_the_same(model_folder, tmp_path, monkeypatch, img):
    """A folder without a card is taken before a card of another name, which may scale its latents otherwise."""
    bare = next(path for path in model_folder.rglob("*") if path.suffix == ".onnx" and "decoder" in str(path))
    other = tmp_path / "models" / "other"
    write_generation(other, "1", 1, name="other")
    card = json.loads((other / "model.json").read_text())
    (other / "decoder.onnx").write_bytes(bare.read_bytes())
    card["decoder"]["sha256"] = hashlib.sha256(bare.read_bytes()).hexdigest()
    card["scaling_factor"] = 3.0
    (other / "model.json").write_text(json.dumps(card))
    monkeypatch.setenv("VAERANS_MODEL_PATH", f"{tmp_path / 'models'}:{model_folder}")
    data = compress(img, pipeline="vae(sdxl-vae) | cdf53 | quantize | ans", residual="lossless")
    assert (decompress(data) == img).all()
