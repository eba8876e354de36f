// What both directions of the VAE share: the model behind a name, its side information in files, and the timings of
// the trace.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/memory.hpp"
#include "models/model.hpp"
#include "systems/vae/tiles.hpp"
#include "vaerans/core/system.hpp"
#include "vaerans/systems/vae.hpp"

namespace vaerans::vae {

/// A model by name or folder, looked up when it is first needed: a recipe can be built and printed without it.
class ModelHandle {
 public:
  explicit ModelHandle(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Throws Error(model_not_found), Error(model_invalid).
  [[nodiscard]] std::shared_ptr<const models::Model> open() const;
  /// What recipes and files say: the name. A folder's own path would mean nothing on another machine.
  [[nodiscard]] std::string name() const;

 private:
  std::string text_;
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const models::Model> model_;
};

/// The encoder's side information: what a file needs to be described without the model, and to refuse a wrong one.
struct SideInfo {
  static constexpr std::size_t hash_bytes = 8;
  std::string hash;  ///< first 16 hex digits of the decoder's SHA-256
  std::uint32_t factor = 0, channels = 0;
  std::optional<Grid> grid = {};  ///< the decoder's tiles, where their overlaps are blended

  static SideInfo of(const ModelInfo& info);
  /// Throws Error(corrupt_stream), Error(limit_exceeded): side information comes from files.
  static SideInfo parse(std::span<const std::byte> bytes, const Limits& limits);
  [[nodiscard]] ByteBuffer serialize() const;
};

/// The encoder's side information, checked to be of the same weights as this model's. Throws Error(model_mismatch).
[[nodiscard]] SideInfo checked_side_info(const TrailStep& encoding, const ModelInfo& info, const Limits& limits);

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

/// How the pictures of a group are cut for one half of a model, and how many windows go into one session.run.
struct Cut {
  Tiling tiling;
  std::uint64_t batch = 1;
  double window_bytes = 0;  ///< that one window takes in a run, as reckoned
  bool exact = false;       ///< decoders: the pixels are those of every machine

  [[nodiscard]] double run_bytes() const noexcept { return window_bytes * static_cast<double>(batch); }
  /// Appends "tiles" of each picture, "tile_height" and "tile_width" in pixels, and "run_bytes".
  void write(TraceRecord& trace, std::uint64_t factor) const;
};

/// The request for a group: as much memory as Limits.max_run_bytes, but no planes over a quarter of the arena.
[[nodiscard]] CutRequest cut_request(const Group& group, const Footprint& footprint, const Shape& latent,
                                     const ModelInfo& info, std::int64_t tile);

/// Batches are what the graph accepts, Limits.max_batch, and what the request's bytes hold, whichever is least.
/// `items`: pictures that may go together.
[[nodiscard]] Cut cut_for(const CutRequest& request, const Footprint& footprint, const std::optional<Grid>& recorded,
                          const ModelHalf& half, std::uint64_t items, const Limits& limits);

/// Whether the graph takes pictures of one size only.
[[nodiscard]] bool is_fixed(const ModelHalf& half) noexcept;

/// Whether one of the numbers is NaN or infinite.
[[nodiscard]] bool any_non_finite(std::span<const float> values) noexcept;

}  // namespace vaerans::vae
