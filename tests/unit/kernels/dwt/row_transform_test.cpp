// The 9/7 of rows that come one after another: the bits of the transform of the whole plane.
#include "kernels/dwt/row_transform.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "random_data.hpp"

namespace vaerans::kernels {
namespace {

class Keeper final : public BandRows {
 public:
  Keeper(std::uint32_t h, std::uint32_t w, std::uint32_t levels) : values(std::size_t{h} * w, -1.0F), levels_(levels) {
    (void)band_layout(h, w, levels, bands_);
  }
  float* row(std::uint32_t level, BandKind kind, std::size_t y) override {
    const std::size_t i = kind == BandKind::ll ? 0 : 3 * (levels_ - level) + static_cast<std::size_t>(kind);
    EXPECT_EQ(y, come_[i]++);
    return values.data() + bands_[i].offset + y * bands_[i].w;
  }
  // Every row of every band has come once `rows` of the plane have.
  void expect_those_of(std::size_t plane_rows) const {
    for (std::size_t i = 0; i < band_count(levels_); ++i) {
      const std::uint64_t ahead = RowTransform97::ahead(bands_[i].level);
      const std::uint64_t stood_for = plane_rows < ahead ? 0 : (plane_rows - ahead) >> bands_[i].level;
      EXPECT_GE(come_[i], std::min<std::uint64_t>(bands_[i].h, stood_for));
    }
  }

  std::vector<float> values;

 private:
  std::uint32_t levels_;
  std::array<SubbandExtent, kMaxBands> bands_{};
  std::array<std::size_t, kMaxBands> come_{};
};

void expect_the_same(std::uint32_t h, std::uint32_t w, std::uint32_t wanted) {
  const std::uint32_t levels = clamp_levels(h, w, wanted);
  if (levels == 0) return;
  const std::vector<float> plane = test::noise(std::size_t{h} * w, h * 1000 + w, 300);
  std::vector<float> whole(plane.size()), scratch(dwt_scratch_size(h, w, false));
  ASSERT_EQ(dwt_forward<float>(Wavelet::cdf97, plane.data(), whole.data(), h, w, wanted, scratch), Status::ok);
  RowTransform97 transform(h, w, wanted);
  Keeper keeper(h, w, levels);
  for (std::size_t y = 0; y < h; ++y) {
    transform.add(plane.data() + y * w, keeper);
    keeper.expect_those_of(y + 1);
  }
  ASSERT_EQ(keeper.values, whole) << h << " x " << w << ", " << levels << " levels";
}

TEST(RowTransform97, IsThatOfTheWholePlane) {
  for (std::uint32_t h = 1; h <= 40; ++h) {
    for (std::uint32_t w = 1; w <= 20; ++w) expect_the_same(h, w, 1 + (h + w) % 7);
  }
  expect_the_same(1023, 33, 6);
  expect_the_same(70, 517, 6);
}

}  // namespace
}  // namespace vaerans::kernels
