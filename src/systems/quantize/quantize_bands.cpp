// The quantiser of wavelet pictures: one step for all bands, each weighed by how far its basis functions reach.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/bytes.hpp"
#include "base/zigzag.hpp"
#include "coding/effort.hpp"
#include "coding/mixing/band_grid.hpp"
#include "coding/mixing/band_stream.hpp"
#include "coding/mixing/parts.hpp"
#include "coding/symbols.hpp"
#include "core/wire_ids.hpp"
#include "kernels/bands/band_steps.hpp"
#include "kernels/bands/step_map.hpp"
#include "systems/quantize/quantizer.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {
namespace {

// What rounds to zero at little effort, in 1/256 of a step: best over photos at 0.1 to 1.5 bits per pixel.
constexpr int kDeadZone = 156;

constexpr std::string_view kSideInfo = "quantize_bands side information";

/// What a decoder needs beside the step: where values lie in their steps, for luma and for chroma.
struct BandSideInfo {
  bool wide = false;  ///< symbols of 16 bits
  std::array<kernels::StepCenters, 2> centers{};
  std::span<const std::byte> map = {};  ///< with visual steps, the decisions of their StepMap

  [[nodiscard]] const kernels::StepCenters& of(const Subband& s) const { return centers[s.channel != 0 ? 1 : 0]; }
};

BandSideInfo read_side_info(std::span<const std::byte> bytes) {
  ByteReader in(bytes, kSideInfo);
  BandSideInfo out;
  const std::uint8_t flags = in.u8();
  if (flags > 1) in.corrupt("unknown flags");
  out.wide = flags == 1;
  for (auto& plane : out.centers) {
    for (auto& center : plane) center = in.u8();
  }
  out.map = in.take(in.left());
  return out;
}

ByteBuffer write_side_info(const BandSideInfo& side_info) {
  ByteWriter out;
  out.u8(side_info.wide ? 1 : 0);
  for (const auto& plane : side_info.centers) {
    for (const std::uint8_t center : plane) out.u8(center);
  }
  out.raw(side_info.map);
  return out.take();
}

// ---- visual steps: a map of where they are coarser -----------------------------------------------------------------

ByteBuffer write_map(const kernels::StepMap& map) {
  kernels::PartedDecisions decisions;
  map.encode(decisions);
  const auto parts = decisions.take();
  ByteWriter out;
  out.varint(parts.size());
  write_parts(parts, out);
  return out.take();
}

kernels::StepMap read_map(std::span<const std::byte> bytes, const kernels::BandLayout& layout) {
  ByteReader in(bytes, kSideInfo);
  const std::uint64_t count = in.varint();
  if (count > bytes.size()) in.corrupt("fewer bytes than parts");
  const auto parts = read_parts(in, count);
  kernels::StepMap map(layout);
  kernels::PartedDecoder decoder(parts);
  map.decode(decoder);
  if (const auto status = decoder.finish(); status != kernels::Status::ok)
    in.corrupt(std::string("map of steps: ") + kernels::to_string(status));
  return map;
}

// Calls work(first coefficient of the row, exponents) for each row of a band.
template <typename Work>
void for_each_row(const kernels::StepMap& map, const Subband& s, Work work) {
  std::vector<std::int16_t> exponents(s.w);
  for (std::size_t y = 0; y < s.h; ++y) {
    if (s.orientation != Orientation::LL) map.exponents(s.level, y, exponents);
    work(y * s.w, std::span<const std::int16_t>(exponents));
  }
}

class BandQuantizer final : public DescribedSystem {
 public:
  explicit BandQuantizer(const Settings<QuantizeBandsOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::bands, ""}}, .outputs = {{Kind::symbols, "SymbolsU8"}}}),
        options_(s.options) {}

  [[nodiscard]] std::optional<double> step() const override { return options_.step; }
  [[nodiscard]] std::shared_ptr<const System> with_step(double step) const override {
    QuantizeBandsOptions options = options_;
    options.step = step;
    return vaerans::QuantizeBands(options);
  }
  [[nodiscard]] std::shared_ptr<const EntropyPrior> prior() const override { return std::make_shared<BandGrid>(); }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    require_bands(input);
    const BandSideInfo read = read_side_info(side_info);
    if (read.map.empty() == options_.visual)
      throw Error(ErrorCode::corrupt_stream,
                  std::string(kSideInfo) + (options_.visual ? ": no map of steps" : ": bytes are left over"));
    return {Kind::symbols, read.wide ? DType::u16 : DType::u8, input.shape, input.subbands};
  }

  void run(Group& group) const override {
    require_bands(group.spec());
    for_each_entity(group, [&](std::size_t i) { quantize(group, i); });
  }

  /// The step of a band: the same error in the picture from all of them.
  [[nodiscard]] float step_in(const Subband& s) const {
    const auto length = kernels::basis_length(s.level);
    const bool high_x = s.orientation == Orientation::HL || s.orientation == Orientation::HH;
    const bool high_y = s.orientation == Orientation::LH || s.orientation == Orientation::HH;
    const double reach = double{high_x ? length.high : length.low} * double{high_y ? length.high : length.low};
    return static_cast<float>(options_.step * (s.channel != 0 ? options_.chroma : 1) / reach);
  }

  /// Likewise, with visual steps.
  [[nodiscard]] kernels::VisualSteps visual_steps_in(const Subband& s) const {
    const bool coarse = s.orientation == Orientation::LL;
    return {step_in(s), kernels::visual_weight(s.channel, coarse ? 0 : s.level, s.orientation == Orientation::HH)};
  }
  [[nodiscard]] bool visual() const { return options_.visual; }

 private:
  static void require_bands(const Spec& input) {
    if (input.kind == Kind::bands && input.dtype == DType::f32 && band_layout_of(input.subbands)) return;
    throw Error(ErrorCode::contract, "quantize_bands needs the wavelet bands of three f32 planes, not " +
                                         std::string(kind_name(input.kind)) + " " + input.shape.str() +
                                         "; put ycocg | cdf97 before it");
  }

  void quantize(Group& group, std::size_t i) const {
    const auto subbands = group.spec().subbands;
    const auto item = group.item<float>(0, i);
    const kernels::BandLayout layout = *band_layout_of(subbands);
    std::vector<std::int32_t> values(item.size());
    ByteBuffer map;
    if (options_.visual) {
      map = scale_visually(group.spec(), layout, item, values);
    } else {
      for (const Subband& s : subbands) scale(part(item, s), s, part(std::span(values), s));
    }
    std::vector<std::int32_t> indices = values;
    choose(layout, indices);
    BandSideInfo side_info = centers_of(subbands, values, indices);
    side_info.map = map;
    store(group, i, side_info, indices);
  }

  void choose(const kernels::BandLayout& layout, std::span<std::int32_t> indices) const {
    if (options_.rdo > 0 && !effort_of(options_.effort).weighs_bits)
      return kernels::round_indices(layout, indices, kDeadZone);
    kernels::BandBuffers buffers;
    kernels::choose_indices(layout, indices, static_cast<int>(std::lround(256 * options_.rdo)), buffers);
  }

  void scale(std::span<const float> in, const Subband& s, std::span<std::int32_t> out) const {
    const float step = step_in(s);
    require_coarse_enough(in, s, step);
    kernels::to_steps(in, step, out);
  }

  // Gives the map that it has made.
  ByteBuffer scale_visually(const Spec& spec, const kernels::BandLayout& layout, std::span<const float> item,
                            std::span<std::int32_t> out) const {
    const auto map = kernels::activity_map(layout, item, options_.masking);
    for (const Subband& s : spec.subbands) {
      const kernels::VisualSteps steps = visual_steps_in(s);
      const bool coarse = s.orientation == Orientation::LL;
      require_coarse_enough(part(item, s), s, steps.at(coarse ? std::int16_t{0} : map.least_exponent()));
      for_each_row(map, s, [&](std::size_t at, std::span<const std::int16_t> exponents) {
        kernels::to_steps(part(item, s).subspan(at, s.w), steps, exponents, part(out, s).subspan(at, s.w));
      });
    }
    return write_map(map);
  }

  void require_coarse_enough(std::span<const float> in, const Subband& s, float step) const {
    const kernels::Range range = finite_range(in, s);
    if (std::max(range.max, -range.min) / step <= kernels::BandPlane::kMostMagnitude) return;
    throw Error(ErrorCode::limit_exceeded, "quantize_bands: step " + to_string(ParamValue(options_.step)) +
                                               " is too small for " + subband_name(s) + "; use a larger step");
  }

  static BandSideInfo centers_of(std::span<const Subband> subbands, std::span<const std::int32_t> values,
                                 std::span<const std::int32_t> indices) {
    std::array<kernels::StepSums, 2> sums;
    for (const Subband& s : subbands) {
      if (s.orientation != Orientation::LL) sums[s.channel != 0 ? 1 : 0].add(part(values, s), part(indices, s));
    }
    return {false, {sums[0].centers(), sums[1].centers()}};
  }

  static void store(Group& group, std::size_t i, BandSideInfo side_info, std::span<const std::int32_t> indices) {
    side_info.wide = std::ranges::any_of(indices, [](std::int32_t q) { return zigzag(q) > 255; });
    const Spec& input = group.spec();
    const Spec spec{Kind::symbols, side_info.wide ? DType::u16 : DType::u8, input.shape, input.subbands};
    const TensorRef out = group.arena().alloc_tensor(spec.shape, spec.dtype);
    with_symbols(group.arena(), out, [&]<typename Symbol>(std::span<Symbol> symbols) {
      for (std::size_t k = 0; k < indices.size(); ++k) symbols[k] = static_cast<Symbol>(zigzag(indices[k]));
    });
    group.output_item(i, {out, spec, nullptr});
    group.side_info(i, write_side_info(side_info));
  }

  QuantizeBandsOptions options_;
};

class BandDequantizer final : public DescribedSystem {
 public:
  explicit BandDequantizer(const Settings<NoOptions>& s)
      : DescribedSystem(
            s, {.inputs = {{Kind::symbols, ""}}, .outputs = {{Kind::bands, ""}}, .inverse_of = "quantize_bands"}) {}

  void run(Group& group) const override {
    const TensorRef all = group.output(group.undone_step(0)->input);
    for_each_entity(group, [&](std::size_t i) {
      const TrailStep& node = *group.undone_step(i);
      restore(group, i, node, group.view<float>(group.arena().subref_axis0(all, i)));
    });
  }

 private:
  static void restore(Group& group, std::size_t i, const TrailStep& node, std::span<float> out) {
    const auto& forward = dynamic_cast<const BandQuantizer&>(*node.system);
    const BandSideInfo side_info = read_side_info(node.side_info);
    std::optional<kernels::StepMap> map;
    if (forward.visual()) map = read_map(side_info.map, *band_layout_of(node.input.subbands));
    with_symbols(group.arena(), group.input(0, i).data, [&](auto symbols) {
      std::vector<std::int32_t> indices;
      for (const Subband& s : node.input.subbands) {
        indices.clear();
        for (const auto symbol : part(symbols, s)) indices.push_back(static_cast<std::int32_t>(unzigzag(symbol)));
        const auto centers = s.orientation == Orientation::LL ? kernels::StepCenters{} : side_info.of(s);
        if (map) {
          restore_visually(forward.visual_steps_in(s), *map, s, centers, indices, part(out, s));
        } else {
          kernels::from_steps(indices, forward.step_in(s), centers, part(out, s));
        }
      }
    });
  }

  static void restore_visually(const kernels::VisualSteps& steps, const kernels::StepMap& map, const Subband& s,
                               const kernels::StepCenters& centers, std::span<const std::int32_t> indices,
                               std::span<float> out) {
    for_each_row(map, s, [&](std::size_t at, std::span<const std::int16_t> exponents) {
      kernels::from_steps(indices.subspan(at, s.w), steps, exponents, centers, out.subspan(at, s.w));
    });
  }
};

}  // namespace

const Descriptor<QuantizeBandsOptions>& quantize_bands_descriptor() {
  static const Descriptor<QuantizeBandsOptions> descriptor{
      .name = "quantize_bands",
      .class_name = "QuantizeBands",
      .topic = "quantize",
      .doc =
          "Quantiser of wavelet pictures: WaveletPyr float32 of three planes → SymbolsU8.\n\n"
          "The step is divided by the length of each band's basis functions (of the 9/7), so that an error of one "
          "step is the same in the picture wherever it is made. Each index is the one with the least (error/step)² + "
          "rdo · bits, at the bits that ANSEncode with the coder mixing would take for it there; values are restored "
          "at the mean of what was quantised to 1, to 2, and to more, for luma and for chroma. With visual, steps "
          "are those that look best instead of those that measure best in PSNR: coarser for fine details and for "
          "chroma, and where the picture is busy, by a map of cells of 16 × 16 pixels in the file. Symbols are the "
          "zigzag of signed indices. Raises NonFinite, which names the band; LimitExceeded for a step too small.",
      .inverse = "dequantize_bands",
      .wire_id = wire::quantize_bands,
      .params = {{"step", &QuantizeBandsOptions::step, ParamRange::above(0).up_to(1e9),
                  "size of a step, in RGB levels after ycocg", wire::quantize_bands_step},
                 {"chroma", &QuantizeBandsOptions::chroma, ParamRange::from(0.1).up_to(10),
                  "the steps of the second and third plane, times this", wire::quantize_bands_chroma},
                 {"rdo", &QuantizeBandsOptions::rdo, ParamRange::from(0).up_to(10),
                  "weight of a bit against the squared error in steps; 0: the nearest index", never_in_files},
                 {"visual", &QuantizeBandsOptions::visual, {}, "steps by what is seen", wire::quantize_bands_visual},
                 {"masking", &QuantizeBandsOptions::masking, ParamRange::from(0).up_to(2),
                  "visual: half octaves of step for each octave by which a place's variance is above the mean",
                  never_in_files},
                 {"effort", &QuantizeBandsOptions::effort, ParamRange::from(least_effort).up_to(most_effort),
                  "below 3 a dead zone takes the place of rdo, which takes two thirds of the time", never_in_files}},
      .make = make_of<BandQuantizer>};
  return descriptor;
}

const Descriptor<>& dequantize_bands_descriptor() {
  static const Descriptor<> descriptor{.name = "dequantize_bands",
                                       .class_name = "DequantizeBands",
                                       .topic = "quantize",
                                       .doc = "Undoes QuantizeBands: SymbolsU8 → WaveletPyr float32.",
                                       .role = Role::inverse,
                                       .make = make_of<BandDequantizer>};
  return descriptor;
}

SystemPtr QuantizeBands(const QuantizeBandsOptions& options) { return quantize_bands_descriptor()(options); }
SystemPtr DequantizeBands() { return dequantize_bands_descriptor()(); }

}  // namespace vaerans
