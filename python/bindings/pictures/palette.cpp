// Palettes in .vrs files, for the package's command: PNGs in a palette come back as they were.
#include "vaerans/palette.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/tuple.h>

#include <cstring>
#include <optional>
#include <tuple>

#include "bindings.hpp"
#include "convert.hpp"
#include "core/context.hpp"

namespace vaerans::python {
namespace {

/// Four bytes for each color, how many colors say their alpha, and bits a pixel: see Palette.
using PaletteFields = std::tuple<nb::bytes, std::uint32_t, std::uint32_t>;

std::optional<PaletteFields> palette_in(const nb::bytes& data, const ContextPtr& context) {
  const auto palette = file_palette(span_of(data), context_of(context).limits);
  if (!palette) return std::nullopt;
  const std::size_t bytes = palette->colors.size() * sizeof(Palette::Color);
  return PaletteFields{nb::bytes(palette->colors.data(), bytes), palette->with_alpha, palette->bits};
}

nb::bytes put_palette(const nb::bytes& data, const nb::bytes& colors, std::uint32_t with_alpha, std::uint32_t bits,
                      const ContextPtr& context) {
  Palette palette{std::vector<Palette::Color>(colors.size() / sizeof(Palette::Color)), with_alpha, bits};
  std::memcpy(palette.colors.data(), colors.data(), palette.colors.size() * sizeof(Palette::Color));
  const Bytes file = with_palette(span_of(data), palette, context_of(context).limits);
  return nb::bytes(file.data(), file.size());
}

}  // namespace

void export_palette(nb::module_& m) {
  m.def("file_palette", &palette_in, "data"_a, "context"_a.none() = nb::none(),
        "The palette in a .vrs file as (RGBA bytes, number of colors with alpha, bits a pixel), or None.");
  m.def("with_palette", &put_palette, "data"_a, "colors"_a, "with_alpha"_a, "bits"_a, "context"_a.none() = nb::none(),
        "A .vrs file with this palette in the place of its own. Raises InvalidArgument for one that is none.");
}

}  // namespace vaerans::python
