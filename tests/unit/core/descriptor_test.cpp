#include "vaerans/core/descriptor.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {
namespace {

struct ToyOptions {
  bool flag = true;
  std::int64_t count = 3;
  double share = 0.25;
  std::string name = "none";
};

class Toy final : public DescribedSystem {
 public:
  explicit Toy(const Settings<ToyOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::image, ""}}, .outputs = {{Kind::image, "Toy"}}}), options(s.options) {}
  void run(Group&) const override {}
  ToyOptions options;
};

Descriptor<ToyOptions> toy() {
  return {.name = "toy",
          .class_name = "Toy",
          .doc = "In brief.\n\nAt length.",
          .role = Role::filter,
          .params = {{"flag", &ToyOptions::flag, {}, "a flag"},
                     {"count", &ToyOptions::count, ParamRange::from(1), "how many"},
                     {"share", &ToyOptions::share, ParamRange::from(0).up_to(1), "part of all"},
                     {"name", &ToyOptions::name, {}, "whose"}},
          .make = make_of<Toy>};
}

TEST(Descriptor, TakesDefaultsFromTheStruct) {
  const SystemEntry entry = toy().entry();
  ASSERT_EQ(entry.params.size(), 4U);
  EXPECT_EQ(entry.params[0].fallback, ParamValue(true));
  EXPECT_EQ(entry.params[1].fallback, ParamValue(std::int64_t{3}));
  EXPECT_EQ(entry.params[2].fallback, ParamValue(0.25));
  EXPECT_EQ(entry.params[3].fallback, ParamValue(std::string("none")));
  EXPECT_EQ(entry.summary(), "In brief.");
  EXPECT_FALSE(entry.in_files());
}

TEST(Descriptor, FillsTheStructFromRecipes) {
  register_system(toy().entry());
  const auto made = std::dynamic_pointer_cast<const Toy>(Pipeline::parse("toy(false, share=1)").steps()[0].system);
  unregister_system("toy");
  ASSERT_NE(made, nullptr);
  EXPECT_FALSE(made->options.flag);
  EXPECT_EQ(made->options.count, 3);
  EXPECT_EQ(made->options.share, 1.0);
  EXPECT_EQ(made->contract().name, "toy");
  EXPECT_EQ(made->contract().role, Role::filter);
  EXPECT_EQ(made->inverse(), nullptr);
}

TEST(Descriptor, MakesCheckedSystemsFromTheStruct) {
  const auto made = toy()({.count = 7, .name = "mine"});
  EXPECT_EQ(made->recipe(), "toy(count=7, name=mine)");
  EXPECT_ERROR(bad_parameter, "toy: parameter 'count' is a whole number, at least 1, not 0 (how many)",
               (void)toy()({.count = 0}));
}

}  // namespace
}  // namespace vaerans
