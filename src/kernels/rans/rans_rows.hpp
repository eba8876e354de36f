// The decoder of 32 lanes of bytes in vectors of units (rows_simd.cpp). For rans_*.cpp only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "kernels/rans/rans_state.hpp"

namespace vaerans::kernels::rans {

inline constexpr std::size_t kRowLanes = 32;

// A segment of a stream: `out` has room for its symbols, whole rows of lanes.
struct RowTask {
  States& states;
  const DecodeTable& table;  // with packed entries
  UnitReader& units;
  std::uint8_t* out;
};

// Whether this CPU has vectors for it.
[[nodiscard]] bool have_row_vectors() noexcept;

// n symbols of one stream, or of each of two; n is a multiple of kRowLanes. False: the units ended too early.
[[nodiscard]] bool decode_rows(RowTask& task, std::size_t n) noexcept;
[[nodiscard]] bool decode_rows(RowTask& one, RowTask& two, std::size_t n) noexcept;

// Whether a segment can be decoded so, in a stream of kRowLanes lanes.
[[nodiscard]] bool has_rows(const DecodeSegment<std::uint8_t>& segment) noexcept;
[[nodiscard]] Status get_segment_rows(States& states, std::size_t first, const DecodeSegment<std::uint8_t>& segment,
                                      UnitReader& units) noexcept;

}  // namespace vaerans::kernels::rans
