"""Spawning, components, and how long arena memory lives."""

import gc
import weakref

import numpy as np
import pytest
from vaerans_ecs import ArenaFull, ImageUnsupported, StaleRef, World, components
from vaerans_ecs.errors import DTypeError, ForeignRef, InvalidArgument, MissingComponent, ShapeError, UnknownEntity


def test_spawn_image_copies_once_and_views_without_a_copy(world, img):
    entity = world.spawn_image(img)
    rgb = world.get(entity, components.RGB)
    assert type(rgb) is components.RGB and rgb.key == "RGB" and rgb.kind == "image"
    view = np.asarray(rgb)
    np.testing.assert_array_equal(view, img)
    assert not view.flags.owndata and not view.flags.writeable
    assert view.__array_interface__["data"][0] % 64 == 0
    assert np.shares_memory(view, rgb.array)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a[::2, ::3],
        lambda a: a[::-1],
        lambda a: a[:, ::-1],
        lambda a: a[..., ::-1],
        lambda a: a[3:-3, 5:-5],
        lambda a: np.asfortranarray(a),
        lambda a: a.transpose(1, 0, 2),
        lambda a: np.broadcast_to(a[:1], a.shape),
        lambda a: np.broadcast_to(a[..., :1], a.shape),
    ],
)
def test_strides_of_any_kind(world, img, change):
    odd = change(img)
    np.testing.assert_array_equal(world.get(world.spawn_image(odd), "RGB"), odd)


def test_read_only_and_one_pixel_pictures(world):
    pixel = np.array([[[1, 2, 3]]], np.uint8)
    pixel.flags.writeable = False
    np.testing.assert_array_equal(world.get(world.spawn_image(pixel), "RGB"), pixel)


def test_pil_images(world, img):
    image = pytest.importorskip("PIL.Image")
    entity = world.spawn_image(image.fromarray(img))
    np.testing.assert_array_equal(world.get(entity, "RGB"), img)


@pytest.mark.parametrize(
    ("array", "remedy"),
    [
        (np.zeros((9, 5, 5), np.uint8), "5 channels"),
        (np.zeros((0, 5, 3), np.uint8), "empty"),
        (np.zeros((4, 0, 3), np.uint8), "empty"),
        (np.zeros((4, 5, 3), np.float32), "astype('uint8')"),
        (np.zeros((4, 5, 3), bool), "astype('uint8')"),
        (np.zeros((2, 4, 5, 3), np.uint8), "spawn_batch_rgb"),
        (np.zeros(7, np.uint8), "height"),
    ],
)
def test_pictures_that_are_refused(world, array, remedy):
    with pytest.raises(ImageUnsupported) as caught:
        world.spawn_image(array)
    assert remedy in str(caught.value)
    assert world.entities == []


def test_batch_shares_one_buffer_per_shape(world, picture):
    pictures = [picture(8, 12, 0), picture(6, 6, 1), picture(8, 12, 2)]
    ids = world.spawn_batch_rgb(pictures)
    assert ids == [1, 2, 3]
    refs = [world.get(e, "RGB").ref for e in ids]
    assert refs[2].offset - refs[0].offset == 8 * 12 * 3
    for entity, one in zip(ids, pictures, strict=True):
        np.testing.assert_array_equal(world.get(entity, "RGB"), one)
    assert len(world.spawn_batch_rgb(np.stack([pictures[0], pictures[2]]))) == 2


def test_latents(world, latent):
    entity = world.spawn_latent(latent)
    np.testing.assert_array_equal(world.get(entity, "Latent4"), latent)
    np.testing.assert_array_equal(world.get(world.spawn_latent(latent[None]), "Latent4"), latent)
    with pytest.raises(DTypeError, match="float32"):
        world.spawn_latent(latent.astype(np.float64))
    with pytest.raises(ShapeError):
        world.spawn_latent(latent[0])


def test_ids_are_never_used_twice(world, img):
    first = world.spawn_image(img)
    world.despawn(first)
    assert world.new_entity() == first + 1
    world.reset()
    assert world.new_entity() == first + 2
    with pytest.raises(UnknownEntity):
        world.keys(first)


def test_components_of_ones_own(world):
    entity = world.new_entity()
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    world.set(entity, "Mine", values, kind="planes")
    world.set(entity, components.YUVW4, values)
    assert sorted(world.keys(entity)) == ["Mine", "YUVW4"]
    mine = world.get(entity, "Mine")
    assert (mine.key, mine.kind, mine.shape, mine.dtype) == ("Mine", "planes", (2, 3, 4), np.float32)
    np.testing.assert_array_equal(mine, values)
    assert world.has(entity, components.YUVW4) and not world.has(entity, "RGB")
    with pytest.raises(MissingComponent, match="Mine"):
        world.get(entity, "RGB")
    with pytest.raises(InvalidArgument, match="kind"):
        world.set(entity, "Other", values)


def test_views_outlive_the_world(img):
    world = World(arena_bytes=8 << 20)
    view = np.asarray(world.get(world.spawn_image(img), "RGB"))
    alive = weakref.ref(view)
    del world
    gc.collect()
    churn = [World(arena_bytes=8 << 20) for _ in range(8)]  # would reuse the addresses
    for other in churn:
        other.spawn_image(255 - img)
    np.testing.assert_array_equal(view, img)
    assert alive() is view


def test_a_component_keeps_its_world(img):
    world = World(arena_bytes=8 << 20)
    rgb = world.get(world.spawn_image(img), "RGB")
    del world
    gc.collect()
    np.testing.assert_array_equal(rgb.array, img)


def test_stale_after_reset(world, img):
    rgb = world.get(world.spawn_image(img), "RGB")
    old = rgb.array
    world.reset()
    with pytest.raises(StaleRef):
        _ = rgb.array
    with pytest.raises(StaleRef):
        np.asarray(rgb)
    with pytest.raises(StaleRef):
        rgb.tobytes()
    assert old.shape == img.shape  # mapped, whatever it holds by now
    assert rgb.shape == img.shape and rgb.trail == []
    world.spawn_image(img)
    with pytest.raises(StaleRef):
        _ = rgb.array


def test_arena(world):
    arena = world.arena
    mark = arena.mark()
    ref = arena.alloc_tensor((3, 4, 5), np.float32)
    assert (ref.shape, ref.dtype, ref.strides, ref.nbytes) == ((3, 4, 5), np.float32, (80, 20, 4), 240)
    arena.view(ref)[...] = np.arange(60).reshape(3, 4, 5)
    item = arena.subref_axis0(ref, 1)
    np.testing.assert_array_equal(arena.view(item), np.arange(20, 40).reshape(4, 5))
    joined = arena.join_axis0([arena.subref_axis0(ref, i) for i in range(3)])
    assert joined.shape == (3, 4, 5)
    assert arena.join_axis0([item, arena.subref_axis0(ref, 0)]) is None
    used, peak = arena.used, arena.high_water
    arena.rewind(mark)
    assert arena.used < used and arena.high_water == peak and arena.left == arena.capacity - arena.used
    with pytest.raises(StaleRef):
        arena.view(ref)


@pytest.mark.parametrize("dtype", ["u8", "i8", "u16", "i16", "u32", "i32", "i64", "f16", "f32"])
def test_every_dtype(world, dtype):
    view = world.arena.view(world.arena.alloc_tensor((2, 3), dtype))
    assert view.dtype == np.dtype({"u": "uint", "i": "int", "f": "float"}[dtype[0]] + dtype[1:])
    view[...] = 7
    assert (view == 7).all()


def test_bad_shapes_and_foreign_refs(world):
    for shape in [(0,), (1 << 40, 1 << 40), (2, 0, 3), (-1,), (1,) * 7]:
        with pytest.raises(ShapeError):
            world.arena.alloc_tensor(shape, "u8")
    with pytest.raises(DTypeError):
        world.arena.alloc_tensor((2,), "f64")
    ref = world.arena.alloc_tensor((2,), "u8")
    with pytest.raises(ForeignRef):
        World(1 << 20).arena.view(ref)
    with pytest.raises(ArenaFull):
        world.arena.alloc_tensor((1 << 30,), "u8")


def test_scratch_is_reused(world):
    first = world.scratch("mine", (10,), "f32")
    used = world.arena.used
    assert np.shares_memory(first, world.scratch("mine", (2, 5), "f32")) and world.arena.used == used


def test_scratch_gives_back_what_it_replaces():
    world = World(4 << 20)
    for side in range(1, 400):
        assert world.scratch("mine", (side * 1000,), "f32" if side % 2 else "i32").shape == (side * 1000,)
    assert world.arena.used < 4 * 400_000


def test_dlpack_and_casts(world, img):
    rgb = world.get(world.spawn_image(img), "RGB")
    shared = np.from_dlpack(rgb, copy=False)
    assert np.shares_memory(shared, rgb.array)
    np.testing.assert_array_equal(shared, img)
    assert np.array(rgb, dtype=np.float32).dtype == np.float32
    assert np.array(rgb, copy=True).flags.owndata
    with pytest.raises(ValueError, match="copy"):
        np.asarray(rgb, dtype=np.float32, copy=False)
    assert len(rgb) == img.shape[0] and rgb.tobytes() == img.tobytes()
