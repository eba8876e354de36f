// How far networks look, read off their graphs.
#include "onnx/graph/receptive_field.hpp"

#include <sstream>

#include "make_graph.hpp"

namespace vaerans {
namespace {

using onnx::ReceptiveField;
using test::field;
using test::ints;
using test::node;

std::string integer(const std::string& name, std::uint64_t value) { return field(5, field(1, name) + field(3, value)); }
std::string text(const std::string& name, const std::string& value) {
  return field(5, field(1, name) + field(4, value));
}
std::string tensor(const std::vector<std::uint64_t>& extents, const std::string& name, const std::string& raw,
                   std::uint64_t type) {
  std::string out;
  for (const auto extent : extents) out += field(1, extent);
  return out + field(2, type) + field(8, name) + field(9, raw);
}
template <typename T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}
std::string whole_numbers(const std::string& name, const std::vector<std::int64_t>& values) {
  return node("Constant", {}, {name},
              field(5, field(1, std::string("value")) + field(5, tensor({values.size()}, "", raw(values), 7))));
}

ReceptiveField receptive_field(const std::vector<std::string>& nodes, const std::string& more = "") {
  std::string graph;
  for (const auto& n : nodes) graph += field(1, n);
  const std::string weights = field(5, tensor({1, 1, 3, 3}, "w", "", 1));
  const std::string bytes = field(7, graph + more + weights + field(12, field(1, std::string("out"))));
  std::istringstream in(bytes);
  return onnx::receptive_field_of(onnx::scan_graph(in, bytes.size(), "m.onnx"));
}

std::string conv(std::uint64_t kernel, std::uint64_t stride, std::uint64_t padding, std::uint64_t dilation,
                 const std::string& from, const std::string& to) {
  return node("Conv", {from, "w"}, {to},
              ints("kernel_shape", {kernel, kernel}) + ints("strides", {stride, stride}) +
                  ints("pads", {padding, padding, padding, padding}) + ints("dilations", {dilation, dilation}));
}

void expect_local(const ReceptiveField& r, std::uint64_t halo, std::uint64_t grain = 1) {
  EXPECT_TRUE(r.local);
  EXPECT_EQ(r.halo, halo);
  EXPECT_EQ(r.grain, grain);
}

TEST(GraphReach, Convolutions) {
  expect_local(receptive_field({conv(3, 1, 1, 1, "in", "out")}), 1);
  expect_local(receptive_field({conv(3, 1, 2, 2, "in", "out")}), 2);
  expect_local(receptive_field({conv(8, 8, 0, 1, "in", "out")}), 0, 8);
  expect_local(receptive_field({conv(3, 2, 1, 1, "in", "a"), conv(3, 1, 1, 1, "a", "out")}), 1 + 2, 2);
  expect_local(receptive_field({conv(3, 1, 1, 1, "in", "a"), node("Relu", {"a"}, {"b"}), conv(5, 1, 2, 1, "b", "c"),
                                node("Add", {"c", "in"}, {"out"})}),
               3);
}

TEST(GraphReach, UpAndDown) {
  const auto shuffle = [](const char* op, std::uint64_t block, const char* from, const char* to) {
    return node(op, {from}, {to}, integer("blocksize", block));
  };
  expect_local(receptive_field(
                   {conv(3, 1, 1, 1, "in", "a"), shuffle("DepthToSpace", 2, "a", "b"), conv(3, 1, 1, 1, "b", "out")}),
               2);
  expect_local(receptive_field({shuffle("SpaceToDepth", 4, "in", "a"), conv(3, 1, 1, 1, "a", "out")}), 4, 4);
  const std::string up = node("ConvTranspose", {"in", "w"}, {"out"},
                              ints("kernel_shape", {4, 4}) + ints("strides", {2, 2}) + ints("pads", {1, 1, 1, 1}));
  expect_local(receptive_field({up}), 1);
  const std::string scales = field(5, tensor({4}, "s", raw(std::vector<float>{1, 1, 2, 2}), 1));
  expect_local(receptive_field({node("Resize", {"in", "", "s"}, {"out"}, text("mode", "nearest"))}, scales), 0);
  EXPECT_FALSE(receptive_field({node("Resize", {"in", "", "s"}, {"out"}, text("mode", "linear"))}, scales).local);
}

std::vector<std::string> unshuffle(std::int64_t axis) {
  return {whole_numbers("1", {axis}),
          node("Unsqueeze", {"in", "1"}, {"a"}),
          whole_numbers("2", {0, 0, -1, 8, 0}),
          node("Reshape", {"a", "2"}, {"b"}),
          whole_numbers("3", {0, 0, 0, 0, -1, 8}),
          node("Reshape", {"b", "3"}, {"c"}),
          node("Transpose", {"c"}, {"d"}, ints("perm", {0, 1, 3, 5, 2, 4})),
          whole_numbers("4", {0, -1, 1, 1, 0, 0}),
          node("Reshape", {"d", "4"}, {"e"}),
          whole_numbers("5", {2, 3}),
          node("Squeeze", {"e", "5"}, {"out"})};
}

TEST(GraphReach, SpaceToDepthAsPyTorchSpellsIt) {
  expect_local(receptive_field(unshuffle(3)), 0, 8);
  EXPECT_FALSE(receptive_field(unshuffle(2)).local);
  auto cut = unshuffle(3);
  cut.resize(8);
  cut.back() = node("Relu", {"d"}, {"out"});
  EXPECT_FALSE(receptive_field(cut).local) << "not finished";
}

TEST(GraphReach, WhatLooksEverywhere) {
  for (const char* op :
       {"Softmax", "InstanceNormalization", "ReduceMean", "GlobalAveragePool", "MatMul", "Pad", "If"}) {
    EXPECT_FALSE(
        receptive_field({conv(3, 1, 1, 1, "in", "a"), node(op, {"a"}, {"b"}), node("Add", {"a", "b"}, {"out"})}).local)
        << op;
  }
  EXPECT_FALSE(receptive_field({conv(3, 1, 0, 1, "in", "out")}).local) << "the result is smaller";
  EXPECT_FALSE(receptive_field({node("Relu", {"in"}, {"out"}, "") + field(7, std::string("my.domain"))}).local);
}

TEST(GraphReach, ConstantsThatKnowTheirPlace) {
  const auto add = [](const std::vector<std::uint64_t>& extents) {
    return receptive_field({node("Add", {"in", "c"}, {"out"})}, field(5, tensor(extents, "c", "", 1)));
  };
  EXPECT_TRUE(add({1, 4, 1, 1}).local);
  EXPECT_TRUE(add({}).local);
  EXPECT_FALSE(add({1, 4, 16, 16}).local);
  EXPECT_FALSE(add({16}).local);
}

TEST(GraphReach, RealModels) {
  for (const auto& entry : test::fs::directory_iterator(test::model_data())) {
    for (const char* half : {"encoder.onnx", "decoder.onnx"}) {
      const ReceptiveField r = onnx::receptive_field_of(onnx::scan_graph(entry.path() / half));
      EXPECT_TRUE(r.local && r.halo == 0) << entry.path();
    }
  }
  for (const auto& entry : test::fs::directory_iterator(test::fs::path(VAERANS_TEST_DATA).parent_path() / "models")) {
    if (!test::fs::exists(entry.path() / "encoder.onnx")) continue;  // the list, and the folder of those of before
    const ReceptiveField encoder = onnx::receptive_field_of(onnx::scan_graph(entry.path() / "encoder.onnx"));
    const ReceptiveField decoder = onnx::receptive_field_of(onnx::scan_graph(entry.path() / "decoder.onnx"));
    EXPECT_TRUE(encoder.local && decoder.local) << entry.path();
    EXPECT_TRUE(encoder.halo > 16 && encoder.halo <= 160) << encoder.halo;
    EXPECT_TRUE(decoder.halo > 2 && decoder.halo <= 20) << decoder.halo;
    EXPECT_TRUE(encoder.largest > 4 && decoder.largest > 4 * 64) << "bytes for each pixel and latent sample";
  }
}

}  // namespace
}  // namespace vaerans
