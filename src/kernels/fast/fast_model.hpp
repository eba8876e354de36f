// What the fast pixel coder learns of a plane, and the constant tables it reads (docs/format_fast.md).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace vaerans::kernels {

inline constexpr int kFastSymbols = 32;
inline constexpr int kFastClasses = 24;       // how large errors are here, three an octave
inline constexpr int kFastCrossClasses = 10;  // how large those of the plane before are
inline constexpr int kFastPhases = 3;         // where in a grey level the mean is
inline constexpr int kFastPlaces = 64;        // where two guesses lie beside the centre
inline constexpr int kErrorLimit = 4095;      // what counts of an error, in 1/64 of a grey level
inline constexpr int kErrorSums = 8 * kErrorLimit / 16 + 1;
inline constexpr int kGuessReach = 1024;  // how far a guess may be from the centre

// A distribution of symbols: the slots of 2^15 before each of them.
using FastCell = std::array<std::int16_t, kFastSymbols>;

// Distributions of one kind of context. Their ages, from kYoungest to kOldest, grow by one with each symbol that they
// meet; by 2^-(age / 32) of the way they move towards it.
inline constexpr std::uint8_t kYoungest = 152, kOldest = 224;
template <std::size_t kCount>
struct FastCells {
  alignas(64) std::array<FastCell, kCount> cell;
  std::array<std::uint8_t, kCount> age;
};

// Three distributions are averaged: by the errors nearby, and by where guesses lie beside the centre.
struct FastModel {
  void reset() noexcept;
  FastCells<std::size_t{kFastClasses} * kFastCrossClasses * kFastPhases> error;
  FastCells<std::size_t{kFastClasses / 2} * kFastPlaces> west, north;
};

// Low bits of an index that are coded as they are, by the class of errors nearby.
[[nodiscard]] constexpr int low_bits_of(int error_class) noexcept {
  const int pair = error_class >> 1;
  return pair < 8 ? 0 : (pair - 5) / 2;
}

// Three an octave, as octave(16 sum, 3) of docs/format_mixing.md less 20.
[[nodiscard]] constexpr int fast_class_of(std::size_t sum) noexcept {
  if (sum == 0) return 0;
  const int octave = static_cast<int>(std::bit_width(16 * sum)) - 1;
  const auto eighths = static_cast<int>(16 * sum >> (octave - 3) & 7U);
  return std::clamp(3 * octave + (3 * eighths >> 3) - 19, 0, kFastClasses - 1);
}

// Pure functions of integers, tabulated; docs/format_fast.md gives the formulas.
struct FastTables {
  constexpr FastTables() noexcept;
  // By the sum of errors nearby, in sixteenths: where distributions of the class begin, and its low bits.
  std::array<std::uint16_t, kErrorSums> first_error{}, first_place{};
  std::array<std::uint8_t, kErrorSums> low_bits{};
  std::array<std::uint8_t, 256> cross_class{};         // by the sum of residuals: where phases of the class begin
  std::array<std::uint16_t, 512> weight_reciprocal{};  // for a sum of weights, by the 9 bits behind the leading one
  std::array<std::uint16_t, 16> power_reciprocal{};    // for the power of taps, by the 4 bits behind the leading one
  std::array<std::uint8_t, std::size_t{2} * kGuessReach> place{};     // seven classes of a difference + kGuessReach
  std::array<std::uint8_t, 64> phase{};                               // by the mean less the centre and 32, modulo 64
  std::array<std::int16_t, std::size_t{2} * kFastSymbols> towards{};  // what it moves towards, from 31 - symbol on
};

constexpr FastTables::FastTables() noexcept {
  for (std::size_t i = 0; i < low_bits.size(); ++i) {
    const int error_class = fast_class_of(i);
    first_error[i] = static_cast<std::uint16_t>(error_class * kFastCrossClasses * kFastPhases);
    first_place[i] = static_cast<std::uint16_t>(error_class / 2 * kFastPlaces);
    low_bits[i] = static_cast<std::uint8_t>(low_bits_of(error_class));
  }
  for (std::size_t i = 0; i < cross_class.size(); ++i) {
    const int octaves = static_cast<int>(std::bit_width(i));
    cross_class[i] = static_cast<std::uint8_t>(kFastPhases * std::min(kFastCrossClasses - 1, octaves));
  }
  // 2^24 / (512 + i + 1/2) and 2^20 / (16 + i + 1/2).
  for (std::size_t i = 0; i < weight_reciprocal.size(); ++i)
    weight_reciprocal[i] = static_cast<std::uint16_t>((1U << 25U) / (1025 + 2 * i));
  for (std::size_t i = 0; i < power_reciprocal.size(); ++i)
    power_reciprocal[i] = static_cast<std::uint16_t>((1U << 21U) / (33 + 2 * i));
  for (int i = 0; i < 2 * kGuessReach; ++i) {
    const int d = i - kGuessReach, size = int{d >= 1 || d <= -1} + int{d >= 2 || d <= -2} + int{d >= 6 || d <= -6};
    place[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(d < 0 ? 3 - size : 3 + size);
  }
  for (std::size_t i = 0; i < phase.size(); ++i) phase[i] = static_cast<std::uint8_t>(int{i >= 21} + int{i >= 43});
  for (std::size_t i = kFastSymbols; i < towards.size(); ++i) towards[i] = 32767;
}
// Not inline: a copy for each file that reads it, at an address known when that is compiled.
constexpr FastTables kFastTables;

}  // namespace vaerans::kernels
