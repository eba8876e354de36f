"""The restoration step's float network and the integers of the library are the same function."""

import numpy as np
import pytest
from vaerans_ecs import Pipeline, World


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason="PyTorch is not installed: ./dev setup --training")


@pytest.mark.parametrize("visual", [False, True])
@pytest.mark.parametrize("strength", [16, 41, 80])
def test_the_network_is_that_of_the_library(torch, picture, visual, strength):
    from training.restoration import file
    from training.restoration.network import Network, planes_of

    pixels = picture(40, 56)
    network = Network()
    network.load_state_dict(file.read_source()[visual])
    step = 4 * 2 ** (strength / 16)
    with torch.no_grad():
        wanted = network(planes_of(pixels[None]), torch.tensor([step]))[0].numpy()
    np.testing.assert_allclose(
        restored(pixels, strength, visual), wanted, rtol=0, atol=step / 64
    )  # samples are in 1/128


def restored(pixels, strength, visual):
    world = World(arena_bytes=64 << 20)
    entity = world.spawn_image(pixels)
    chain = Pipeline(f"ycocg | restore(strength={strength}, visual={'true' if visual else 'false'}) | restore_inverse")
    return np.array((world.pipe(entity) | chain).out())


def test_weights_whose_sums_may_overflow_are_refused(torch):
    from training.restoration import file
    from training.restoration.network import Network

    state = Network().state_dict()
    assert len(file.content(state)) == 2 * sum(each.numel() for each in state.values())
    state["convs.1.weight"] += 1
    with pytest.raises(ValueError, match="32 bits"):
        file.content(state)
    state["convs.1.weight"] += 20
    with pytest.raises(ValueError, match="does not fit into 16 bits"):
        file.content(state)


def test_a_set_is_what_was_written(torch, monkeypatch, tmp_path):
    from training.restoration import file
    from training.restoration.network import Network

    sets = [Network().state_dict() for _ in range(2)]
    monkeypatch.setattr(file, "SOURCE", tmp_path / "weights.inc")
    file.write_source(sets)
    for written, read in zip(sets, file.read_source(), strict=True):
        for name, values in written.items():
            np.testing.assert_allclose(read[name].numpy(), values.numpy(), atol=0.5 / file.ACTIVATION_PARTS)
