// What sessions leave in the memory of their provider's device, and how the host gets it. Included by src/onnx/*.cpp
// only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "onnx/ort.hpp"
#include "onnx/providers.hpp"
#include "vaerans/core/tensor.hpp"
#include "vaerans/model_half.hpp"

namespace vaerans::onnx {

/// The memory of one device, as ONNX Runtime calls it.
struct DeviceMemory {
  std::string name;    ///< "Cuda"
  std::string pinned;  ///< memory of the host that it reads by itself: "CudaPinned"
  int id = 0;
  bool operator==(const DeviceMemory&) const = default;
  [[nodiscard]] Ort::MemoryInfo info() const { return {name.c_str(), OrtDeviceAllocator, id, OrtMemTypeDefault}; }
  [[nodiscard]] Ort::MemoryInfo pinned_info() const {
    return {pinned.c_str(), OrtDeviceAllocator, 0, OrtMemTypeCPUOutput};
  }

  /// Where sessions on these providers can leave what they make; nullopt: in the host's memory only.
  static std::optional<DeviceMemory> of(const std::vector<Provider>& providers);
};

/// Looks at tensors of a device for the host: a graph of three nodes on the same providers, which is the one way to
/// copy that every version of ONNX Runtime and every provider has.
class DeviceReader {
 public:
  /// Throws Ort::Exception where the providers do not start.
  DeviceReader(DeviceMemory memory, const std::vector<Provider>& providers);

  [[nodiscard]] const DeviceMemory& memory() const noexcept { return memory_; }
  /// Copies a tensor's values. Throws Error(inference).
  void copy(const Ort::Value& tensor, std::span<std::byte> to) const;
  /// For each item of the first axis whether it holds NaN or infinite numbers. Throws Error(inference).
  [[nodiscard]] std::vector<bool> non_finite(const Ort::Value& tensor) const;

 private:
  void run(const Ort::Value& tensor, const char* output, std::span<std::byte> to,
           std::span<const std::int64_t> extents) const;

  DeviceMemory memory_;
  mutable Ort::Session session_{nullptr};
};

/// A tensor in a device's memory. It is given back when nobody holds this any more.
class DeviceTensor final : public DevicePlanes {
 public:
  DeviceTensor(Ort::Value tensor, std::shared_ptr<const DeviceReader> reader)
      : tensor_(std::move(tensor)), reader_(std::move(reader)) {}

  void fetch(std::span<std::byte> to) const override { reader_->copy(tensor_, to); }
  [[nodiscard]] std::vector<bool> non_finite() const override { return reader_->non_finite(tensor_); }

  [[nodiscard]] const Ort::Value& tensor() const noexcept { return tensor_; }
  [[nodiscard]] const DeviceMemory& memory() const noexcept { return reader_->memory(); }

 private:
  Ort::Value tensor_;
  std::shared_ptr<const DeviceReader> reader_;
};

}  // namespace vaerans::onnx
