#include "api/compress/rate.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "api/compress/renewed.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

// Steps are tried on a grid of 1/16 octave: finer differences are below one percent of the size.
constexpr int kPerOctave = 16;
constexpr int kCoarsest = -6 * kPerOctave;
constexpr int kFinest = 10 * kPerOctave;
// A step of a 64th of what the coefficients spread: its error is lost in the model's own. A target that allows so much
// gets this, at once, and no search for bytes that buy nothing.
constexpr double kFineEnough = 64;
double step_at(int index, double scale) { return scale * std::exp2(-static_cast<double>(index) / kPerOctave); }

// The index from which on steps are fine enough for what the quantiser is given; kFinest where it is given no floats.
int fine_enough(World& world, EntityId entity, std::string_view key, double scale) {
  const Component& input = world.get(entity, key);
  if (input.spec.dtype != DType::f32) return kFinest;
  double squares = 0;
  const auto values = world.arena().view<float>(input.data);
  for (const float value : values) squares += double{value} * value;
  const double spread = std::sqrt(squares / static_cast<double>(values.size()));
  if (!(spread > 0)) return kCoarsest;
  const double index = kPerOctave * std::log2(kFineEnough * scale / spread);
  return static_cast<int>(std::clamp(std::ceil(index), double{kCoarsest}, double{kFinest}));
}

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

bool has_quantizer(const Pipeline& pipeline) noexcept {
  return std::ranges::count_if(pipeline.steps(), [](const auto& s) { return s.system->step().has_value(); }) == 1;
}

std::size_t first_by_step(const Pipeline& pipeline) {
  const std::size_t quantizer = quantizer_of(pipeline);
  const auto& steps = pipeline.steps();
  const auto follows = [](const auto& s) { return s.system->with_step(1) != nullptr; };
  return static_cast<std::size_t>(
      std::find_if(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(quantizer), follows) - steps.begin());
}

Pipeline with_step(const Pipeline& pipeline, double step) {
  (void)quantizer_of(pipeline);  // there has to be one
  return renewed(pipeline, [&](const Pipeline::Step& s) {
    const auto other = s.system->with_step(step);
    return other == nullptr ? s.system : other;
  });
}

const std::string& coefficients_key(const Pipeline& pipeline) {
  const std::size_t quantizer = quantizer_of(pipeline);
  return quantizer == 0 ? pipeline.input_key() : pipeline.output_key(quantizer - 1);
}

Bytes file_from(World& world, EntityId entity, const Pipeline& pipeline, std::size_t first, const Context& context) {
  const Arena::Mark mark = world.arena().mark();
  (void)pipeline.run(world, {&entity, 1}, context, first, pipeline.steps().size());
  Bytes file = write_file(world, entity, pipeline.output_key());
  world.arena().rewind(mark);
  return file;
}

Context trial_context(const Context& context) {
  Context out = context;
  out.trace = nullptr;
  out.on_error = OnError::raise;
  out.keep = true;
  return out;
}

FileAtStep search_step(World& world, EntityId entity, const Pipeline& pipeline, std::uint64_t bytes, double scale,
                       const Context& context) {
  const std::size_t first = first_by_step(pipeline);
  const auto file_at = [&](int index, const Context& how) {
    const Pipeline trial = with_step(pipeline, step_at(index, scale));
    (void)trial.run(world, {&entity, 1}, how, first, trial.steps().size());
    return write_file(world, entity, trial.output_key());
  };
  const Context quiet = trial_context(context);
  // A step that is too fine for the alphabet makes a file that no target allows.
  std::optional<Bytes> best;
  const auto size_at = [&](int index) {
    try {
      Bytes file = file_at(index, quiet);
      const std::uint64_t size = file.size();
      if (size <= bytes) best = std::move(file);
      return size;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::limit_exceeded || index == kCoarsest) throw;
      return std::numeric_limits<std::uint64_t>::max();
    }
  };
  const auto fits = [&](int index) {
    const Arena::Mark mark = world.arena().mark();
    const bool ok = size_at(index) <= bytes;
    world.arena().rewind(mark);
    return ok;
  };
  if (!fits(kCoarsest)) {
    throw Error(ErrorCode::invalid_argument, "no step is coarse enough for " + std::to_string(bytes) +
                                                 " bytes; allow more, or use a smaller picture");
  }
  // What a quantiser that others follow is given is made anew in each trial.
  const int enough =
      first == quantizer_of(pipeline) ? fine_enough(world, entity, coefficients_key(pipeline), scale) : kFinest;
  int low = kCoarsest;
  int high = kFinest + 1;
  while (high - low > 1 && low < enough) {
    const int middle = low + (high - low) / 2;
    (fits(middle) ? low : high) = middle;
  }
  const double step = step_at(low, scale);
  if (context.trace == nullptr) return {std::move(*best), step};  // else once more, for the record
  Context last = context;
  last.on_error = OnError::raise;
  return {file_at(low, last), step};
}

}  // namespace vaerans
