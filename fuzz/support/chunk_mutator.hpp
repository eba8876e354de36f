// Changes to whole files that keep their frame: libFuzzer would spend most of its time on lengths that no longer fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "format/chunks.hpp"

namespace vaerans::fuzz {

using Change = std::size_t (*)(std::uint8_t* data, std::size_t size, std::size_t max_size);

/// Changes one chunk's content by `change` (LLVMFuzzerMutate), or drops, doubles, renumbers or swaps chunks; lengths
/// and checksums fit again. Gives nothing for bytes that are no frame.
inline std::vector<std::uint8_t> change_chunks(std::span<const std::uint8_t> file, std::size_t max_size, unsigned seed,
                                               Change change) {
  std::minstd_rand random(seed);
  const auto bytes = std::as_bytes(file);
  try {
    Frame frame = scan_frame(bytes, {});
    if (frame.chunks.empty()) return {};
    const std::size_t at = random() % frame.chunks.size();
    std::vector<std::uint8_t> content;
    switch (random() % 8) {
      case 0: frame.chunks.erase(frame.chunks.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 1: frame.chunks.push_back(frame.chunks[at]); break;
      case 2: frame.chunks[at].number = static_cast<std::uint8_t>(random() % 16); break;
      case 3: std::swap(frame.chunks[at], frame.chunks[random() % frame.chunks.size()]); break;
      default: {
        const auto old = frame.chunks[at].content;
        content.resize(old.size() + 64);
        std::transform(old.begin(), old.end(), content.begin(),
                       [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
        content.resize(change(content.data(), old.size(), content.size()));
        frame.chunks[at].content = std::as_bytes(std::span(content));
      }
    }
    if (frame.chunks.empty()) return {};
    auto out = write_frame(source_of(frame.header, {}, file.size()), frame.chunks);
    return out.size() <= max_size ? out : std::vector<std::uint8_t>{};
  } catch (const Error&) {
    return {};
  }
}

}  // namespace vaerans::fuzz
