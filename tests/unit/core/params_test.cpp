#include "vaerans/core/params.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "expect_error.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans {
namespace {

ParamValue number(double value) { return value; }
ParamValue whole(std::int64_t value) { return value; }

TEST(ParamRange, HoldsItsBounds) {
  const ParamRange closed = ParamRange::from(0).up_to(32);
  EXPECT_TRUE(closed.contains(whole(0)) && closed.contains(whole(32)));
  EXPECT_FALSE(closed.contains(whole(-1)) || closed.contains(whole(33)));
  const ParamRange open = ParamRange::above(0).below(1);
  EXPECT_TRUE(open.contains(number(1e-300)) && open.contains(number(0.999)));
  EXPECT_FALSE(open.contains(number(0)) || open.contains(number(1)) || open.contains(number(std::nan(""))));
  const ParamRange hole = ParamRange::from(2).up_to(16).or_else(0);
  EXPECT_TRUE(hole.contains(whole(0)) && hole.contains(whole(2)));
  EXPECT_FALSE(hole.contains(whole(1)) || hole.contains(whole(17)));
  EXPECT_TRUE(ParamRange().contains(number(std::nan(""))));
}

TEST(ParamRange, ChoicesAreTheOnlyTexts) {
  const ParamRange choice = ParamRange::one_of({"luma", "rgb"});
  EXPECT_TRUE(choice.contains(std::string("rgb")));
  EXPECT_FALSE(choice.contains(std::string("RGB")) || choice.contains(std::string()));
  EXPECT_TRUE(ParamRange::key().contains(std::string("anything")));
}

TEST(ParamRange, SaysItselfInWords) {
  EXPECT_EQ(ParamRange::from(0).up_to(32).str(), "0 to 32");
  EXPECT_EQ(ParamRange::above(0).up_to(1e9).str(), "above 0 and at most 1000000000");
  EXPECT_EQ(ParamRange::from(0.5).below(1).str(), "at least 0.5 and below 1");
  EXPECT_EQ(ParamRange::from(-1).str(), "at least -1");
  EXPECT_EQ(ParamRange::from(2).up_to(16).or_else(0).str(), "0 or 2 to 16");
  EXPECT_EQ(ParamRange::one_of({"a", "b", "c"}).str(), "a, b or c");
  EXPECT_EQ(ParamRange::one_of({"i16"}).str(), "i16");
  EXPECT_EQ(ParamRange().str(), "");
}

// One text for all systems: the parameter, what it is, the value.
TEST(Params, RefusesWithOneText) {
  const auto parse = [](const char* recipe) { (void)Pipeline::parse(recipe); };
  EXPECT_ERROR(bad_parameter, "quantize: parameter 'bits' is a whole number, 0 or 2 to 16, not 17 (",
               parse("quantize(bits=17)"));
  EXPECT_ERROR(bad_parameter, "quantize: parameter 'deadzone' is a number, at least 0.5 and below 1, not 1.0 (",
               parse("quantize(deadzone=1.0)"));
  EXPECT_ERROR(bad_parameter, "blur: parameter 'sigma' is a number, above 0 and at most 100, not 0 (",
               parse("blur(sigma=0)"));
  EXPECT_ERROR(bad_parameter, "ms_ssim: parameter 'channels' is a text, luma or rgb, not xyz (",
               parse("ms_ssim(channels=xyz)"));
  EXPECT_ERROR(bad_parameter, "quantize_u8: parameter 'per_band' is true or false, not 1 (", parse("quantize_u8(1)"));
  EXPECT_ERROR(bad_parameter, "cdf53: parameter 'levels' is a whole number, 0 to 32, not high (",
               parse("cdf53(levels=high)"));
}

// Every default of every system is in its own range, and every parameter says what it is.
TEST(Params, DefaultsAreAllowed) {
  for (const SystemEntry& entry : all_systems()) {
    EXPECT_FALSE(entry.doc.empty() || entry.topic.empty() || entry.class_name.empty()) << entry.name;
    for (const ParamSpec& param : entry.params) {
      EXPECT_TRUE(param.range.contains(param.fallback)) << entry.name << "." << param.name;
      EXPECT_FALSE(param.doc.empty()) << entry.name << "." << param.name;
    }
  }
}

}  // namespace
}  // namespace vaerans
