// pipeline/<chain>/…: a batch of eight pictures' transforms and coding, by wall clock, with 1 and 2 threads.
#include <cmath>
#include <random>

#include "bench_data.hpp"
#include "bench_time.hpp"
#include "chain.hpp"

namespace vaerans::bench {
namespace {

constexpr std::uint64_t kBatch = 8;

// Random walks along the rows: neighbours are alike, as in pictures.
template <typename T>
std::vector<T> walks(const Shape& shape, double step) {
  std::mt19937 generator(1);
  std::vector<T> values(kBatch * shape.elements());
  double x = 0;
  for (T& v : values) {
    x = 0.98 * x + step * (static_cast<double>(generator()) / 2147483648.0 - 1);
    v = static_cast<T>(x);
  }
  return values;
}

template <typename T>
struct FileTask {
  const char* recipe;
  const char* key;
  Kind kind;
  Shape shape;  // shape of one picture
  double step;  // largest step of the walk
};

template <typename T>
void batch(benchmark::State& state, const FileTask<T>& task, unsigned threads) {
  const std::vector<T> values = walks<T>(task.shape, task.step);
  Chain chain(task.recipe, std::uint64_t{1} << 30U, threads);
  const auto load = [&] {
    chain.reset();
    chain.add_batch<T>(task.key, task.kind, kBatch, task.shape, values);
  };
  time_loop<wall_seconds>(state, load, [&] { chain.run(); });
}

template <typename T>
void register_job(const std::string& name, const FileTask<T>& task) {
  for (const unsigned threads : {1U, 2U}) {
    const std::string full =
        "pipeline/" + name + "/" + std::to_string(threads) + (threads == 1 ? " thread" : " threads");
    benchmark::RegisterBenchmark(full.c_str(), batch<T>, task, threads)->UseManualTime();
  }
}

[[maybe_unused]] const bool registered = [] {
  const std::uint64_t scale = size_from_environment("VAERANS_BENCH_SIDE", 4096) / 512;  // 8, less in short runs
  register_job<float>("latents of 768x512", {"hadamard4 | cdf53 | quantize(step=0.25) | ans", "Latent4", Kind::planes,
                                             Shape{4, 64, 96}, 1.0});
  register_job<float>("latents of 6144x4096", {"hadamard4 | cdf53 | quantize(step=0.25) | ans", "Latent4", Kind::planes,
                                               Shape{4, 64 * scale, 96 * scale}, 1.0});
  register_job<std::int16_t>("lossless residual of 768x512", {"rct | cdf53 | quantize(step=1) | ans", "Residual",
                                                              Kind::difference, Shape{512, 768, 3}, 8.0});
  return true;
}();

}  // namespace
}  // namespace vaerans::bench
