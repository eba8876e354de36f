"""Entities as NumPy gives them: an integer for an id, an array of one axis for a list of them."""

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import BadParameter, Pipeline
from vaerans_ecs.errors import InvalidArgument, UnknownEntity
from vaerans_ecs.systems import GaussianBlur

CHAIN = "ycocg | cdf53(levels=2) | quantize | ans"
INTEGERS = [np.int64, np.int32, np.uint8, np.uint64, np.array]  # the last: an array without an axis


@pytest.fixture
def ids(world, picture):
    return world.spawn_batch_rgb([picture(16, 24, seed) for seed in range(3)])


RUNS = {
    "pipe": lambda world, ids: world.pipe(ids).entities,
    "pipe.out": lambda world, ids: [one.entity for one in world.pipe(ids).out("RGB")],
    "world.run": lambda world, ids: world.run("blur", ids).done,
    "system.run": lambda world, ids: GaussianBlur().run(world, ids).done,
    "pipeline.run": lambda world, ids: Pipeline("blur").run(world, ids).done,
    "pipeline.run in its world": lambda world, ids: Pipeline("blur", world=world).run(ids).done,
}


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8, np.uint64, ">i4", object])
@pytest.mark.parametrize("name", RUNS)
def test_arrays_are_lists(world, ids, name, dtype):
    assert RUNS[name](world, np.array(ids, dtype)) == ids
    assert RUNS[name](world, np.array(ids, dtype)[::-2]) == [ids[2], ids[0]], "of any strides"
    assert RUNS[name](world, np.array(ids[1:2], dtype)) == ids[1:2], "a list of one is a list"
    assert RUNS[name](world, list(np.array(ids))) == RUNS[name](world, tuple(np.array(ids))) == ids


@pytest.mark.parametrize("dtype", INTEGERS, ids=lambda one: one.__name__)
def test_an_integer_is_an_id(world, ids, dtype):
    one = dtype(ids[1])
    assert world.pipe(one).out("RGB").entity == world.pipe(ids[1]).out("RGB").entity == ids[1]
    assert world.run("blur", one).out("BlurRGB").entity == ids[1]
    assert GaussianBlur().run(world, one).done == Pipeline("blur").run(world, one).done == [ids[1]]
    assert Pipeline("blur", world=world).run(one).out().entity == ids[1]
    assert world.alive(one) and world.has(one, "RGB") and world.get(one, "RGB").entity == ids[1]
    assert world.keys(one) == world.keys(ids[1]) and world.metadata(one) == {}
    assert world.rgb[one].entity == world.rgb.get(one).entity == ids[1] and one in world.rgb
    world.set(one, "Other", np.arange(6, dtype=np.uint8).reshape(1, 2, 3), kind="image")
    assert world.get(ids[1], "Other").array.tolist() == [[[0, 1, 2], [3, 4, 5]]]
    world.despawn(one)
    assert world.entities == [ids[0], ids[2]] and not world.alive(one)
    with pytest.raises(UnknownEntity):
        world.pipe(one)


@pytest.mark.parametrize("value", [True, np.True_])
def test_files(world, ids, value):
    world.pipe(np.array(ids)).to(CHAIN)
    files = [v.write_file(world, one, lossless=value) for one in np.array(ids)]
    assert files == [v.write_file(world, one) for one in ids]
    read = np.array([v.read_file(world, data) for data in files])
    done = v.decode_entities(world, read)
    assert done.done == read.tolist() and len(done.out("ReconRGB")) == 3
    assert v.decode_entities(world, np.int64(read[0])).out("ReconRGB").entity == read[0]


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize(
    "other",
    [[[1, 2]], [[1], [2]], [1.0, 2.0], [True, False], ["a"], [-1], 1.0, True],
    ids=str,
)
def test_other_arrays_are_refused(world, ids, name, other):
    with pytest.raises(BadParameter, match="an entity is a whole number"):
        RUNS[name](world, np.array(other))


def test_an_array_of_none(world, ids):
    none = np.array([], np.int64)
    assert world.run("blur", none).done == world.run("blur", []).done == []
    with pytest.raises(InvalidArgument, match="at least one entity"):
        world.pipe(none)


@pytest.mark.parametrize("shape", [np.array([2, 3]), np.array([2, 3], np.uint8), [np.int64(2), 3]], ids=str)
def test_shapes(world, shape):
    assert world.scratch("a", shape).shape == (2, 3)
    ref = world.arena.alloc_tensor(shape, "u8")
    assert ref.shape == (2, 3) and ref.reshaped(np.array([6])).shape == ref.reshaped(np.int64(6)).shape == (6,)
    assert world.arena.subref_axis0(ref, np.int64(1)).shape == (3,)
    assert v.Spec("planes", "f32", shape).shape == (2, 3)


@pytest.mark.parametrize("shape", [np.array([[2, 3]]), np.array([2.0, 3.0]), np.array([True, True])], ids=str)
def test_other_shapes_are_refused(world, shape):
    with pytest.raises(BadParameter, match="a shape is whole numbers"):
        world.scratch("a", shape)


def test_tensors_of_torch_are_lists(world, ids):
    torch = pytest.importorskip("torch", reason="torch is not installed: its tensors are not tested")
    for few in (ids, ids[:1]):
        assert world.pipe(torch.tensor(few)).entities == few
        assert len(world.pipe(torch.tensor(few)).out("RGB")) == len(few), "one that could be a number is a list, too"
