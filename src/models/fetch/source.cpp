#include "models/fetch/source.hpp"

#include <nlohmann/json.hpp>
#include <system_error>

#include "models/card/json_file.hpp"
#include "models/fetch/curl.hpp"
#include "models/generations/index.hpp"
#include "models/model.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

[[noreturn]] void not_here(const std::string& place) {
  throw Error(ErrorCode::model_not_found, place + ": it has no model of that hash");
}

/// A folder of models, as on the path, or a model's own.
class FolderSource final : public Source {
 public:
  explicit FolderSource(fs::path root) : root_(std::move(root)) {}

  std::string folder_of(const std::string& hash) override {
    std::error_code error;
    if (!fs::is_directory(root_, error)) throw Error(ErrorCode::io, root_.string() + ": there is no such folder");
    for (const ModelGeneration& one : index_folder(root_).stated) {
      if (one.hash.starts_with(hash)) return one.folder;
    }
    not_here(root_.string());
  }

  void copy(const std::string& folder, const std::string& file, const fs::path& to, std::uint64_t most) override {
    const fs::path from = fs::path(folder) / file;
    std::error_code error;
    if (!fs::is_regular_file(from, error)) throw Error(ErrorCode::io, from.string() + ": there is no such file");
    if (fs::file_size(from, error) > most)
      throw Error(ErrorCode::io, from.string() + ": it has more than " + std::to_string(most) + " bytes");
    fs::copy_file(from, to, error);
    if (error) throw Error(ErrorCode::io, "cannot copy " + from.string() + ": " + error.message());
  }

 private:
  fs::path root_;
};

/// As a path stands in a URL: everything but what RFC 3986 lets stand by itself, and '/', becomes %XX.
std::string quoted(const std::string& path) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 128 && std::isalnum(byte) != 0) || std::string_view("-._~/@").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += {'%', digits[byte >> 4], digits[byte & 15U]};
    }
  }
  return out;
}

/// A folder that a web server shows, with the list that write_model_list() made.
class WebSource final : public Source {
 public:
  WebSource(std::string base, Download download)
      : base_(std::move(base)), download_(download ? std::move(download) : Download(&download_by_curl)) {
    while (base_.ends_with('/')) base_.pop_back();
  }

  std::string folder_of(const std::string& hash) override {
    const json models = list();
    for (const auto& [stated, folder] : models.items()) {
      if (stated.starts_with(hash) && folder.is_string()) return folder.get<std::string>();
    }
    not_here(base_);
  }

  void copy(const std::string& folder, const std::string& file, const fs::path& to, std::uint64_t most) override {
    download_(base_ + "/" + quoted(folder) + "/" + quoted(file), to.string(), most);
  }

 private:
  /// {hash: folder}
  json list() {
    std::string name = (fs::temp_directory_path() / "vaerans-list-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw Error(ErrorCode::io, "cannot write to " + name);
    const fs::path folder = name, file = folder / list_file;
    JsonFile read;
    try {
      download_(base_ + "/" + list_file, file.string(), max_card_bytes);
      read = read_json_file(file, max_card_bytes);
    } catch (...) {
      fs::remove_all(folder);
      throw;
    }
    fs::remove_all(folder);
    const std::string& problem = read.problem;
    const bool good =
        problem.empty() && read.root.is_object() && read.root.contains("models") && read.root["models"].is_object();
    if (good) return read.root["models"];
    throw Error(ErrorCode::io,
                base_ + "/" + list_file + ": " + (problem.empty() ? "it is no list of models" : problem));
  }

  std::string base_;
  Download download_;
};

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The path of a file URL of this machine.
fs::path path_of(std::string_view url) {
  std::string_view rest = url.substr(7);  // "file://"
  if (rest.starts_with("localhost/")) rest.remove_prefix(9);
  std::string out;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const bool coded =
        rest[i] == '%' && i + 2 < rest.size() && hex_value(rest[i + 1]) >= 0 && hex_value(rest[i + 2]) >= 0;
    out += coded ? static_cast<char>(hex_value(rest[i + 1]) * 16 + hex_value(rest[i + 2])) : rest[i];
    if (coded) i += 2;
  }
  return out;
}

}  // namespace

std::unique_ptr<Source> open_source(const std::string& place, const Download& download) {
  if (place.starts_with("http://") || place.starts_with("https://"))
    return std::make_unique<WebSource>(place, download);
  if (place.starts_with("file://")) return std::make_unique<FolderSource>(path_of(place));
  if (place.find("://") == std::string::npos && !place.starts_with("package:"))
    return std::make_unique<FolderSource>(place);
  throw Error(
      ErrorCode::bad_parameter,
      "'" + place + "' is no source of models: that is a folder, or a http, https or file URL of one" +
          (place.starts_with("package:") ? "; packages of Python are read by `python -m vaerans_ecs.models fetch`"
                                         : ""));
}

}  // namespace vaerans::models
