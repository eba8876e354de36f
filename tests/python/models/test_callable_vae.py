"""Models that are Python functions, by NumPy. test_torch_vae.py has those of PyTorch."""

import gc
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from vaerans_ecs import Context, compress, decompress, models
from vaerans_ecs.errors import (
    CorruptStream,
    InferenceError,
    InvalidArgument,
    ModelInvalid,
    ModelMismatch,
    ModelNotFound,
    NonFinite,
    OutputExists,
)
from vaerans_ecs.models import CallableVAE, from_diffusers
from vaerans_ecs.systems import Hadamard4, OnnxVAEDecode, OnnxVAEEncode


def encode(planes):
    """Means of 8x8 blocks, and a channel of their sum."""
    n, _, h, w = planes.shape
    means = planes.reshape(n, 3, h // 8, 8, w // 8, 8).mean((3, 5))
    return np.concatenate([means, means.sum(1, keepdims=True)], 1)


def decode(latents):
    return latents[:, :3].repeat(8, 2).repeat(8, 3)


@pytest.fixture
def vae():
    with CallableVAE(encode, decode, name="mine", scaling_factor=0.5, shift_factor=0.25) as made:
        yield made


@pytest.fixture
def make():
    """CallableVAE whose names are forgotten after the test."""
    made = []

    def register(*args, **options):
        made.append(CallableVAE(*args, **{"name": "mine", **options}))
        return made[-1]

    yield register
    for one in made:
        one.unregister()


def vjp(latents, slopes):
    """The transpose of decode(): each of the first three channels paints the blocks of a colour."""
    n, _, h, w = latents.shape
    sums = slopes.reshape(n, 3, h, 8, w, 8).sum((3, 5))
    return np.concatenate([sums, np.zeros_like(sums[:, :1])], 1)


@pytest.fixture
def blocks():
    """A picture (64, 96, 3) that decode() can give."""
    return np.random.default_rng(3).integers(60, 110, (8, 12, 3)).astype(np.uint8).repeat(8, 0).repeat(8, 1)


def test_effort_betters_latents_by_the_vjp(make, blocks):
    """A decoder that doubles what the encoder gave: its latents are mended by the slopes alone."""
    make(encode, lambda z: decode(z) * 1.05, latent_std=0.2, vjp=lambda z, slopes: vjp(z, slopes) * 1.05)
    errors = {}
    for effort in (5, 8):
        data = compress(blocks, model="mine", step=0.04, effort=effort)
        errors[effort] = len(data), np.square(decompress(data).astype(float) - blocks).mean()
    assert errors[8][0] <= errors[5][0] and errors[8][1] < 0.9 * errors[5][1], errors


def test_a_vjp_that_gives_something_else_is_named(make, blocks):
    make(encode, decode, vjp=lambda z, slopes: slopes)
    with pytest.raises(InferenceError, match=r"vjp of model 'mine': it returned an array of shape \(1, 3, 64, 96\)"):
        compress(blocks, model="mine", step=0.04, effort=6)


def test_slopes_without_a_number_are_refused(make, blocks):
    make(encode, decode, vjp=lambda z, slopes: np.full_like(z, np.nan))
    with pytest.raises(NonFinite, match="the gradient of model 'mine' gave NaN"):
        compress(blocks, model="mine", step=0.04, effort=6)


def test_the_finest_step_is_left_as_it_is(make, img):
    """A step so fine that finer ones have too many symbols."""
    make(encode, decode, vjp=vjp, recipe="vae(mine) | quantize(step=1) | ans")
    latent = encode(img.transpose(2, 0, 1)[None] / np.float32(127.5) - 1)
    step = float(np.ptp(latent)) / 60000
    assert compress(img, model="mine", step=step, effort=6) == compress(img, model="mine", step=step)


def test_systems_take_it_like_a_model(vae, world, img):
    entity = world.spawn_image(img)
    pipe = world.pipe(entity) | OnnxVAEEncode(vae)
    latent = np.array(pipe.out("Latent4"))
    planes = img.transpose(2, 0, 1)[None] / np.float32(127.5) - 1
    np.testing.assert_allclose(latent, 0.5 * (encode(planes)[0] - 0.25), atol=1e-5)
    assert repr(vae) == "CallableVAE('mine', 4 channels, factor 8)" and OnnxVAEEncode(vae).recipe == "vae(mine)"
    pixels = np.asarray((pipe | Hadamard4() | Hadamard4.inverse() | OnnxVAEDecode()).out("ReconRGB"))
    assert abs(pixels.astype(int).mean() - img.mean()) < 1
    assert models.find_model("mine").hash == vae.info.hash and "mine" in [m.name for m in models.list_models()]


def test_files_name_it_and_need_it(vae, img, psnr):
    data = compress(img, step=0.01, model=vae)
    assert data == compress(img, step=0.01, model="mine")
    wanted = decode(encode(img.transpose(2, 0, 1)[None].astype(np.float32)))[0].transpose(1, 2, 0)
    assert psnr(decompress(data), wanted) > 40
    vae.unregister()
    with pytest.raises(ModelNotFound, match=r"no model 'mine'[\s\S]*CallableVAE"):
        decompress(data)
    with (
        CallableVAE(encode, decode, name="mine", scaling_factor=0.5, shift_factor=0.25, version="other weights"),
        pytest.raises(ModelMismatch, match=vae.info.hash[:16]),
    ):
        decompress(data)
    with CallableVAE(encode, decode, name="mine", scaling_factor=0.5, shift_factor=0.25):
        assert psnr(decompress(data), wanted) > 40, "equal properties and version: the same model"


def test_another_process_has_to_register_it(vae, img, tmp_path):
    (tmp_path / "file.vrs").write_bytes(compress(img, model=vae))
    script = "import vaerans_ecs, sys; vaerans_ecs.decompress(open(sys.argv[1], 'rb').read())"
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "file.vrs"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and "no model 'mine'" in done.stderr


def test_batches_are_views_of_the_library(make, world, picture):
    seen = []

    def look(planes):
        seen.append(planes)
        return encode(planes)

    vae = make(look, decode)
    ids = world.spawn_batch_rgb([picture(32, 48, seed) for seed in range(5)])
    world.pipe(ids).to(OnnxVAEEncode(vae))
    (planes,) = seen
    assert planes.shape == (5, 3, 32, 48) and planes.dtype == np.float32 and planes.flags.c_contiguous
    assert planes.flags.writeable and not planes.flags.owndata
    world.reset()
    del world
    gc.collect()
    assert planes.sum() is not None, "memory stays as long as a view does"


def test_one_picture_a_call(make, world, picture):
    shapes = []

    def look(planes):
        shapes.append(planes.shape[0])
        return encode(planes)

    vae = make(look, decode, single=True)
    world.pipe(world.spawn_batch_rgb([picture(16, 16, seed) for seed in range(3)])).to(OnnxVAEEncode(vae))
    assert shapes == [1, 1, 1]


def test_moments_can_be_drawn_from(make, world, img):
    def moments(planes):
        mean = encode(planes)
        return np.concatenate([mean, np.full_like(mean, -4)], 1)

    vae = make(moments, decode, moments=True)
    entity = world.spawn_image(img)
    mean = np.array(world.pipe(entity).to(OnnxVAEEncode(vae)).out("Latent4"))
    drawn = np.array(world.pipe(entity).to(OnnxVAEEncode(vae, sample=True, seed=3)).out("Latent4"))
    assert abs((drawn - mean).std() - np.exp(-2)) < 0.02


def test_exceptions_arrive_with_their_traceback(make, world, img):
    def broken(planes):
        raise ZeroDivisionError("by nothing")

    entity = world.spawn_image(img)
    with pytest.raises(InferenceError) as caught:
        world.pipe(entity).to(OnnxVAEEncode(make(broken, decode)))
    text = str(caught.value)
    assert "encoder of model 'mine': ZeroDivisionError: by nothing (test_callable_vae.py, line " in text.splitlines()[0]
    assert "Traceback (most recent call last)" in text and "in broken" in text
    assert isinstance(caught.value.__cause__, ZeroDivisionError)

    def refused(planes):
        raise CorruptStream("rotten")

    with pytest.raises(CorruptStream, match="rotten"):
        world.pipe(entity).to(OnnxVAEEncode(make(refused, decode, replace=True)))


@pytest.mark.parametrize(
    ("function", "error", "text"),
    [
        (lambda p: encode(p).astype(np.float64), InferenceError, "elements of type float64 instead of float32"),
        (lambda p: encode(p)[:, :3], InferenceError, r"shape \(1, 3, 8, 12\), but \(1, 4, 8, 12\) is expected"),
        (lambda p: encode(p)[0], InferenceError, r"shape \(4, 8, 12\)"),
        (lambda p: None, InferenceError, "returned a NoneType"),
        (lambda p: object(), InferenceError, "returned a object, not an array"),
        (lambda p: encode(p) * np.float32("nan"), NonFinite, "encoder of model 'mine'"),
        (lambda: None, InferenceError, "TypeError"),
    ],
)
def test_what_a_function_must_not_return(make, world, img, function, error, text):
    with pytest.raises(error, match=text):
        world.pipe(world.spawn_image(img)).to(OnnxVAEEncode(make(function, decode)))


def test_any_strides_will_do(make, world, img):
    plain = np.array(world.pipe(world.spawn_image(img)).to(OnnxVAEEncode(make(encode, decode))).out("Latent4"))

    def strided(planes):
        return np.asfortranarray(encode(planes))

    vae = make(strided, decode, replace=True)
    np.testing.assert_array_equal(world.pipe(world.spawn_image(img)).to(OnnxVAEEncode(vae)).out("Latent4"), plain)


def test_halves_that_are_not_there(make, world, img):
    entity = world.spawn_image(img)
    with pytest.raises(ModelInvalid, match="has no encoder"):
        world.pipe(entity).to(OnnxVAEEncode(make(None, decode)))
    with pytest.raises(ModelInvalid, match="without a decoder"):
        world.pipe(entity).to(OnnxVAEEncode(make(encode, replace=True))).to(OnnxVAEDecode())


def test_what_cannot_be_registered(vae):
    with pytest.raises(OutputExists, match="registered already"):
        CallableVAE(encode, decode, name="mine")
    with pytest.raises(InvalidArgument, match="neither an encoder nor a decoder"):
        CallableVAE(name="nothing")
    with pytest.raises(InvalidArgument, match="a name is made of"):
        CallableVAE(encode, name="no/name")
    with pytest.raises(TypeError, match="functions or None, not int"):
        CallableVAE(3, name="x")
    assert vae.unregister() and not vae.unregister()


def test_a_function_that_is_false_is_a_function(make, blocks):
    class Empty:
        def __len__(self):
            return 0

        def __call__(self, z, slopes):
            return slopes

    make(encode, decode, vjp=Empty())
    with pytest.raises(InferenceError, match="vjp of model 'mine'"):
        compress(blocks, model="mine", step=0.04, effort=6)


def test_verify(vae):
    report = models.verify_model("mine")
    assert {check.what for check in report.checks} >= {"shapes", "values", "pixel range", "round trip"}
    assert report.psnr_db > 20


def test_threads_call_it_side_by_side(make, picture):
    pictures = [picture(32, 48, seed) for seed in range(8)]
    threads = set()

    def look(planes):
        threads.add(threading.get_ident())
        return encode(planes)

    vae = make(look, decode)
    expected = [compress(one, model=vae) for one in pictures]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: compress(one, model=vae), pictures)) == expected
    assert len(threads) > 1


def test_functions_are_let_go(img):
    class Encoder:
        def __call__(self, planes):
            return encode(planes)

    function = Encoder()
    gone = weakref.ref(function)
    with CallableVAE(function, decode, name="mine") as vae:
        compress(img, model=vae)
    del function
    gc.collect()
    assert gone() is None


def test_no_crash_at_interpreter_exit():
    script = (
        "import numpy as np\n"
        "from vaerans_ecs import *\n"
        "from vaerans_ecs.models import CallableVAE\n"
        "class Same:\n"
        "    def __call__(self, p): return p\n"
        "vae = CallableVAE(Same(), Same(), name='same', channels=3, factor=1)\n"
        "compress(np.zeros((8, 8, 3), np.uint8), model=vae)\n"
        "print('fine')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "fine\n", "")


def test_collect_names_the_function_for_each_picture(make, img):
    def broken(planes):
        raise RuntimeError("out of memory")

    (failed,) = compress([img], model=make(broken, decode), context=Context(on_error="collect"))
    assert isinstance(failed, InferenceError) and "out of memory" in str(failed)


def test_from_diffusers_without_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="pip install torch diffusers"):
        from_diffusers(object())
