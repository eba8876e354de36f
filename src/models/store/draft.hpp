// A model's folder in the making.
#pragma once

#include <filesystem>
#include <string>

namespace vaerans::models {

/// A folder that becomes the model when it is complete, and goes away otherwise. It begins with '.', so that nobody
/// takes it for a model meanwhile.
class Draft {
 public:
  /// Throws Error(io).
  explicit Draft(const std::filesystem::path& root);
  ~Draft();
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Throws Error(exists), Error(io).
  void become(const std::filesystem::path& target);

 private:
  std::filesystem::path path_;
};

/// Removes a model's folder so that whoever looks for it meanwhile finds all of it, or nothing. Throws Error(io).
void remove_folder(const std::filesystem::path& folder);

/// user_model_folder(), which is to be written to. Throws Error(io) without a home.
[[nodiscard]] std::filesystem::path writable_user_folder();

}  // namespace vaerans::models
