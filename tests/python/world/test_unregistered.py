"""Python classes that recipes, files and pickles name, but nobody registered: the error says how to."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from vaerans_ecs import (
    Context,
    Contract,
    Pipeline,
    System,
    compress_latent,
    decompress,
    decompress_latent,
    file_info,
    read_file,
    register,
    systems,
    write_file,
)
from vaerans_ecs.errors import UnknownSystem


class Halved(System):
    """Latents of half their size; what undoes it is somewhere else."""

    contract = Contract("halved_here", inputs=["planes"], outputs=["planes"])

    def run(self, group):
        batch = group.batch()
        np.multiply(batch, 0.5, out=group.output(batch.shape[1:]))

    def describe(self, input, side_info):
        return input


class Deeper(Halved):
    contract = Contract("deeper_here", inputs=["planes"], outputs=["planes"])


REMEDY = r"test_unregistered\.Halved is of that name, .* put @vaerans_ecs\.register\(\) above the class"
CHAIN = "halved_here | quantize | ans"


def in_a_file(world, latent):
    entity = world.spawn_latent(latent)
    world.pipe(entity).to(Halved()).to("quantize | ans")
    return write_file(world, entity)


NAMED = {
    "recipe": lambda world, latent: Pipeline(CHAIN),
    "name of the class": lambda world, latent: Pipeline("Halved"),
    "pipe": lambda world, latent: world.pipe(world.spawn_latent(latent)).to(CHAIN),
    "world.run": lambda world, latent: world.run("halved_here"),
    "make_system": lambda world, latent: systems.make_system("halved_here"),
    "find_system": lambda world, latent: systems.find_system("halved_here"),
    "pickle": lambda world, latent: pickle.loads(pickle.dumps(Halved() | "quantize | ans")),
    "compress_latent": lambda world, latent: compress_latent(latent, Halved() | "quantize | ans"),
    "write_file": in_a_file,
}


@pytest.mark.parametrize("name", NAMED)
def test_the_error_says_how_to_register(world, latent, name):
    with pytest.raises(UnknownSystem, match=REMEDY) as caught:
        NAMED[name](world, latent)
    assert str(caught.value).count("put @vaerans_ecs.register()") == 1


@pytest.fixture
def file(latent):
    register()(Halved)
    try:
        return compress_latent(latent, CHAIN)
    finally:
        systems.unregister("halved_here")


@pytest.mark.parametrize("read", [decompress_latent, file_info, lambda data: decompress([data])])
def test_files_that_name_it(file, read):
    with pytest.raises(UnknownSystem, match=REMEDY):
        read(file)


def test_files_in_a_world_and_collected(world, file):
    with pytest.raises(UnknownSystem, match=REMEDY):
        read_file(world, file)
    (error,) = decompress([file], context=Context(on_error="collect"))
    assert isinstance(error, UnknownSystem) and "put @vaerans_ecs.register()" in str(error)


def test_the_remedy_helps(latent):
    chain = pickle.dumps(Halved() | "quantize(step=0.01) | ans")
    try:
        register()(Halved)
        assert pickle.loads(chain).recipe == "halved_here | quantize(step=0.01) | ans"
        assert file_info(compress_latent(latent, pickle.loads(chain))).recipe.startswith("halved_here")
    finally:
        systems.unregister("halved_here")


def test_classes_of_classes_are_found():
    with pytest.raises(UnknownSystem, match=r"test_unregistered\.Deeper is of that name"):
        Pipeline("deeper_here")


@pytest.mark.parametrize("name", ["hadamard5", "NativeSystem", "System", "halved"])
def test_other_names_have_no_such_hint(name):
    with pytest.raises(UnknownSystem, match=f"unknown system '{name}'") as caught:
        Pipeline(name)
    assert "register" not in str(caught.value)


def test_a_process_without_the_class(tmp_path):
    (tmp_path / "chain").write_bytes(pickle.dumps(Halved() | "quantize | ans"))
    script = "import pickle, sys; pickle.load(open(sys.argv[1], 'rb'))"
    command = [sys.executable, "-c", script, str(tmp_path / "chain")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "UnknownSystem: unknown system 'halved_here'" in done.stderr
    assert "@vaerans_ecs.register()" not in done.stderr
