// Groups, failures and traces of the scheduler.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <thread>

#include "expect_error.hpp"
#include "random_data.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/hadamard.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

constexpr const char* kChain = "hadamard4 | cdf53(levels=3) | quantize(step=0.25) | ans";

std::vector<EntityId> pictures(World& world, std::initializer_list<std::pair<std::uint64_t, std::uint64_t>> shapes) {
  std::vector<std::vector<std::uint8_t>> bytes;
  std::vector<ImageView> views;
  unsigned seed = 0;
  for (const auto& [h, w] : shapes) {
    bytes.push_back(test::picture_bytes(h, w, ++seed));
    views.push_back({bytes.back().data(), h, w, 3, 0});
  }
  return world.spawn_batch_rgb(views);
}

/// Latents of four channels of 4 × 4; their ids count from 1.
std::vector<EntityId> small_latents(World& world, unsigned count) {
  std::vector<EntityId> ids;
  for (unsigned seed = 1; seed <= count; ++seed) ids.push_back(world.spawn_latent(test::noise(64, seed), {4, 4, 4}));
  return ids;
}

Context collecting() {
  Context context;
  context.on_error = OnError::collect;
  return context;
}

TEST(Scheduler, OneCallForEachShape) {
  World world(1 << 24);
  const auto ids = pictures(world, {{8, 8}, {9, 7}, {8, 8}, {9, 7}, {8, 8}});
  Trace trace;
  Context context;
  context.trace = &trace;
  (void)Pipeline::parse("blur(sigma=1.0)").run(world, ids, context);
  const std::vector<TraceRecord> records = trace.records();
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].entities, (std::vector<EntityId>{ids[0], ids[2], ids[4]}));
  EXPECT_EQ(records[0].outputs.at(0).shape, (std::vector<std::uint64_t>{3, 8, 8, 3}));
  EXPECT_EQ(records[0].bytes_gathered + records[1].bytes_gathered, 0U);
}

TEST(Scheduler, OutputsOfAGroupAreOneTensor) {
  World world(1 << 24);
  const auto ids = pictures(world, {{8, 8}, {8, 8}, {8, 8}});
  (void)Pipeline::parse("blur").run(world, ids);
  std::vector<TensorRef> items;
  for (const EntityId e : ids) items.push_back(world.get(e, "BlurRGB").data);
  EXPECT_TRUE(world.arena().join_axis0(items).valid());
}

TEST(Scheduler, GathersWhatLiesApartAndSaysSo) {
  World world(1 << 24);
  const auto ids = pictures(world, {{8, 8}, {8, 8}, {8, 8}});
  const EntityId apart[] = {ids[2], ids[0]};
  Trace trace;
  Context context;
  context.trace = &trace;
  (void)Pipeline::parse("blur").run(world, apart, context);
  EXPECT_EQ(trace.records().at(0).bytes_gathered, 2U * 8 * 8 * 3);
}

TEST(Scheduler, BatchEqualsOneByOne) {
  World world(1 << 24);
  std::vector<EntityId> ids;
  for (unsigned seed = 1; seed <= 5; ++seed) ids.push_back(world.spawn_latent(test::noise(4 * 6 * 7, seed), {4, 6, 7}));
  (void)Pipeline::parse(kChain).run(world, ids);
  for (unsigned seed = 1; seed <= 5; ++seed) {
    World single(1 << 24);
    const EntityId e = single.spawn_latent(test::noise(4 * 6 * 7, seed), {4, 6, 7});
    (void)Pipeline::parse(kChain).run(single, {&e, 1});
    const auto a = world.arena().view<std::uint8_t>(world.get(ids[seed - 1], "Bitstream").data);
    const auto b = single.arena().view<std::uint8_t>(single.get(e, "Bitstream").data);
    EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << seed;
  }
}

TEST(Scheduler, OneFailureLeavesTheOthersAlone) {
  World world(1 << 24);
  auto bad = test::noise(4 * 6 * 7, 2);
  bad[100] = std::numeric_limits<float>::quiet_NaN();
  const EntityId first = world.spawn_latent(test::noise(4 * 6 * 7, 1), {4, 6, 7});
  const EntityId broken = world.spawn_latent(bad, {4, 6, 7});
  const EntityId last = world.spawn_latent(test::noise(4 * 6 * 7, 3), {4, 6, 7});
  const EntityId ids[] = {first, broken, last};
  Context context;
  context.on_error = OnError::collect;
  const RunResult result = Pipeline::parse("cdf53(levels=1) | quantize_u8 | ans").run(world, ids, context);
  EXPECT_EQ(result.done, (std::vector<EntityId>{first, last}));
  ASSERT_EQ(result.failed.size(), 1U);
  EXPECT_EQ(result.failed[0].entity, broken);
  EXPECT_EQ(result.failed[0].code, ErrorCode::non_finite);
  EXPECT_NE(result.failed[0].message.find("channel 2, level 1"), std::string::npos) << result.failed[0].message;
  EXPECT_TRUE(world.has(last, "Bitstream"));
  EXPECT_FALSE(world.has(broken, "SymbolsU8"));
  EXPECT_ERROR(non_finite, "entity " + std::to_string(broken),
               (void)Pipeline::parse("cdf53 | quantize_u8").run(world, ids));
}

TEST(Scheduler, ArenaFullKeepsItsNumbers) {
  World world(4096);
  const EntityId e = world.spawn_latent(test::noise(4 * 64, 1), {4, 8, 8});
  EXPECT_THROW((void)Pipeline::parse("hadamard4 | hadamard4 | hadamard4 | hadamard4").run(world, {&e, 1}), ArenaFull);
}

// Not only the step itself: making its inputs wide, its outputs narrow, and giving them to the entities takes memory.
TEST(Scheduler, AFullArenaIsAFailureWhereverItIsFound) {
  for (const DType dtype : {DType::f32, DType::f16}) {
    std::set<std::size_t> failed;
    for (std::uint64_t bytes = 4096; bytes < 12288; bytes += 64) {
      World world(bytes);
      const EntityId ids[] = {world.spawn_latent(test::noise(4 * 64, 1), {4, 8, 8}),
                              world.spawn_latent(test::noise(4 * 64, 2), {4, 8, 8})};
      Context context;
      context.on_error = OnError::collect;
      context.dtype = dtype;
      const RunResult result = Pipeline::parse("hadamard4 | hadamard4").run(world, ids, context);
      EXPECT_EQ(result.done.size() + result.failed.size(), 2U) << bytes;
      for (const Failure& failure : result.failed) EXPECT_EQ(failure.code, ErrorCode::arena_full) << bytes;
      failed.insert(result.failed.size());
    }
    // One of two where the trail of the second has no room, which is so where nothing was left over by narrowing.
    const bool one = dtype == DType::f32;
    EXPECT_EQ(failed, one ? (std::set<std::size_t>{0, 1, 2}) : (std::set<std::size_t>{0, 2}));
  }
}

/// Despawns what it works on.
class Despawning final : public System {
 public:
  [[nodiscard]] const Contract& contract() const override {
    static const Contract own{.name = "despawning",
                              .role = Role::filter,
                              .inputs = {{Kind::planes, ""}},
                              .outputs = {{Kind::planes, "Made"}}};
    return own;
  }
  [[nodiscard]] ParamList params() const override { return {}; }
  void run(Group& group) const override {
    (void)group.output(group.spec());
    group.world().despawn(group.entities()[1]);
  }
};

TEST(Scheduler, AnEntityThatGoesWhileItsStepRunsFailsAlone) {
  World world(1 << 24);
  const auto ids = small_latents(world, 3);
  const Context collect = collecting();
  const Pipeline pipeline(std::make_shared<Despawning>());
  const RunResult result = pipeline.run(world, ids, collect);
  EXPECT_EQ(result.done, (std::vector<EntityId>{1, 3}));
  ASSERT_EQ(result.failed.size(), 1U);
  EXPECT_EQ(result.failed[0].code, ErrorCode::unknown_entity);
  EXPECT_EQ(result.failed[0].message, "entity 2, despawning: entity 2 is not alive in this world");
  EXPECT_TRUE(world.has(3, "Made"));
  const EntityId left[] = {1, 3};
  EXPECT_ERROR(unknown_entity, "entity 3, despawning: ", (void)pipeline.run(world, left));
}

TEST(Scheduler, TraceTellsWhatHappened) {
  World world(1 << 24);
  const EntityId e = world.spawn_latent(test::noise(4 * 6 * 7, 1), {4, 6, 7});
  Trace trace;
  Context context;
  context.trace = &trace;
  context.seed = 5;
  (void)Pipeline::parse("cdf53(levels=9) | quantize(step=0.5) | ans").run(world, {&e, 1}, context);
  const std::vector<TraceRecord> records = trace.records();
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].system, "cdf53(levels=9)");
  EXPECT_EQ(records[0].notes, std::vector<std::string>{"levels clamped from 9 to 3"});
  EXPECT_EQ(records[0].bytes_in, 4U * 4 * 6 * 7);
  EXPECT_EQ(records[2].seed, 5U);
  const std::string json = to_json(trace);
  for (const char* word : {"\"entropy_bits_per_symbol\"", "\"coded_bits\"", "\"SymbolsU8\"", "\"seconds\""}) {
    EXPECT_NE(json.find(word), std::string::npos) << word;
  }
}

TEST(Scheduler, ThreadsShareATrace) {
  constexpr std::size_t runs = 300;
  Trace trace;
  Context context;
  context.trace = &trace;
  context.threads = 1;
  const Pipeline chain = Pipeline::parse("hadamard4");
  const auto work = [&] {
    World world(1 << 22);
    const EntityId e = world.spawn_latent(test::noise(16, 1), {4, 2, 2});
    for (std::size_t i = 0; i < runs; ++i) {
      (void)chain.run(world, {&e, 1}, context);
      if (i % 100 == 0) (void)to_json(trace);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work);
  }
  EXPECT_EQ(trace.size(), 4 * runs);
  EXPECT_EQ(trace.records(4 * runs - 1).size(), 1U);
  EXPECT_TRUE(trace.records(5 * runs).empty());
  EXPECT_TRUE(std::ranges::all_of(trace.records(), [](const auto& r) { return r.system == "hadamard4"; }));
  trace.clear();
  EXPECT_EQ(trace.size(), 0U);
}

TEST(Scheduler, RefusesADtypePolicyItCannotFollow) {
  World world(1 << 20);
  const EntityId e = world.spawn_latent(test::noise(64, 1), {4, 4, 4});
  Context context;
  context.dtype = DType::i16;
  EXPECT_ERROR(bad_parameter, "asks for i16; latents and coefficients are f32 or f16",
               (void)Pipeline::parse("hadamard4").run(world, {&e, 1}, context));
}

TEST(Scheduler, ThreadsDoNotChangeBytes) {
  std::vector<std::vector<std::uint8_t>> streams;
  for (const unsigned threads : {1U, 2U, 5U}) {
    World world(1 << 26);
    std::vector<EntityId> ids;
    for (unsigned seed = 1; seed <= 6; ++seed)
      ids.push_back(world.spawn_latent(test::noise(4 * 33 * 21, seed), {4, 33, 21}));
    Context context;
    context.threads = threads;
    (void)Pipeline::parse(kChain).run(world, ids, context);
    auto& all = streams.emplace_back();
    for (const EntityId e : ids) {
      const auto bytes = world.arena().view<std::uint8_t>(world.get(e, "Bitstream").data);
      all.insert(all.end(), bytes.begin(), bytes.end());
    }
  }
  EXPECT_EQ(streams[0], streams[1]);
  EXPECT_EQ(streams[0], streams[2]);
}

/// Promises planes, and gives them to entities of even numbers only, or with subbands that lie elsewhere.
class Forgetful final : public System {
 public:
  explicit Forgetful(std::vector<Subband> subbands = {}) : subbands_(std::move(subbands)) {}
  [[nodiscard]] const Contract& contract() const override {
    static const Contract own{
        .name = "forgetful", .role = Role::filter, .inputs = {{Kind::planes, ""}}, .outputs = {{Kind::planes, "Made"}}};
    return own;
  }
  [[nodiscard]] ParamList params() const override { return {}; }
  void run(Group& group) const override {
    if (!subbands_.empty()) return void(group.output({Kind::bands, DType::f32, group.spec().shape, subbands_}));
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group.entities()[i] % 2 == 0) group.output_item(i, group.input(0, i));
    }
  }

 private:
  std::vector<Subband> subbands_;
};

TEST(Scheduler, AnOutputThatWasPromisedAndNotMadeIsAFailure) {
  World world(1 << 24);
  const auto ids = small_latents(world, 4);
  const Context collect = collecting();
  const Pipeline pipeline(std::make_shared<Forgetful>());
  for (int time = 0; time < 2; ++time) {  // also where one was made before
    const RunResult result = pipeline.run(world, ids, collect);
    EXPECT_EQ(result.done, (std::vector<EntityId>{2, 4}));
    ASSERT_EQ(result.failed.size(), 2U);
    EXPECT_EQ(result.failed[0].code, ErrorCode::contract);
    EXPECT_NE(result.failed[0].message.find("has made no 'Made'"), std::string::npos);
  }
}

TEST(Scheduler, SubbandsLieWithinTheirItems) {
  World world(1 << 24);
  const EntityId id = world.spawn_latent(test::noise(4 * 8 * 8, 1), {4, 8, 8});
  const std::vector<Subband> beyond{{0, 1, Orientation::HL, 1'000'000'000'000, 8, 8}},
      long_one{{3, 0, Orientation::LL, 192, 8, 9}};
  for (const auto& subbands : {beyond, long_one}) {
    const Pipeline pipeline(std::make_shared<Forgetful>(subbands));
    EXPECT_ERROR(shape, "do not lie within (4, 8, 8)", (void)pipeline.run(world, {&id, 1}));
  }
}

}  // namespace
}  // namespace vaerans
