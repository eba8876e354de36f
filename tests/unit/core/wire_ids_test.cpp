// The numbers that stand in files. A line here may be added, never changed or taken out: files would be read wrongly.
#include "core/wire_ids.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "coding/coder.hpp"
#include "expect_error.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans {
namespace {

using Numbers = std::map<std::string, int>;

TEST(WireIds, OfSystemsAndParameters) {
  Numbers found;
  for (const SystemEntry& entry : all_systems()) {
    if (entry.wire_id != 0) found[entry.name] = entry.wire_id;
    for (const ParamSpec& param : entry.params) {
      if (param.numbered()) found[entry.name + "." + param.name] = param.wire_id;
    }
  }
  const Numbers pinned = {{"vae", 1},
                          {"vae.model", 1},
                          {"hadamard4", 3},
                          {"cdf53", 5},
                          {"cdf53.levels", 1},
                          {"haar", 7},
                          {"haar.levels", 1},
                          {"quantize_u8", 9},
                          {"quantize_u8.per_band", 1},
                          {"quantize", 10},
                          {"quantize.step", 1},
                          {"quantize.bits", 2},
                          {"quantize.deadzone", 3},
                          {"ans", 12},
                          {"rct", 23},
                          {"klt", 25},
                          {"predict", 40},
                          {"predict.max_error", 1},
                          {"ycocg", 41},
                          {"cdf97", 42},
                          {"cdf97.levels", 1},
                          {"quantize_bands", 43},
                          {"quantize_bands.step", 1},
                          {"quantize_bands.chroma", 2},
                          {"quantize_bands.visual", 3},
                          {"quantize_bands.dependent", 4},
                          {"quantize_bands.tile", 5},
                          {"restore", 44},
                          {"restore.strength", 1},
                          {"restore.visual", 2}};
  EXPECT_EQ(found, pinned);
}

TEST(WireIds, OfCoders) {
  Numbers found;
  for (const SymbolCoder* coder : symbol_coders()) found[std::string(coder->name())] = coder->wire_id();
  EXPECT_EQ(found, (Numbers{{"static", 1}, {"context", 2}, {"constriction", 3}, {"mixing", 4}}));
}

// What no file can hold has no number; what one can hold, and is built in, has one.
TEST(WireIds, AreOfForwardSystemsOnly) {
  for (const SystemEntry& entry : all_systems()) {
    EXPECT_EQ(entry.wire_id != 0, entry.in_files()) << entry.name;
    EXPECT_EQ(entry.in_files(), entry.role == Role::forward) << entry.name;
  }
  SystemEntry entry{.name = "odd", .class_name = "Odd", .doc = "", .role = Role::filter, .wire_id = 99, .make = {}};
  EXPECT_ERROR(invalid_argument, "'odd' can never be in a file, but has a number", register_system(entry));
  entry.wire_id = 0;
  entry.params = {{"size", std::int64_t{1}, {}, "", 1}};
  EXPECT_ERROR(invalid_argument, "'odd' can never be in a file, but its 'size' has a number", register_system(entry));
  entry.role = Role::forward;
  entry.wire_id = 99;
  entry.params[0].wire_id = 0;
  EXPECT_ERROR(invalid_argument, "'odd' has a number in files, but its 'size' has none", register_system(entry));
  EXPECT_ERROR(unknown_system, "system number 4,", (void)find_system(std::uint16_t{4}));
}

}  // namespace
}  // namespace vaerans
