// Looking through ONNX files, whole and hostile.
#include "onnx/graph/scan.hpp"

#include <random>
#include <sstream>

#include "make_graph.hpp"

namespace vaerans {
namespace {

using onnx::GraphFacts;
using test::field;
using test::Graph;
using test::make;
using test::node;

GraphFacts scan(const std::string& bytes) {
  std::istringstream in(bytes);
  return onnx::scan_graph(in, bytes.size(), "m.onnx");
}

std::string model(const std::string& graph) { return field(1, std::uint64_t{8}) + field(7, graph); }

TEST(GraphScan, TellsWhatIsThere) {
  Graph g;
  g.opset = 18;
  g.half = true;
  const GraphFacts facts = scan(make(g));
  EXPECT_EQ(facts.opset, 18);
  EXPECT_EQ(facts.ir_version, 8);
  EXPECT_EQ(facts.outputs, std::vector<std::string>{"out"});
  EXPECT_TRUE(facts.half);
  EXPECT_TRUE(facts.external.empty());
  EXPECT_TRUE(facts.random.empty());
  EXPECT_FALSE(scan(make(Graph{})).half);
}

TEST(GraphScan, RealFiles) {
  for (const auto& entry : test::fs::directory_iterator(test::model_data())) {
    const GraphFacts facts = onnx::scan_graph(entry.path() / "encoder.onnx");
    EXPECT_EQ(facts.opset, 17) << entry.path();
    EXPECT_EQ(facts.outputs, std::vector<std::string>{"latent"}) << entry.path();
  }
}

TEST(GraphScan, RandomNumbersByTheirWay) {
  Graph g;
  g.random = "RandomNormalLike";
  g.output = "latent_sample";
  g.also = "latent_parameters";
  const GraphFacts facts = scan(make(g));
  EXPECT_EQ(facts.random, (std::map<std::string, std::string>{{"latent_sample", "RandomNormalLike"}}));
  EXPECT_EQ(facts.preferred_output(), "latent_parameters");
}

TEST(GraphScan, TheSteadyOutputIsPreferred) {
  Graph g;
  g.random = "Bernoulli";
  g.also = "z";
  EXPECT_EQ(scan(make(g)).preferred_output(), "z");
}

TEST(GraphScan, RandomNumbersInBranchesAndFunctions) {
  const std::string inner = field(1, node("RandomNormal", {}, {"r"})) + field(1, node("Add", {"r", "x"}, {"y"}));
  const std::string branch = field(5, field(1, std::string("then_branch")) + field(6, inner));
  EXPECT_EQ(scan(model(field(1, node("If", {"c"}, {"out"}, branch)) + field(12, field(1, std::string("out")))))
                .random.at("out"),
            "RandomNormal");
  const std::string function = field(25, field(1, std::string("Draw")) + field(7, node("RandomUniform", {}, {"u"})));
  const std::string caller = field(1, node("Draw", {"in"}, {"out"})) + field(12, field(1, std::string("out")));
  EXPECT_EQ(scan(model(caller) + function).random.at("out"), "RandomUniform");
  const std::string other = field(1, node("Relu", {"in"}, {"out"})) + field(12, field(1, std::string("out")));
  EXPECT_TRUE(scan(model(other) + function).random.empty());
}

TEST(GraphScan, ACycleEnds) {
  const std::string body = field(1, node("Relu", {"b"}, {"a"})) + field(1, node("Relu", {"a"}, {"b"}));
  EXPECT_TRUE(scan(model(body + field(12, field(1, std::string("a"))))).random.empty());
}

TEST(GraphScan, ExternalWeightsAreNamedOnce) {
  const test::TempFolder folder;
  Graph g;
  g.external = "model.onnx_data";
  EXPECT_EQ(scan(make(g, folder.path())).external, std::vector<std::string>{"model.onnx_data"});
}

TEST(GraphScan, NoGraph) {
  for (const std::string& bytes :
       {std::string(), std::string("hello, I am a text file"), std::string(64, '\0'), std::string(64, '\xFF'),
        field(1, std::uint64_t{8}), std::string("PK\x03\x04 a zip file, say")}) {
    EXPECT_ERROR(scan(bytes), ErrorCode::model_invalid, "m.onnx: ");
  }
}

TEST(GraphScan, EveryTruncationIsAnError) {
  const std::string whole = make(Graph{});
  const std::size_t opset = field(8, field(2, std::uint64_t{17})).size();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    if (size == whole.size() - opset) continue;  // a whole message, without an opset: ONNX Runtime's to refuse
    EXPECT_ERROR(scan(whole.substr(0, size)), ErrorCode::model_invalid, "m.onnx: ");
  }
}

TEST(GraphScan, FlippedBytesDoNoHarm) {
  const std::string whole = make(Graph{});
  std::mt19937 bits(1);
  std::size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes = whole;
    for (int i = 0; i < 3; ++i) bytes[bits() % std::min<std::size_t>(bytes.size(), 400)] = static_cast<char>(bits());
    try {
      (void)scan(bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::model_invalid) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(refused, 100U);
}

TEST(GraphScan, NestingIsBounded) {
  std::string graph = field(1, node("Relu", {"in"}, {"out"}));
  for (int depth = 0; depth < 40; ++depth) graph = field(1, node("If", {}, {"out"}, field(5, field(6, graph))));
  EXPECT_ERROR(scan(model(graph)), ErrorCode::model_invalid, "nested more than 16 deep");
}

TEST(GraphScan, NamesAreBounded) {
  const std::string graph = field(1, node(std::string(100000, 'a'), {"in"}, {"out"}));
  EXPECT_ERROR(scan(model(graph)), ErrorCode::model_invalid, "names are longer");
}

TEST(GraphScan, MemoryIsBounded) {
  std::string nodes;
  for (int i = 0; i < 1 << 20; ++i) nodes += field(1, std::string());
  EXPECT_ERROR(scan(model(nodes)), ErrorCode::model_invalid, "more nodes and names");
  std::string names;
  for (int i = 0; i < 1 << 22; ++i) names += field(1, std::string());
  EXPECT_ERROR(scan(model(field(1, names))), ErrorCode::model_invalid, "more nodes and names");
  std::string outputs = field(1, node("Relu", {"in"}, {"out"}));
  for (int i = 0; i < 100; ++i) outputs += field(12, field(1, std::string("out")));
  EXPECT_ERROR(scan(model(outputs)), ErrorCode::model_invalid, "more than 64 outputs");
}

TEST(Half, EveryValueComesBack) {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const bool nan = (bits & 0x7C00U) == 0x7C00U && (bits & 0x3FFU) != 0;
    const float value = from_half(half);
    if (nan) {
      EXPECT_TRUE(std::isnan(value) && std::isnan(from_half(to_half(value))));
    } else {
      ASSERT_EQ(to_half(value), half) << value;
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  for (std::uint32_t bits = 0; bits + 1 < 0x7C00; ++bits) {
    const float low = from_half(static_cast<std::uint16_t>(bits));
    const float high = from_half(static_cast<std::uint16_t>(bits + 1));
    const float middle = (low + high) / 2;
    const auto even = static_cast<std::uint16_t>(bits % 2 == 0 ? bits : bits + 1);
    ASSERT_EQ(to_half(middle), even) << middle;
    ASSERT_EQ(to_half(std::nextafter(middle, 0.0F)), bits);
    ASSERT_EQ(to_half(-std::nextafter(middle, 1e9F)), (bits + 1) | 0x8000U);
  }
  EXPECT_EQ(to_half(65519.0F), 0x7BFF);
  EXPECT_EQ(to_half(65520.0F), 0x7C00);
  EXPECT_EQ(to_half(-1e30F), 0xFC00);
}

}  // namespace
}  // namespace vaerans
