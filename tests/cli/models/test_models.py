"""vaerans models add, remove, verify."""

import json
import shutil

import pytest


@pytest.fixture
def home(cli):
    """A user's data folder of its own."""
    cli.env["XDG_DATA_HOME"] = str(cli.path("data"))
    return cli.path("data/vaerans/models")


def test_verify(cli):
    out = cli("models", "verify", "blocks").out.decode()
    assert "WRONG" not in out and "round trip" in out and "[-1, 1]" in out
    report = json.loads(cli("models", "verify", "blocks", "--json").out)
    assert report["passed"] and 15 < report["psnr_db"] < 45
    assert [check["what"] for check in report["checks"]] == ["shapes", "values", "pixel range", "round trip", "scaling"]


def test_verify_says_what_is_wrong(cli, models):
    shutil.copytree(models / "blocks", cli.path("blocks"))
    card = json.loads(cli.path("blocks/model.json").read_text())
    cli.path("blocks/model.json").write_text(json.dumps(card | {"latent_std": 50}))
    result = cli("models", "verify", "./blocks", code=4)
    assert "WRONG  scaling" in result.out.decode() and "latent_std" in result.out.decode()
    assert not json.loads(cli("models", "verify", "./blocks", "--json", code=4).out)["passed"]


def test_add_use_and_remove(cli, home, models):
    added = cli("models", "add", models / "blocks", "--name", "mine").out.decode()
    assert str(home / "mine") in added
    assert "mine" in cli("models", "list").out.decode()
    assert json.loads(cli("models", "info", "mine", "--json").out)["name"] == "mine"
    assert "error[exists]" in cli("models", "add", models / "blocks", "--name", "mine", code=5).err
    cli("models", "remove", "mine")
    assert list(home.iterdir()) == []
    assert "error[model_not_found]" in cli("models", "remove", "mine", code=4).err
    assert "error[model_not_found]" in cli("models", "remove", "blocks", code=4).err


def test_what_fails_its_check_is_not_added(cli, home, models):
    shutil.copytree(models / "blocks", cli.path("export"))
    cli.path("export/model.json").unlink()
    # TAESD's networks are known to take [0, 1] and to have 4 channels at 1/8; flux-vae has 16.
    shutil.copytree(cli.path("export"), cli.path("flux-vae"))
    assert "says 16 for latent_channels" in cli("models", "add", "./flux-vae", code=4).err
    assert not home.exists() or list(home.iterdir()) == []
    cli("models", "add", "./export")
    assert json.loads(cli("models", "verify", "export", "--json").out)["passed"]


def test_names_are_checked(cli, home):
    assert "error[bad_parameter]" in cli("models", "add", "blocks", "--name", "../x", code=2).err
    assert "error[bad_parameter]" in cli("models", "remove", "..", code=2).err


def test_a_repository_of_the_cache(cli, models, photo):
    where = cli.path("hub/models--org--small/snapshots/0123abcd")
    shutil.copytree(models / "blocks", where)
    (where / "model.json").unlink()
    cli.env["HF_HUB_CACHE"] = str(cli.path("hub"))
    info = json.loads(cli("models", "info", "org/small", "--json").out)
    assert (info["name"], info["repository"], info["revision"]) == ("small", "org/small", "0123abcd")
    assert "python -m vaerans_ecs.models export" in cli("models", "info", "org/other", code=4).err
    # The file names the model `small`; another process finds it in the cache by that.
    cli("compress", "--model", "org/small", photo, "-o", "small.vrs")
    assert json.loads(cli("info", "small.vrs", "--json").out)["model"] == "small"
    cli("decompress", "small.vrs", "-o", "small.png")
