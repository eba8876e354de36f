// Any bytes as the records of the entropy coders, and any text as a recipe.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/recipe.hpp"
#include "systems/coders/coder.hpp"
#include "systems/coders/static_tables.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans;
  if (size == 0) return 0;
  const std::size_t sections = 1 + data[0] % 64U;
  try {
    const auto record = std::as_bytes(std::span(data, size)).subspan(1);
    const StreamTables tables = read_tables(record, sections, 65535, {});
    if (write_tables(tables).empty()) __builtin_trap();
  } catch (const Error&) {
  }
  try {
    const Section section{0, 0, Band::LL, 0, data[0] + 1U, 100};
    (void)constriction_counts(std::as_bytes(std::span(data, size)).subspan(1), {&section, 1});
  } catch (const Error&) {
  }
  try {
    (void)parse_recipe({reinterpret_cast<const char*>(data), size});
  } catch (const Error&) {
  }
  return 0;
}
