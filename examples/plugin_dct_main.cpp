// Runs a chain with the systems of plugin_dct.cpp in it, in memory and through a file.   plugin_dct PICTURE
#include <cstdio>
#include <vector>

#include "vaerans/image_io.hpp"
#include "vaerans/vaerans.hpp"

namespace {

using namespace vaerans;

Image picture_of(World& world, EntityId entity) {
  const Component& recon = world.get<ReconRGB>(entity);
  const auto pixels = world.arena().view<std::uint8_t>(recon.data);
  return {recon.spec.shape[0], recon.spec.shape[1], {pixels.begin(), pixels.end()}};
}

/// Decodes in a world of its own, as another program would.
Image decoded(const Bytes& file) {
  World world;
  const EntityId entity = read_file(world, file);
  decode_entities(world, std::vector<EntityId>{entity});
  return picture_of(world, entity);
}

int run(const char* path) {
  const Image photo = read_image(path);
  const Pipeline encode = Pipeline::parse("vae | hadamard4 | dct8 | quantize(step=0.2) | ans");
  std::printf("encode: %s\ndecode: %s\n", encode.recipe().c_str(), encode.inverse().recipe().c_str());

  World world;
  const std::vector<EntityId> entities{world.spawn_image(photo.view())};
  encode.run(world, entities);
  const Bytes file = write_file(world, entities[0]);
  encode.inverse().run(world, entities);
  const Image in_memory = picture_of(world, entities[0]);
  const Image from_file = decoded(file);

  const Quality quality = measure(photo.view(), from_file.view());
  const double bpp = 8.0 * static_cast<double>(file.size()) / static_cast<double>(photo.height * photo.width);
  std::printf("%zu bytes, %.3f bpp, PSNR %.2f dB, SSIM %.4f\n", file.size(), bpp, quality.psnr, quality.ssim);
  const bool equal = in_memory.rgb == from_file.rgb;
  std::printf("in memory and from the file: %s\n", equal ? "equal" : "DIFFERENT");
  return equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  vaerans::isolate_picture_reading(argc, argv);  // bad pictures then cannot end this program
  if (argc != 2) return std::fprintf(stderr, "usage: plugin_dct PICTURE\n"), 2;
  try {
    return run(argv[1]);
  } catch (const vaerans::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
