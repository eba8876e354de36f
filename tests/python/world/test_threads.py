"""The GIL is released in long calls: worlds run side by side, and one world refuses two threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from vaerans_ecs import Context, Contract, System, World, compress, compress_latent, decompress, decompress_latent
from vaerans_ecs.errors import InvalidArgument
from vaerans_ecs.systems import ANSDecode, ANSEncode, Hadamard4, Quantize, WaveletCDF53


class Twice(System):
    contract = Contract("twice", inputs=["planes"], outputs=[("planes", "Twice")], role="filter")

    def run(self, group):
        group.output(group.spec().shape)[...] = 2 * group.batch()


def round_trip(latent):
    world = World(16 << 20)
    pipe = world.pipe(world.spawn_latent(latent)) | Hadamard4() | WaveletCDF53(3) | Quantize(0.01) | ANSEncode()
    pipe | ANSDecode() | Quantize.dequantize() | WaveletCDF53.inverse() | Hadamard4.inverse() | Twice()
    return np.array(pipe.out("Twice"))


def test_worlds_run_side_by_side(latent):
    latents = [latent * k for k in range(1, 17)]
    expected = [round_trip(one) for one in latents]
    with ThreadPoolExecutor(8) as pool:
        for got, want in zip(pool.map(round_trip, latents), expected, strict=True):
            np.testing.assert_array_equal(got, want)


def test_the_api_runs_side_by_side(latent):
    recipe = "hadamard4 | cdf53 | quantize(step=0.01) | ans"
    expected = compress_latent(latent, recipe)
    with ThreadPoolExecutor(8) as pool:
        files = list(pool.map(lambda _: compress_latent(latent, recipe), range(16)))
        assert set(files) == {expected}
        assert all(np.allclose(back, latent, atol=0.02) for back in pool.map(decompress_latent, files))


def test_threads_share_a_models_sessions(sdxl, picture):
    pictures = [picture(40 + 8 * (k % 3), 56, seed=k) for k in range(12)]
    expected = [compress(one, model=sdxl) for one in pictures]
    with ThreadPoolExecutor(6) as pool:
        files = list(pool.map(lambda one: compress(one, model=sdxl), pictures))
        assert files == expected
        for got, want in zip(pool.map(decompress, files), map(decompress, expected), strict=True):
            np.testing.assert_array_equal(got, want)


def test_threads_share_a_trace(latent):
    context = Context(trace=True, threads=1)

    def run(_):
        world = World(1 << 20)
        entity = world.spawn_latent(latent[:, :2, :2])
        for _ in range(100):
            world.run("hadamard4", entity, context)
        return len(context.trace)

    with ThreadPoolExecutor(6) as pool:
        assert all(seen >= 100 for seen in pool.map(run, range(6)))
    assert [record["system"] for record in context.trace] == ["hadamard4"] * 600
    context.clear_trace()
    assert context.trace == []


def test_a_second_thread_in_a_world_is_refused(world, latent):
    inside, leave = threading.Event(), threading.Event()

    class Wait(Twice):
        def run(self, group):
            world.new_entity()  # the thread that runs may enter again
            inside.set()
            assert leave.wait(20)
            super().run(group)

    entity = world.spawn_latent(latent)
    runner = threading.Thread(target=lambda: world.pipe(entity).to(Wait()))
    runner.start()
    assert inside.wait(20)
    with pytest.raises(InvalidArgument, match="another thread"):
        world.spawn_latent(latent)
    leave.set()
    runner.join()
    assert world.has(entity, "Twice") and world.spawn_latent(latent)


READERS = {
    "entities": lambda world, entity: world.entities,
    "alive": lambda world, entity: world.alive(entity),
    "keys": lambda world, entity: world.keys(entity),
    "has": lambda world, entity: world.has(entity, "Latent4"),
    "get": lambda world, entity: world.get(entity, "Latent4"),
    "metadata": lambda world, entity: world.metadata(entity),
    "pipe": lambda world, entity: world.pipe(entity),
    "in a store": lambda world, entity: entity in world.latent,
    "[] of a store": lambda world, entity: world.latent[entity],
    "get of a store": lambda world, entity: world.latent.get(entity),
    "len of a store": lambda world, entity: len(world.latent),
    "iter of a store": lambda world, entity: list(world.latent),
    "keys of a store": lambda world, entity: world.latent.keys(),
    "values of a store": lambda world, entity: world.latent.values(),
    "items of a store": lambda world, entity: world.latent.items(),
    "used": lambda world, entity: world.arena.used,
    "left": lambda world, entity: world.arena.left,
    "mark": lambda world, entity: world.arena.mark(),
    "alloc_tensor": lambda world, entity: world.arena.alloc_tensor((2,), "f32"),
}


def test_a_second_thread_reads_nothing_of_a_world_at_work(world, latent):
    """What it would be told may be of before, of after or of between; the thread that runs reads on."""
    inside, leave, read = threading.Event(), threading.Event(), []

    class Wait(Twice):
        def run(self, group):
            read.extend(ask(world, entity) is not None for ask in READERS.values())
            inside.set()
            assert leave.wait(20)
            super().run(group)

    entity = world.spawn_latent(latent)
    component, view = world.get(entity, "Latent4"), world.arena.view
    runner = threading.Thread(target=lambda: world.pipe(entity).to(Wait()))
    runner.start()
    assert inside.wait(20)
    readers = READERS | {"array": lambda *_: component.array, "bytes": lambda *_: component.tobytes()}
    readers["view"] = lambda *_: view(component.ref)
    told = {}
    for name, ask in readers.items():
        try:
            told[name] = ask(world, entity)
        except InvalidArgument as error:
            assert "another thread" in str(error)
    leave.set()
    runner.join()
    assert told == {} and read == [True] * len(READERS)
    assert all(ask(world, entity) is not None for ask in readers.values())
