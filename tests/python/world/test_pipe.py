"""Pipes and pipelines: cursors, batches, checks, recipes."""

import pickle

import numpy as np
import pytest
from vaerans_ecs import BadParameter, BadRecipe, Context, ContractError, Pipeline, System, World, components
from vaerans_ecs.errors import InvalidArgument, MissingComponent, NonFinite, UnknownSystem
from vaerans_ecs.systems import (
    ANSDecode,
    ANSEncode,
    Dequantize,
    GaussianBlur,
    Hadamard4,
    Hadamard4Inverse,
    Quantize,
    QuantizeU8,
    WaveletCDF53,
    WaveletCDF53Inverse,
    WaveletHaar,
    all_systems,
    make_system,
)

RECIPE = "hadamard4 | cdf53(levels=3) | quantize(step=0.25) | ans"


def encode(world, latent, **options):
    return (
        world.pipe(world.spawn_latent(latent), **options) | Hadamard4() | WaveletCDF53(3) | Quantize(0.05) | ANSEncode()
    )


def test_round_trip_of_a_latent(world, latent):
    pipe = encode(world, latent)
    stream = pipe.out("Bitstream")
    assert type(stream) is components.ANSBitstream and stream.n_symbols == latent.size
    assert stream.dtype == np.uint8 and bytes(stream) == stream.array.tobytes()
    assert [s.system.partition("(")[0] for s in stream.trail] == ["hadamard4", "cdf53", "quantize", "ans"]
    pipe | ANSDecode() | Quantize.dequantize() | WaveletCDF53.inverse() | Hadamard4.inverse()
    assert pipe.cursor == "Latent4"
    assert np.abs(np.asarray(pipe.out()) - latent).max() < 0.2


def test_one_entity_gives_one_component_and_a_list_gives_a_list(world, latent):
    a, b = world.spawn_latent(latent), world.spawn_latent(-latent)
    assert world.pipe(a).out("Latent4").entity == a
    assert world.pipe(np.int64(a)).out().entity == a
    both = world.pipe([a, b]).to(Hadamard4()).out(components.YUVW4)
    assert [c.entity for c in both] == [a, b] and type(both[0]) is components.YUVW4
    assert len(world.pipe((a,)).out("Latent4")) == 1


def test_select_fork_and_names(world, latent):
    pipe = world.pipe(world.spawn_latent(latent)).to(Hadamard4(), out="Turned")
    fork = pipe.fork().select("Latent4")
    assert (pipe.cursor, fork.cursor) == ("Turned", "Latent4")
    assert fork.use(components.Latent4) is fork
    with pytest.raises(MissingComponent, match="Turned"):
        pipe.select("ReconRGB")
    with pytest.raises(MissingComponent):
        pipe.out("ReconRGB")
    assert pipe.to(WaveletHaar(), out=components.WaveletPyr).cursor == "WaveletPyr"


def test_bands_of_a_pyramid(world, latent):
    pyramid = (world.pipe(world.spawn_latent(latent)) | WaveletCDF53(levels=2)).out("WaveletPyr")
    assert type(pyramid) is components.WaveletPyr and pyramid.levels == 2
    assert len(pyramid.bands) == 4 * 7
    channel, level, band, offset, h, w = pyramid.bands[0]
    assert (channel, level, band, offset, h, w) == (0, 2, "LL", 0, 6, 10)
    view = pyramid.band(1, 1, "HL")
    assert view.shape == (12, 20) and np.shares_memory(view, pyramid.array) and not view.flags.writeable
    assert sum(s.h * s.w for s in pyramid.subbands) == latent.size
    with pytest.raises(InvalidArgument, match="HL"):
        pyramid.band(1, 3, "HL")


def test_steps_that_do_not_fit_are_refused_before_anything_runs(world, img):
    used = world.arena.used
    with pytest.raises(ContractError, match=r"step 1.*hadamard4.*planes"):
        world.pipe(world.spawn_image(img)).to(Hadamard4())
    with pytest.raises(ContractError, match=r"step 2 \(ans\): needs symbols"):
        Hadamard4() | ANSEncode() | WaveletCDF53()
    with pytest.raises(ContractError, match="System"):
        world.pipe(1).to(3)
    with pytest.raises(ContractError, match="needs planes"):
        world.pipe(1).to("hadamard4")
    with pytest.raises(ContractError, match=r"write Hadamard4\(\)"):
        world.pipe(1).to(Hadamard4)
    assert world.arena.used - used < 2 * img.nbytes


def test_pipelines_print_and_parse(world, latent):
    built = Hadamard4() | WaveletCDF53(levels=3) | Quantize(step=0.25) | ANSEncode()
    assert str(built) == RECIPE and Pipeline(RECIPE) == built == Pipeline.parse(str(built))
    assert [type(s) for s in built] == [Hadamard4, WaveletCDF53, Quantize, ANSEncode]
    assert len(built) == 4 and (built.input_key, built.output_key) == ("Latent4", "Bitstream")
    assert Pipeline("hadamard4") | (WaveletCDF53(3) | Quantize(0.25)) | ANSEncode() == built
    back = built.inverse()
    assert [type(s) for s in back] == [ANSDecode, Dequantize, WaveletCDF53Inverse, Hadamard4Inverse]
    entity = world.spawn_latent(latent)
    assert world.run(built, [entity]).done == [entity]
    result = world.run(back, [entity])
    assert result.key == "Latent4" and result.failed == []
    assert np.abs(world.get(entity, result.key).array - latent).max() < 1
    assert world.pipe(world.spawn_latent(latent)).to(built).out("Bitstream").nbytes > 0


@pytest.mark.parametrize(
    "chain",
    [
        Pipeline("@ReconRGB blur"),
        Pipeline().select("ReconRGB").to("blur"),
        Pipeline().then("blur", start="ReconRGB"),
    ],
    ids=["recipe", "select", "start"],
)
def test_a_chain_begins_where_it_is_told(world, img, chain):
    entity = world.spawn_image(img)
    world.set(entity, "ReconRGB", 255 - img, kind="image")
    expected = 255 - world.pipe(entity).to("blur").out("BlurRGB").array.astype(int)
    assert chain.input_key == "ReconRGB" and str(chain) == "@ReconRGB blur"
    for blurred in (world.run(chain, entity).out(), world.pipe(entity).to(chain).out()):
        assert np.abs(blurred.array - expected).max() <= 1


@pytest.mark.parametrize(
    "chain",
    [
        Pipeline(),
        Pipeline(RECIPE),
        Pipeline("hadamard4 | cdf53 | quantize").out("QuantParams"),
        Pipeline("hadamard4 | cdf53").select("YUVW4"),
        Pipeline.resolve(["ans", "quantize", "cdf53"], have="YUVW4"),
        Pipeline().to(Hadamard4(), out="Mine").inverse(),
    ],
    ids=["empty", "recipe", "out", "select", "resolved", "inverse"],
)
def test_pickled_chains_do_the_same(chain):
    same = pickle.loads(pickle.dumps(chain))
    assert same == chain and hash(same) == hash(chain) and str(same) == str(chain)
    assert (same.input_key, same.output_key) == (chain.input_key, chain.output_key)


def test_what_a_pickle_keeps(world, latent):
    entity = world.spawn_latent(latent)
    asked = pickle.loads(pickle.dumps(Pipeline("hadamard4 | cdf53 | quantize").out("QuantParams")))
    assert asked.run(world, entity).key == "QuantParams"
    assert asked != Pipeline("hadamard4 | cdf53 | quantize")
    selected = pickle.loads(pickle.dumps(Pipeline("hadamard4 | cdf53").select("YUVW4")))
    assert str(selected | "haar") == "hadamard4 | cdf53(levels=4) | @YUVW4 haar(levels=4)"
    assert selected != Pipeline("hadamard4 | cdf53")


def test_keys_that_no_recipe_can_name_are_refused():
    with pytest.raises(InvalidArgument, match="'a b' cannot be a component's key in a chain"):
        Pipeline().to("hadamard4", out="a b")


@pytest.mark.parametrize(
    ("recipe", "error"),
    [
        ("hadamard4 |", BadRecipe),
        ("cdf53(levels=", BadRecipe),
        ("hadamard5", UnknownSystem),
        ("cdf53(level=3)", BadParameter),
        ("cdf53(levels=high)", BadParameter),
        ("cdf53(levels=99)", BadParameter),
        ("ans | hadamard4", ContractError),
    ],
)
def test_bad_recipes(recipe, error):
    with pytest.raises(error):
        Pipeline(recipe)


def test_class_level_and_instance_inverses():
    assert isinstance(Hadamard4.inverse(), Hadamard4Inverse) and isinstance(Hadamard4().inverse(), Hadamard4Inverse)
    assert WaveletCDF53.inverse(levels=4).recipe == "cdf53_inverse(levels=4)"
    assert isinstance(WaveletCDF53(levels=5).inverse(), WaveletCDF53Inverse)
    assert isinstance(QuantizeU8.dequantize(), Dequantize) and isinstance(QuantizeU8().inverse(), Dequantize)
    assert GaussianBlur().inverse() is None
    assert isinstance(Hadamard4(), System)


def test_every_native_system_has_a_class_with_the_registry_s_defaults():
    import inspect

    from vaerans_ecs import systems

    for entry in all_systems():
        cls = getattr(systems, entry.class_name)
        given = inspect.signature(cls).parameters
        assert [p.name for p in entry.params] == list(given), entry.name
        for param in entry.params:
            default = given[param.name].default
            assert (default, type(default)) == (param.default, type(param.default)), (entry.name, param.name)
        assert cls.__doc__ and entry.doc
        made = make_system(entry.name)
        assert type(made) is cls and made.contract.name == entry.name
        assert made.params().items() <= {(p.name, p.default) for p in entry.params}


def test_parameters_are_checked_in_the_library():
    with pytest.raises(BadParameter, match="levels"):
        WaveletCDF53(levels=-3)
    with pytest.raises(TypeError):
        WaveletCDF53(level=3)
    with pytest.raises(BadParameter):
        make_system("cdf53", level=3)
    assert repr(WaveletCDF53(levels=2)) == "WaveletCDF53(levels=2)" and str(WaveletCDF53(2)) == "cdf53(levels=2)"


def test_trace(world, latent):
    context = Context(trace=True, seed=5)
    encode(world, latent, context=context)
    systems = [record["system"] for record in context.trace]
    assert [s.partition("(")[0] for s in systems] == ["hadamard4", "cdf53", "quantize", "ans"]
    first = context.trace[0]
    assert first["inputs"][0]["shape"] == [1, *latent.shape] and first["inputs"][0]["dtype"] == "f32"
    assert first["seconds"] >= 0 and first["seed"] == 5 and first["bytes_in"] == latent.nbytes
    context.clear_trace()
    assert context.trace == [] and Context().trace == []


def test_groups_by_shape(world, latent):
    context = Context(trace=True)
    ids = [world.spawn_latent(latent), world.spawn_latent(latent[:, :8]), world.spawn_latent(-latent)]
    world.pipe(ids, context).to(Hadamard4())
    assert [r["entities"] for r in context.trace] == [[1, 3], [2]]


def test_collect(world, latent):
    bad = latent.copy()
    bad[0, 0, 0] = np.nan
    good, failing = world.spawn_latent(latent), world.spawn_latent(bad)
    with pytest.raises(NonFinite, match=f"entity {failing}"):
        world.pipe([good, failing]).to(QuantizeU8())
    pipe = world.pipe([good, failing], Context(on_error="collect")).to(QuantizeU8()).to(ANSEncode())
    assert pipe.entities == [good]
    assert [(f.entity, f.code) for f in pipe.failed] == [(failing, "non_finite")]
    assert len(pipe.out("Bitstream")) == 1 and isinstance(pipe.failed[0].error, NonFinite)
    with pytest.raises(NonFinite) as caught:
        world.pipe(failing, Context(on_error="collect")).to(QuantizeU8()).out()
    assert caught.value.entity == failing and "quantize_u8" in caught.value.step


def test_a_full_arena_is_collected():
    world = World(4096)
    ids = [world.spawn_latent(np.zeros((4, 8, 8), "f4")) for _ in range(2)]
    result = world.run("hadamard4 | cdf53", ids, Context(on_error="collect", dtype="f16"))
    assert result.done == [] and [(f.entity, f.code) for f in result.failed] == [(1, "arena_full"), (2, "arena_full")]


def test_context_is_checked():
    with pytest.raises(InvalidArgument, match="collect"):
        Context(on_error="ignore")
    context = Context(threads=2)
    context.limits.max_batch = 3
    context.on_error = "collect"
    assert (context.threads, context.limits.max_batch, context.on_error) == (2, 3, "collect")


def test_pipes_keep_their_world(latent):
    pipe = encode(World(16 << 20), latent)
    assert pipe.to(ANSDecode()).out("SymbolsU8").array.size == latent.size
