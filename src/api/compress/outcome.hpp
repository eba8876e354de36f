// What has become of the pictures of one call: files, and failures.
#pragma once

#include <map>

#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// Collects files and failures by entity. Under OnError::raise the first failure is thrown instead.
class Outcome {
 public:
  explicit Outcome(const Context& context) : context_(context) {}

  RunResult result;
  std::map<EntityId, Bytes> files;

  /// Runs `work()` and turns what it throws into a failure of the entity at `step`, unless errors are to be raised.
  template <typename Work>
  void guarded(EntityId entity, const char* step, Work work) {
    try {
      work();
    } catch (const Error& error) {
      if (context_.on_error == OnError::raise) throw;
      result.failed.push_back({entity, step, error.code(), error.what()});
    }
  }

  /// Keeps a file whose header a decoder with the same limits will accept.
  void keep(EntityId entity, Bytes file) {
    guarded(entity, "limits of reading", [&] {
      (void)file_info(file, context_.limits);
      files[entity] = std::move(file);
    });
  }

  /// Replaces the file of an entity, where there is one, by what `work(file)` makes of it; drops it where that fails.
  template <typename Work>
  void rewrite(EntityId entity, const char* step, Work work) {
    const auto file = files.find(entity);
    if (file == files.end()) return;
    const Bytes before = std::move(file->second);
    files.erase(file);
    guarded(entity, step, [&] { files[entity] = work(before); });
  }

 private:
  const Context& context_;
};

}  // namespace vaerans
