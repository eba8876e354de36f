"""Autoencoders of PyTorch: modules in the layout of diffusers', and the real ones."""

import numpy as np
import pytest
from vaerans_ecs import compress, decompress
from vaerans_ecs.errors import BadParameter, InferenceError, ModelMismatch
from vaerans_ecs.models import CallableVAE, from_diffusers, torch_vae
from vaerans_ecs.systems import OnnxVAEEncode

from .test_callable_vae import decode


class TestTorch:
    """Modules in the layout of diffusers' autoencoders, run by PyTorch."""

    @pytest.fixture
    def torch(self):
        return pytest.importorskip("torch", reason="torch is not installed: PyTorch modules are not tested")

    def module(self, torch, posterior):
        from types import SimpleNamespace

        class Vae(torch.nn.Module):
            def __init__(self):
                super().__init__()
                torch.manual_seed(0)
                self.encoder = torch.nn.Conv2d(3, 8 if posterior else 4, 8, 8)
                self.decoder = torch.nn.ConvTranspose2d(4, 3, 8, 8)
                self.config = SimpleNamespace(scaling_factor=0.18215, shift_factor=None, _name_or_path="org/some-vae/")

            def encode(self, x):
                out = self.encoder(x)
                if posterior:
                    return SimpleNamespace(latent_dist=SimpleNamespace(parameters=out))
                return SimpleNamespace(latents=out)

            def decode(self, z):
                return SimpleNamespace(sample=self.decoder(z))

        return Vae()

    @pytest.mark.parametrize("posterior", [False, True])
    def test_from_diffusers(self, torch, world, img, posterior):
        module = self.module(torch, posterior)
        with from_diffusers(module) as vae:
            assert (vae.name, vae.info.latent_channels, vae.info.factor) == ("some-vae", 4, 8)
            assert vae.info.scaling == 0.18215 and vae.info.encoder_kind == ("moments" if posterior else "mean")
            pipe = world.pipe(world.spawn_image(img)) | OnnxVAEEncode(vae)
            planes = torch.from_numpy(img.transpose(2, 0, 1)[None] / np.float32(127.5) - 1)
            wanted = module.encoder(planes)[0, :4].detach().numpy() * 0.18215
            np.testing.assert_allclose(pipe.out("Latent4"), wanted, atol=1e-5)
            data = compress(img, 90, model=vae)
            assert decompress(data).shape == img.shape
        with torch.no_grad():
            module.decoder.bias += 1
        with from_diffusers(module), pytest.raises(ModelMismatch):
            decompress(data)

    def test_the_slopes_of_a_module(self, torch, img):
        """A linear decoder has one matrix: <decode(z) - decode(0), s> = <z, vjp(z, s)>."""
        module = self.module(torch, False)
        _, decode, vjp, _ = torch_vae._functions(torch, module)
        rng = np.random.default_rng(3)
        z, s = (rng.normal(size=shape).astype(np.float32) for shape in ((2, 4, 3, 5), (2, 3, 24, 40)))
        np.testing.assert_allclose((z * vjp(z, s)).sum(), ((decode(z) - decode(0 * z)) * s).sum(), rtol=1e-4)
        with from_diffusers(module) as vae:
            assert len(compress(img, 50, model=vae, effort=6)) <= len(compress(img, 50, model=vae))

    def test_tensors_are_taken_as_they_are(self, torch, world, img):
        convolution = torch.nn.Conv2d(3, 4, 8, 8)  # its output has gradients
        with CallableVAE(lambda p: convolution(torch.from_numpy(p)), decode, name="mine") as vae:
            latent = world.pipe(world.spawn_image(img)).to(OnnxVAEEncode(vae)).out("Latent4")
        planes = torch.from_numpy(img.transpose(2, 0, 1)[None] / np.float32(127.5) - 1)
        np.testing.assert_allclose(latent, convolution(planes)[0].detach().numpy(), atol=1e-5)

    def test_tensors_elsewhere(self, torch, world, img):
        with (
            CallableVAE(lambda p: torch.empty(1, 4, 8, 12, device="meta"), decode, name="mine") as vae,
            pytest.raises(InferenceError, match=r"returned a Tensor, not an array.*tensor.cpu\(\)"),
        ):
            world.pipe(world.spawn_image(img)).to(OnnxVAEEncode(vae))

    def test_no_autoencoder(self, torch):
        with pytest.raises(BadParameter, match="no autoencoder of diffusers"):
            from_diffusers(torch.nn.Linear(2, 2))

    @pytest.mark.parametrize(
        ("options", "text"),
        [
            ({"name": 3}, "name is a text, not 3"),
            ({"version": 3}, "version is a text or bytes, not 3"),
            ({"replace": 1}, "replace is True or False, not 1"),
        ],
    )
    def test_arguments_of_other_types(self, torch, options, text):
        with pytest.raises(BadParameter, match=text):
            from_diffusers(self.module(torch, False), **options)


class TestDiffusers:
    """The real classes. tests/python/models/test_models_export.py runs the same as graphs."""

    @pytest.fixture(params=["kl", "tiny"])
    def autoencoder(self, request):
        for package in ("torch", "diffusers"):
            pytest.importorskip(package, reason=f"{package} is not installed: its autoencoders are not tested")
        from . import autoencoders

        return getattr(autoencoders, request.param)()

    def test_latents_are_those_of_encode(self, autoencoder, world, img):
        from . import autoencoders

        with from_diffusers(autoencoder, "theirs") as vae:
            found = world.pipe(world.spawn_image(img)).to(OnnxVAEEncode(vae)).out("Latent4")
        wanted = autoencoders.encode(autoencoder, img)[0].numpy() * autoencoder.config.scaling_factor
        np.testing.assert_allclose(found, wanted, atol=1e-5)

    def test_files_name_the_weights(self, autoencoder, img):
        import torch

        with from_diffusers(autoencoder, "theirs") as vae:
            data = compress(img, 90, model=vae)
            assert decompress(data).shape == img.shape
        with torch.no_grad():
            next(autoencoder.decoder.parameters()).add_(1)
        with from_diffusers(autoencoder, "theirs"), pytest.raises(ModelMismatch):
            decompress(data)
