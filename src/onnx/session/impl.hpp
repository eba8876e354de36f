// What a Session holds of ONNX Runtime. Included by src/onnx/*.cpp only.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "onnx/session.hpp"
#include "onnx/session/device_memory.hpp"

namespace vaerans::onnx {

struct Session::Impl {
  Ort::Session session{nullptr};
  std::vector<Provider> providers;     ///< that it runs on
  std::optional<DeviceMemory> device;  ///< where its results may stay

  /// What brings them to the host, made when something has stayed for the first time.
  std::shared_ptr<const DeviceReader> reader() {
    const std::scoped_lock lock(mutex_);
    if (!reader_) reader_ = std::make_shared<const DeviceReader>(*device, providers);
    return reader_;
  }
  /// The pool of page-locked memory. Throws Ort::Exception.
  std::shared_ptr<Ort::Allocator> pinned() {
    const std::scoped_lock lock(mutex_);
    if (!pinned_) pinned_ = std::make_shared<Ort::Allocator>(session, device->pinned_info());
    return pinned_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<const DeviceReader> reader_;
  std::shared_ptr<Ort::Allocator> pinned_;
};

}  // namespace vaerans::onnx
