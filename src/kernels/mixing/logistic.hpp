// The logistic function and its inverse as tables of integers: what opinions are mixed by.
//
// A logit is ln(p / (1 - p)) in 1/256 nat, within ±kLogitLimit (12 nats). A probability has 16 bits. The tables come
// from integer arithmetic alone, so that every machine has the same; docs/format_mixing.md says how to build them.
#pragma once

#include <array>
#include <cstdint>

namespace vaerans::kernels {

inline constexpr int kLogitLimit = 3071;
inline constexpr int kCdfLimit = 3072;
inline constexpr int kCdfBits = 23;  // F below 2^24 even with the floor added: its conversion to float is exact

struct LogisticTables {
  LogisticTables() noexcept;

  std::array<std::int32_t, 2 * kCdfLimit + 1> cdf{};  // 2^23 / (1 + exp(-t / 256)) at [t + kCdfLimit]
  std::array<std::uint16_t, 2 * kLogitLimit + 1>
      squash{};                              // 2^16 / (1 + exp(-t / 256)), 1..65535, at [t + kLogitLimit]
  std::array<std::int16_t, 4096> stretch{};  // the logit of a probability whose first 12 bits are the index
};

// Built on the first call.
[[nodiscard]] const LogisticTables& logistic_tables() noexcept;

}  // namespace vaerans::kernels
