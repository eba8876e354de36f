// A consumer of vaerans::image_io: reads a picture, and compresses it without loss.   pictures PICTURE
#include <cstdio>
#include <vaerans/image_io.hpp>

int main(int argc, char** argv) {
  vaerans::isolate_picture_reading(argc, argv);
  if (argc != 2) return 2;
  const vaerans::Image image = vaerans::read_image(argv[1]);
  vaerans::CompressOptions options;
  options.lossless = true;
  const vaerans::Bytes file = vaerans::compress(image.view(), options);
  std::printf("%s: %zu bytes\n", argv[1], file.size());
  return vaerans::decompress(file).rgb == image.rgb ? 0 : 1;
}
