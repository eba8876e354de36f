"""Looking up models and ONNX Runtime."""

import os
import shutil
import sys

import pytest
from vaerans_ecs import ModelNotFound, compress, decompress, models


def test_a_model_by_name_and_by_folder(sdxl, model_folder):
    by_name = models.find_model(sdxl)
    assert (
        by_name.name == "sdxl-vae" and by_name.factor == 8 and by_name.latent_channels == 4 and len(by_name.hash) == 64
    )
    assert models.find_model(str(model_folder / sdxl)).hash == by_name.hash
    assert sdxl in [m.name for m in models.list_models()]


def test_a_folder_whose_name_is_no_utf8(model_folder, tmp_path, img):
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff-vae")
    with pytest.raises(ModelNotFound, match=r"\\xff-vae"):
        models.find_model(folder)
    shutil.copytree(model_folder / "sdxl-vae", folder)
    found = models.find_model(folder)
    assert found.folder == folder and found.decoder_path.startswith(folder)
    assert models.verify_model(folder).model.hash == found.hash
    assert decompress(compress(img, model=folder)).shape == img.shape


def test_an_unknown_model_says_what_is_there(sdxl):
    with pytest.raises(LookupError, match="sdxl-vae") as caught:
        models.find_model("sdxl-vea")
    assert isinstance(caught.value, ModelNotFound) and "VAERANS_MODEL_PATH" in str(caught.value)


def test_the_runtime_is_found_without_importing_onnxruntime():
    import subprocess

    script = "import sys, vaerans_ecs; vaerans_ecs.models.runtime_info(); assert 'onnxruntime' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert "CPUExecutionProvider" in models.runtime_info().providers


def test_verify_names_what_is_wrong(model_folder, tmp_path):
    folder = tmp_path / "some-vae"
    shutil.copytree(model_folder / "sdxl-vae", folder)
    config = '{"_class_name": "AutoencoderKL", "latent_channels": 4, "scaling_factor": 40.0}'
    (folder / "config.json").write_text(config)
    report = models.verify_model(str(folder))
    assert not report.passed and 15 < report.psnr_db < 45
    wrong = [check for check in report.checks if not check.passed]
    assert [check.what for check in wrong] == ["scaling"] and "standard deviation" in wrong[0].detail
    assert report.model.scaling == 40.0


def test_add_and_remove(model_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.delenv("VAERANS_MODEL_PATH", raising=False)
    with pytest.raises(ValueError, match="scaling: "):
        models.add_model(str(model_folder / "sdxl-vae"))  # blocks' means are no latents of SDXL
    shutil.copytree(model_folder / "sdxl-vae", tmp_path / "blocks")
    added = models.add_model(str(tmp_path / "blocks"), "mine")
    assert added.name == "mine" and added.hash == models.find_model(str(model_folder / "sdxl-vae")).hash
    assert models.verify_model("mine").model.folder == added.folder
    models.remove_model("mine")
    with pytest.raises(ModelNotFound):
        models.find_model("mine")


def test_repositories_have_names():
    assert models.model_name_of("stabilityai/sdxl-vae") == "sdxl-vae"
    assert models.model_name_of("madebyollin/sdxl-vae-fp16-fix") == "sdxl-vae"
    assert models.model_name_of("some-org/some-vae") == "some-vae"


def test_exporting_without_torch_says_what_to_install(monkeypatch):
    from vaerans_ecs.models import export

    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"vaerans-ecs\[export\]"):
        export.load_autoencoder("org/name")
