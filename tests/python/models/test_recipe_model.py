"""A recipe and a model beside it."""

import pytest
import vaerans_ecs as v
from vaerans_ecs.systems import OnnxVAEEncode

CHAIN = "hadamard4 | cdf53(levels=2) | quantize(step=0.1) | ans"


@pytest.mark.parametrize("step", ["vae", "vae()", "vae(sample=false)", "vae(model='sdxl-vae')", "vae('sdxl-vae')"])
def test_a_step_that_says_no_other_runs_the_model_beside_it(img, sdxl, step):
    file = v.compress(img, pipeline=f"{step} | {CHAIN}", model=sdxl)
    assert file == v.compress(img, pipeline=f"vae(model={sdxl}) | {CHAIN}")
    assert sdxl in str(v.file_info(file).recipe)


def test_a_system_always_has_a_model(img, sdxl):
    chain = OnnxVAEEncode(model=sdxl) | v.Pipeline(CHAIN)
    assert v.compress(img, pipeline=chain, model=sdxl) == v.compress(img, pipeline=f"vae(model={sdxl}) | {CHAIN}")
    with pytest.raises(v.errors.BadParameter, match="runs model 'photo-f8c64', but model 'sdxl-vae' is asked for"):
        v.compress(img, pipeline=OnnxVAEEncode() | v.Pipeline(CHAIN), model=sdxl)


@pytest.mark.parametrize("step", ["vae(model='photo-f8c32')", "vae(photo-f8c64)"])
def test_two_models_contradict_each_other(img, sdxl, step):
    with pytest.raises(v.errors.BadParameter, match="name it in one of the two"):
        v.compress(img, pipeline=f"{step} | {CHAIN}", model=sdxl)


def test_a_model_that_no_step_runs(img, sdxl):
    with pytest.raises(v.errors.BadParameter, match=r"no step of the recipe 'predict \| ans' runs a model"):
        v.compress(img, pipeline="predict | ans", model=sdxl)
