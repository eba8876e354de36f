// The quantiser of wavelet pictures: one step for all bands, each weighed by how far its basis functions reach.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/zigzag.hpp"
#include "coding/effort.hpp"
#include "coding/mixing/bands/band_grid.hpp"
#include "coding/mixing/bands/band_stream.hpp"
#include "coding/symbols.hpp"
#include "core/wire_ids.hpp"
#include "kernels/bands/dependent.hpp"
#include "systems/quantize/band_side_info.hpp"
#include "systems/quantize/quantizer.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {
namespace {

// What rounds to zero at little effort, in 1/256 of a step: best over photos at 0.1 to 1.5 bits per pixel.
constexpr int kDeadZone = 156;

// The step of each of the two quantisers of dependent indices: as fine as one of 1 alone. Errors are measured in it.
constexpr double kDependentStep = 1.15;

// Calls work(first coefficient of the row, exponents) for each row of a band.
template <typename Work>
void for_each_row(const kernels::StepMap& map, const Subband& s, Work work) {
  std::vector<std::int16_t> exponents(s.w);
  for (std::size_t y = 0; y < s.h; ++y) {
    if (s.orientation != Orientation::LL) map.exponents(s.level, y, exponents);
    work(y * s.w, std::span<const std::int16_t>(exponents));
  }
}

// Planes of a picture that are bands: three, or one.
std::uint32_t channels_of(const Spec& bands) { return bands.subbands.back().channel + 1; }

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
  [[nodiscard]] std::shared_ptr<const EntropyPrior> prior() const override {
    return std::make_shared<BandGrid>(kind());
  }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    require_bands(input);
    const BandSideInfo read = read_band_side_info(side_info, options_.dependent, channels_of(input));
    require_map(read, options_.visual);
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
    const double step = options_.step * (s.channel != 0 ? options_.chroma : 1);
    return static_cast<float>(step * (options_.dependent ? kDependentStep : 1) / reach);
  }

  /// Likewise, with visual steps.
  [[nodiscard]] kernels::VisualSteps visual_steps_in(const Subband& s) const {
    const bool coarse = s.orientation == Orientation::LL;
    return {step_in(s), kernels::visual_weight(s.channel, coarse ? 0 : s.level, s.orientation == Orientation::HH)};
  }
  [[nodiscard]] bool visual() const { return options_.visual; }
  [[nodiscard]] bool dependent() const { return options_.dependent; }

 private:
  [[nodiscard]] kernels::Indices kind() const {
    return options_.dependent ? kernels::Indices::dependent : kernels::Indices::independent;
  }

  static void require_bands(const Spec& input) {
    if (input.kind == Kind::bands && input.dtype == DType::f32 && band_layout_of(input.subbands)) return;
    throw Error(ErrorCode::contract, "quantize_bands needs the wavelet bands of three f32 planes, or one, not " +
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
    const std::vector<std::int32_t> indices = chosen(layout, values);
    BandSideInfo side_info = centers_of(subbands, values, indices);
    side_info.map = map;
    store(group, i, side_info, indices);
  }

  [[nodiscard]] std::vector<std::int32_t> chosen(const kernels::BandLayout& layout,
                                                 const std::vector<std::int32_t>& values) const {
    std::vector<std::int32_t> indices = values;
    const Effort& effort = effort_of(options_.effort);
    if (options_.rdo > 0 && !options_.dependent && !effort.weighs_bits) {
      kernels::round_indices(layout, indices, kDeadZone);
      return indices;
    }
    kernels::BandBuffers buffers;
    const double price = 256 * options_.rdo * (options_.dependent ? kDependentStep : 1);
    const kernels::Choice how{static_cast<int>(std::lround(price)), effort.index_passes};
    kernels::choose_indices(layout, kind(), values, how, indices, buffers);
    return indices;
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

  [[nodiscard]] BandSideInfo centers_of(std::span<const Subband> subbands, std::span<const std::int32_t> values,
                                        std::span<const std::int32_t> indices) const {
    std::vector<kernels::StepSums> sums(centers_for(subbands.back().channel) + 1);
    std::vector<std::int32_t> half_steps;
    for (const Subband& s : subbands) {
      if (s.orientation == Orientation::LL) continue;
      const auto own = part(indices, s);
      half_steps.assign(own.begin(), own.end());
      kernels::to_half_steps(half_steps, options_.dependent);
      sums[centers_for(s.channel)].add(part(values, s), half_steps);
    }
    const auto [least, most] = center_range(options_.dependent);
    BandSideInfo out;
    for (const kernels::StepSums& own : sums) out.centers.push_back(own.centers(least, most));
    return out;
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
    const BandSideInfo side_info = read_band_side_info(node.side_info, forward.dependent(), channels_of(node.input));
    std::optional<kernels::StepMap> map;
    if (forward.visual()) map = read_map(side_info.map, *band_layout_of(node.input.subbands));
    with_symbols(group.arena(), group.input(0, i).data, [&](auto symbols) {
      std::vector<std::int32_t> indices;
      for (const Subband& s : node.input.subbands) {
        indices.clear();
        for (const auto symbol : part(symbols, s)) indices.push_back(static_cast<std::int32_t>(unzigzag(symbol)));
        const bool coarse = s.orientation == Orientation::LL;
        kernels::to_half_steps(indices, forward.dependent() && !coarse);
        const auto centers = coarse ? kernels::StepCenters{} : side_info.of(s);
        if (map) {
          restore_visually(forward.visual_steps_in(s), *map, s, centers, indices, part(out, s));
        } else {
          kernels::from_steps(indices, forward.step_in(s), centers, part(out, s));
        }
      }
    });
  }

  static void restore_visually(const kernels::VisualSteps& steps, const kernels::StepMap& map, const Subband& s,
                               const kernels::StepCenters& centers, std::span<const std::int32_t> half_steps,
                               std::span<float> out) {
    for_each_row(map, s, [&](std::size_t at, std::span<const std::int16_t> exponents) {
      kernels::from_steps(half_steps.subspan(at, s.w), steps, exponents, centers, out.subspan(at, s.w));
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
          "Quantiser of wavelet pictures: WaveletPyr float32 of three planes, or of the one of grey → SymbolsU8.\n\n"
          "The step is divided by the length of each band's basis functions (of the 9/7), so that an error of one "
          "step is the same in the picture wherever it is made. Each index is the one with the least (error/step)² + "
          "rdo · bits, at the bits that ANSEncode with the coder mixing would take for it there; values are restored "
          "at the mean of what was quantised to 1, to 2, and to more, for luma and for chroma. With visual, steps "
          "are those that look best instead of those that measure best in PSNR: coarser for fine details and for "
          "chroma, and where the picture is busy, by a map of cells of 16 × 16 pixels in the file. With dependent, two "
          "quantisers take turns as the indices before say (trellis-coded quantisation), and the cheapest path through "
          "them is looked for: some 4 % fewer bytes for the same errors. Symbols are the zigzag of signed indices. "
          "Raises NonFinite, which names the band; LimitExceeded for a step too small.",
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
                 {"dependent",
                  &QuantizeBandsOptions::dependent,
                  {},
                  "two quantisers in turn, as earlier indices say",
                  wire::quantize_bands_dependent},
                 {"effort", &QuantizeBandsOptions::effort, ParamRange::from(least_effort).up_to(most_effort),
                  "below 3 a dead zone takes the place of rdo, unless dependent, which takes two thirds of the time; "
                  "from 6 on "
                  "dependent indices are chosen twice",
                  never_in_files}},
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
