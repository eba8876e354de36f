"""What objects print as: something that says what they hold, wherever they come from."""

import copy
import inspect
import pickle

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import _vaerans

PICTURE = np.zeros((16, 24, 3), np.uint8)


def classes(holder=_vaerans) -> list[type]:
    inside = [thing for thing in vars(holder).values() if inspect.isclass(thing)]
    return [one for one in inside if one.__module__ == _vaerans.__name__]


@pytest.mark.parametrize("cls", [*classes(), *classes(_vaerans.FileInfo)], ids=lambda one: one.__name__)
def test_every_native_class_has_a_repr(cls):
    assert cls.__repr__ is not object.__repr__


def test_they_say_what_is_there(tmp_path):
    world = v.World(1 << 24)
    entity = world.spawn_image(PICTURE)
    assert repr(world.pipe(entity)) == "Pipe(cursor='RGB', entities=[1], failed=[])"
    assert repr(world.arena.mark()).startswith("Mark(used=")
    info = v.file_info(v.compress(PICTURE, lossless=True))
    assert repr(info.parts[0]).startswith("Part(name='") and "bytes=" in repr(info.parts[0])
    with v.LatentStore.writer(tmp_path / "store") as store:
        store.add("a", {"x": np.ones((4, 8), np.float32)})
        assert repr(store) == "LatentWriter(1 items)"
    store = v.LatentStore(tmp_path / "store")
    assert repr(store).endswith("store', 1 items)") and repr(store.item("a")).startswith("StoreItem(key='a'")
    v.compress_stream(PICTURE, tmp_path / "a.vrs")
    assert repr(v.RowReader(tmp_path / "a.vrs")) == "RowReader(shape=(16, 24, 3), dtype=uint8, rows_left=16)"
    assert "rows_missing=16" in repr(v.RowWriter(tmp_path / "b.vrs", (16, 24, 3)))


def test_no_repr_is_an_address():
    world = v.World(1 << 24)
    entity = world.spawn_image(PICTURE)
    kept = [world, world.arena, world.rgb, world.rgb[entity], world.rgb[entity].ref, world.pipe(entity), v.Context()]
    kept += [v.Limits(), v.Pipeline("blur"), v.systems.Hadamard4(), *v.file_info(v.compress(PICTURE)).parts]
    assert [one for one in kept if " object at 0x" in repr(one)] == []


def test_models_are_pickled_and_copied():
    model = next(iter(v.list_models()), None)
    if model is None:
        pytest.skip("no model is installed")
    for again in (pickle.loads(pickle.dumps(model)), copy.copy(model), copy.deepcopy(model)):
        assert (again.name, again.hash) == (model.name, model.hash)
