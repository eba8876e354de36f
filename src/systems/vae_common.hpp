// What both directions of the VAE share: the model behind a name, its record in files, the clock of the trace.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "onnx/model.hpp"
#include "vaerans/core/system.hpp"
#include "vaerans/systems/vae.hpp"

namespace vaerans::vae {

inline constexpr std::string_view default_model = "photo-f8c4";

/// A model by name or folder, looked up when it is first needed: a recipe can be built and printed without it.
class ModelHandle {
 public:
  explicit ModelHandle(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Throws Error(model_not_found), Error(model_invalid).
  [[nodiscard]] std::shared_ptr<const onnx::Model> open() const;
  /// What recipes and files say: the name. A folder's own path would mean nothing on another machine.
  [[nodiscard]] std::string name() const;

 private:
  std::string text_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const onnx::Model> model_;
};

/// The encoder's side information: what a file needs to be described without the model, and to refuse a wrong one.
struct Record {
  static constexpr std::size_t hash_bytes = 8, bytes = hash_bytes + 3;
  std::string hash;  ///< first 16 hex digits of the decoder's SHA-256
  std::uint32_t factor = 0, channels = 0;

  static Record of(const ModelInfo& info);
  /// Throws Error(corrupt_stream), Error(limit_exceeded): records come from files.
  static Record parse(std::span<const std::byte> bytes, const Limits& limits);
  [[nodiscard]] std::array<std::byte, bytes> serialise() const;
};

/// Seconds of each part of a step, and how often the model ran.
class Timing {
 public:
  template <typename Work>
  auto load(Work&& work) {
    return timed(load_, work);
  }
  template <typename Work>
  auto session(Work&& work) {
    ++runs_;
    return timed(session_, work);
  }
  template <typename Work>
  auto pixels(Work&& work) {
    return timed(pixels_, work);
  }
  /// Appends "load_seconds", "session_seconds", "pixel_seconds", "session_runs" and "batch" (the largest one).
  void write(TraceRecord& trace, std::uint64_t batch) const;

 private:
  template <typename Work>
  static auto timed(double& sum, Work&& work) {
    struct Clock {
      double& sum;
      std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
      ~Clock() { sum += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(); }
    } const clock{sum};
    return work();
  }
  double load_ = 0, session_ = 0, pixels_ = 0;
  std::uint64_t runs_ = 0;
};

/// How to run under this context; `providers` as given to the system.
[[nodiscard]] onnx::Execution execution(const Context& context, const std::string& providers);

/// Pictures for one session.run: the limit in force, what the graph accepts, and a quarter of the arena for their float
/// planes (`bytes_each`), whichever is least; at least 1.
[[nodiscard]] std::uint64_t batch_size(const Group& group, const ModelHalf& half, std::uint64_t bytes_each);

/// Whether one of the numbers is NaN or infinite.
[[nodiscard]] bool any_non_finite(std::span<const float> values) noexcept;

}  // namespace vaerans::vae
