// transforms/… and metrics/…: wavelets and quality metrics as steps of a chain, one thread, with memcpy beside them.
#include <algorithm>
#include <random>

#include "bench_data.hpp"
#include "bench_time.hpp"
#include "chain.hpp"

namespace vaerans::bench {
namespace {

std::uint64_t side() {
  static const std::uint64_t value = size_from_environment("VAERANS_BENCH_SIDE", 4096);
  return value;
}
std::uint64_t arena_bytes() { return (std::uint64_t{64} << 20U) + 4 * sizeof(float) * side() * side(); }

// A picture's range: 0 to 255.
template <typename T>
const std::vector<T>& plane() {
  static const std::vector<T> values = [] {
    std::mt19937 generator(1);
    std::vector<T> v(side() * side());
    std::ranges::generate(v, [&] { return static_cast<T>(generator() % 256); });
    return v;
  }();
  return values;
}

template <typename T>
void load(Chain& chain) {
  chain.reset();
  chain.add<T>("Latent4", Kind::planes, Shape{1, side(), side()}, plane<T>());
}

template <typename T>
void forward(benchmark::State& state, const char* wavelet) {
  Chain chain(std::string(wavelet) + "(levels=4)", arena_bytes());
  time_loop(state, [&] { load<T>(chain); }, [&] { chain.run(); });
}

template <typename T>
void inverse(benchmark::State& state, const char* wavelet) {
  Chain chain(std::string(wavelet) + "(levels=4) -> Bands", arena_bytes());
  const Pipeline back = Pipeline::parse(std::string(wavelet) + "_inverse(levels=4) -> Back");
  const auto transformed = [&] {
    load<T>(chain);
    chain.run();
  };
  time_loop(state, transformed, [&] { chain.then(back, "Bands"); });
}

void copy(benchmark::State& state) {
  std::vector<float> out(plane<float>().size());
  time_loop(state, [&] {
    std::memcpy(out.data(), plane<float>().data(), out.size() * sizeof(float));
    benchmark::ClobberMemory();
  });
}

// A picture pair of the driver: reference, then test, (H, W, 3) each; the file's name ends in -<width>.
struct Pair {
  explicit Pair(const DataFile& file)
      : bytes(file.bytes), width(std::strtoull(file.name.c_str() + file.name.rfind('-') + 1, nullptr, 10)) {}
  [[nodiscard]] std::span<const std::uint8_t> picture(int i) const {
    return std::span(bytes).subspan(i == 0 ? 0 : bytes.size() / 2, bytes.size() / 2);
  }
  [[nodiscard]] Shape shape() const { return {bytes.size() / 6 / width, width, 3}; }
  std::vector<std::uint8_t> bytes;
  std::uint64_t width;
};

void metric(benchmark::State& state, const Pair& pair, const char* recipe, const char* value) {
  Chain chain(recipe, std::uint64_t{64} << 20U);
  const EntityId entity = chain.add("RGB", Kind::image, pair.shape(), pair.picture(0));
  chain.set(entity, "ReconRGB", Kind::image, pair.shape(), pair.picture(1));
  time_loop(state, [&] { chain.run(); });
  state.counters["value"] = chain.world().metadata(entity)[value];
}

template <typename T>
void register_wavelets(const std::string& wavelet, const std::string& type) {
  const char* const name = wavelet == "haar" ? "haar" : "cdf53";
  const std::string prefix = "transforms/" + wavelet + " ";
  benchmark::RegisterBenchmark((prefix + "forward/vaerans " + type).c_str(), forward<T>, name)->UseManualTime();
  benchmark::RegisterBenchmark((prefix + "inverse/vaerans " + type).c_str(), inverse<T>, name)->UseManualTime();
}

[[maybe_unused]] const bool registered = [] {
  for (const char* wavelet : {"cdf53", "haar"}) {
    register_wavelets<float>(wavelet, "float32");
    register_wavelets<std::int16_t>(wavelet, "int16");
  }
  benchmark::RegisterBenchmark("transforms/copy/memcpy float32", copy)->UseManualTime();
  for (const DataFile& file : data_files(".pair")) {
    const auto add = [&](const char* name, const char* recipe, const char* value) {
      benchmark::RegisterBenchmark(name, metric, Pair(file), recipe, value)->UseManualTime();
    };
    add("metrics/psnr/vaerans", "psnr", "psnr");
    add("metrics/ssim gaussian/vaerans", "ssim(gaussian=true)", "ssim");
    add("metrics/ssim uniform/vaerans", "ssim(gaussian=false)", "ssim");
  }
  return true;
}();

}  // namespace
}  // namespace vaerans::bench
