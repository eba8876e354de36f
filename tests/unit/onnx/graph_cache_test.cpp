// Optimised graphs on disk: found again, made again when damaged, shared by threads, and the results are the same.
#include "onnx/graph_cache.hpp"

#include <algorithm>
#include <thread>

#include "make_graph.hpp"
#include "onnx/graph/file.hpp"
#include "onnx/session.hpp"

namespace vaerans {
namespace {

using onnx::GraphFile;
using onnx::Session;
using test::TempFolder;
using test::Variable;
using test::fs::path;

std::vector<path> files_of(const path& folder) {
  std::vector<path> files;
  if (!test::fs::exists(folder)) return files;
  for (const auto& entry : test::fs::directory_iterator(folder)) files.push_back(entry.path());
  return files;
}

class GraphCache : public ::testing::Test {
 protected:
  /// A convolution wide enough for ONNX Runtime to change its layout, with something to fuse.
  GraphFile graph(const std::string& name = "encoder.onnx", double gain = 1) {
    test::Graph g;
    g.channels = 16;
    g.gain = gain;
    g.after = {"Relu"};
    test::write_text(models_.path() / name, test::make(g));
    return onnx::read_graph_file(models_.path() / name);
  }
  static std::vector<float> run(const Session& session) {
    std::vector<float> in(std::size_t{3} * 64 * 64), out(std::size_t{16} * 8 * 8);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i * 7919 % 1009) / 500 - 1;
    session.run(Shape{1, 3, 64, 64}, in, Shape{1, 16, 8, 8}, out);
    return out;
  }
  static std::vector<float> run(const GraphFile& graph, const char* device = "cpu") {
    return run(*Session::load(graph, {device, "", 2}));
  }

  TempFolder models_, cache_;
  path folder_ = cache_.path() / "made" / "when needed";
  Variable cached_{"VAERANS_GRAPH_CACHE", folder_.c_str()};
};

TEST_F(GraphCache, TheSameBytesWithAndWithoutIt) {
  const GraphFile g = graph();
  std::vector<float> without;
  {
    const Variable off("VAERANS_GRAPH_CACHE", "off");
    without = run(g);
  }
  EXPECT_TRUE(files_of(folder_).empty());
  EXPECT_EQ(run(g), without) << "while it is made";
  ASSERT_EQ(files_of(folder_).size(), 1U) << "no draft is left";
  EXPECT_EQ(run(g), without) << "from the cache";
  EXPECT_EQ(files_of(folder_).size(), 1U);
}

TEST_F(GraphCache, ItIsReallyUsed) {
  const GraphFile g = graph();
  const auto wanted = run(g);
  // Another graph under the name of the first: a session that comes from the cache still gives the first one's values.
  (void)graph("encoder.onnx", 2);
  EXPECT_EQ(run(g), wanted);
  const Variable off("VAERANS_GRAPH_CACHE", "off");
  EXPECT_NE(run(g), wanted);
}

TEST_F(GraphCache, AnotherGraphInItsPlaceIsNotTaken) {
  const GraphFile g = graph();
  const auto wanted = run(g);
  const path kept = files_of(folder_).at(0);
  const std::string good = test::read_text(kept);
  (void)run(graph("other.onnx", 2));
  const auto all = files_of(folder_);
  ASSERT_EQ(all.size(), 2U);
  const path other = all[0] == kept ? all[1] : all[0];
  test::fs::copy_file(other, kept, test::fs::copy_options::overwrite_existing);
  EXPECT_EQ(run(g), wanted);
  EXPECT_EQ(test::read_text(kept), good) << "made again";
}

TEST_F(GraphCache, WhatOthersMayWriteToIsNotRead) {
  const GraphFile g = graph();
  const auto wanted = run(g);
  const path kept = files_of(folder_).at(0);
  EXPECT_EQ(test::fs::status(folder_).permissions(), test::fs::perms::owner_all);
  (void)graph("encoder.onnx", 2);  // what a session gives that is not from the cache
  for (const path& open : {kept, folder_}) {
    const auto before = test::fs::status(open).permissions();
    test::fs::permissions(open, before | test::fs::perms::group_write);
    EXPECT_NE(run(g), wanted) << open;
    test::fs::permissions(open, before);
  }
}

TEST_F(GraphCache, DamagedFilesAreMadeAgain) {
  const GraphFile g = graph();
  const auto wanted = run(g);
  const path kept = files_of(folder_).at(0);
  const std::string good = test::read_text(kept);
  std::string flipped = good;
  flipped[good.size() / 2] = static_cast<char>(flipped[good.size() / 2] ^ 4);
  for (const std::string& bad : {std::string(), good.substr(0, good.size() / 2), flipped, good + "x", good.substr(1)}) {
    test::write_text(kept, bad);
    EXPECT_EQ(run(g), wanted);
    EXPECT_EQ(test::read_text(kept), good) << bad.size();
  }
}

TEST_F(GraphCache, OtherGraphsHaveOtherPlaces) {
  EXPECT_NE(run(graph("a.onnx", 1)), run(graph("b.onnx", 2)));
  EXPECT_EQ(files_of(folder_).size(), 2U);
}

TEST_F(GraphCache, WeightsBesideTheGraph) {
  test::Graph g;
  g.external = "weights";
  test::write_text(models_.path() / "m.onnx", test::make(g, models_.path()));
  const GraphFile file = onnx::read_graph_file(models_.path() / "m.onnx");
  const auto session = [&] { return Session::load(file, {"cpu", "", 1}); };
  std::vector<float> in(192, 0.5F), first(4), second(4);
  session()->run(Shape{1, 3, 8, 8}, in, Shape{1, 4, 1, 1}, first);
  ASSERT_EQ(files_of(folder_).size(), 1U);
  session()->run(Shape{1, 3, 8, 8}, in, Shape{1, 4, 1, 1}, second);
  EXPECT_EQ(first, second);
  EXPECT_NEAR(first[0], 0.5, 1e-6);
}

TEST_F(GraphCache, FoldersThatCannotBeWrittenDoNotMatter) {
  test::write_text(cache_.path() / "file", "");
  const path inside = cache_.path() / "file" / "folder";
  const Variable there("VAERANS_GRAPH_CACHE", inside.c_str());
  EXPECT_EQ(run(graph()).size(), 1024U);
}

TEST_F(GraphCache, ManyThreadsAtOnce) {
  const GraphFile g = graph();
  const auto wanted = run(g);
  test::fs::remove_all(folder_);
  std::vector<std::vector<float>> got(8);
  std::vector<std::thread> threads;
  for (auto& one : got) threads.emplace_back([&] { one = run(g); });
  for (auto& thread : threads) thread.join();
  for (const auto& one : got) EXPECT_EQ(one, wanted);
  EXPECT_EQ(files_of(folder_).size(), 1U);
}

TEST_F(GraphCache, TheLeastRecentlyUsedGoFirst) {
  (void)run(graph());
  const path kept = files_of(folder_).at(0);
  const auto now = test::fs::file_time_type::clock::now();
  const auto make = [&](const char* name, std::uint64_t bytes, std::chrono::hours age) {
    test::write_text(folder_ / name, "");
    test::fs::resize_file(folder_ / name, bytes);  // with holes: takes no room
    test::fs::last_write_time(folder_ / name, now - age);
  };
  using std::chrono::hours;
  make("recent.onnx", onnx::graph_cache_bytes / 2, hours(1));
  make("older.onnx", onnx::graph_cache_bytes / 2, hours(2));
  make(".draft-old", 10, hours(2));
  make(".draft-new", 10, hours(0));
  (void)run(graph("next.onnx", 3));
  EXPECT_TRUE(test::fs::exists(kept));
  EXPECT_TRUE(test::fs::exists(folder_ / "recent.onnx"));
  EXPECT_FALSE(test::fs::exists(folder_ / "older.onnx"));
  EXPECT_FALSE(test::fs::exists(folder_ / ".draft-old"));
  EXPECT_TRUE(test::fs::exists(folder_ / ".draft-new")) << "another process may be at it";
}

TEST(GraphCacheFolder, VariablesInOrder) {
  const Variable none("VAERANS_GRAPH_CACHE", nullptr), home("HOME", "/some/home");
  {
    const Variable xdg("XDG_CACHE_HOME", "/some/cache");
    EXPECT_EQ(onnx::graph_cache_folder(), path("/some/cache/vaerans/graphs"));
    const Variable own("VAERANS_GRAPH_CACHE", "/own");
    EXPECT_EQ(onnx::graph_cache_folder(), path("/own"));
    const Variable off("VAERANS_GRAPH_CACHE", "off");
    EXPECT_TRUE(onnx::graph_cache_folder().empty());
  }
  const Variable xdg("XDG_CACHE_HOME", nullptr);
  EXPECT_EQ(onnx::graph_cache_folder(), path("/some/home/.cache/vaerans/graphs"));
  const Variable no_home("HOME", nullptr);
  EXPECT_TRUE(onnx::graph_cache_folder().empty());
}

}  // namespace
}  // namespace vaerans
