// A picture to a small file and back.   quickstart PICTURE OUT.vrs BACK.png
#include <cstdio>

#include "vaerans/image_io.hpp"
#include "vaerans/vaerans.hpp"

int main(int argc, char** argv) {
  vaerans::isolate_picture_reading(argc, argv);  // bad pictures then cannot end this program
  if (argc != 4) return std::fprintf(stderr, "usage: quickstart PICTURE OUT.vrs BACK.png\n"), 2;
  try {
    const vaerans::Image photo = vaerans::read_image(argv[1]);
    vaerans::CompressOptions options;
    options.quality = 75;  // or step, bpp, target_bytes
    const vaerans::Bytes file = vaerans::compress(photo.view(), options);
    vaerans::write_bytes(argv[2], file, true);

    const vaerans::Image back = vaerans::decompress(file);  // needs these bytes and the model, nothing else
    vaerans::write_image(argv[3], back.view(), true);

    const vaerans::Quality quality = vaerans::measure(photo.view(), back.view());
    std::printf("%zu pixels, %zu bytes, PSNR %.2f dB, SSIM %.4f\n", photo.rgb.size() / 3, file.size(), quality.psnr,
                quality.ssim);
    return 0;
  } catch (const vaerans::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
