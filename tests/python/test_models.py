"""Looking up models and ONNX Runtime."""

import sys

import pytest
from vaerans_ecs import ModelNotFound, models


def test_a_model_by_name_and_by_folder(sdxl, model_folder):
    by_name = models.find_model(sdxl)
    assert (
        by_name.name == "sdxl-vae" and by_name.factor == 8 and by_name.latent_channels == 4 and len(by_name.hash) == 64
    )
    assert models.find_model(str(model_folder / sdxl)).hash == by_name.hash
    assert sdxl in [m.name for m in models.list_models()]


def test_an_unknown_model_says_what_is_there(sdxl):
    with pytest.raises(LookupError, match="sdxl-vae") as caught:
        models.find_model("sdxl-vea")
    assert isinstance(caught.value, ModelNotFound) and "VAERANS_MODEL_PATH" in str(caught.value)


def test_the_runtime_is_found_without_importing_onnxruntime():
    import subprocess

    script = "import sys, vaerans_ecs; vaerans_ecs.models.runtime_info(); assert 'onnxruntime' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
    assert "CPUExecutionProvider" in models.runtime_info().providers
