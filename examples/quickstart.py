"""A picture to a small file and back.   python quickstart.py [PICTURE]"""

import sys
from pathlib import Path

import numpy as np
import vaerans_ecs as vaerans
from PIL import Image

here = Path(__file__).parent
photo = np.asarray(Image.open(sys.argv[1] if len(sys.argv) > 1 else here / "pictures" / "lake.png").convert("RGB"))

# One call each way. The file is all that a decoder needs, beside the model.
file = vaerans.compress(photo, quality=75)
back = vaerans.decompress(file)
print(f"{photo.nbytes} bytes -> {len(file)} bytes, PSNR {vaerans.measure(photo, back)['psnr']:.2f} dB")

# The same, for a rate: the best quality in half a bit per pixel.
small = vaerans.compress(photo, bpp=0.5)
print(f"{8 * len(small) / (photo.size / 3):.3f} bits per pixel")

# The chain behind it, step by step, on data that stays in one arena.
world = vaerans.World()
entity = world.spawn_image(photo)
chain = vaerans.Pipeline("vae | hadamard4 | cdf53(levels=4) | quantize(step=0.5) | ans")
chain.run(world, [entity])
print(f"{chain}: {world.get(entity, 'Bitstream').nbytes} bytes of payload")
print(f"and back: {chain.inverse()}")
