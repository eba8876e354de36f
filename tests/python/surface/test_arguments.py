"""Wrong arguments: whatever is passed where, the answer is in the package's words, never in those of its inside.

Every public method and function is called with values of other kinds, one and two at a time; setters, too.
"""

import contextlib
import inspect
import itertools
import warnings

import numpy as np
import pytest
import vaerans_ecs as v
from vaerans_ecs import components, systems

PICTURE = np.zeros((16, 24, 3), np.uint8)
ENDLESS: list = []
ENDLESS.append(ENDLESS)
ODD = [object(), "x", -1, 3.5, [object()], {"a": 1}, np.array(["x"]), b"x", (1,), float("nan"), 1 << 70, None]
ODD += ["\udcff", ENDLESS]
INSIDE = ("bad_cast", "std::", "nb_type")
WRITES = {"save", "compress_stream", "RowWriter", "adopt"}  # the last is the native module's own door


def subjects() -> list:
    world = v.World(1 << 24)
    entity = world.spawn_image(PICTURE)
    world.pipe(entity).to("blur")
    chain = v.Pipeline("blur", world=world)
    return [
        *(world, world.arena, world.pipe(entity), chain, world.rgb, world.rgb[entity], world.rgb[entity].ref),
        *(v.Context(trace=True), v.Limits(), chain.run(entity), world.scratch("a", (2,)), systems.GaussianBlur()),
    ]


def shows_the_inside(error: Exception) -> bool:
    text = str(error)
    return text.startswith("():") or any(word in text for word in INSIDE) or type(error) in (RuntimeError, SystemError)


def answers(call, words) -> str | None:
    """What is wrong with the answer, if anything is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call(*words)
    except Exception as error:
        return f"{type(error).__name__}: {error}" if shows_the_inside(error) else None
    return None


def found(name: str, call, counts=(1, 2)) -> set[str]:
    words = itertools.chain.from_iterable(itertools.product(ODD, repeat=count) for count in counts)
    return {f"{name}: {problem}" for one in words if (problem := answers(call, one))}


def members(subject):
    for name in dir(type(subject)):
        if not name.startswith("_") or name in ("__getitem__", "__contains__", "__or__", "__ror__", "__eq__"):
            yield name, inspect.getattr_static(type(subject), name)


@pytest.mark.parametrize("subject", subjects(), ids=lambda one: type(one).__name__)
def test_methods_and_setters(subject):
    problems: set[str] = set()
    for name, member in members(subject):
        if isinstance(member, property):
            setters = [] if member.fset is None else [lambda value, to=member.fset: to(subject, value)]
            problems |= set().union(*(found(f"{name}=", setter, (1,)) for setter in setters))
        elif name not in ("reset", "run", "to", "describe") and callable(getattr(subject, name, None)):
            problems |= found(name, getattr(subject, name))
        elif name in ("run", "to"):
            problems |= found(name, getattr(subject, name), (1,))
    assert problems == set()


@pytest.mark.parametrize("module", [v, systems, components], ids=lambda one: one.__name__)
def test_functions_and_classes(module, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    public = [getattr(module, name) for name in module.__all__ if name not in WRITES]
    assert set().union(*(found(one.__name__, one) for one in public if callable(one))) == set()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("function", [v.compress, v.decompress, v.transcode, v.strip, v.with_metadata])
def test_keywords(function):
    first = v.compress(PICTURE, lossless=True) if function is not v.compress else PICTURE
    names = list(inspect.signature(function).parameters)[1:]
    calls = {name: (lambda value, name=name: function(first, **{name: value})) for name in names if name != "options"}
    assert set().union(*(found(name, call, (1,)) for name, call in calls.items())) == set()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: v.World("big"), "arena_bytes is a whole number"),
        (lambda: v.Arena(1 << 70), "bytes is a whole number, such as 512 << 20"),
        (lambda: v.compress(PICTURE, effort=1 << 70), "effort is far from 1180591620717411303424"),
        (lambda: v.compress(PICTURE, effort=10), "effort is 1 to 9, not 10"),
        (lambda: v.decompress(v.compress(PICTURE), region=(1 << 70, 0, 1, 1)), r"whole numbers from 0 to below 2\^64"),
        (lambda: v.World(1 << 20).pipe("photo"), "an entity is a whole number, as spawn_image"),
        (lambda: v.World(1 << 20).scratch("a", "b"), "a shape is whole numbers from 0 on"),
        (lambda: v.World(1 << 24).spawn_batch_rgb(PICTURE), r"for one picture: \[picture\]"),
        (lambda: v.Context(threads="all"), "threads is a whole number, 0 for"),
        (lambda: v.Context(limits={"max_side": 3}), r"limits is Limits\(...\)"),
        (lambda: v.Limits(max_side=-1), "max_side is a whole number from 0 on, not -1"),
        (lambda: v.compress(PICTURE, effort="x"), "effort is a whole number, not 'x'"),
        (lambda: v.compress(PICTURE, lossless="yes"), "lossless is True or False"),
        (lambda: v.compress(PICTURE, model=3), "model is a text"),
        (lambda: v.compress(PICTURE, context=3), "context is a Context"),
        (lambda: v.decompress(v.compress(PICTURE), region=3), r"a region is \(x, y, width, height\)"),
        (lambda: systems.OnnxVAEEncode(model=3), "'model' is a text"),
        (lambda: systems.Residual(src=3), "'src' is a text"),
        (lambda: systems.Hadamard4().run(3, [1]), "the first is a World"),
        (lambda: v.register(systems.Hadamard4), "with parentheses"),
        (lambda: v.Pipeline.resolve(3), "systems is a list"),
        (lambda: v.Contract("a", inputs=[3], outputs=[], role="filter"), "an input or output is a component type"),
    ],
)
def test_answers_say_what_was_wanted(call, text):
    with pytest.raises((v.BadParameter, v.ImageUnsupported), match=text):
        call()


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: v.Pipeline("\udcff"), v.BadRecipe, "udcff"),
        (lambda: v.Pipeline(ENDLESS), v.BadRecipe, "holds itself"),
        (lambda: v.Pipeline([["quantize"], ("ans",)]) and v.Pipeline(("\udcff",)), v.BadRecipe, "udcff"),
        (lambda: v.World(1 << 20).store("\udcff"), v.BadParameter, r"such as 'RGB' .*, not '\\udcff'"),
        (lambda: v.World(1 << 20).has(1, "\udcff"), v.BadParameter, "udcff"),
        (lambda: v.compress(PICTURE, mode="\udcff"), v.BadParameter, r"mode is a text, not '\\udcff'"),
        (lambda: v.Spec("bands", "f32", (4,), [(0, 300, "LL", 0, 8, 8)]), v.BadParameter, "0 to 255, not 300"),
        (lambda: v.Spec("bands", "f32", (4,), [(0, 1, "LL", -1, 8, 8)]), v.BadParameter, "from 0 on, not -1"),
        (lambda: v.Spec("bands", "\udcff", (4,)), v.errors.DTypeError, "udcff"),
    ],
)
def test_texts_and_numbers_that_are_none(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


READERS = [v.file_info, v.file_metadata, v.with_metadata, v.preview, v.verify, v.strip, v.decompress, v.RowReader]


@pytest.mark.parametrize("function", READERS)
@pytest.mark.parametrize("wrong", [5, "x", {"threads": 1}])
def test_what_is_no_context(function, wrong):
    with pytest.raises(v.BadParameter, match=r"^context is a Context, not "):
        function(v.compress(PICTURE, lossless=True), context=wrong)


@pytest.mark.parametrize("name", ["\ud800.vrs", "a\0b.vrs"])
def test_paths_that_no_file_can_have(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    readers = [*READERS, v.open, v.decompress_part, v.decompress_latent, v.transcode, v.load_plugin]
    writers = [lambda path: v.save(path, PICTURE), lambda path: v.compress_stream(PICTURE, path)]
    for call in (*readers, *writers, lambda path: v.compress(PICTURE, model=path)):
        with pytest.raises(
            v.BadParameter,
            match=r"^(path|model|the path of a file) is .*(a text or a path, not|no path has the character NUL)",
        ):
            call(name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (lambda: v.compress_latent(None, "quantize | ans"), v.errors.InvalidArgument, "a latent is an array"),
        (lambda: v.RowWriter("a.vrs", (4, 4, 3)).write(None), v.errors.InvalidArgument, "rows are an array"),
        (lambda: v.RowWriter("a.vrs", (4, 4, 3), "\ud800"), v.errors.DTypeError, "of uint8 or uint16, not '.ud800'"),
    ],
)
def test_what_is_no_array(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_nothing_is_equal_to_none():
    data = v.compress(PICTURE, lossless=True)
    world = v.World(1 << 20)
    for thing in (v.Pipeline("blur"), v.Limits(), v.file_info(data), v.Subband(0, 1, "LL", 0, 8, 8)):
        assert thing == thing and thing != None  # noqa: E711
        assert thing != 1 and thing != object()
    assert None not in world.rgb and world.rgb.get(None) is None


def test_a_misspelt_attribute_of_a_context_is_an_error():
    with pytest.raises(AttributeError):
        v.Context().thread = 3


def test_floats_with_a_range_are_pictures():
    picture = np.random.default_rng(1).integers(0, 256, (16, 24, 3), np.uint8)
    for low, high in ((0, 1), (-1, 1), (0, 255)):
        floats = (low + picture.astype(np.float32) / 255 * (high - low)).astype(np.float32)
        np.testing.assert_array_equal(v.decompress(v.compress(floats, value_range=(low, high), lossless=True)), picture)
        world = v.World(1 << 20)
        np.testing.assert_array_equal(world.rgb[world.spawn_image(floats, value_range=(low, high))], picture)
    stack = v.compress(np.stack([picture, picture]) / 255, value_range=(0, 1), lossless=True)
    assert len(stack) == 2 and stack[0] == stack[1] == v.compress(picture, lossless=True)
    beyond = np.array([[[-5.0, 0.5, 7.0]]])
    assert v.decompress(v.compress(beyond, value_range=(0, 1), lossless=True)).tolist() == [[[0, 128, 255]]]


@pytest.mark.parametrize("bad", [3, (1, 0), (0, 0), ("a", "b"), (0, float("inf")), (0, 1, 2)])
def test_other_ranges_are_refused(bad):
    with pytest.raises(v.BadParameter, match="value_range is"):
        v.compress(PICTURE / 255, value_range=bad)


def test_nan_is_no_colour():
    with contextlib.suppress(RuntimeWarning), pytest.raises(v.ImageUnsupported, match="finite"):
        v.compress(np.full((4, 4, 3), np.nan), value_range=(0, 1))


@pytest.mark.parametrize("wrong", [None, "x\ud800", int, object()])
def test_what_a_context_or_a_limit_cannot_be_is_named(wrong):
    """On construction and later, None as anything else."""
    for name in ("device", "dtype", "threads", "seed", "on_error"):
        with pytest.raises(v.errors.VaeransError, match=f"^(unknown )?{name} "):
            v.Context(**{name: wrong})
        with pytest.raises(v.errors.VaeransError, match=f"^(unknown )?{name} "):
            setattr(v.Context(), name, wrong)
    with pytest.raises(v.errors.BadParameter, match=r"^max_memory is a whole number from 0 on, not"):
        v.Limits().max_memory = wrong
