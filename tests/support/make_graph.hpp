// Small ONNX graphs made on the spot: the few fields of the protobuf message that ONNX Runtime needs, written by hand.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/half.hpp"
#include "fixture.hpp"

namespace vaerans::test {

inline std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  return out + static_cast<char>(value);
}
inline std::string field(unsigned number, const std::string& bytes) {
  return varint(number << 3 | 2) + varint(bytes.size()) + bytes;
}
inline std::string field(unsigned number, std::uint64_t value) { return varint(number << 3) + varint(value); }

inline std::string node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::string& attributes = "") {
  std::string out;
  for (const auto& name : inputs) out += field(1, name);
  for (const auto& name : outputs) out += field(2, name);
  return out + field(4, op) + attributes;
}
inline std::string ints(const std::string& name, const std::vector<std::uint64_t>& values) {
  std::string list;
  for (const auto value : values) list += varint(value);
  return field(5, field(1, name) + field(8, list) + field(20, 7));
}

/// An encoder (convolution) or decoder (its transpose) by blocks: latent channel c < 3 is `gain` times the mean of
/// colour c over a block, and is painted back; further channels are 0.
struct Graph {
  bool decoder = false;
  std::uint64_t channels = 4;  ///< channels on the latent side, so 8 for 4 means and 4 log-variances
  std::uint64_t factor = 8;
  double gain = 1;
  std::uint64_t opset = 17, ir_version = 8;
  bool half = false;                       ///< float16 weights, inputs and outputs
  std::string external;                    ///< file for the weights
  std::vector<std::string> before, after;  ///< operators without parameters around the convolution
  std::string random;                      ///< an operator whose draw is added to the output
  std::string output = "out";              ///< its name
  std::string also;                        ///< a second output, before the random draw
};

inline std::string weights(const Graph& g) {
  const std::uint64_t block = g.factor * g.factor;
  std::string out;
  for (std::uint64_t c = 0; c < g.channels; ++c) {
    for (std::uint64_t color = 0; color < 3; ++color) {
      const double weight = c != color ? 0 : g.decoder ? 1 / g.gain : g.gain / static_cast<double>(block);
      const auto value = static_cast<float>(weight);
      const auto half = to_half(value);
      for (std::uint64_t i = 0; i < block; ++i) {
        out.append(g.half ? reinterpret_cast<const char*>(&half) : reinterpret_cast<const char*>(&value),
                   g.half ? 2 : 4);
      }
    }
  }
  return out;
}

inline std::string value_info(const std::string& name, std::uint64_t type, std::uint64_t channels) {
  std::string shape;
  for (const std::string& axis : {std::string("n"), std::string(), name + "_h", name + "_w"}) {
    shape += field(1, axis.empty() ? field(1, channels) : field(2, axis));
  }
  return field(1, name) + field(2, field(1, field(1, type) + field(2, shape)));
}

/// The file's bytes; external weights are written beside `folder` as they are named.
inline std::string make(const Graph& g, const fs::path& folder = {}) {
  const std::uint64_t type = g.half ? 10 : 1;
  std::string tensor;
  for (const std::uint64_t extent : {g.channels, std::uint64_t{3}, g.factor, g.factor}) tensor += field(1, extent);
  tensor += field(2, type) + field(8, std::string("w"));
  if (g.external.empty()) {
    tensor += field(9, weights(g));
  } else {
    write_text(folder / g.external, weights(g));
    tensor += field(13, field(1, std::string("location")) + field(2, g.external)) + field(14, std::uint64_t{1});
  }
  std::vector<std::string> ops = g.before;
  ops.push_back(g.decoder ? "ConvTranspose" : "Conv");
  ops.insert(ops.end(), g.after.begin(), g.after.end());
  std::string body, last = "in";
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const bool final = i + 1 == ops.size();
    const std::string next = !final             ? "t" + std::to_string(i)
                             : g.random.empty() ? g.output
                             : g.also.empty()   ? "mean"
                                                : g.also;
    const bool conv = ops[i].starts_with("Conv");
    std::vector<std::string> inputs{last};
    if (conv) inputs.push_back("w");
    if (ops[i] == "Clip") inputs.insert(inputs.end(), {"zero", "one"});
    body += field(1, node(ops[i], inputs, {next}, conv ? ints("strides", {g.factor, g.factor}) : ""));
    last = next;
  }
  if (!g.random.empty()) {
    body += field(1, node(g.random, {last}, {"noise"}));
    body += field(1, node("Add", {last, "noise"}, {g.output}));
  }
  body += field(2, std::string("test")) + field(5, tensor);
  for (const auto& [name, value] : {std::pair{"zero", 0.0F}, std::pair{"one", 1.0F}}) {
    body += field(5, field(2, std::uint64_t{1}) + field(8, std::string(name)) +
                         field(9, std::string(reinterpret_cast<const char*>(&value), 4)));
  }
  body += field(11, value_info("in", type, g.decoder ? g.channels : 3));
  body += field(12, value_info(g.output, type, g.decoder ? 3 : g.channels));
  if (!g.also.empty()) body += field(12, value_info(g.also, type, g.channels));
  return field(1, g.ir_version) + field(7, body) + field(8, field(2, g.opset));
}

/// encoder.onnx and decoder.onnx of one kind in a folder.
inline void write_pair(const fs::path& folder, Graph encoder, std::uint64_t latent_channels,
                       const std::string& encoder_file = "encoder.onnx",
                       const std::string& decoder_file = "decoder.onnx") {
  fs::create_directories((folder / encoder_file).parent_path());
  fs::create_directories((folder / decoder_file).parent_path());
  write_text(folder / encoder_file, make(encoder, (folder / encoder_file).parent_path()));
  Graph decoder;
  decoder.decoder = true;
  decoder.channels = latent_channels;
  decoder.factor = encoder.factor;
  decoder.gain = encoder.gain;
  decoder.half = encoder.half;
  write_text(folder / decoder_file, make(decoder));
}

}  // namespace vaerans::test
