// Steady state: once buffers have grown, coding another image allocates nothing on the heap. A program of its own,
// because it replaces operator new.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/klt.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace {
std::atomic<std::size_t> allocations{0};  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
}

// GCC takes free() for a mismatch because it inlines one side of the pair.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return ::operator new(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

namespace vaerans {
namespace {

/// Entities that a chain can start from.
using Spawn = std::vector<EntityId> (*)(World&, std::size_t);

std::vector<EntityId> latents(World& world, std::size_t n) {
  std::vector<EntityId> out;
  for (std::size_t i = 0; i < n; ++i) {
    out.push_back(world.spawn_latent(test::noise(4 * 32 * 32, static_cast<unsigned>(i), 20), {4, 32, 32}));
  }
  return out;
}

std::vector<EntityId> differences(World& world, std::size_t n) {
  std::vector<EntityId> out;
  for (std::size_t i = 0; i < n; ++i) {
    const TensorRef ref = world.arena().alloc_tensor({40, 32, 3}, DType::i16);
    const auto noise = test::noise(40 * 32 * 3, static_cast<unsigned>(i), 20);
    std::ranges::transform(noise, world.arena().view<std::int16_t>(ref).begin(),
                           [](float x) { return static_cast<std::int16_t>(x); });
    out.push_back(world.new_entity());
    world.set_tensor(out.back(), "Residual", Kind::difference, ref);
  }
  return out;
}

/// Heap allocations of the third run over n entities.
std::size_t allocations_of_run(const Pipeline& chain, Spawn spawn, std::size_t n) {
  World world(256 << 20);
  const std::vector<EntityId> entities = spawn(world, n);
  Context context;
  context.threads = 1;
  std::size_t before = 0;
  for (int run = 0; run < 3; ++run) {
    before = allocations;
    (void)chain.run(world, entities, context);
  }
  return allocations - before;
}

void expect_steady(const Pipeline& chain, Spawn spawn) {
  const std::size_t four = allocations_of_run(chain, spawn, 4), eight = allocations_of_run(chain, spawn, 8);
  EXPECT_GT(four, 0U) << "the counter does not count";
  EXPECT_EQ(eight, four) << "each image allocates " << static_cast<double>(eight - four) / 4;
}

TEST(SteadyState, TransformsAndQuantizersOfLatents) {
  expect_steady(Pipeline() | Hadamard4() | WaveletCDF53({.levels = 3}) | Quantize({.step = 2}) | Dequantize() |
                    WaveletCDF53Inverse() | Hadamard4Inverse(),
                latents);
  expect_steady(Pipeline() | KLT() | KLTInverse(), latents);
  expect_steady(Pipeline() | WaveletHaar({.levels = 2}) | QuantizeU8() | Dequantize() | WaveletHaarInverse(), latents);
}

TEST(SteadyState, ResidualsWithEveryCoderOfThePictureCodec) {
  for (const char* const coder : {"context", "static", "auto"}) {
    SCOPED_TRACE(coder);
    expect_steady(Pipeline() | ReversibleColor() | WaveletCDF53({.levels = 3}) | Quantize({.step = 1}) |
                      ANSEncode({.coder = coder}) | ANSDecode() | Dequantize() | WaveletCDF53Inverse() |
                      ReversibleColorInverse(),
                  differences);
  }
}

TEST(SteadyState, LatentsWithTheStaticCoder) {
  expect_steady(Pipeline() | Hadamard4() | WaveletCDF53({.levels = 3}) | Quantize({.step = 2}) |
                    ANSEncode({.coder = "static"}) | ANSDecode() | Dequantize(),
                latents);
}

}  // namespace
}  // namespace vaerans
