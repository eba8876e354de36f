// The quantiser of wavelet pictures: one step for all bands, each weighed by how far its basis functions reach.
#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "base/zigzag.hpp"
#include "coding/mixing/bands/band_grid.hpp"
#include "coding/mixing/bands/band_stream.hpp"
#include "coding/mixing/bands/band_tiles.hpp"
#include "coding/symbols.hpp"
#include "core/wire_ids.hpp"
#include "kernels/bands/dependent.hpp"
#include "kernels/bands/steps/activity.hpp"
#include "systems/quantize/band_side_info.hpp"
#include "systems/quantize/quantizer.hpp"
#include "systems/quantize/tile_quantizer.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {
namespace {

unsigned side_log_of(std::int64_t tile) {
  return tile == 0 ? 0 : static_cast<unsigned>(std::bit_width(static_cast<std::uint64_t>(tile))) - 1;
}

// Planes of a picture that are bands: three, or one.
std::uint32_t channels_of(const Spec& bands) { return bands.subbands.back().channel + 1; }

class BandQuantizer final : public DescribedSystem {
 public:
  explicit BandQuantizer(const Settings<QuantizeBandsOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::bands, ""}}, .outputs = {{Kind::symbols, "SymbolsU8"}}}),
        options_(s.options),
        quantizer_(s.options) {
    const unsigned log = side_log_of(options_.tile);
    if (options_.tile == 0 || (BandTileSide::allows(log) && options_.tile == std::int64_t{1} << log)) return;
    throw Error(ErrorCode::bad_parameter,
                "quantize_bands: tile is 0, 256, 512, 1024, 2048 or 4096, not " + std::to_string(options_.tile));
  }

  [[nodiscard]] std::optional<double> step() const override { return options_.step; }
  [[nodiscard]] std::shared_ptr<const System> with_step(double step) const override {
    QuantizeBandsOptions options = options_;
    options.step = step;
    return vaerans::QuantizeBands(options);
  }
  [[nodiscard]] std::shared_ptr<const EntropyPrior> prior() const override {
    return std::make_shared<BandGrid>(BandPlan{quantizer_.kind(), side_log()});
  }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena&,
                              const Limits&) const override {
    require_bands(input);
    const BandSideInfo read = read_band_side_info(side_info, options_.dependent, channels_of(input));
    require_map(read, options_.visual);
    (void)tiles_of(input.subbands);  // whether they have a place for all levels
    return {Kind::symbols, read.wide ? DType::u16 : DType::u8, input.shape, input.subbands};
  }

  /// Steps between cells lie on lines to the cell beside.
  [[nodiscard]] std::optional<std::uint64_t> halo() const override { return kernels::StepMap::kCell; }
  [[nodiscard]] std::vector<std::byte> side_info_of_part(std::span<const std::byte> side_info, const Shape& picture,
                                                         const Region& part) const override {
    BandSideInfo read = read_band_side_info(side_info, options_.dependent, static_cast<std::uint32_t>(picture[2]));
    ByteBuffer map;
    if (options_.visual) {
      const auto whole = read_map(read.map, kernels::StepMap(picture[0], picture[1]));
      map = write_map(whole.part(part.y, part.x, part.height, part.width));
      read.map = map;
    }
    const ByteBuffer out = write_side_info(read);
    return {out.begin(), out.end()};
  }

  void run(Group& group) const override {
    require_bands(group.spec());
    std::vector<Chosen> chosen(group.size());
    for_each_entity(group, [&](std::size_t i) { chosen[i] = choose(group, i); });
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!group.failed(i)) store(group, i, std::exchange(chosen[i], {}));  // one thread allocates in an arena
    }
  }

  /// The steps of bands, and how indices are chosen.
  [[nodiscard]] const TileQuantizer& quantizer() const { return quantizer_; }
  [[nodiscard]] bool visual() const { return options_.visual; }
  [[nodiscard]] bool dependent() const { return options_.dependent; }
  /// Those that ans codes, and along whose bands dependent indices run.
  [[nodiscard]] BandTiles tiles_of(std::span<const Subband> subbands) const { return {subbands, side_log()}; }

 private:
  [[nodiscard]] unsigned side_log() const { return side_log_of(options_.tile); }

  static void require_bands(const Spec& input) {
    if (input.kind == Kind::bands && input.dtype == DType::f32 && band_layout_of(input.subbands)) return;
    throw Error(ErrorCode::contract, "quantize_bands needs the wavelet bands of three f32 planes, or one, not " +
                                         std::string(kind_name(input.kind)) + " " + input.shape.str() +
                                         "; put ycocg | cdf97 before it");
  }

  /// What becomes of one picture.
  struct Chosen {
    std::vector<std::uint16_t> symbols;
    std::vector<kernels::StepCenters> centers;
    ByteBuffer map;  ///< empty unless visual
  };

  [[nodiscard]] Chosen choose(Group& group, std::size_t i) const {
    const auto subbands = group.spec().subbands;
    const auto item = group.item<float>(0, i);
    StepMapOrNone map;
    if (options_.visual) map = kernels::activity_map(*band_layout_of(subbands), item, options_.masking);
    for (const Subband& s : subbands) quantizer_.require_coarse_enough(part(item, s), s, map);

    const BandTiles tiles = tiles_of(subbands);
    Chosen out;
    out.symbols.resize(item.size());
    std::vector<TileQuantizer::Sums> sums(tiles.size());
    for_each_tile_with<kernels::BandBuffers>(
        group.context().threads, tiles.areas(), [&](std::size_t tile, kernels::BandBuffers& buffers) {
          sums[tile] = quantize_tile(tiles.parts(tile), item, map, buffers, out.symbols);
        });
    out.centers = quantizer_.centers_of(sums);
    if (map) out.map = write_map(*map);
    return out;
  }

  TileQuantizer::Sums quantize_tile(const BandParts& parts, std::span<const float> item, const StepMapOrNone& map,
                                    kernels::BandBuffers& buffers, std::span<std::uint16_t> symbols) const {
    const TileQuantizer::Tile tile = quantizer_.quantize(parts, item, map, buffers);
    for_each_part_row(parts, [&](std::size_t whole, std::size_t own, std::size_t n) {
      for (std::size_t x = 0; x < n; ++x)
        symbols[whole + x] = static_cast<std::uint16_t>(zigzag(tile.indices[own + x]));
    });
    return tile.sums;
  }

  static void store(Group& group, std::size_t i, const Chosen& chosen) {
    const std::span<const std::uint16_t> symbols(chosen.symbols);
    BandSideInfo side_info;
    side_info.centers = chosen.centers;
    side_info.map = chosen.map;
    side_info.wide = std::ranges::any_of(symbols, [](std::uint16_t symbol) { return symbol > 255; });
    const Spec& input = group.spec();
    const Spec spec{Kind::symbols, side_info.wide ? DType::u16 : DType::u8, input.shape, input.subbands};
    const TensorRef out = group.arena().alloc_tensor(spec.shape, spec.dtype);
    with_symbols(group.arena(), out, [&]<typename Symbol>(std::span<Symbol> own) {
      for (std::size_t k = 0; k < symbols.size(); ++k) own[k] = static_cast<Symbol>(symbols[k]);
    });
    group.output_item(i, {out, spec, nullptr});
    group.side_info(i, write_side_info(side_info));
  }

  QuantizeBandsOptions options_;
  TileQuantizer quantizer_;
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
    StepMapOrNone map;
    if (forward.visual()) map = read_map(side_info.map, kernels::StepMap(*band_layout_of(node.input.subbands)));
    const BandTiles tiles = forward.tiles_of(node.input.subbands);
    with_symbols(group.arena(), group.input(0, i).data, [&]<typename Symbol>(std::span<Symbol> symbols) {
      parallel_for(group.context().threads, tiles.size(), [&](std::size_t tile, std::size_t) {
        for (const BandPart& part : tiles.parts(tile))
          restore_part<Symbol>(forward, side_info, map, part, symbols, out);
      });
    });
  }

  template <typename Symbol>
  static void restore_part(const BandQuantizer& forward, const BandSideInfo& side_info, const StepMapOrNone& map,
                           const BandPart& part, std::span<const Symbol> symbols, std::span<float> out) {
    std::vector<std::int32_t> half_steps;
    for (std::uint32_t y = 0; y < part.own.h; ++y) {
      for (const Symbol symbol : symbols.subspan(part.row_in_whole(y), part.own.w))
        half_steps.push_back(static_cast<std::int32_t>(unzigzag(symbol)));
    }
    const bool coarse = part.own.orientation == Orientation::LL;
    kernels::to_half_steps(half_steps, forward.dependent() && !coarse);
    const auto centers = coarse ? kernels::StepCenters{} : side_info.of(part.own);
    const float step = forward.quantizer().step_in(part.own);
    const kernels::VisualSteps steps = forward.quantizer().visual_steps_in(part.own);
    std::vector<std::int16_t> exponents;
    for (std::uint32_t y = 0; y < part.own.h; ++y) {
      const auto in = std::span<const std::int32_t>(half_steps).subspan(std::size_t{y} * part.own.w, part.own.w);
      const auto own = out.subspan(part.row_in_whole(y), part.own.w);
      if (!map) {
        kernels::from_steps(in, step, centers, own);
        continue;
      }
      read_exponents(*map, part, y, exponents);
      kernels::from_steps(in, steps, exponents, centers, own);
    }
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
          "them is looked for: some 4 % fewer bytes for the same errors. With tile, the bands of one transform of the "
          "whole "
          "picture are told apart by place, so that there are no seams, and parts of a picture decode alone. Symbols "
          "are the zigzag of signed indices. "
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
                 {"tile", &QuantizeBandsOptions::tile,
                  ParamRange::from(0).up_to(std::int64_t{1} << BandTileSide::most_log),
                  "side in pixels, a power of two from 256 on, of tiles that are chosen, coded and decoded alone, on "
                  "several threads; 0: the picture is one",
                  wire::quantize_bands_tile},
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
