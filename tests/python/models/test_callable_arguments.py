"""What CallableVAE takes for its properties, and what is said of the model that it registers."""

import pickle
from hashlib import sha256

import numpy as np
import pytest
from vaerans_ecs import compress, decompress, models
from vaerans_ecs.errors import BadParameter, InvalidArgument, ModelMismatch, ModelNotFound
from vaerans_ecs.models import CallableVAE, torch_vae

from .test_callable_vae import decode, encode


@pytest.fixture
def vae():
    with CallableVAE(encode, decode, name="mine", scaling_factor=0.5) as made:
        yield made


NUMBERS = {
    "channels": (4, np.int64(4)),
    "factor": (8, np.uint8(8)),
    "scaling_factor": (0.5, np.float32(0.5)),
    "shift_factor": (2, np.int16(2)),
    "latents_mean": ([0.5, 0, 1, 2], np.array([0.5, 0, 1, 2], np.float32)),
    "latents_std": ([1.0, 2.0, 1.0, 2.0], tuple(np.array([1, 2, 1, 2]))),
    "pixel_range": ((0.0, 1.0), np.array([0, 1])),
    "moments": (True, np.True_),
    "latent_std": (0.25, np.float16(0.25)),
    "single": (True, np.bool_(True)),
    "name": ("mine", np.str_("mine")),
    "version": ("two", np.str_("two")),
    "recipe": ("vae(mine) | quantize | ans", np.str_("vae(mine) | quantize | ans")),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_numpy_gives_the_hash_of_python(name):
    """Files hold it, so that the same numbers of another type must not make another model."""
    infos = []
    for value in NUMBERS[name]:
        with CallableVAE(encode, decode, **{"name": "mine", name: value}) as vae:
            infos.append(vae.info)
    assert infos[0].hash == infos[1].hash and infos[0].card_json == infos[1].card_json


def test_the_hash_is_what_it_was():
    """Files of before name it: of the properties as Python prints them, a line, and the version."""
    with CallableVAE(encode, name="mine", channels=np.int64(4), scaling_factor=np.float64(0.5)) as vae:
        assert vae.info.hash == sha256(b"('mine', 4, 8, 0.5, 0.0, -1.0, 1.0, False)\n").hexdigest()


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("name", 3, "name is a text, not 3"),
        ("channels", None, "channels is a whole number, not None"),
        ("channels", 2.0, "channels is a whole number, not 2.0"),
        ("channels", True, "channels is a whole number, not True"),
        ("channels", 1 << 70, "channels is far from 1180591620717411303424"),
        ("factor", "8", "factor is a whole number, not '8'"),
        ("scaling_factor", None, "scaling_factor is a number, not None"),
        ("scaling_factor", "1", "scaling_factor is a number, not '1'"),
        ("shift_factor", 10**400, "shift_factor is a number that a float can hold"),
        ("latents_mean", 3, "latents_mean is a list of numbers, not 3"),
        ("latents_mean", "1234", "latents_mean is a list of numbers, not '1234'"),
        ("latents_std", ["a"] * 4, "each of latents_std is a number, not 'a'"),
        ("latents_std", np.ones((4, 1)), r"each of latents_std is a number, not \[1.0\]"),
        ("pixel_range", (0, 1, 2), r"pixel_range is a list of 2 numbers, not \(0, 1, 2\)"),
        ("pixel_range", None, "pixel_range is a list of 2 numbers, not None"),
        ("moments", 0, "moments is True or False, not 0"),
        ("single", "no", "single is True or False, not 'no'"),
        ("latent_std", None, "latent_std is a number, not None"),
        ("version", 3, "version is a text or bytes, not 3"),
        ("recipe", 3, "recipe is a text, not 3"),
        ("replace", 1, "replace is True or False, not 1"),
        ("vjp", 3, "functions or None, not int"),
    ],
)
def test_arguments_of_other_types(name, value, text):
    with pytest.raises(BadParameter, match=text):
        CallableVAE(encode, decode, **{"name": "mine", name: value})
    with pytest.raises(ModelNotFound):
        models.find_model("mine")


@pytest.mark.parametrize("name", ["channels", "factor"])
@pytest.mark.parametrize("value", [0, -1, 2000])
def test_counts_out_of_range(name, value):
    with pytest.raises(InvalidArgument, match=r"channels are 1 to 1024|the factor is 1 to 64"):
        CallableVAE(encode, decode, **{"name": "mine", name: value})


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"channels": 0}, InvalidArgument),
        ({"channels": "4"}, BadParameter),
        ({"scaling_factor": 0.0}, InvalidArgument),
        ({"latents_std": [1.0]}, InvalidArgument),
        ({"encode": None, "decode": None}, InvalidArgument),
        ({"encode": 3}, BadParameter),
        ({"version": 3}, BadParameter),
    ],
)
def test_a_replacement_with_a_mistake_leaves_the_old_one(vae, img, wrong, error):
    data = compress(img, step=0.01, model=vae)
    with pytest.raises(error):
        CallableVAE(**{"encode": encode, "decode": decode, "name": "mine", "replace": True, **wrong})
    assert models.find_model("mine").hash == vae.info.hash and decompress(data).shape == img.shape


def test_a_replacement_takes_the_place(vae):
    other = CallableVAE(encode, decode, name="mine", version="2", replace=np.True_)
    assert models.find_model("mine").hash == other.info.hash != vae.info.hash


def test_errors_and_reprs_of_models_without_a_folder(vae, img):
    data, again = compress(img, step=0.01, model=vae), pickle.loads(pickle.dumps(vae.info))
    assert again.hash == vae.info.hash and repr(vae.info) == "ModelInfo('mine', registered by this process)"
    with (
        CallableVAE(encode, decode, name="mine", version="other weights", replace=True) as other,
        pytest.raises(ModelMismatch) as caught,
    ):
        decompress(data)
    found = f"has {other.info.hash[:16]}"
    assert "model 'mine', which this process registered (its hash is of its name, its properties" in str(caught.value)
    assert found in str(caught.value) and " in  has" not in str(caught.value)


class Config:
    """That of an autoencoder of diffusers, as far as its numbers go."""

    def __init__(self, **fields):
        vars(self).update(fields)


def test_numbers_of_a_config():
    """Whatever they are there, the model's properties are those of Python."""
    given = Config(scaling_factor=np.array(0.5), shift_factor=None, latents_mean=np.array([1.0, 2.0]), latents_std=None)
    assert torch_vae._number(given, "scaling_factor", 1.0) == 0.5 and torch_vae._number(given, "shift_factor", 0) == 0
    assert list(torch_vae._numbers(given, "latents_mean")) == [1, 2] and torch_vae._numbers(given, "latents_std") == ()
