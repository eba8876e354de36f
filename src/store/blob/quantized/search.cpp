#include "store/blob/quantized/search.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "store/blob/fit/rotation.hpp"
#include "store/blob/fit/split.hpp"
#include "store/blob/quantized/quantized.hpp"
#include "store/blob/quantized/statistics.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::blob {
namespace {

constexpr int kTries = 12;
constexpr double kUniform = 3.4641016151377544;  // sqrt(12): a step over the deviation of its rounding errors
constexpr double kGaussian = 2.0471;             // differential entropy of a unit normal, bits
// With a trellis: a step over the deviation of errors, as seen on normal numbers; it grows with the relative error.
constexpr double kDependent = 1.959, kDependentGrowth = 0.5;
constexpr std::uint64_t kLeastDependent = 1024;  // fewer numbers are not worth the beginnings of the trellises
constexpr double kFewBits = 2.5;                 // below, a quantiser for each number by itself may take less

struct Attempt {
  Header header;
  Coded coded;
  Errors errors;
  double bits = 0;  ///< for each number
};

class Search {
 public:
  Search(std::span<const float> x, const Header& header)
      : x_(x),
        header_(header),
        channels_(channels_of(x, header.geometry)),
        memory_(x.size() * number_size(header.type)) {
    for (const Channel& c : channels_) widest_ = std::max(widest_, c.deviation);
  }
  [[nodiscard]] Attempt run();

 private:
  [[nodiscard]] bool relative() const {
    return header_.target.kind == Target::Kind::rmse || header_.target.kind == Target::Kind::bits;
  }
  [[nodiscard]] double first_base() const;
  [[nodiscard]] double step_over_error() const {
    return header_.trellis ? kDependent * (1 + kDependentGrowth * header_.target.value) : kUniform;
  }
  /// Leaves the bands out where they do not pay.
  void choose_bands(double base);
  [[nodiscard]] Attempt attempt(double base);
  void place_channels(Header& h) const;
  void measure(Attempt& a);
  /// By how much the base may be multiplied until the target is just held; 1 and more: it is held.
  [[nodiscard]] double slack(const Attempt& a) const;
  [[noreturn]] void give_up(const Attempt& a) const;

  std::span<const float> x_;
  Header header_;
  std::vector<Channel> channels_;
  double widest_ = 0;
  std::optional<RecycledVector<std::int8_t>> rotation_;  ///< fitted at the first attempt
  RecycledRoom<std::byte> memory_;
  RecycledRoom<float> decoded_;
};

// The scale of a channel among all: eighths of an octave below the widest.
std::uint8_t scale_of(double deviation, double widest) {
  if (deviation == 0) return kConstant;
  const double eighths = std::round(8 * std::log2(deviation / widest));
  return static_cast<std::uint8_t>(std::clamp(kUnitScale + eighths, 1.0, 255.0));
}

double Search::first_base() const {
  const Target& t = header_.target;
  if (widest_ == 0) return 1;
  switch (t.kind) {
    case Target::Kind::rmse: {
      // Sums of squares of few numbers scatter: so much below the target that most first attempts hold it.
      const double margin = 1 - 0.9 / std::sqrt(static_cast<double>(x_.size()) + 9);
      double mean = 0, varied = 0;
      for (const Channel& c : channels_) {
        if (c.deviation == 0) continue;
        const double relative = widest_ * std::exp2((scale_of(c.deviation, widest_) - kUnitScale) / 8.0) / c.deviation;
        mean += relative * relative;
        ++varied;
      }
      return t.value * step_over_error() * widest_ * margin / std::sqrt(mean / varied);
    }
    case Target::Kind::bits: return widest_ * std::exp2(kGaussian - t.value) / (header_.trellis ? 2 : 1);
    case Target::Kind::max_error: return 2 * t.value;
    default: return t.value;
  }
}

void Search::place_channels(Header& h) const {
  h.scales.clear();
  h.centers.assign(channels_.size(), 0);
  const auto constant = [](const Channel& c) { return c.deviation == 0; };
  if (relative() || std::ranges::any_of(channels_, constant)) {
    for (const Channel& c : channels_) {
      const std::uint8_t absolute = constant(c) ? kConstant : kUnitScale;
      h.scales.push_back(relative() ? scale_of(c.deviation, widest_) : absolute);
    }
  }
  if (std::ranges::all_of(h.scales, [](std::uint8_t s) { return s == kUnitScale; })) h.scales.clear();
  for (std::size_t c = 0; c < channels_.size(); ++c) {
    if (constant(channels_[c])) {
      h.centers[c] = std::bit_cast<std::uint32_t>(static_cast<float>(channels_[c].mean));
      continue;
    }
    const double center = channels_[c].mean / step_of(h.base, h.scales.empty() ? kUnitScale : h.scales[c]);
    if (!(std::abs(std::round(center)) < 0x1p40))
      throw Error(ErrorCode::bad_parameter,
                  "channel " + std::to_string(c) + " lies too many steps away from 0: use a coarser target");
    h.centers[c] = std::llround(center);
  }
}

void Search::choose_bands(double base) {
  if (!header_.geometry.haar || !(base >= kLeastBase && base <= kMostBase)) return;
  Header h = header_;
  h.base = static_cast<float>(base);
  place_channels(h);
  if (!haar_pays(x_, h)) header_.geometry = geometry_of(h.shape, h.channel_axis, false);
}

void Search::measure(Attempt& a) {
  restore_quantized(a.header, a.coded, header_.type, memory_);
  const auto decoded = as_floats(memory_.data(), header_.type, x_.size(), decoded_);
  a.errors = errors_between(x_, decoded, header_.geometry, channels_);
  a.header.rmse = static_cast<float>(a.errors.rmse);
  a.header.largest_error = static_cast<float>(a.errors.largest);
}

Attempt Search::attempt(double base) {
  Attempt a;
  a.header = header_;
  a.header.base = static_cast<float>(base);
  if (!(a.header.base >= kLeastBase && a.header.base <= kMostBase))
    throw Error(ErrorCode::bad_parameter, std::string("the target ") + std::string(target_name(header_.target.kind)) +
                                              "=" + std::to_string(header_.target.value) +
                                              " cannot be held by any step from 2^-100 to 2^64: scale the numbers, "
                                              "or choose another target");
  place_channels(a.header);
  if (relative() && !rotation_) rotation_ = fit_rotation(x_, a.header);
  if (rotation_) a.header.rotation = *rotation_;
  a.coded = encode_quantized(x_, a.header);
  measure(a);
  ByteWriter header;
  write_header(header, a.header, {});
  a.bits =
      8.0 * static_cast<double>(header.bytes().size() + 4 * a.coded.words.size() + 4) / static_cast<double>(x_.size());
  return a;
}

double Search::slack(const Attempt& a) const {
  const double wanted = header_.target.value;
  switch (header_.target.kind) {
    case Target::Kind::rmse: return a.errors.rmse == 0 ? 1 : wanted / a.errors.rmse;
    case Target::Kind::bits: return std::exp2(wanted - a.bits);
    case Target::Kind::max_error: return a.errors.largest <= wanted ? 1 : wanted / a.errors.largest;
    default: return 1;
  }
}

void Search::give_up(const Attempt& a) const {
  const bool bits = header_.target.kind == Target::Kind::bits;
  const double error = header_.target.kind == Target::Kind::max_error ? a.errors.largest : a.errors.rmse;
  throw Error(
      ErrorCode::bad_parameter,
      std::string("the target ") + std::string(target_name(header_.target.kind)) + "=" +
          std::to_string(header_.target.value) + " cannot be held: the closest attempt reached " +
          std::to_string(bits ? a.bits : error) +
          (bits ? ""
                : std::string("; numbers of ") + std::string(number_name(header_.type)) + " may be too coarse for it"));
}

Attempt Search::run() {
  const bool bits = header_.target.kind == Target::Kind::bits;
  std::optional<Attempt> best;
  Attempt last;
  double base = first_base();
  choose_bands(base);
  for (int i = 0; i < kTries; ++i) {
    last = attempt(base);
    const double room = slack(last);
    // More bits where the step is finer: there the room says by how much the step must grow.
    const bool held = room >= 1;
    if (held && (!best || last.header.base == best->header.base || bits != (last.header.base > best->header.base)))
      best = std::move(last);
    if (held && room < 1.015) break;
    if (widest_ == 0 || header_.target.kind == Target::Kind::step ||
        (held && header_.target.kind == Target::Kind::max_error))
      break;
    base *= bits ? 1.001 / room : 0.999 * room;
  }
  if (!best) give_up(last);  // NOLINT(bugprone-use-after-move): moved only where there is a best
  return *std::move(best);
}

}  // namespace

std::vector<std::uint8_t> encode_to_target(std::span<const float> x, const Header& header) {
  Header plain = header;
  plain.trellis = false;
  const bool few = x.size() < kLeastDependent;
  Attempt best = Search(x, few ? plain : header).run();
  if (best.header.trellis && best.bits < kFewBits) {
    Attempt other = Search(x, plain).run();
    const bool bits = header.target.kind == Target::Kind::bits;
    if (bits ? other.errors.rmse < best.errors.rmse : other.bits < best.bits) best = std::move(other);
  }
  return assemble(best.header, {}, best.coded.words);
}

}  // namespace vaerans::blob
