#include "image_io/child/answer.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "image_io/child/wire.hpp"

namespace vaerans::image_io {
namespace {

constexpr std::uint32_t max_frame = 1U << 20;

[[noreturn]] void raise(std::span<const std::uint8_t> payload) {
  const auto code = static_cast<ErrorCode>(payload[0] | payload[1] << 8);
  const std::string text(payload.begin() + 2, payload.end());
  // Only codes of decoding: anything else a broken child may say would mislead.
  for (const ErrorCode known : {ErrorCode::image_unsupported, ErrorCode::limit_exceeded, ErrorCode::internal})
    if (code == known) throw Error(code, text);
  throw Error(ErrorCode::image_unreadable, text);
}

class Answer {
 public:
  Answer(const Limits& limits, PixelSink& sink) : limits_(limits), sink_(sink) {}
  /// False where the frame cannot stand here.
  [[nodiscard]] bool take(FrameKind kind, std::span<const std::uint8_t> payload) {
    switch (kind) {
      case FrameKind::size: return take_size(payload);
      case FrameKind::pixels: return take_pixels(payload);
      case FrameKind::metadata: return take_metadata(payload);
      case FrameKind::failed: return payload.size() < 2 ? false : (raise(payload), false);
      case FrameKind::done: return done_ = sized_ && left_ == 0;
    }
    return false;
  }
  [[nodiscard]] bool done() const { return done_; }

 private:
  bool take_size(std::span<const std::uint8_t> payload) {
    PictureShape shape;
    if (sized_ || payload.size() != sizeof shape) return false;
    std::memcpy(&shape, payload.data(), sizeof shape);
    if (shape.height == 0 || shape.width == 0 || !limits_.allow_extents(shape.height, shape.width)) return false;
    if (shape.channels == 0 || shape.channels > 4 || shape.deep > 1) return false;
    sized_ = true;
    left_ = shape.height * shape.row_bytes();
    sink_.size(shape);
    return true;
  }
  bool take_metadata(std::span<const std::uint8_t> payload) {
    constexpr std::uint64_t most = std::uint64_t{192} << 20;  // what three kinds may have in a .vrs file
    if (sized_ || payload.empty() || payload[0] > static_cast<std::uint8_t>(MetadataKind::xmp)) return false;
    metadata_bytes_ += payload.size();
    if (metadata_bytes_ > most) return false;
    sink_.metadata(static_cast<MetadataKind>(payload[0]), payload.subspan(1));
    return true;
  }
  bool take_pixels(std::span<const std::uint8_t> payload) {
    if (payload.size() > left_) return false;
    left_ -= payload.size();
    sink_.rows(payload);
    return true;
  }
  const Limits& limits_;
  PixelSink& sink_;
  std::uint64_t left_ = 0, metadata_bytes_ = 0;
  bool sized_ = false, done_ = false;
};

}  // namespace

bool receive_answer(int answer, const Limits& limits, PixelSink& sink) {
  Answer reading(limits, sink);
  std::vector<std::uint8_t> payload;
  while (!reading.done()) {
    Frame frame{FrameKind::failed, 0};
    if (!read_fully(answer, &frame, sizeof frame) || frame.bytes > max_frame) return false;
    payload.resize(frame.bytes);
    if (!read_fully(answer, payload.data(), frame.bytes) || !reading.take(frame.kind, payload)) return false;
  }
  return true;
}

}  // namespace vaerans::image_io
