#include "vaerans/systems/quantize.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/bytes.hpp"
#include "base/parallel.hpp"
#include "coding/context/rdo.hpp"
#include "coding/symbols.hpp"
#include "core/wire_ids.hpp"
#include "kernels/quantize/quantize.hpp"
#include "systems/builtin.hpp"
#include "systems/quantize/quantizer.hpp"

namespace vaerans {
namespace {

// ---- affine: a scale and a zero for each subband -----------------------------------------------------------------

class AffineQuantizer final : public Quantizer {
 public:
  AffineQuantizer(const Identity& identity, unsigned bits, bool per_band)
      : Quantizer(identity), levels_((1U << bits) - 1), per_band_(per_band) {}

  void read_rows(std::span<const std::byte> side_info, std::size_t subbands, QuantRows& out) const override {
    ByteReader in(side_info, "quantiser's side information");
    out.resize(subbands);
    for (std::size_t i = 0; i < subbands; ++i) {
      out[i] = i == 0 || per_band_ ? QuantRow{in.f32(), in.f32(), 0} : out[0];
      if (!std::isfinite(out[i].scale) || !std::isfinite(out[i].bias)) in.corrupt("a scale or zero is not finite");
    }
    in.expect_end();
  }

  [[nodiscard]] DType symbol_type(std::span<const std::byte>) const override {
    return levels_ > 255 ? DType::u16 : DType::u8;
  }

  /// What is between whole numbers would be lost, and the zero with it.
  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena& arena,
                              const Limits& limits) const override {
    if (input.dtype == DType::i16) throw Error(ErrorCode::dtype, contract().name + " needs floats, not i16");
    return Quantizer::describe(input, side_info, arena, limits);
  }

 private:
  void plan(Group& group, std::size_t i, const Pyramid& pyramid, std::span<std::int32_t>,
            Quantized& out) const override {
    const auto subbands = pyramid.subbands;
    const auto item = group.item<float>(0, i);
    auto& ranges = out.ranges;
    ranges.clear();
    for (const Subband& s : subbands) ranges.push_back(finite_range(part(item, s), s));
    if (!per_band_) widen_to_all(ranges);
    ByteWriter side_info(std::move(out.side_info));
    out.rows.clear();
    for (const auto& range : ranges) {
      // In double: the difference of two extreme floats overflows a float.
      const double span = static_cast<double>(range.max) - static_cast<double>(range.min);
      require_span(span);
      out.rows.push_back({scale_of(span, range.min), range.min, 0});
    }
    for (std::size_t s = 0; s < (per_band_ ? out.rows.size() : 1); ++s) {
      side_info.f32(out.rows[s].scale);
      side_info.f32(out.rows[s].bias);
    }
    out.side_info = side_info.take();
    out.dtype = symbol_type(out.side_info);
  }

  // Rounded up, the last level could be beyond the largest float.
  [[nodiscard]] float scale_of(double span, float bias) const {
    const auto levels = static_cast<float>(levels_);
    auto scale = static_cast<float>(span / levels_);
    while (!std::isfinite(scale * levels + bias)) scale = std::nextafter(scale, 0.0F);
    return scale;
  }

  // Scale × level must be a float when it is undone.
  static void require_span(double span) {
    if (span <= static_cast<double>(std::numeric_limits<float>::max())) return;
    throw Error(ErrorCode::limit_exceeded,
                "the coefficients are further apart than a 32-bit float can hold; scale them down first");
  }

  static void widen_to_all(std::span<kernels::Range> ranges) {
    kernels::Range all = ranges.front();
    for (const auto& r : ranges) all = {std::min(all.min, r.min), std::max(all.max, r.max), true};
    std::fill(ranges.begin(), ranges.end(), all);
  }

  void write(Group& group, std::size_t i, std::span<const Subband> subbands, const Quantized& q,
             std::span<const std::int32_t>, const TensorRef& out) const override {
    const auto item = group.item<float>(0, i);
    for (std::size_t s = 0; s < subbands.size(); ++s) {
      const auto x = part(item, subbands[s]);
      if (out.dtype() == DType::u8) {
        kernels::quantize_affine(x, q.rows[s].bias, q.rows[s].scale, part(group.view<std::uint8_t>(out), subbands[s]));
      } else {
        kernels::quantize_affine(x, q.rows[s].bias, q.rows[s].scale, static_cast<std::uint16_t>(levels_),
                                 part(group.view<std::uint16_t>(out), subbands[s]));
      }
    }
  }

  std::uint32_t levels_;
  bool per_band_;
};

// ---- uniform step: one number for everything ---------------------------------------------------------------------

class StepQuantizer final : public Quantizer {
 public:
  explicit StepQuantizer(const Settings<QuantizeOptions>& s)
      : Quantizer(s), step_(s.options.step), deadzone_(s.options.deadzone), rdo_(s.options.rdo) {}

  [[nodiscard]] std::optional<double> step() const override { return step_; }
  [[nodiscard]] std::shared_ptr<const System> with_step(double step) const override {
    return vaerans::Quantize({.step = step, .deadzone = deadzone_, .rdo = rdo_});
  }

  void read_rows(std::span<const std::byte> side_info, std::size_t subbands, QuantRows& out) const override {
    ByteReader in(side_info, "quantize side information");
    if (in.u8() > 1) in.corrupt("unknown flags");
    const std::int64_t offset = in.svarint();
    if (offset > kernels::kMaxIndex || offset < -kernels::kMaxIndex) in.corrupt("the offset is out of range");
    in.expect_end();
    out.assign(subbands, {static_cast<float>(step_), 0, static_cast<std::int32_t>(offset)});
  }

  [[nodiscard]] DType symbol_type(std::span<const std::byte> side_info) const override {
    return ByteReader(side_info, "quantize side information").u8() == 1 ? DType::u16 : DType::u8;
  }

 private:
  [[nodiscard]] bool uses_prior() const override { return rdo_ > 0; }
  [[nodiscard]] std::size_t work_bytes(std::span<const Subband> subbands) const override {
    return rdo_ > 0 ? optimize_work_bytes(subbands) : 0;
  }

  void plan(Group& group, std::size_t i, const Pyramid& pyramid, std::span<std::int32_t> indices,
            Quantized& out) const override {
    kernels::IntRange range = index(group, i, pyramid.subbands, indices);
    require_indices(range);
    require_alphabet(range, group.context().limits);
    if (rdo_ > 0 && group.spec().dtype == DType::f32 && can_optimize(pyramid)) {
      optimize(group.item<float>(0, i), static_cast<float>(step_), rdo_, pyramid, indices);
      range = kernels::min_max(indices);
    }
    const bool wide = symbols_of(range) > 256;
    ByteWriter side_info(std::move(out.side_info));
    side_info.u8(wide ? 1 : 0);
    side_info.svarint(range.min);
    out.side_info = side_info.take();
    out.rows.assign(pyramid.subbands.size(), {static_cast<float>(step_), 0, range.min});
    out.dtype = wide ? DType::u16 : DType::u8;
  }

  [[nodiscard]] static std::int64_t symbols_of(const kernels::IntRange& range) {
    return std::int64_t{range.max} - range.min + 1;
  }

  // Indices saturate: the largest one stands for everything beyond, too.
  void require_indices(const kernels::IntRange& range) const {
    if (range.max < kernels::kMaxIndex && range.min > -kernels::kMaxIndex) return;
    throw Error(ErrorCode::limit_exceeded,
                "step " + to_string(ParamValue(step_)) + " makes a coefficient 2^30 steps or more; use a larger step");
  }

  void require_alphabet(const kernels::IntRange& range, const Limits& limits) const {
    if (std::cmp_less_equal(symbols_of(range), limits.max_alphabet)) return;
    throw Error(ErrorCode::limit_exceeded, "step " + to_string(ParamValue(step_)) + " needs " +
                                               std::to_string(symbols_of(range)) + " symbols, over the limit of " +
                                               std::to_string(limits.max_alphabet) + "; use a larger step");
  }

  [[nodiscard]] kernels::IntRange index(Group& group, std::size_t i, std::span<const Subband> subbands,
                                        std::span<std::int32_t> out) const {
    if (group.spec().dtype == DType::i16) return index_int(group.item<std::int16_t>(0, i), out);
    if (group.spec().dtype == DType::i32) return index_int(group.item<std::int32_t>(0, i), out);
    const auto item = group.item<float>(0, i);
    for (const Subband& s : subbands) (void)finite_range(part(item, s), s);
    return kernels::quantize_step(item, static_cast<float>(step_), static_cast<float>(1 - deadzone_), out);
  }

  template <typename T>
  [[nodiscard]] kernels::IntRange index_int(std::span<const T> item, std::span<std::int32_t> out) const {
    const std::int32_t step = integer_step();
    // Half the step rounds to the nearest; a wider dead zone leaves less of it.
    const auto rounding = static_cast<std::int32_t>(std::floor((1 - deadzone_) * step));
    return kernels::quantize_step_int<T>(item, step, std::min(rounding, step - 1), out);
  }

  [[nodiscard]] std::int32_t integer_step() const {
    if (step_ == std::floor(step_) && step_ >= 1 && step_ <= 65536) return static_cast<std::int32_t>(step_);
    throw Error(ErrorCode::bad_parameter, "quantize: integer coefficients need a whole step from 1 to 65536, not " +
                                              to_string(ParamValue(step_)));
  }

  void write(Group& group, std::size_t, std::span<const Subband>, const Quantized& q,
             std::span<const std::int32_t> indices, const TensorRef& out) const override {
    with_symbols(group.arena(), out, [&](auto symbols) {
      if (!kernels::to_symbols(indices, q.rows.front().offset, symbols)) {
        throw Error(ErrorCode::internal, "quantize: an index is outside its own range");
      }
    });
  }

  double step_, deadzone_, rdo_;
};

std::shared_ptr<const System> make_quantize(const Settings<QuantizeOptions>& s) {
  if (s.options.bits == 0) return std::make_shared<StepQuantizer>(s);
  return std::make_shared<AffineQuantizer>(s, static_cast<unsigned>(s.options.bits), true);
}

std::shared_ptr<const System> make_quantize_u8(const Settings<QuantizeU8Options>& s) {
  return std::make_shared<AffineQuantizer>(s, 8U, s.options.per_band);
}

const Descriptor<QuantizeU8Options>& quantize_u8() {
  static const Descriptor<QuantizeU8Options> descriptor{
      .name = "quantize_u8",
      .class_name = "QuantizeU8",
      .topic = "quantize",
      .doc =
          "8-bit affine quantiser: float32 planes or bands → SymbolsU8 and QuantParams.\n\n"
          "Raises NonFinite, which names the band.",
      .inverse = "dequantize",
      .wire_id = wire::quantize_u8,
      .params = {{"per_band",
                  &QuantizeU8Options::per_band,
                  {},
                  "a scale and a zero for each channel and band; else one pair for the whole item",
                  wire::quantize_u8_per_band}},
      .make = make_quantize_u8};
  return descriptor;
}

const Descriptor<QuantizeOptions>& quantize() {
  static const Descriptor<QuantizeOptions> descriptor{
      .name = "quantize",
      .class_name = "Quantize",
      .topic = "quantize",
      .doc =
          "Uniform quantiser for rate–distortion work: planes or bands of float32, int16, int32 → SymbolsU8 and "
          "QuantParams.\n\n"
          "Whole numbers pass unchanged with step = 1. Rate–distortion optimisation (`rdo`): an index goes one "
          "nearer to zero where that lowers (error/step)² + rdo · bits under the costs of the context coder; it "
          "needs wavelet bands of a model with a context prior, and rounds without one. Raises NonFinite, which "
          "names the band; LimitExceeded for a step so small that it needs too many symbols; BadParameter for a "
          "broken step with whole numbers.",
      .inverse = "dequantize",
      .wire_id = wire::quantize,
      .params = {{"step", &QuantizeOptions::step, ParamRange::above(0).up_to(1e9),
                  "size of a step, the same in all subbands; whole for whole numbers", wire::quantize_step},
                 {"bits", &QuantizeOptions::bits, ParamRange::from(2).up_to(16).or_else(0),
                  "affine over each subband's range, with 2^bits levels; 0: use the step", wire::quantize_bits},
                 {"deadzone", &QuantizeOptions::deadzone, ParamRange::from(0.5).below(1),
                  "what is smaller, in steps, becomes 0; 0.5 is plain rounding", wire::quantize_deadzone},
                 {"rdo", &QuantizeOptions::rdo, ParamRange::from(0).up_to(10),
                  "weight of a bit against the squared error in steps; 0: plain rounding; 0.1 is a good start",
                  never_in_files}},
      .make = make_quantize};
  return descriptor;
}

}  // namespace

void register_quantize() {
  register_system(quantize_u8().entry());
  register_system(quantize().entry());
  register_system(dequantize_descriptor().entry());
  register_system(quantize_bands_descriptor().entry());
  register_system(dequantize_bands_descriptor().entry());
}

SystemPtr QuantizeU8(const QuantizeU8Options& options) { return quantize_u8()(options); }
SystemPtr Quantize(const QuantizeOptions& options) { return quantize()(options); }
SystemPtr Dequantize() { return dequantize_descriptor()(); }

}  // namespace vaerans
