// Places that models are fetched from: folders, and folders in the web.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "vaerans/model_sources.hpp"

namespace vaerans::models {

/// The list of a folder's models, beside them.
inline constexpr const char* list_file = "models.json";

/// One place. Both calls throw Error with what is wrong with it.
class Source {
 public:
  Source() = default;
  virtual ~Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// The model's folder in this place, as copy() takes it. Throws Error(model_not_found) where none has the hash.
  [[nodiscard]] virtual std::string folder_of(const std::string& hash) = 0;
  /// Copies a file of a model's folder.
  virtual void copy(const std::string& folder, const std::string& file, const std::filesystem::path& to,
                    std::uint64_t most) = 0;
};

/// Throws Error(bad_parameter) for what is neither a folder nor a http, https or file URL.
[[nodiscard]] std::unique_ptr<Source> open_source(const std::string& place, const Download& download);

}  // namespace vaerans::models
