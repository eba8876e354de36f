// Long lists of decisions in parts of kPart, each a stream of its own (binary_rans.hpp): what an encoder has to
// remember before it can write is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "kernels/mixing/binary_rans.hpp"

namespace vaerans::kernels {

class PartedDecisions {
 public:
  static constexpr std::size_t kPart = std::size_t{1} << 20U;

  int code(int yes, std::uint32_t probability) {
    if (list_.size() == kPart) end_part();
    return list_.code(yes, probability);
  }
  // The streams of all parts; none without decisions.
  [[nodiscard]] std::vector<ByteBuffer> take() {
    if (list_.size() != 0) end_part();
    return std::move(parts_);
  }

 private:
  void end_part() {
    list_.write(parts_.emplace_back());
    list_.clear();
  }
  DecisionList list_;
  std::vector<ByteBuffer> parts_;
};

// Reads never leave the spans: behind the end come zeros, and finish() then tells what was wrong.
class PartedDecoder {
 public:
  explicit PartedDecoder(std::span<const std::span<const std::byte>> parts) noexcept : parts_(parts) {}

  int code(int yes, std::uint32_t probability) noexcept {
    if (left_ == 0) next_part();
    --left_;
    return part_.code(yes, probability);
  }
  // True once what is decoded means nothing.
  [[nodiscard]] bool failed() const noexcept { return status_ != Status::ok || (used_ != 0 && part_.exhausted()); }
  // ok, or what is wrong with the first part that is not as an encoder wrote it; trailing where parts are left.
  [[nodiscard]] Status finish() noexcept {
    end_part();
    return status_ == Status::ok && used_ != parts_.size() ? Status::trailing : status_;
  }

 private:
  void end_part() noexcept {
    if (used_ != 0 && status_ == Status::ok) status_ = part_.finish();
  }
  void next_part() noexcept {
    end_part();
    left_ = PartedDecisions::kPart;
    if (used_ == parts_.size()) {
      if (status_ == Status::ok) status_ = Status::truncated;
      return;
    }
    part_ = DecisionDecoder(parts_[used_++]);
  }

  std::span<const std::span<const std::byte>> parts_;
  DecisionDecoder part_{{}};
  std::size_t used_ = 0, left_ = 0;
  Status status_ = Status::ok;
};

}  // namespace vaerans::kernels
