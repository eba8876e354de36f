"""Generations of a model on the command line: files of several, fetching one, comparing two."""

import functools
import hashlib
import http.server
import json
import shutil
import threading

import pytest
from PIL import Image


def renew(folder, revision):
    """Makes another generation of a model: an unknown field of a protobuf message changes the hash and nothing else."""
    decoder, card = folder / "decoder.onnx", folder / "model.json"
    decoder.write_bytes(decoder.read_bytes() + bytes([0xF8, 0x3F, 1]))
    text = json.loads(card.read_text())
    text["decoder"]["sha256"] = hashlib.sha256(decoder.read_bytes()).hexdigest()
    text["revision"] = revision
    card.write_text(json.dumps(text))
    return text["decoder"]["sha256"]


@pytest.fixture
def shop(cli, models):
    """A folder that holds the first generation alone."""
    shutil.copytree(models / "blocks", cli.path("shop/released/blocks@1"))
    return cli.path("shop")


@pytest.fixture
def renewed(cli, models, photo, shop):
    """photo.vrs is of the first generation, new.vrs of the second, which is the one on the path. Gives the hashes."""
    cli("compress", "photo.png")
    shutil.copytree(models / "blocks", cli.path("m/blocks"))
    new = renew(cli.path("m/blocks"), "2")
    cli.env["VAERANS_MODEL_PATH"] = str(cli.path("m"))
    cli.env["XDG_DATA_HOME"] = str(cli.path("data"))
    cli("compress", "photo.png", "-o", "new.vrs")
    old = hashlib.sha256((shop / "released/blocks@1/decoder.onnx").read_bytes()).hexdigest()
    return old, new


@pytest.fixture
def server(shop):
    """Its address."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=shop)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def test_a_missing_generation_is_fetched_as_the_error_says(cli, renewed, shop):
    old, _ = renewed
    refused = cli("decompress", "photo.vrs", "-o", "back.png", code=4)
    command = f"vaerans models fetch {old[:16]}"
    assert command in refused.err
    # The other files are none the worse.
    assert command in cli("decompress", "photo.vrs", "new.vrs", "-o", "out/", code=1).err
    assert cli.path("out/new.png").exists()
    said = cli(*command.split()[1:], "--from", shop).out.decode()
    assert f"blocks@{old[:16]} is here" in said
    cli("decompress", "photo.vrs", "new.vrs", "-o", "out/", "--force")
    assert cli.path("out/photo.png").read_bytes() == cli.path("out/new.png").read_bytes()


def test_from_the_web(cli, renewed, shop, server):
    old, _ = renewed
    refused = cli("models", "fetch", old, "--from", server, code=4)
    assert "/models.json: HTTP response code said error" in refused.err
    assert cli("models", "index", shop).out.decode().endswith("models.json: 1 model\n")
    cli.env["VAERANS_MODEL_SOURCES"] = f"/nowhere;{server}"
    info = json.loads(cli("models", "fetch", old[:16], "--json").out)
    assert info["hash"] == old and info["folder"] == str(cli.path(f"data/vaerans/models/blocks@{old[:16]}"))
    assert sorted(p.name for p in cli.path(info["folder"]).iterdir()) == ["decoder.onnx", "model.json"]
    cli("decompress", "photo.vrs", "-o", "back.png")


def test_the_list_shows_them_all(cli, renewed, shop):
    old, new = renewed
    shutil.copytree(shop / "released", cli.path("m/released"))
    assert f"  blocks@{old[:16]}  revision unknown" in cli("models", "list").out.decode()
    blocks = next(m for m in json.loads(cli("models", "list", "--json").out) if m["name"] == "blocks")
    assert [(g["hash"], g["newest"]) for g in blocks["generations"]] == [(new, True), (old, False)]
    assert json.loads(cli("models", "info", f"blocks@{old[:16]}", "--json").out)["hash"] == old
    cli("decompress", "photo.vrs", "new.vrs", "-o", "out/")


def test_differences(cli, renewed, shop):
    old, new = renewed
    both = "blocks", shop / "released/blocks@1"
    found = {d["field"]: (d["a"], d["b"]) for d in json.loads(cli("models", "diff", *both, "--json").out)}
    assert found["hash"] == (new, old) and found["revision"] == ("2", None)
    assert found["bytes.decoder"][0] - found["bytes.decoder"][1] == 3
    text = cli("models", "diff", *both).out.decode()
    assert "bytes.decoder" in text and "(-3)" in text and "name" not in text
    assert cli("models", "diff", "blocks", "blocks").out == b"no difference\n"


def test_what_fetch_refuses(cli, renewed, shop):
    assert "nobody said where from" in cli("models", "fetch", "0123456789abcdef", code=4).err
    assert "error[bad_parameter]" in cli("models", "fetch", "blocks", "--from", shop, code=2).err
    assert "has no model of that hash" in cli("models", "fetch", "0123456789abcdef", "--from", shop, code=4).err


def test_transcode(cli, renewed, shop):
    _, new = renewed
    shutil.copytree(shop / "released", cli.path("m/released"))
    cli("compress", "photo.png", "-o", "exact.vrs", "--model", f"blocks@{new[:16]}", "--lossless", "-q", "60")
    before = cli.path("exact.vrs").read_bytes()
    # Where a file is of the newest generation already, its bytes stay.
    said = json.loads(cli("transcode", "exact.vrs", "-m", "blocks", "--json").out)
    assert said["how"] == "kept" and cli.path("exact.transcoded.vrs").read_bytes() == before
    refused = cli("transcode", "photo.vrs", "-m", "blocks", code=3)
    assert "--lossy" in refused.err and not cli.path("photo.transcoded.vrs").exists()
    # One that is refused costs none of the others.
    cli("transcode", "photo.vrs", "exact.vrs", "-m", "blocks", "-o", "out/", code=1)
    assert [path.name for path in cli.path("out").iterdir()] == ["exact.vrs"]
    made = json.loads(cli("transcode", "photo.vrs", "-m", "blocks", "--lossy", "-o", "lossy.vrs", "--json").out)
    assert (made["how"], made["model_hash"]) == ("lossy", new[:16])
    assert "error[model_not_found]" in cli("transcode", "photo.vrs", "-m", "nonesuch", code=4).err


def test_transcode_keeps_what_is_exact(cli, models, photo, shop):
    cli.path("tree/a").mkdir(parents=True)
    cli("compress", "photo.png", "-o", "tree/a/exact.vrs", "--lossless", "-q", "60")
    shutil.copytree(models / "blocks", cli.path("m/blocks"))
    new = renew(cli.path("m/blocks"), "2")
    shutil.copytree(shop / "released", cli.path("m/released"))
    cli.env["VAERANS_MODEL_PATH"] = str(cli.path("m"))
    said = cli("transcode", "tree", "-r", "-o", "out", "-m", "blocks").out.decode()
    assert "lossless" in said
    assert json.loads(cli("info", "out/a/exact.vrs", "--json").out)["model_hash"] == new[:16]
    shutil.rmtree(cli.path("m/released"))
    cli("decompress", "out/a/exact.vrs", "-o", "back.png")
    with Image.open(cli.path("back.png")) as back, Image.open(cli.path("photo.png")) as source:
        assert back.convert("RGB").tobytes() == source.convert("RGB").tobytes()
