// A payload as the 32-bit words that interleaved coders read.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vaerans/base/error.hpp"

namespace vaerans {

static_assert(std::endian::native == std::endian::little, "words are taken as they lie in memory");

/// Where the payload lies, or in a copy where it is not aligned for words. Throws Error(corrupt_stream) for a size that
/// is no number of words.
class PayloadWords {
 public:
  explicit PayloadWords(std::span<const std::byte> payload) {
    const std::size_t n = payload.size() / sizeof(std::uint32_t);
    if (payload.size() % sizeof(std::uint32_t) != 0)
      throw Error(ErrorCode::corrupt_stream, "ans payload: its size is no multiple of 4 bytes");
    if (reinterpret_cast<std::uintptr_t>(payload.data()) % alignof(std::uint32_t) == 0) {
      words_ = {reinterpret_cast<const std::uint32_t*>(payload.data()), n};
      return;
    }
    copy_.resize(n);
    std::ranges::copy(payload, std::as_writable_bytes(std::span(copy_)).begin());
    words_ = copy_;
  }
  PayloadWords(const PayloadWords&) = delete;
  PayloadWords& operator=(const PayloadWords&) = delete;
  [[nodiscard]] std::span<const std::uint32_t> words() const noexcept { return words_; }

 private:
  std::vector<std::uint32_t> copy_;
  std::span<const std::uint32_t> words_;
};

}  // namespace vaerans
