#include "models/card/diffusers_config.hpp"

#include <algorithm>
#include <cmath>
#include <system_error>

#include "base/files/small_file.hpp"
#include "models/card/json_file.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t max_config_bytes = 1U << 20;

[[noreturn]] void fail(const fs::path& file, const std::string& problem) {
  throw Error(ErrorCode::model_invalid,
              file.string() + ": " + problem + ". Fetch it again, or write a model.json, which then counts instead.");
}

json load(const fs::path& file) {
  JsonFile read = read_json_file(file, max_config_bytes);
  if (!read.problem.empty()) fail(file, read.problem);
  return std::move(read.root);
}

/// Folders of exports also hold configurations of other things (text encoders, whole pipelines).
bool is_autoencoder(const json& config) {
  if (!config.is_object()) return false;
  const auto name = config.find("_class_name");
  if (name == config.end()) return config.contains("latent_channels") && config.contains("scaling_factor");
  if (!name->is_string()) return false;
  const auto text = name->get<std::string>();
  return text.find("Autoencoder") != std::string::npos || text == "VQModel";
}

double number(const fs::path& file, const json& config, const char* field, double fallback) {
  const auto found = config.find(field);
  if (found == config.end() || found->is_null()) return fallback;
  if (found->is_number() && std::isfinite(found->get<double>())) return found->get<double>();
  fail(file, std::string("'") + field + "' must be a number; it is " + found->dump().substr(0, 80));
}

std::vector<double> numbers(const fs::path& file, const json& config, const char* field) {
  std::vector<double> out;
  const auto found = config.find(field);
  if (found == config.end() || found->is_null()) return out;
  const auto is_number = [](const json& item) { return item.is_number() && std::isfinite(item.get<double>()); };
  if (!found->is_array() || !std::ranges::all_of(*found, is_number))
    fail(file, std::string("'") + field + "' must be a list of numbers");
  for (const json& item : *found) out.push_back(item.get<double>());
  return out;
}

std::optional<std::uint32_t> channels(const fs::path& file, const json& config) {
  const double value = number(file, config, "latent_channels", 0);
  if (!config.contains("latent_channels")) return {};
  if (value < 1 || value > 1024 || value != std::floor(value)) fail(file, "'latent_channels' must be from 1 to 1024");
  return static_cast<std::uint32_t>(value);
}

/// Each block but one halves the picture.
std::optional<std::uint32_t> factor(const fs::path& file, const json& config) {
  for (const char* field : {"encoder_block_out_channels", "block_out_channels"}) {
    const auto found = config.find(field);
    if (found == config.end() || found->is_null()) continue;
    if (!found->is_array() || found->empty() || found->size() > 7) {
      fail(file, std::string("'") + field + "' must be a list of 1 to 7 numbers");
    }
    return 1U << (found->size() - 1);
  }
  return {};
}

}  // namespace

std::optional<DiffusersConfig> read_diffusers_config(const fs::path& folder) {
  for (const char* place : config_places) {
    const fs::path file = folder / place;
    if (!is_there(file)) continue;
    const json config = load(file);
    if (!is_autoencoder(config)) continue;
    DiffusersConfig out;
    out.file = file;
    out.class_name = config.value("_class_name", std::string());
    out.scaling = number(file, config, "scaling_factor", out.class_name == "AutoencoderKL" ? 0.18215 : 1.0);
    out.shift = number(file, config, "shift_factor", 0.0);
    if (out.scaling == 0.0) fail(file, "'scaling_factor' must not be 0");
    out.latents_mean = numbers(file, config, "latents_mean");
    out.latents_std = numbers(file, config, "latents_std");
    out.latent_channels = channels(file, config);
    out.factor = factor(file, config);
    return out;
  }
  return {};
}

}  // namespace vaerans::models
