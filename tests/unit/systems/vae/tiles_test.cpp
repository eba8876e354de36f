// Pictures in tiles: as the whole where the network is local, blended where it is not.
#include "systems/vae/tiles.hpp"

#include <algorithm>
#include <random>

#include "make_graph.hpp"
#include "systems/vae/common.hpp"
#include "vaerans/core/registry.hpp"
#include "vaerans/models.hpp"
#include "vaerans/systems/vae.hpp"

namespace vaerans {
namespace {

using vae::Axis;
using vae::Grid;

// ---- the cuts ----------------------------------------------------------------------------------------------------

TEST(Tiles, CoresLieSideBySide) {
  for (const std::uint64_t overlap : {0U, 2U, 6U, 24U}) {
    for (std::uint64_t length = 1; length < 200; ++length) {
      for (const std::uint64_t most : {overlap + 1, overlap + 2, overlap + 17, std::uint64_t{64}}) {
        if (most <= overlap) continue;
        const Axis axis = Axis::cut(length, most, overlap);
        ASSERT_LE(axis.length, std::max(most, std::uint64_t{1}));
        std::uint64_t at = 0;
        for (const vae::Tile& tile : axis.tiles) {
          ASSERT_EQ(tile.core_begin, at);
          ASSERT_GT(tile.core_end, tile.core_begin);
          ASSERT_LE(tile.begin + axis.length, length);
          const std::uint64_t before = tile.core_begin - tile.begin, after = tile.begin + axis.length - tile.core_end;
          ASSERT_TRUE(tile.core_begin == 0 || before >= overlap / 2);
          ASSERT_TRUE(tile.core_end == length || after >= overlap / 2);
          at = tile.core_end;
        }
        ASSERT_EQ(at, length) << length << " by " << most << " with " << overlap;
      }
    }
  }
}

TEST(Tiles, SharesAddUpToOne) {
  for (std::uint64_t length = 17; length < 300; length += 7) {
    for (const Grid grid : {Grid{16, 4}, Grid{17, 2}, Grid{40, 10}, Grid{64, 16}}) {
      if (length <= grid.tile) continue;
      ASSERT_TRUE(grid.sane({}));
      const vae::Tiling tiling{Axis::cut(length, grid.tile, grid.overlap), Axis::cut(1, 1, 0), true};
      std::vector<float> sum(length * 3);
      for (std::size_t i = 0; i < tiling.count(); ++i) {
        const auto shares = vae::Shares::of(tiling, i, 3).rows;
        for (std::size_t k = 0; k < shares.size(); ++k) sum[tiling.row(i).begin * 3 + k] += shares[k];
      }
      for (const float share : sum) ASSERT_NEAR(share, 1, 1e-5) << length << ", " << grid.str();
    }
  }
}

TEST(Tiles, InsaneGrids) {
  const Limits limits;
  for (const Grid grid : {Grid{0, 0}, Grid{15, 2}, Grid{16, 0}, Grid{16, 3}, Grid{16, 6}, Grid{64, 64}, Grid{64, 80},
                          Grid{limits.max_side + 1, 4}, Grid{~std::uint64_t{0}, 2}, Grid{64, ~std::uint64_t{1}}}) {
    EXPECT_FALSE(grid.sane(limits)) << grid.str();
  }
}

// ---- pictures ----------------------------------------------------------------------------------------------------

std::string shipped(const std::string& name) {
  return (test::fs::path(VAERANS_TEST_DATA).parent_path() / "models" / name).string();
}
std::string tiny(const std::string& name) { return (test::model_data() / name).string(); }

/// For either direction.
struct BothOptions {
  VAEEncodeOptions encode;
  operator VAEEncodeOptions() const { return encode; }                           // NOLINT(*-explicit-*)
  operator VAEDecodeOptions() const { return {encode.model, {}, encode.tile}; }  // NOLINT(*-explicit-*)
};
BothOptions options(const std::string& model, std::int64_t tile) {
  VAEEncodeOptions out;
  out.model = model;
  out.tile = tile;
  return {out};
}

/// Smooth shading and fine grain: networks see contrast everywhere.
std::vector<std::uint8_t> photo(std::uint64_t height, std::uint64_t width, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> rgb(height * width * 3);
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    rgb[i] = static_cast<std::uint8_t>((i / (3 * width) + i / 3 % width * 2 + i % 3 * 60 + random() % 24) & 0xFF);
  }
  return rgb;
}

struct Result {
  std::vector<float> latent;
  std::vector<std::uint8_t> pixels;
  ByteBuffer side_info;
};

class Tiled : public ::testing::Test {
 protected:
  EntityId spawn(std::uint64_t height, std::uint64_t width, unsigned seed = 1) {
    const auto rgb = photo(height, width, seed);
    return world_.spawn_image({rgb.data(), height, width, 3, 0});
  }
  RunResult run(const SystemPtr& system, const std::vector<EntityId>& entities, const char* from) {
    context_.trace = &trace_;
    return Scheduler::run(world_, system, entities, from, {}, context_);
  }
  Result result(EntityId e) {
    const Component& latent = world_.get(e, "Latent4");
    const auto values = world_.arena().view<float>(latent.data);
    const auto pixels = world_.arena().view<std::uint8_t>(world_.get(e, "ReconRGB").data);
    const auto side_info = latent.trail == nullptr ? std::span<const std::byte>{} : latent.trail->side_info;
    return {{values.begin(), values.end()}, {pixels.begin(), pixels.end()}, {side_info.begin(), side_info.end()}};
  }
  Result there_and_back(const VAEEncodeOptions& how, const std::vector<EntityId>& entities) {
    const auto encode = OnnxVAEEncode(how);
    run(encode, entities, "RGB");
    run(encode->inverse(), entities, "Latent4");
    return result(entities.back());
  }
  double value(std::size_t side_info, const std::string& name) const {
    const TraceRecord record = trace_.records().at(side_info);
    for (const auto& [key, number] : record.values) {
      if (key == name) return number;
    }
    return -1;
  }

  World world_{512U << 20};
  Context context_;
  Trace trace_;
};

struct Size {
  std::uint64_t height, width;
};
class TiledSizes : public Tiled, public ::testing::WithParamInterface<Size> {};

TEST_P(TiledSizes, LocalNetworksGiveTheSame) {
  const auto [height, width] = GetParam();
  const EntityId e = spawn(height, width);
  for (const char* name : {"photo-f8c32", "photo-f8c4"}) {
    const Result whole = there_and_back(options(shipped(name), 0), {e});
    trace_.clear();
    const Result tiled = there_and_back(options(shipped(name), 256), {e});
    EXPECT_EQ(value(0, "tiles") > 1, std::max(height, width) > 256) << name;
    EXPECT_EQ(value(1, "tiles") > 1, std::max(height, width) > 256) << name;
    EXPECT_EQ(whole.side_info, tiled.side_info) << "tiles of local networks are nobody else's business";
    float scale = 0, worst = 0;
    for (std::size_t i = 0; i < whole.latent.size(); ++i) {
      scale = std::max(scale, std::abs(whole.latent[i]));
      worst = std::max(worst, std::abs(whole.latent[i] - tiled.latent[i]));
    }
    EXPECT_LE(worst, 2e-6F * scale) << name << ": float convolutions, summed in another order at most";
    int apart = 0;
    for (std::size_t i = 0; i < whole.pixels.size(); ++i) {
      apart = std::max(apart, std::abs(whole.pixels[i] - tiled.pixels[i]));
    }
    EXPECT_LE(apart, 1) << name << ": pixels that were on the edge between two values";
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, TiledSizes,
                         ::testing::Values(Size{8, 8}, Size{256, 256}, Size{257, 256}, Size{300, 523}, Size{9, 700},
                                           Size{641, 33}),
                         [](const auto& info) {
                           return std::to_string(info.param.height) + "x" + std::to_string(info.param.width);
                         });

TEST_F(Tiled, BatchesOfTiles) {
  std::vector<EntityId> entities;
  for (unsigned i = 0; i < 3; ++i) entities.push_back(spawn(70, 90, i));
  const auto encode = OnnxVAEEncode(options(tiny("tiny-mean"), 32));
  context_.limits.max_batch = 8;
  run(encode, entities, "RGB");
  run(encode->inverse(), entities, "Latent4");
  EXPECT_EQ(value(0, "tiles"), 9) << "70 and 90 pixels are 9 and 12 samples, in tiles of up to 4";
  EXPECT_EQ(value(0, "session_runs"), 4) << "27 windows by 8";
  for (const EntityId e : entities) {
    const Result together = result(e);
    const Result alone = there_and_back(options(tiny("tiny-mean"), 0), {e});
    EXPECT_EQ(together.latent, alone.latent);
    EXPECT_EQ(together.pixels, alone.pixels);
  }
}

TEST_F(Tiled, TheMemoryLimitDecides) {
  const std::vector<EntityId> entities{spawn(64, 64, 1), spawn(64, 64, 2)};
  const auto encode = OnnxVAEEncode(options(tiny("tiny-mean"), -1));
  run(encode, entities, "RGB");
  EXPECT_EQ(value(0, "tiles"), 1);
  EXPECT_EQ(value(0, "batch"), 2);
  const double both = value(0, "run_bytes");
  context_.limits.max_run_bytes = static_cast<std::uint64_t>(both) - 1;
  run(encode, entities, "RGB");
  EXPECT_EQ(value(1, "batch"), 1);
  context_.limits.max_run_bytes = static_cast<std::uint64_t>(both / 8);
  run(encode, entities, "RGB");
  EXPECT_GE(value(2, "tiles"), 4);
  EXPECT_LE(value(2, "run_bytes"), both / 8);
  run(encode->inverse(), entities, "Latent4");
  EXPECT_GE(value(3, "tiles"), 4);
}

TEST_F(Tiled, OneBadPictureOfABatch) {
  const std::vector<float> bright(4 * 6 * 6, 0.5F);
  std::vector<float> dark = bright;
  dark[20] = -0.5F;
  const EntityId good = world_.spawn_latent(bright, Shape{4, 6, 6}), bad = world_.spawn_latent(dark, Shape{4, 6, 6}),
                 last = world_.spawn_latent(bright, Shape{4, 6, 6});
  context_.on_error = OnError::collect;
  const RunResult ran = run(OnnxVAEDecode(options(tiny("tiny-nan"), 16)), {good, bad, last}, "Latent4");
  EXPECT_EQ(value(0, "tiles"), 9);
  EXPECT_EQ(ran.done, (std::vector<EntityId>{good, last}));
  ASSERT_EQ(ran.failed.size(), 1U);
  EXPECT_EQ(ran.failed[0].code, ErrorCode::non_finite);
}

TEST_F(Tiled, DrawsDoNotKnowOfTiles) {
  const EntityId e = spawn(70, 90);
  VAEEncodeOptions how = options(tiny("tiny-moments"), 0);
  how.sample = true;
  how.seed = 3;
  const Result whole = there_and_back(how, {e});
  how.tile = 24;
  EXPECT_EQ(there_and_back(how, {e}).latent, whole.latent);
  how.sample = false;
  EXPECT_NE(there_and_back(how, {e}).latent, whole.latent);
}

TEST_F(Tiled, TilesTooSmall) {
  const EntityId e = spawn(300, 300);
  EXPECT_ERROR(run(OnnxVAEEncode(options(shipped("photo-f8c4"), 64)), {e}, "RGB"), ErrorCode::bad_parameter,
               "use at least");
  EXPECT_ERROR(OnnxVAEEncode(options(shipped("photo-f8c4"), -2)), ErrorCode::bad_parameter, "tile");
  EXPECT_ERROR(OnnxVAEDecode(options("", 1 << 30)), ErrorCode::bad_parameter, "tile");
}

TEST_F(Tiled, FixedGraphsAreNotCut) {
  const EntityId e = spawn(16, 24);
  context_.limits.max_run_bytes = 1;
  there_and_back(options(tiny("tiny-fixed"), -1), {e});
  EXPECT_EQ(value(0, "tiles"), 1);
}

// ---- networks that are not local ---------------------------------------------------------------------------------

/// A model that works by blocks, but whose card says that it looks everywhere. Blended tiles must agree with the whole.
std::string secretly_local(const test::TempFolder& root) {
  test::fs::copy(test::model_data() / "tiny-mean", root.path() / "m");
  for (const char* file : {"encoder.onnx", "decoder.onnx"}) {
    const std::string place = "\"file\": \"" + std::string(file) + "\"";
    test::replace_in(root.path() / "m" / "model.json", place, place + ", \"halo\": \"global\"");
  }
  return (root.path() / "m").string();
}

TEST_F(Tiled, BlendingIsSeamless) {
  const test::TempFolder root;
  const std::string model = secretly_local(root);
  for (const auto [height, width] : {Size{300, 211}, Size{130, 129}, Size{15, 777}}) {
    const std::vector<EntityId> entities{spawn(height, width, 4), spawn(height, width, 5)};
    const Result whole = there_and_back(options(model, 0), entities);
    trace_.clear();
    const Result tiled = there_and_back(options(model, 128), entities);
    EXPECT_GT(value(0, "tiles"), 1);
    EXPECT_GT(value(1, "tiles"), 1);
    for (std::size_t i = 0; i < whole.latent.size(); ++i) ASSERT_NEAR(whole.latent[i], tiled.latent[i], 1e-5);
    for (std::size_t i = 0; i < whole.pixels.size(); ++i) ASSERT_NEAR(whole.pixels[i], tiled.pixels[i], 1);
    EXPECT_EQ(vae::SideInfo::parse(tiled.side_info, {}).grid, (Grid{16, 4}));
    EXPECT_EQ(vae::SideInfo::parse(whole.side_info, {}).grid, std::nullopt);
  }
}

/// A decoder whose result at a place depends on its whole row.
std::string everywhere(const test::TempFolder& root) {
  test::Graph graph;
  graph.after = {"LpNormalization"};
  test::write_pair(root.path(), graph, 4);
  graph.decoder = true;
  test::write_text(root.path() / "decoder.onnx", test::make(graph));
  return root.path().string();
}

TEST_F(Tiled, TheSideInfoSaysHowToBlend) {
  const test::TempFolder root;
  const std::string model = everywhere(root);
  const EntityId e = spawn(40, 700);
  const Result whole = there_and_back(options(model, 0), {e});
  run(OnnxVAEEncode(options(model, 256)), {e}, "RGB");
  EXPECT_EQ(vae::SideInfo::parse(world_.get(e, "Latent4").trail->side_info, {}).grid, (Grid{32, 8}));
  run(OnnxVAEDecode(options(model, -1)), {e}, "Latent4");
  const Result blended = result(e);
  EXPECT_NE(blended.pixels, whole.pixels);
  for (const std::int64_t tile : {0, 128, 512}) {
    context_.limits.max_run_bytes = 1U << 20;
    run(OnnxVAEDecode(options(model, tile)), {e}, "Latent4");
    EXPECT_EQ(result(e).pixels, blended.pixels) << "whatever the decoder would do by itself: tile " << tile;
  }
}

TEST_F(Tiled, WithoutAGridTheWholeIsDecoded) {
  const test::TempFolder root;
  const std::string model = everywhere(root);
  const EntityId e = spawn(40, 700);
  const Result whole = there_and_back(options(model, 0), {e});
  context_.limits.max_run_bytes = 1U << 16;
  run(OnnxVAEDecode(options(model, -1)), {e}, "Latent4");
  EXPECT_EQ(result(e).pixels, whole.pixels);
}

TEST_F(Tiled, HostileGridsInSideInfo) {
  const auto encode = OnnxVAEEncode(options("no-such-model", -1));
  const Spec rgb{Kind::image, DType::u8, Shape{300, 500, 3}, {}};
  const auto describe = [&](const ByteBuffer& side_info) {
    return encode->describe(rgb, side_info, world_.arena(), {});
  };
  vae::SideInfo side_info{"0123456789abcdef", 8, 4, Grid{32, 8}};
  EXPECT_EQ(describe(side_info.serialize()).shape, (Shape{4, 38, 63}));
  auto bytes = side_info.serialize();
  bytes.push_back(std::byte{0});
  EXPECT_ERROR(describe(bytes), ErrorCode::corrupt_stream, "left over");
  bytes.resize(bytes.size() - 2);
  EXPECT_ERROR(describe(bytes), ErrorCode::corrupt_stream, "vae side information");
  for (const Grid grid : {Grid{0, 0}, Grid{32, 32}, Grid{1U << 30, 8}, Grid{32, 1U << 30}, Grid{32, 0}}) {
    side_info.grid = grid;
    EXPECT_ERROR(describe(side_info.serialize()), ErrorCode::corrupt_stream, grid.str());
  }
  side_info.grid = Grid{63, 8};
  EXPECT_ERROR(describe(side_info.serialize()), ErrorCode::corrupt_stream, "does not cut");
}

}  // namespace
}  // namespace vaerans
