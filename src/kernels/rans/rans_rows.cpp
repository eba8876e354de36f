// Segments of bytes in 32 lanes: whole rows of lanes in vectors of units, what is before and behind them one by one.
#include "kernels/rans/rans_rows.hpp"

#include <algorithm>

namespace vaerans::kernels {
namespace rans {
namespace {

using Segment = DecodeSegment<std::uint8_t>;

/// Where a segment's whole rows of lanes begin and end.
struct Rows {
  std::size_t begin, end;
};
Rows rows_of(std::size_t first, std::size_t n) {
  const std::size_t begin = std::min(n, (0 - first) % kRowLanes);
  return {begin, begin + (n - begin) / kRowLanes * kRowLanes};
}

/// The symbols from `begin` to `end`, one after the other.
bool get_some(States& states, std::size_t first, std::size_t begin, std::size_t end, const Segment& segment,
              UnitReader& units) {
  const std::uint8_t* const symbol_of_slot = segment.table->narrow_symbols().data();
  for (std::size_t i = begin; i < end; ++i) {
    std::uint64_t& x = states.x[(first + i) % kRowLanes];
    if (!get(x, symbol_of_slot, *segment.table, segment.symbols[i], units, false)) return false;
  }
  return true;
}

/// A stream that is decoded beside another.
struct Side {
  UnitReader units;
  std::span<const Segment> segments;
  States states{};

  Side(std::span<const std::uint32_t> words, std::span<const Segment> all) : units(words), segments(all) {}
  [[nodiscard]] bool start() { return read_states(std::span(states.x).first(kRowLanes), units) == Status::ok; }
  [[nodiscard]] bool ended() { return check_end(std::span(states.x).first(kRowLanes), units) == Status::ok; }
  [[nodiscard]] bool some(std::size_t k, std::size_t first, std::size_t begin, std::size_t end) {
    return get_some(states, first, begin, end, segments[k], units);
  }
  [[nodiscard]] RowTask rows(std::size_t k, const Rows& r) {
    return {states, *segments[k].table, units, segments[k].symbols.data() + r.begin};
  }
  [[nodiscard]] bool alone(std::size_t k, std::size_t first) {
    return get_segment_simd(states, kRowLanes, first, segments[k], units) == Status::ok;
  }
};

bool get_both(Side& a, Side& b, std::size_t k, std::size_t first) {
  if (!has_rows(a.segments[k]) || !has_rows(b.segments[k])) return a.alone(k, first) && b.alone(k, first);
  const std::size_t n = a.segments[k].symbols.size();
  const Rows rows = rows_of(first, n);
  if (!a.some(k, first, 0, rows.begin) || !b.some(k, first, 0, rows.begin)) return false;
  RowTask one = a.rows(k, rows), two = b.rows(k, rows);
  if (!decode_rows(one, two, rows.end - rows.begin)) return false;
  return a.some(k, first, rows.end, n) && b.some(k, first, rows.end, n);
}

bool fit(std::span<const Segment> a, std::span<const Segment> b) {
  const auto good = [](const Segment& s) { return check_segment(s) == Status::ok; };
  const auto size = [](const Segment& s) { return s.symbols.size(); };
  return std::ranges::equal(a, b, {}, size, size) && std::ranges::all_of(a, good) && std::ranges::all_of(b, good);
}

}  // namespace

bool has_rows(const Segment& segment) noexcept { return !segment.table->packed().empty() && have_row_vectors(); }

Status get_segment_rows(States& states, std::size_t first, const Segment& segment, UnitReader& units) noexcept {
  const std::size_t n = segment.symbols.size();
  const Rows rows = rows_of(first, n);
  RowTask task{states, *segment.table, units, segment.symbols.data() + rows.begin};
  const bool ok = get_some(states, first, 0, rows.begin, segment, units) && decode_rows(task, rows.end - rows.begin) &&
                  get_some(states, first, rows.end, n, segment, units);
  return ok ? Status::ok : Status::truncated;
}

}  // namespace rans

bool decode_both(std::span<const std::uint32_t> words, std::span<const DecodeSegment<std::uint8_t>> segments,
                 std::span<const std::uint32_t> other_words,
                 std::span<const DecodeSegment<std::uint8_t>> other_segments, unsigned lanes) noexcept {
  using rans::kRowLanes;
  const bool many = lanes == kRowLanes && rans::count_symbols(segments) >= kRowLanes;
  if (!many || !rans::have_row_vectors() || !rans::fit(segments, other_segments)) return false;
  rans::Side a(words, segments), b(other_words, other_segments);
  if (!a.start() || !b.start()) return false;
  std::size_t first = 0;
  for (std::size_t k = 0; k < segments.size(); ++k) {
    if (!rans::get_both(a, b, k, first)) return false;
    first += segments[k].symbols.size();
  }
  return a.ended() && b.ended();
}

}  // namespace vaerans::kernels
