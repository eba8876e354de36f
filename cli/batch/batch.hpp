// Batch: collects inputs until there are enough for one call of the library, so that memory stays bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "files/files.hpp"

namespace vaerans::cli {

template <typename Payload>
class Batch {
 public:
  static constexpr std::size_t max_items = 32;
  /// A model's working memory grows with the pixels of one call; a picture larger than this goes alone.
  static constexpr std::uint64_t max_pixels = 1ULL << 22;

  struct Item {
    FileTask task;
    Payload payload;
  };
  using Flush = std::function<void(std::vector<Item>&)>;

  explicit Batch(Flush flush) : flush_(std::move(flush)) {}

  void add(const FileTask& task, Payload payload, std::uint64_t pixels) {
    if (!items_.empty() && (items_.size() == max_items || pixels_ + pixels > max_pixels)) flush();
    items_.push_back({task, std::move(payload)});
    pixels_ += pixels;
  }
  void flush() {
    if (!items_.empty()) flush_(items_);
    items_.clear();
    pixels_ = 0;
  }

 private:
  Flush flush_;
  std::vector<Item> items_;
  std::uint64_t pixels_ = 0;
};

}  // namespace vaerans::cli
