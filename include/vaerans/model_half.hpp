// ModelHalf: the interface between the VAE systems and what runs a model: ONNX Runtime, a Python function, your code.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vaerans/core/deferred.hpp"
#include "vaerans/core/tensor.hpp"

namespace vaerans {

/// An input or output: planes (N, C, H, W). An extent of -1 is free.
struct PlanesPort {
  std::string name;
  std::vector<std::int64_t> extents{-1, -1, -1, -1};
  /// Whether a tensor of this shape may stand here, as far as the extents say.
  [[nodiscard]] bool accepts(const Shape& shape) const;
  [[nodiscard]] std::string str() const;  ///< "sample (?, 3, ?, ?)"
};

/// Planes (N, C, H, W), float32, that a half left in the memory of the device that it runs on.
class DevicePlanes : public DeferredValues {
 public:
  /// For each of the N items whether it holds NaN or infinite numbers. Throws Error(inference).
  [[nodiscard]] virtual std::vector<bool> non_finite() const = 0;
};

/// One half of a VAE, ready to run: an encoder or a decoder. All members must be safe to call from several threads.
class ModelHalf {
 public:
  ModelHalf() = default;
  virtual ~ModelHalf() = default;
  ModelHalf(const ModelHalf&) = delete;
  ModelHalf& operator=(const ModelHalf&) = delete;

  [[nodiscard]] virtual const PlanesPort& input() const noexcept = 0;
  [[nodiscard]] virtual const PlanesPort& output() const noexcept = 0;
  /// How errors call it: a path, or "encoder of model 'mine'".
  [[nodiscard]] virtual const std::string& label() const noexcept = 0;
  /// Something to tell about how it runs ("CUDA could not be used…"); mostly empty.
  [[nodiscard]] virtual std::string note() const { return {}; }
  /// Whether convolutions are sums of the products as they stand, in float32 and in whatever order: what decoders need
  /// whose cards say "exact". Other formulas (Winograd, FFT) and TF32 round elsewhere.
  [[nodiscard]] virtual bool sums_as_written() const noexcept { return false; }
  /// Whether it accepts one picture at a time only.
  [[nodiscard]] bool single() const noexcept { return !input().extents.empty() && input().extents[0] == 1; }

  /// Runs planes `in` into planes `out`, both float32, where they lie. `memory` keeps both alive and says that they are
  /// scratch: a backend may then hand out writable views of them that outlive the call; without it, it copies.
  /// Throws Error(model_invalid) where the ports do not take the shapes, Error(inference) for what fails inside.
  void run(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
           const std::shared_ptr<void>& memory = nullptr) const;

  /// Memory of the host that planes come from and go to fastest, such as pages that a GPU reads by itself; nullptr: any
  /// memory is as good.
  [[nodiscard]] virtual std::shared_ptr<void> transfer_memory(std::size_t bytes) const {
    (void)bytes;
    return nullptr;
  }

  /// run() whose result stays on the device; nullptr where the half runs in the host's memory.
  [[nodiscard]] std::shared_ptr<const DevicePlanes> run_to_device(const Shape& in_shape, std::span<const float> in,
                                                                  const Shape& out_shape) const;
  /// run() on what another half left on the device. False, and nothing was done, where this half cannot reach it.
  [[nodiscard]] bool run_from_device(const Shape& in_shape, const DevicePlanes& in, const Shape& out_shape,
                                     std::span<float> out) const;

 private:
  /// Spans have the size of their shapes, and the ports accept these.
  virtual void compute(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
                       const std::shared_ptr<void>& memory) const = 0;
  [[nodiscard]] virtual std::shared_ptr<const DevicePlanes> compute_to_device(const Shape&, std::span<const float>,
                                                                              const Shape&) const {
    return nullptr;
  }
  [[nodiscard]] virtual bool compute_from_device(const Shape&, const DevicePlanes&, const Shape&,
                                                 std::span<float>) const {
    return false;
  }
  void check(const Shape& in_shape, const Shape& out_shape) const;
};

}  // namespace vaerans
