"""Flags are True or False, of Python or of NumPy; a comparison of arrays gives the latter."""

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import latents, systems
from vaerans_ecs.latents.doors import diffusers
from vaerans_ecs.latents.plan import BatchPlan

PICTURE = np.random.default_rng(4).integers(0, 256, (16, 24, 3), np.uint8)
LATENT = np.random.default_rng(4).normal(size=(4, 16, 16)).astype(np.float16)
FILE = v.compress(PICTURE, lossless=True)
TWO = [PICTURE, PICTURE[:8]]


class Halving(v.System):
    contract = v.Contract("halving_of_flags", inputs=["planes"], outputs=["planes"], role="filter")

    def __init__(self, rough=False):
        super().__init__()
        self.rough = rough

    def params(self):
        return {"rough": self.rough}

    def run(self, group):
        group.output(group.batch().shape[1:])[...] = group.batch() / 2


def rows_written(flag, folder):
    place = folder / "rows.vrs"
    place.write_bytes(b"there")
    with v.RowWriter(place, (16, 24, 3), force=flag) as out:
        out.write(PICTURE)
    return place.read_bytes()


def saved(flag, folder):
    place = folder / "saved.vrs"
    place.write_bytes(b"there")
    return v.save(place, PICTURE, lossless=True, force=flag)


def written(folder, **options):
    with v.LatentStore.writer(folder / "store", **options) as out:
        out.add("a", LATENT)
    return v.LatentStore(folder / "store")["a"].tolist()


def contract(**options):
    made = v.Contract("a", inputs=["image"], outputs=["image"], **options)
    return made.ragged, made.optional_trail


def file_of_a_world(flag):
    world = v.World(1 << 22)
    entity = world.spawn_image(PICTURE)
    world.pipe(entity).to("ycocg | cdf53(levels=2) | quantize | ans")
    return v.write_file(world, entity, lossless=flag)


def plan(**options):
    made = BatchPlan({"a": list("abcde")}, np.int64(2), seed=np.int64(3), **options)
    return made.fingerprint, made.batches(), made.shuffle is True, made.drop_last is True


# What a call makes of a flag and of a folder; where it can be False, the wrong one gives something else.
CALLS = {
    "lossless": lambda f, _: v.compress(PICTURE, lossless=f),
    "digest": lambda f, _: v.compress(PICTURE, lossless=True, digest=f),
    "strip": lambda f, _: v.compress(PICTURE, lossless=True, strip=f),
    "preview": lambda f, _: v.compress(PICTURE, lossless=True, preview=f),
    "allow_partial": lambda f, _: v.decompress_part(FILE, allow_partial=f).image.tolist(),
    "full": lambda f, _: v.verify(FILE, full=f),
    "lossy": lambda f, _: v.transcode(FILE, lossy=f),
    "force of rows": rows_written,
    "force": saved,
    "lossless of blobs": lambda f, _: latents.encode_blob(LATENT, lossless=f),
    "trellis": lambda f, _: latents.encode_blob(LATENT, rmse=0.05, trellis=f),
    "strict": lambda f, folder: (written(folder), len(v.LatentStore(folder / "store", strict=f))),
    "resume": lambda f, folder: written(folder, resume=f),
    "replace": lambda f, folder: written(folder, replace=f),
    "lossless of stores": lambda f, folder: written(folder, lossless=f),
    "trellis of stores": lambda f, folder: written(folder, trellis=f),
    "shuffle": lambda f, _: plan(shuffle=f),
    "drop_last": lambda f, _: plan(drop_last=f),
    "log_variance": lambda f, _: [list(item) for item in diffusers.items_of(LATENT[None], log_variance=f)],
    "encode_only": lambda f, _: systems.Param("a", 3, encode_only=f).encode_only,
    "lossless of write_file": lambda f, _: file_of_a_world(f),
    "trace": lambda f, _: repr(v.Context(trace=f)),
    "ragged": lambda f, _: contract(ragged=f),
    "optional_trail": lambda f, _: contract(optional_trail=f),
    "gaussian": lambda f, _: systems.MetricSSIM(gaussian=f).recipe,
    "visual": lambda f, _: repr(systems.QuantizeBands(visual=f)),
    "of make_system": lambda f, _: systems.make_system("ssim", gaussian=f).recipe,
    "of a system of Python": lambda f, _: Halving(f).recipe,
}
ALONE = {"of a system of Python"}  # what it takes is its own matter


def outcome(name, flag, folder):
    """What a call gives, or the error that it ends with."""
    folder.mkdir()
    try:
        return CALLS[name](flag, folder)
    except v.VaeransError as error:
        return type(error), str(error).replace(str(folder), "")


@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("name", CALLS)
def test_numpys_booleans_are_flags(name, value, tmp_path):
    of_numpy = outcome(name, np.bool_(value), tmp_path / "a")
    assert of_numpy == outcome(name, value, tmp_path / "b")
    assert not (isinstance(of_numpy, tuple) and of_numpy[0] is v.BadParameter), of_numpy


@pytest.mark.parametrize("other", [1, 0, "yes", None, 1.0, np.array([True, False])], ids=repr)
@pytest.mark.parametrize("name", CALLS.keys() - ALONE - {"preview"})
def test_nothing_else_is(name, other, tmp_path):
    with pytest.raises(v.BadParameter):
        CALLS[name](other, tmp_path)


def test_a_default_of_numpy_makes_a_flag():
    assert (systems.Param("a", np.False_).type, systems.Param("a", np.False_).default) == ("flag", False)


@pytest.mark.parametrize(("given", "size"), [(np.True_, 400), (True, 400), (np.int64(200), 200)])
def test_a_preview_of_numpys_numbers(given, size):
    assert v.compress(PICTURE, lossless=True, preview=given) == v.compress(PICTURE, lossless=True, preview=size)
