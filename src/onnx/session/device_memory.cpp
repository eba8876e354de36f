#include "onnx/session/device_memory.hpp"

#include <charconv>
#include <cstdint>
#include <utility>

#include "vaerans/base/error.hpp"

namespace vaerans::onnx {
namespace {

// ONNX is protobuf: fields of a number and a value, which is a whole number or text, and messages are text of fields.
std::string number(char field, char value) { return {static_cast<char>(field << 3), value}; }
std::string text(int field, std::string_view value) {
  std::string out{static_cast<char>(field << 3 | 2)};
  for (std::size_t left = value.size(); true; left >>= 7) {
    const bool last = left < 128;
    out += static_cast<char>((left & 127) | (last ? 0 : 128));
    if (last) return out.append(value);
  }
}

std::string node(const char* type, std::string_view from, std::string_view to, const std::string& more = {}) {
  return text(1, text(1, from) + more + text(2, to) + text(4, type));
}
/// A float32 tensor of any shape.
std::string port(int field, std::string_view name) {
  return text(field, text(1, name) + text(2, text(1, number(1, 1))));
}

/// values = x; sums = Σ (x − x) of each item: 0, or NaN where one number is NaN or infinite.
std::string reading_graph() {
  const std::string axes =
      text(1, "axes") + number(8, 1) + number(8, 2) + number(8, 3) + std::string("\xA0\x01\x07", 3);
  const std::string flat = text(1, "keepdims") + number(3, 0) + std::string("\xA0\x01\x02", 3);
  const std::string graph = node("Identity", "x", "values") + node("Sub", "x", "zeros", text(1, "x")) +
                            node("ReduceSum", "zeros", "sums", text(5, axes) + text(5, flat)) + text(2, "reader") +
                            port(11, "x") + port(12, "values") + port(12, "sums");
  return number(1, 7) + text(7, graph) + text(8, number(2, 11));  // IR version 7, opset 11
}

std::vector<std::int64_t> extents_of(const Ort::Value& tensor) { return tensor.GetTensorTypeAndShapeInfo().GetShape(); }

}  // namespace

std::optional<DeviceMemory> DeviceMemory::of(const std::vector<Provider>& providers) {
  if (providers.empty() || providers[0].name != "CUDAExecutionProvider") return std::nullopt;
  DeviceMemory memory{"Cuda", "CudaPinned", 0};
  for (const auto& [key, value] : providers[0].options) {
    if (key == "device_id") std::from_chars(value.data(), value.data() + value.size(), memory.id);
  }
  return memory;
}

DeviceReader::DeviceReader(DeviceMemory memory, const std::vector<Provider>& providers) : memory_(std::move(memory)) {
  const std::string graph = reading_graph();
  session_ = Ort::Session(environment(), graph.data(), graph.size(), session_options(providers, 1));
}

void DeviceReader::run(const Ort::Value& tensor, const char* output, std::span<std::byte> to,
                       std::span<const std::int64_t> extents) const try {
  Ort::IoBinding binding(session_);
  binding.BindInput("x", tensor);
  binding.BindOutput(
      output, Ort::Value::CreateTensor(Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault), to.data(),
                                       to.size(), extents.data(), extents.size(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT));
  session_.Run(Ort::RunOptions{nullptr}, binding);
  binding.SynchronizeOutputs();
} catch (const Ort::Exception& error) {
  throw Error(ErrorCode::inference, "reading the memory of device " + memory_.name + " failed: " + error.what());
}

void DeviceReader::copy(const Ort::Value& tensor, std::span<std::byte> to) const {
  run(tensor, "values", to, extents_of(tensor));
}

std::vector<bool> DeviceReader::non_finite(const Ort::Value& tensor) const {
  const auto extents = extents_of(tensor);
  std::vector<float> sums(static_cast<std::size_t>(extents.at(0)));
  run(tensor, "sums", std::as_writable_bytes(std::span(sums)), std::span(extents).first(1));
  std::vector<bool> out;
  for (const float sum : sums) out.push_back(sum != 0);  // NaN is not 0
  return out;
}

}  // namespace vaerans::onnx
