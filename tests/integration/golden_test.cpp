// Files pinned byte by byte: the same latent gives the same file on every machine, and old files stay readable.
// VAERANS_REGENERATE_GOLDEN=1 rewrites them; that needs a reason and a line in CHANGELOG.md.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "format/container.hpp"
#include "golden.hpp"
#include "random_data.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

struct Golden {
  const char* file;
  const char* recipe;
  Shape shape;
};

const Golden kGolden[] = {
    {"hadamard-cdf53-step.vrs", "hadamard4 | cdf53(levels=3) | quantize(step=0.25) | ans", {4, 11, 6}},
    {"haar-u8.vrs", "haar(levels=2) | quantize_u8 | ans", {2, 5, 7}},
    {"bits12.vrs", "quantize(bits=12) | ans", {1, 16, 16}},
    {"one-sample.vrs", "cdf53(levels=4) | quantize(step=0.5) | ans", {1, 1, 1}},
};

std::string path_of(const Golden& g) {
  std::string out = VAERANS_TEST_DATA "/golden/";
  out += g.file;
  return out;
}

Bytes read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Golden, FilesAreTheSameBytes) {
  for (const Golden& g : kGolden) {
    const Bytes now = compress_latent({g.shape, test::noise(g.shape.elements(), 42)}, g.recipe);
    EXPECT_EQ(test::golden(g.file, now), now) << g.file;
  }
}

// The container knows nothing but bytes: what it takes apart it puts together again.
TEST(Golden, FilesTakenApartGoTogetherAgain) {
  for (const Golden& g : kGolden) {
    const Bytes file = read(path_of(g));
    EXPECT_EQ(write_container(parse_container(std::as_bytes(std::span(file)), {})), file) << g.file;
  }
}

TEST(Golden, OldFilesStayReadable) {
  for (const Golden& g : kGolden) {
    const Latent latent = decompress_latent(read(path_of(g)));
    EXPECT_EQ(latent.shape, g.shape);
    const auto source = test::noise(g.shape.elements(), 42);
    for (std::size_t i = 0; i < source.size(); ++i) ASSERT_NEAR(latent.values[i], source[i], 0.8) << g.file;
  }
}

}  // namespace
}  // namespace vaerans
