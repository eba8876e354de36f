// The fast tile coder on every instruction set against its plain twin.
#include "kernels/fast/fast_tile.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "each_target.hpp"
#include "synthetic_pictures.hpp"

namespace vaerans::kernels {
namespace {

using vaerans::test::SyntheticPicture;

struct Planes {
  int h, w;
  std::vector<std::uint8_t> samples;

  explicit Planes(const SyntheticPicture& picture)
      : h(static_cast<int>(picture.h)), w(static_cast<int>(picture.w)), samples(picture.rgb.size()) {
    const std::size_t n = picture.h * picture.w;
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i % 3 * n + i / 3] = picture.rgb[i];
  }
  [[nodiscard]] ByteTile view() {
    const std::ptrdiff_t n = std::ptrdiff_t{h} * w;
    return {{{samples.data(), w}, {samples.data() + n, w}, {samples.data() + 2 * n, w}}};
  }
  [[nodiscard]] TileShape shape(int planes = 3) const { return {w, h, 0, planes}; }
};

using Streams = std::array<ByteBuffer, 3>;
Streams streams_of(const FastBuffers& buffers) {
  Streams out;
  for (std::size_t p = 0; p < 3; ++p) buffers[p].list.write(out[p]);
  return out;
}
void begin(FastBuffers& buffers, const Streams& streams) {
  for (std::size_t p = 0; p < 3; ++p) buffers[p].decoder.begin(streams[p]);
}

constexpr std::pair<unsigned, unsigned> kSizes[] = {{1, 1}, {1, 2}, {1, 37},  {29, 1}, {2, 3},
                                                    {3, 5}, {5, 3}, {17, 33}, {40, 21}};

// `back` is given what a decoder has of planes that are not coded.
void expect_the_same_on_every_target(Planes source, const PlaneModes& modes, int planes, const Planes& back) {
  const TileShape shape = source.shape(planes);
  FastBuffers buffers;
  ref::encode_fast_tile(source.view(), modes, shape, buffers);
  const Streams expected = streams_of(buffers);
  const auto used = static_cast<std::ptrdiff_t>(planes) * source.h * source.w;
  const auto expect_source = [&](const Planes& decoded) {
    for (std::size_t p = 0; std::cmp_less(p, planes); ++p) {
      EXPECT_TRUE(modes[p] != PlaneMode::coded || buffers[p].decoder.finish() == Status::ok) << p;
    }
    EXPECT_TRUE(std::equal(source.samples.begin(), source.samples.begin() + used, decoded.samples.begin()));
  };
  test::for_each_target([&] {
    encode_fast_tile(source.view(), modes, shape, buffers);
    EXPECT_EQ(streams_of(buffers), expected);
    begin(buffers, expected);
    Planes decoded = back;
    EXPECT_TRUE(decode_fast_tile(decoded.view(), modes, shape, buffers));
    expect_source(decoded);
  });
  begin(buffers, expected);
  Planes decoded = back;
  EXPECT_TRUE(ref::decode_fast_tile(decoded.view(), modes, shape, buffers));
  expect_source(decoded);
}

TEST(FastTile, EveryTargetWritesTheStreamsOfTheTwin) {
  for (const auto& [h, w] : kSizes) {
    for (const auto& picture :
         {vaerans::test::scene(h, w), vaerans::test::noise_picture(h, w), vaerans::test::marks(h, w)}) {
      for (const int planes : {1, 3})
        expect_the_same_on_every_target(Planes(picture), {}, planes, Planes(vaerans::test::flat(h, w)));
    }
  }
}

// Planes that are not coded are seen by later ones, whichever are missing.
TEST(FastTile, ModesOfPlanes) {
  using enum PlaneMode;
  const auto picture = vaerans::test::scene(19, 23);
  for (const PlaneModes& modes :
       {PlaneModes{raw, coded, coded}, {coded, raw, coded}, {coded, coded, raw}, {raw, raw, coded}, {raw, raw, raw}})
    expect_the_same_on_every_target(Planes(picture), modes, 3, Planes(picture));
  for (const PlaneModes& modes : {PlaneModes{coded, copy, copy}, {coded, copy, coded}, {raw, copy, coded}}) {
    Planes source(vaerans::test::grey_scene(19, 23));
    Planes back = source;
    for (std::size_t i = 0; i < 2 * 19 * 23; ++i) back.samples[19 * 23 + i] = 1;
    expect_the_same_on_every_target(source, modes, 3, back);
  }
}

// The largest sums that there can be: black and white in columns, in a chessboard, and at random.
TEST(FastTile, Extremes) {
  Planes source(vaerans::test::noise_picture(60, 61));
  const auto plane = source.samples.size() / 3;
  for (std::size_t i = 0; i < source.samples.size(); ++i) {
    const std::size_t x = i % plane % 61, y = i % plane / 61, pattern = i / plane;
    const std::size_t parities[] = {x, x + y, source.samples[i]};
    source.samples[i] = parities[pattern] % 2 == 0 ? 255 : 0;
  }
  expect_the_same_on_every_target(source, {}, 3, Planes(vaerans::test::flat(60, 61)));
}

TEST(FastTile, PhotosTakeFewerBytesThanSamples) {
  Planes source(vaerans::test::scene(200, 300));
  FastBuffers buffers;
  encode_fast_tile(source.view(), {}, source.shape(), buffers);
  std::size_t bytes = 0;
  for (const ByteBuffer& stream : streams_of(buffers)) bytes += stream.size();
  EXPECT_LT(bytes, source.samples.size() * 6 / 10);
  EXPECT_GT(bytes, source.samples.size() / 10) << "too good to be true of a scene with noise";
}

TEST(FastTile, StreamsThatEndEarlyStop) {
  Planes source(vaerans::test::scene(64, 64));
  FastBuffers buffers;
  encode_fast_tile(source.view(), {}, source.shape(), buffers);
  const Streams streams = streams_of(buffers);
  for (std::size_t p = 0; p < 3; ++p) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{8}, streams[p].size() / 2, streams[p].size() - 4}) {
      Streams cut = streams;
      cut[p].resize(size);
      begin(buffers, cut);
      Planes back(vaerans::test::flat(64, 64));
      const bool inside = decode_fast_tile(back.view(), {}, source.shape(), buffers);
      EXPECT_TRUE(!inside || buffers[p].decoder.finish() == Status::truncated) << p << ", " << size;
    }
  }
}

// Any bytes decode to something, or to an error, on every instruction set alike.
TEST(FastTile, DamagedStreams) {
  Planes source(vaerans::test::scene(30, 40));
  FastBuffers buffers;
  encode_fast_tile(source.view(), {}, source.shape(), buffers);
  const Streams streams = streams_of(buffers);
  for (std::size_t at = 0; at < streams[1].size(); at += 13) {
    Streams bad = streams;
    bad[1][at] ^= std::byte{0x24};
    begin(buffers, bad);
    Planes back(vaerans::test::flat(30, 40));
    const bool inside = ref::decode_fast_tile(back.view(), {}, source.shape(), buffers);
    const Status status = buffers[1].decoder.finish();
    EXPECT_TRUE(!inside || status != Status::ok) << at;
    test::for_each_target([&] {
      begin(buffers, bad);
      Planes again(vaerans::test::flat(30, 40));
      EXPECT_EQ(decode_fast_tile(again.view(), {}, source.shape(), buffers), inside);
      EXPECT_EQ(buffers[1].decoder.finish(), status);
      EXPECT_EQ(again.samples, back.samples);
    });
  }
}

}  // namespace
}  // namespace vaerans::kernels
