#include "kernels/dwt/row_transform.hpp"

#include "kernels/dwt/dwt_97.hpp"

namespace vaerans::kernels {

struct RowTransform97::Level {
  explicit Level(lifting::Size s) : scratch(lifting::level_scratch_size(s.w)), low(s.w), rows(s, scratch.data()) {}

  std::vector<float> scratch, low;  // a row on its way to the next level
  lifting::LevelRows97 rows;
};

RowTransform97::RowTransform97(std::uint32_t h, std::uint32_t w, std::uint32_t levels) {
  const std::uint32_t applied = clamp_levels(h, w, levels);
  levels_.reserve(applied);
  for (std::uint32_t k = 0; k < applied; ++k) levels_.emplace_back(lifting::at_level({h, w}, k));
}

RowTransform97::~RowTransform97() = default;
RowTransform97::RowTransform97(RowTransform97&&) noexcept = default;
RowTransform97& RowTransform97::operator=(RowTransform97&&) noexcept = default;

void RowTransform97::add(const float* row, BandRows& out) { add_to(0, row, out); }

void RowTransform97::add_to(std::size_t level, const float* row, BandRows& out) {
  Level& own = levels_[level];
  const auto number = static_cast<std::uint32_t>(level + 1);
  const bool last = level + 1 == levels_.size();
  own.rows.add(row);
  while (own.rows.ready()) {
    const std::size_t y = own.rows.row() / 2;
    if (own.rows.row() % 2 != 0) {
      own.rows.split(out.row(number, BandKind::lh, y), out.row(number, BandKind::hh, y));
      continue;
    }
    float* const low = last ? out.row(number, BandKind::ll, y) : own.low.data();
    own.rows.split(low, out.row(number, BandKind::hl, y));
    if (!last) add_to(level + 1, low, out);
  }
}

}  // namespace vaerans::kernels
