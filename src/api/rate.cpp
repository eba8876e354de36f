#include "api/rate.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

// Steps are tried on a grid of 1/16 octave: finer differences are below one percent of the size.
constexpr int kPerOctave = 16;
constexpr int kCoarsest = -6 * kPerOctave;
constexpr int kFinest = 10 * kPerOctave;
// A step so fine that it needs too many symbols is never what is wanted, however generous the budget.
template <typename SizeOf>
std::uint64_t size_unless_refused(SizeOf size_of) {
  try {
    return size_of();
  } catch (const Error& error) {
    if (error.code() != ErrorCode::limit_exceeded) throw;
    return std::numeric_limits<std::uint64_t>::max();
  }
}

double step_at(int index, double scale) { return scale * std::exp2(-static_cast<double>(index) / kPerOctave); }

}  // namespace

std::size_t quantizer_of(const Pipeline& pipeline) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < pipeline.steps().size(); ++i) {
    if (!pipeline.steps()[i].system->step()) continue;
    if (found)
      throw Error(ErrorCode::contract, "the recipe has more than one quantize(step=…); give the steps in the recipe");
    found = i;
  }
  if (found) return *found;
  throw Error(ErrorCode::contract,
              "quality, step, bpp and target size need a quantize(step=…) in the recipe '" + pipeline.recipe() + "'");
}

Pipeline with_step(const Pipeline& pipeline, double step) {
  const std::size_t index = quantizer_of(pipeline);
  Pipeline out;
  for (std::size_t i = 0; i < pipeline.steps().size(); ++i) {
    const auto& s = pipeline.steps()[i];
    out = out.then(i == index ? s.system->with_step(step) : s.system, s.out, s.from);
  }
  return out;
}

Bytes search_step(World& world, EntityId entity, const Pipeline& pipeline, std::uint64_t bytes, double scale,
                  const Context& context) {
  const std::size_t first = quantizer_of(pipeline);
  const auto file_at = [&](int index, const Context& how) {
    const Pipeline trial = with_step(pipeline, step_at(index, scale));
    (void)trial.run(world, {&entity, 1}, how, first, trial.steps().size());
    return write_file(world, entity, trial.output_key());
  };
  Context quiet = context;
  quiet.trace = nullptr;
  quiet.on_error = OnError::raise;
  const auto fits = [&](int index) {
    const Arena::Mark mark = world.arena().mark();
    const auto size = size_unless_refused([&] { return file_at(index, quiet).size(); });
    world.arena().rewind(mark);
    return size <= bytes;
  };
  if (!fits(kCoarsest)) {
    throw Error(ErrorCode::invalid_argument, "no step is coarse enough for " + std::to_string(bytes) +
                                                 " bytes; allow more, or use a smaller picture");
  }
  int low = kCoarsest;
  int high = kFinest + 1;
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  Context last = context;
  last.on_error = OnError::raise;
  return file_at(low, last);
}

}  // namespace vaerans
