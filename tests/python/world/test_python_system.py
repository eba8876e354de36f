"""Systems written in Python, beside native ones."""

import gc
import weakref

import numpy as np
import pytest
from vaerans_ecs import (
    BadParameter,
    Context,
    Contract,
    ContractError,
    Param,
    Pipeline,
    Spec,
    System,
    VaeransError,
    file_info,
    register,
    systems,
    write_file,
)
from vaerans_ecs.components import RGB, YUVW4, Latent4
from vaerans_ecs.errors import CorruptStream, InvalidArgument, ShapeError
from vaerans_ecs.systems import ANSDecode, ANSEncode, Hadamard4, Quantize


class Unscale(System):
    """Divides by what the side information says."""

    contract = Contract("unscale", inputs=["planes"], outputs=["planes"], role="inverse", inverse_of="scale")

    def run(self, group):
        out = group.output(group.spec().shape)
        for i in range(len(group)):
            step = group.undone_step(i)
            assert step.system.startswith("scale") and step.input_key == "Latent4"
            out[i] = group.item(i) / np.frombuffer(step.side_info, np.float32)[0]


class Scale(System):
    """Multiplies a latent."""

    contract = Contract("scale", inputs=[("planes", "")], outputs=[YUVW4])

    def __init__(self, by=2.0):
        super().__init__()
        self.by = by

    def run(self, group):
        batch = group.batch()
        assert not batch.flags.writeable and batch.shape == (group.size, *group.spec().shape)
        out = group.output(batch.shape[1:], np.float32)
        np.multiply(batch, self.by, out=out)
        for i in range(len(group)):
            group.side_info(i, np.float32(self.by).tobytes())
        group.note(f"scaled by {self.by}")

    def describe(self, input, side_info):
        if len(side_info) != 4:
            raise CorruptStream("the scale side information has 4 bytes")
        return Spec("planes", "f32", input.shape)

    def inverse(self):
        return Unscale()


@pytest.fixture
def registered():
    register("unscale")(Unscale)
    register("scale", params=[Param("by", 2.0, "factor")])(Scale)


def test_runs_next_to_native_systems_in_batches(world, latent):
    context = Context(trace=True)
    ids = [world.spawn_latent(latent * k) for k in (1, 2, 3)]
    pipe = world.pipe(ids, context) | Scale(4.0) | Quantize(step=1e-3) | ANSEncode()
    pipe | ANSDecode() | Quantize.dequantize() | Unscale()
    for k, back in zip((1, 2, 3), pipe.out(Latent4), strict=True):
        np.testing.assert_allclose(back, latent * k, atol=1e-3)
    assert context.trace[0]["system"] == "scale" and context.trace[0]["entities"] == ids
    assert context.trace[0]["notes"] == ["scaled by 4.0"]


def test_batches_are_views(world, latent):
    seen = {}

    class Look(System):
        contract = Contract("look", inputs=[Latent4], outputs=[("planes", "Looked")], role="filter")

        def run(self, group):
            seen["batch"], seen["group"] = group.batch(), group
            group.output((2, 3), "u16", kind="planes")[...] = 9

    entity = world.spawn_latent(latent)
    looked = world.pipe(entity).to(Look()).out("Looked")
    assert np.shares_memory(seen["batch"], world.get(entity, Latent4).array)
    assert looked.dtype == np.uint16 and (looked.array == 9).all()
    with pytest.raises(InvalidArgument, match="inside run"):
        seen["group"].batch()


def test_sections_and_items_of_their_own_size(world, latent):
    class Split(System):
        contract = Contract("split", inputs=["planes"], outputs=[("bands", "Split"), ("bitstream", "Bytes")])

        def run(self, group):
            c, h, w = group.spec().shape
            subbands = [(k, 0, "LL", k * h * w, h, w) for k in range(c)]
            group.output((c, h * w), subbands=subbands)[...] = group.batch().reshape(len(group), c, -1)
            for i in range(len(group)):
                group.output_item(i, np.arange(i + 1, dtype=np.uint8), port=1)

    ids = [world.spawn_latent(latent) for _ in range(3)]
    outs = world.pipe(ids).to(Split()).out("Split")
    np.testing.assert_array_equal(outs[2].band(1, 0, "LL"), latent[1])
    assert [world.get(e, "Bytes").nbytes for e in ids] == [1, 2, 3]


def test_registered_systems_are_known_to_recipes(world, latent, registered):
    pipeline = Pipeline("scale(by=3) | hadamard4 | quantize(step=0.01) | ans")
    assert str(pipeline).startswith("scale(by=3") and str(pipeline).endswith(" | hadamard4 | quantize(step=0.01) | ans")
    first = next(iter(pipeline))
    assert type(first) is Scale and first.by == 3.0 and repr(first) == "Scale(by=3.0)"
    assert Pipeline(str(pipeline)) == pipeline and Scale().params() == {}
    entry = systems.find_system("scale")
    assert (entry.class_name, entry.doc, entry.params[0].doc) == ("Scale", "Multiplies a latent.", "factor")
    entity = world.spawn_latent(latent)
    world.run(pipeline, [entity])
    assert world.run(pipeline.inverse(), [entity]).key == "Latent4"
    np.testing.assert_allclose(world.get(entity, Latent4), latent, atol=0.05)
    assert Scale.inverse(first).recipe == "unscale"
    assert systems.unregister("scale") and not systems.unregister("scale")
    assert not systems.unregister("hadamard4")


def test_parameters_in_recipes_and_files(world, latent):
    register("unscale")(Unscale)

    @register(
        params=[
            Param("by", 2.0, "factor", minimum=1, maximum=8),
            Param("how", "fast", "pace", choices=["fast", "slow"], encode_only=True),
        ]
    )
    class Paced(Scale):
        contract = Contract("paced", inputs=[("planes", "")], outputs=[YUVW4])

        def __init__(self, by=2.0, how="fast"):
            super().__init__(by)
            self.how = how

    try:
        with pytest.raises(BadParameter, match="paced: parameter 'by' is a number, 1 to 8, not 9"):
            Pipeline("paced(by=9)")
        with pytest.raises(BadParameter, match="'how' is a text, fast or slow, not lazy"):
            Pipeline("paced(how=lazy)")
        entry = systems.find_system("paced")
        assert (entry.wire_id, entry.in_files, entry.role) == (None, True, "forward")
        assert [(p.range, p.encode_only) for p in entry.params] == [("1 to 8", False), ("fast or slow", True)]
        entity = world.spawn_latent(latent)
        world.run(Pipeline("paced(by=3, how=slow) | quantize(step=0.01) | ans"), [entity])
        recipe = file_info(write_file(world, entity)).recipe
        assert recipe == "paced(by=3.0) | quantize(step=0.01) | ans"
    finally:
        systems.unregister("paced")


def test_a_text_that_reads_as_a_path_is_not_written(world, latent):
    """Readers refuse it: what is written can be read."""
    register("unscale")(Unscale)

    @register(params=[Param("by", 2.0, "factor"), Param("how", "fast", "any text")])
    class Named(Scale):
        contract = Contract("named", inputs=[("planes", "")], outputs=[YUVW4])

        def __init__(self, by=2.0, how="fast"):
            super().__init__(by)
            self.how = how

    try:
        entity = world.spawn_latent(latent)
        for text in (".", "..", "a/b", "a\\b"):
            world.run(Pipeline(Named(how=text)) | "quantize(step=0.01) | ans", entity)
            with pytest.raises(BadParameter, match="cannot stand in a file: a text there is a name, no path"):
                write_file(world, entity)
        world.run(Pipeline(Named(how="a.b")) | "quantize(step=0.01) | ans", entity)
        assert "how=a.b" in file_info(write_file(world, entity)).recipe
    finally:
        systems.unregister("named")


def test_a_class_that_does_not_fit_is_refused():
    with pytest.raises(TypeError, match="contract"):
        register("nothing")(type("Nothing", (System,), {}))
    with pytest.raises(ValueError, match="contract says"):
        register("other")(Scale)
    with pytest.raises(ContractError, match="contract"):
        Pipeline(System())


@pytest.mark.parametrize(
    ("made", "missing"),
    [
        (lambda: Contract("a"), "inputs"),
        (lambda: Contract("a", outputs=["planes"]), "inputs"),
        (lambda: Contract("a", role="measure"), "inputs"),
        (lambda: Contract("a", inputs=["planes"]), "outputs"),
        (lambda: Contract("a", ["planes"], role="inverse", inverse_of="b"), "outputs"),
    ],
)
def test_a_contract_has_inputs_and_outputs(made, missing):
    with pytest.raises(ContractError, match=f"contract of 'a' has no {missing}: name what .*{missing}=.'planes'"):
        made()
    assert Contract("a", ["planes"], role="measure").outputs == []


def test_names_are_taken_once(registered):
    with pytest.raises(InvalidArgument, match="scale"):
        register("scale")(Scale)


class Failing(System):
    contract = Contract("failing", inputs=[Latent4], outputs=[("planes", "Out")], role="filter")

    def __init__(self, error=None):
        super().__init__()
        self.error = error

    def run(self, group):
        if self.error is not None:
            raise self.error
        group.output((1, 1, 1))[...] = 0
        group.fail(0, "not today")


def test_exceptions_name_the_step_and_keep_their_cause(world, latent):
    with pytest.raises(
        VaeransError, match=r"failing: ZeroDivisionError: by nothing \(test_python_system.py, line"
    ) as caught:
        world.pipe(world.spawn_latent(latent)).to(Failing(ZeroDivisionError("by nothing")))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    with pytest.raises(CorruptStream, match="rotten"):
        world.pipe(world.spawn_latent(latent)).to(Failing(CorruptStream("rotten")))
    assert world.pipe(world.spawn_latent(latent)).to(Hadamard4()).out("YUVW4") is not None


def test_collect_goes_on_with_the_rest(world, latent):
    ids = [world.spawn_latent(latent) for _ in range(3)]
    pipe = world.pipe(ids, Context(on_error="collect")).to(Failing())
    assert pipe.entities == ids[1:]
    assert pipe.failed[0].entity == ids[0] and "not today" in pipe.failed[0].message
    pipe = world.pipe(ids, Context(on_error="collect")).to(Failing(ValueError("all")))
    assert pipe.entities == [] and len(pipe.failed) == 3


def test_a_wrong_shape_in_python_is_an_error_not_a_crash(world, latent):
    class Wrong(Failing):
        def run(self, group):
            group.output((2, 2, 2))[...] = group.batch()

    with pytest.raises(VaeransError, match="broadcast"):
        world.pipe(world.spawn_latent(latent)).to(Wrong())
    for call in (
        lambda g: g.item(5),
        lambda g: g.batch(3),
        lambda g: g.side_info(9, b""),
        lambda g: g.output((0,)),
        lambda g: g.undone_step(2),
    ):

        class Bad(Failing):
            def run(self, group, call=call):
                call(group)

        with pytest.raises(VaeransError):
            world.pipe(world.spawn_latent(latent)).to(Bad())


def test_measures(world, picture):
    class Mean(System):
        contract = Contract("mean", inputs=[RGB], role="measure")

        def run(self, group):
            for i, mean in enumerate(group.batch().mean(axis=(1, 2, 3))):
                group.measured(i, "mean", float(mean))

    pictures = [picture(9, 7, s) for s in range(3)]
    ids = world.spawn_batch_rgb(pictures)
    pipe = world.pipe(ids).to(Mean())
    assert pipe.cursor == "RGB"
    assert [world.metadata(e)["mean"] for e in ids] == pytest.approx([p.mean() for p in pictures])


def test_the_world_keeps_systems_that_its_trails_name(world, latent):
    pipe = world.pipe(world.spawn_latent(latent)).to(Scale(3.0))
    gc.collect()
    assert pipe.out().trail[0].system.startswith("scale")
    pipe | Unscale()
    np.testing.assert_allclose(pipe.out(Latent4), latent, rtol=1e-6)


def test_systems_are_let_go(world, latent):
    system = Scale(3.0)
    gone = weakref.ref(system)
    world.pipe(world.spawn_latent(latent)).to(system)
    del system
    gc.collect()
    assert gone() is not None  # a trail needs it
    world.reset()
    gc.collect()
    assert gone() is None


def test_files_know_registered_systems(world, latent, registered):
    from vaerans_ecs import compress_latent, decompress_latent

    data = compress_latent(latent, Scale(by=3.0) | Hadamard4() | Quantize(step=0.01) | ANSEncode())
    np.testing.assert_allclose(decompress_latent(data), latent, atol=0.02)


def test_no_crash_at_interpreter_exit(tmp_path):
    import subprocess
    import sys

    script = tmp_path / "left_registered.py"
    script.write_text(
        "import numpy as np\n"
        "from vaerans_ecs import *\n"
        "from vaerans_ecs.systems import Hadamard4\n"
        "@register()\n"
        "class Same(System):\n"
        "    contract = Contract('same', inputs=['planes'], outputs=['planes'])\n"
        "    def run(self, group): group.output(group.spec().shape)[...] = group.batch()\n"
        "w = World(1 << 20)\n"
        "w.pipe(w.spawn_latent(np.ones((4, 3, 2), np.float32))).to(Same()).to(Hadamard4())\n"
        "kept = Pipeline('same | hadamard4')\n"
        "print('fine')\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")


class Forgetful(System):
    """Promises an output and makes none."""

    contract = Contract("forgetful", inputs=["planes"], outputs=[YUVW4])

    def run(self, group):
        pass


def test_a_system_that_makes_no_output_has_failed(world):
    e = world.spawn_latent(np.ones((4, 8, 8), np.float32))
    with pytest.raises(ContractError, match="forgetful has made no 'YUVW4'"):
        world.pipe(e).to(Forgetful())


class Elsewhere(System):
    """Asks for outputs that its contract does not have, or whose subbands lie elsewhere."""

    contract = Contract("elsewhere", inputs=["planes"], outputs=[("bands", "Made")])

    def __init__(self, ask):
        super().__init__()
        self.ask = ask

    def run(self, group):
        self.ask(group)


@pytest.mark.parametrize(
    ("ask", "error", "text"),
    [
        (lambda g: g.output((4, 8, 8), kind="planes", port=5), ContractError, "no output 5"),
        (lambda g: g.output_item(0, np.ones(3, np.float32), kind="planes", port=3), ContractError, "no output 3"),
        (lambda g: g.output((4, 64), subbands=[(0, 1, "HL", 10**12, 8, 8)]), ShapeError, "do not lie within"),
        (lambda g: g.output((4, 64), subbands=[(3, 0, "LL", 192, 8, 9)]), ShapeError, "do not lie within"),
        (lambda g: g.output((4, 64), subbands=[1]), InvalidArgument, "a subband is"),
    ],
)
def test_what_the_contract_or_the_item_does_not_hold(world, ask, error, text):
    e = world.spawn_latent(np.ones((4, 8, 8), np.float32))
    with pytest.raises(error, match=text):
        world.pipe(e).to(Elsewhere(ask))


def test_subbands_and_types_by_other_names():
    with pytest.raises(InvalidArgument, match="a subband is"):
        Spec("bands", "f32", (1, 4), [1])
    (band,) = Spec("bands", "f4", (1, 4), [(0, 1, "HL", 0, 2, 2)]).subbands
    assert band == (0, 1, "HL", 0, 2, 2)
    assert band != None and band != 5  # noqa: E711
    assert Spec("planes", "u8", (3,)).dtype == np.uint8 and Spec("planes", "<u2", (3,)).dtype == np.uint16
    with pytest.raises(VaeransError, match="unknown dtype 'nothing'"):
        Spec("planes", "nothing", (3,))
