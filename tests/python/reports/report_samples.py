"""A trace, a file and a picture as the library gives them, small and made by hand, for the tests of reports."""

from __future__ import annotations

import numpy as np


def tensor(key, dtype, *shape):
    return {"key": key, "dtype": dtype, "shape": list(shape)}


def record(system, source, result, seconds, **values):
    """One record of a trace with the fields of vaerans::TraceRecord."""
    return {
        "system": system, "entities": [1], "inputs": [source], "outputs": [result] if result else [],
        "bytes_in": 1, "bytes_out": 1, "bytes_gathered": 0, "seconds": seconds,
        "seed": 0, "notes": [], "values": values,
    }  # fmt: skip


def trace():
    """Encoding and decoding of one 96×64 picture."""
    rgb, recon = tensor("RGB", "u8", 1, 64, 96, 3), tensor("ReconRGB", "u8", 1, 64, 96, 3)
    latent, yuvw = tensor("Latent4", "f32", 1, 4, 8, 12), tensor("YUVW4", "f32", 1, 4, 8, 12)
    bands, symbols = tensor("WaveletPyr", "f32", 1, 4, 96), tensor("SymbolsU8", "u8", 1, 4, 96)
    stream = tensor("Bitstream", "u8", 108)
    records = [
        record("vae(photo-f8c4)", rgb, latent, 0.250, session_seconds=0.045, pixel_seconds=0.003, load_seconds=0.2),
        record("hadamard4", latent, yuvw, 0.0002),
        record("cdf53(levels=4)", yuvw, bands, 0.0004),
        record("quantize(step=0.5)", bands, symbols, 0.0006, entropy_bits_per_symbol=2.4),
        record("ans", symbols, stream, 0.0012, symbols=384, entropy_bits_per_symbol=2.1, coded_bits=800, table_bits=64),
        record("ans_inverse", stream, symbols, 0.0010),
        record("dequantize", symbols, bands, 0.0003),
        record("cdf53_inverse", bands, yuvw, 0.0004),
        record("hadamard4_inverse", yuvw, latent, 0.0002),
        record("vae_decode(photo-f8c4)", latent, recon, 0.090, session_seconds=0.084, pixel_seconds=0.002),
    ]
    records[2]["notes"].append("levels clamped from 4 to 3")
    return records


def file_info():
    parts = [("header", 40), ("quantize record", 24), ("ans tables", 8), ("ans payload", 100), ("checksum", 8)]
    return {
        "version": 1, "recipe": "vae(photo-f8c4) | hadamard4 | cdf53(levels=4) | quantize(step=0.5) | ans",
        "source_key": "RGB", "source_shape": [64, 96, 3], "model": "photo-f8c4", "model_hash": "0123456789abcdef",
        "has_residual": False, "lossless": False, "residual_recipe": "", "file_bytes": 180,
        "parts": [{"name": name, "bytes": size} for name, size in parts],
    }  # fmt: skip


def pictures():
    """(original, decoded), both 64×96×3 uint8."""
    rng = np.random.default_rng(3)
    y, x = np.mgrid[0:64, 0:96]
    original = np.stack([2 * x, 3 * y, 255 - x - y], axis=2).astype(np.uint8)
    decoded = np.clip(original + rng.integers(-6, 7, original.shape), 0, 255).astype(np.uint8)
    return original, decoded


METRICS = {"psnr": 36.5, "ssim": 0.9512, "ms_ssim": 0.9876}
CURVE = [{"bpp": 0.1 * k, "psnr": 25.0 + k, "ssim": 0.8 + 0.02 * k, "ms_ssim": 0.9 + 0.01 * k} for k in range(1, 7)]
