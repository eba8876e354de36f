// receive_answer: a child that met hostile bytes may answer anything.
#include "image_io/child/answer.hpp"

#include <gtest/gtest.h>
#include <unistd.h>
#include <array>

#include "base/files/file_descriptor.hpp"
#include "image_io/child/wire.hpp"

namespace vaerans::test {
namespace {

using image_io::Frame;
using image_io::FrameKind;

class Collected final : public image_io::PixelSink {
 public:
  void size(const image_io::PictureShape& shape) override { height = shape.height, width = shape.width; }
  void rows(std::span<const std::uint8_t> bytes) override { pixels.insert(pixels.end(), bytes.begin(), bytes.end()); }
  void metadata(image_io::MetadataKind kind, std::span<const std::uint8_t> bytes) override {
    Bytes& all = image_io::metadata_of(said, kind);
    all.insert(all.end(), bytes.begin(), bytes.end());
  }
  std::uint64_t height = 0, width = 0;
  Bytes pixels;
  PictureMetadata said;
};

void add(Bytes& answer, FrameKind kind, const Bytes& payload) {
  const Frame frame{kind, static_cast<std::uint32_t>(payload.size())};
  const auto* first = reinterpret_cast<const std::uint8_t*>(&frame);
  answer.insert(answer.end(), first, first + sizeof frame);
  answer.insert(answer.end(), payload.begin(), payload.end());
}

Bytes extents(std::uint64_t height, std::uint64_t width, std::uint32_t channels = 3, std::uint32_t deep = 0) {
  const image_io::PictureShape shape{height, width, channels, deep};
  const auto* first = reinterpret_cast<const std::uint8_t*>(&shape);
  return {first, first + sizeof shape};
}

/// Whether the child's whole answer is accepted.
bool received(const Bytes& answer, Collected& sink) {
  std::array<int, 2> ends{};
  EXPECT_EQ(::pipe(ends.data()), 0);
  EXPECT_EQ(::write(ends[1], answer.data(), answer.size()), static_cast<ssize_t>(answer.size()));
  ::close(ends[1]);
  const FileDescriptor reading(ends[0]);
  return image_io::receive_answer(reading.get(), {.max_pixels = 100}, sink);
}

Bytes good() {
  Bytes answer;
  add(answer, FrameKind::size, extents(2, 2));
  add(answer, FrameKind::pixels, {1, 2, 3, 4, 5, 6});
  add(answer, FrameKind::pixels, {7, 8, 9, 10, 11, 12});
  return answer;
}

TEST(Answer, GivesSizeAndPixels) {
  Bytes answer = good();
  add(answer, FrameKind::done, {});
  Collected sink;
  EXPECT_TRUE(received(answer, sink));
  EXPECT_EQ(sink.height, 2U);
  EXPECT_EQ(sink.width, 2U);
  EXPECT_EQ(sink.pixels, (Bytes{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(Answer, BreaksOffAnywhere) {
  Bytes answer = good();
  add(answer, FrameKind::done, {});
  for (std::size_t cut = 0; cut < answer.size(); ++cut) {
    Collected sink;
    EXPECT_FALSE(received({answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(cut)}, sink)) << cut;
  }
}

TEST(Answer, MustBeWhatWasAnnounced) {
  const auto refused = [](auto build) {
    Bytes answer;
    build(answer);
    add(answer, FrameKind::done, {});
    Collected sink;
    return !received(answer, sink);
  };
  EXPECT_TRUE(refused([](Bytes&) {}));
  EXPECT_TRUE(refused([](Bytes& a) { add(a, FrameKind::pixels, {1, 2, 3}); }));
  EXPECT_TRUE(refused([](Bytes& a) { add(a, FrameKind::size, extents(1, 1)); }));
  EXPECT_TRUE(refused([](Bytes& a) { a = good(), add(a, FrameKind::pixels, {13}); }));
  EXPECT_TRUE(refused([](Bytes& a) { a = good(), add(a, FrameKind::size, extents(2, 2)); }));
  EXPECT_TRUE(refused([](Bytes& a) { add(a, FrameKind::size, extents(2, 2, 5)); }));
  EXPECT_TRUE(refused([](Bytes& a) { add(a, FrameKind::size, extents(2, 2, 0)); }));
  EXPECT_TRUE(refused([](Bytes& a) { add(a, FrameKind::size, extents(2, 2, 3, 2)); }));
  EXPECT_TRUE(refused([](Bytes& a) { add(a, FrameKind::size, {1, 2}); }));
  EXPECT_TRUE(refused([](Bytes& a) { add(a, static_cast<FrameKind>(77), {}); }));
  for (const auto& [height, width] :
       {std::pair<std::uint64_t, std::uint64_t>{0, 4}, {4, 0}, {101, 1}, {11, 10}, {~0ULL, 2}})
    EXPECT_TRUE(refused([&](Bytes& a) { add(a, FrameKind::size, extents(height, width)); })) << height << "x" << width;
}

TEST(Answer, CarriesTheErrorOfThePicture) {
  Bytes answer;
  add(answer, FrameKind::failed, {61, 0, 'w', 'h', 'y'});
  Collected sink;
  try {
    (void)received(answer, sink);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::image_unsupported);
    EXPECT_EQ(error.what(), std::string("why"));
  }
  answer.clear();
  add(answer, FrameKind::failed, {61});
  EXPECT_FALSE(received(answer, sink));
}

}  // namespace
}  // namespace vaerans::test
