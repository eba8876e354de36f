// Recipes: what is written reads back as it was.
#include "core/chain/recipe.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "vaerans/core/params.hpp"

namespace vaerans {
namespace {

ParamValue read_back(const ParamValue& value) {
  const auto steps = parse_recipe("step(name=" + to_string(value) + ")");
  EXPECT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps.at(0).args.size(), 1U);
  return steps.at(0).args.at(0).second;
}

TEST(Recipe, TextsReadBackAsTheyAre) {
  for (const std::string text :
       {"",     " a",   "a ",    " ",   "' '", "\\",       "a\\'", "a, b=2", "x)|y(",  "->",  "a->b",     "1",
        "-1.5", "true", "false", "inf", "INF", "Infinity", "nan",  "NaN",    "nan(1)", "1e5", "\xc3\xa9", "a/b-c.d_e"})
    EXPECT_EQ(read_back(text), ParamValue(text)) << "'" << text << "'";
}

TEST(Recipe, AnyTextReadsBackAsItIs) {
  std::mt19937 random(1);
  const std::string letters = "ab1 .-_/'\\,()|=>@\t\n\"\xc3\xff";
  for (int round = 0; round < 20000; ++round) {
    std::string text(random() % 8, ' ');
    for (char& c : text) c = letters[random() % letters.size()];
    EXPECT_EQ(read_back(text), ParamValue(text)) << "'" << text << "'";
  }
}

TEST(Recipe, NumbersReadBackAsTheyAre) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 20000; ++round) {
    const auto whole = static_cast<std::int64_t>(random()) >> (random() % 64);
    EXPECT_EQ(read_back(whole), ParamValue(whole));
    const double number = static_cast<double>(whole) / static_cast<double>((random() % 1000) + 1);
    EXPECT_EQ(read_back(number), ParamValue(number));
  }
}

}  // namespace
}  // namespace vaerans
