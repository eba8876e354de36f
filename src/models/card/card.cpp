// model.json: every field is checked, and so are the weights against the hashes that the card gives.
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "base/files/small_file.hpp"
#include "base/hash.hpp"
#include "models/card/json_file.hpp"
#include "models/model.hpp"
#include "onnx/graph/file.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/base/text.hpp"

namespace vaerans::models {
namespace {

using onnx::external_path;
using onnx::ExternalFile;
using onnx::GraphFile;
using onnx::read_graph_file;
using onnx::ReceptiveField;
using onnx::weights_hash;

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int known_format = 1;

/// A card and where it lies, with typed access to its fields. Fields of nested objects are named "encoder.file".
class Card {
 public:
  explicit Card(fs::path folder) : folder_(std::move(folder)) { load(); }

  [[nodiscard]] const fs::path& folder() const { return folder_; }
  [[nodiscard]] const std::string& text() const { return text_; }

  [[noreturn]] void fail(const std::string& problem, const std::string& remedy = "Correct it") const {
    throw Error(ErrorCode::model_invalid,
                (folder_ / card_file).string() + ": " + problem + ". " + remedy + ", or fetch the model again.");
  }

  /// nullptr where the card does not have it.
  [[nodiscard]] const json* find(const std::string& field) const {
    const json* at = &root_;
    std::istringstream names(field);
    for (std::string name; std::getline(names, name, '.');) {
      if (!at->is_object() || !at->contains(name)) return nullptr;
      at = &(*at)[name];
    }
    return at;
  }

  [[nodiscard]] std::string string(const std::string& field, std::optional<std::string> fallback = {}) const {
    const json* value = find_or_fail(field, fallback.has_value());
    if (value == nullptr) return *fallback;
    if (!value->is_string()) wrong(field, *value, "must be a text");
    return value->get<std::string>();
  }

  [[nodiscard]] std::uint32_t integer(const std::string& field, std::uint32_t low, std::uint32_t high) const {
    const json* value = find_or_fail(field, false);
    const std::string range = std::to_string(low) + " to " + std::to_string(high);
    if (!value->is_number_integer()) wrong(field, *value, "must be a whole number from " + range);
    const auto number = value->get<std::int64_t>();
    if (number < std::int64_t{low} || number > std::int64_t{high}) wrong(field, *value, "must be from " + range);
    return static_cast<std::uint32_t>(number);
  }

  [[nodiscard]] double number(const std::string& field, double fallback) const {
    const json* value = find_or_fail(field, true);
    return value == nullptr ? fallback : finite(field, *value);
  }

  /// Empty where the card does not have it.
  [[nodiscard]] std::vector<double> numbers(const std::string& field) const {
    std::vector<double> out;
    const json* value = find(field);
    if (value == nullptr || value->is_null()) return out;
    if (!value->is_array()) wrong(field, *value, "must be a list of numbers");
    for (const json& item : *value) out.push_back(finite(field, item));
    return out;
  }

  /// False where the card does not have it.
  [[nodiscard]] bool flag(const std::string& field) const {
    const json* value = find(field);
    if (value != nullptr && !value->is_boolean()) wrong(field, *value, "must be true or false");
    return value != nullptr && value->get<bool>();
  }

  [[nodiscard]] double finite(const std::string& field, const json& value) const {
    if (!value.is_number() || !std::isfinite(value.get<double>())) wrong(field, value, "must be a number");
    return value.get<double>();
  }

  [[noreturn]] void wrong(const std::string& field, const json& value, const std::string& expected) const {
    fail("'" + field + "' " + expected + "; it is " + value.dump().substr(0, 80));
  }

 private:
  void load() {
    JsonFile file = read_json_file(folder_ / card_file, max_card_bytes);
    if (!file.problem.empty()) fail(file.problem);
    root_ = std::move(file.root);
    text_ = std::move(file.text);
    if (!root_.is_object()) fail("it must be a JSON object");
  }

  [[nodiscard]] const json* find_or_fail(const std::string& field, bool optional) const {
    const json* value = find(field);
    if (value == nullptr && !optional) fail("the field '" + field + "' is missing");
    return value;
  }

  fs::path folder_;
  std::string text_;
  json root_;
};

void check_format(const Card& card) {
  const std::uint32_t format = card.integer("format", 1, 1U << 16);
  if (format <= known_format) return;
  card.fail("it is of format " + std::to_string(format) + ", this version reads " + std::to_string(known_format),
            "Update vaerans");
}

void check_name(const Card& card, const std::string& name) {
  if (!is_model_name(name)) card.fail("'name' must be made of letters, digits, '-', '_' and '.'; it is '" + name + "'");
}

/// The path of a file of the card. Cards come from elsewhere: they must not point outside their folder.
fs::path file_path(const Card& card, const std::string& part) {
  const fs::path file = card.string(part + ".file");
  const bool inside = !file.empty() && file.is_relative() &&
                      std::none_of(file.begin(), file.end(), [](const fs::path& step) { return step == ".."; });
  if (!inside) card.fail("'" + part + ".file' must be a path inside the folder; it is '" + file.string() + "'");
  return card.folder() / file;
}

/// SHA-256 of a part's file, which must be the one that the card gives.
std::string checked_hash(const Card& card, const std::string& part, const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    const std::string what = is_there(path) ? "'s file is not a regular file: " : "'s file is missing: ";
    card.fail("the " + part + what + path.string(), "Copy it there");
  }
  std::string hash = file_sha256(path);
  const std::string wanted = lower_case(card.string(part + ".sha256"));
  if (wanted != hash) {
    card.fail("the weights are not those of the card: " + path.string() + " has SHA-256 " + hash + ", '" + part +
                  ".sha256' says " + wanted,
              "Put the matching files together");
  }
  return hash;
}

/// Weights outside of the graph have hashes of their own: {"external": {"<file>": "<SHA-256>"}}.
void check_external(const Card& card, const std::string& part, const GraphFile& graph) {
  const json* listed = card.find(part + ".external");
  for (const ExternalFile& file : graph.external) {
    const bool known = listed != nullptr && listed->is_object() && listed->contains(file.location);
    if (!known) card.fail("'" + part + ".external' gives no SHA-256 for '" + file.location + "', which the graph uses");
    if ((*listed)[file.location] == file.sha256) continue;
    card.fail("the weights are not those of the card: " + external_path(graph, file).string() + " has SHA-256 " +
                  file.sha256 + ", '" + part + ".external' says another",
              "Put the matching files together");
  }
}

/// A card may say how far its networks look: where the graph does not tell, or where the far part may be ignored.
void read_halo(const Card& card, const std::string& part, ReceptiveField& receptive_field) {
  const json* const halo = card.find(part + ".halo");
  if (halo == nullptr) return;
  receptive_field.local = *halo != "global";
  if (!receptive_field.local) return;
  receptive_field.halo = card.integer(part + ".halo", 0, 1U << 16);
  receptive_field.grain = 1;
}

GraphFile read_graph(const Card& card, const std::string& part) {
  const fs::path path = file_path(card, part);
  (void)checked_hash(card, part, path);
  GraphFile graph = read_graph_file(path);
  graph.input = card.string(part + ".input", "");
  graph.output = card.string(part + ".output", "");
  read_halo(card, part, graph.receptive_field);
  check_external(card, part, graph);
  return graph;
}

void read_prior(const Card& card, ModelInfo& info) {
  if (card.find("prior") == nullptr) return;
  const fs::path path = file_path(card, "prior");
  info.prior_sha256 = checked_hash(card, "prior", path);
  info.prior_path = path.string();
}

/// Someone who only decodes may delete the files of the encoder and of the gradient; the card then still names them.
GraphFile read_if_there(const Card& card, const std::string& part) {
  if (card.find(part) == nullptr || !is_there(file_path(card, part))) return {};
  return read_graph(card, part);
}

void read_pixel_range(const Card& card, ModelInfo& info) {
  const json* range = card.find("pixel_range");
  if (range == nullptr) card.fail("the field 'pixel_range' is missing");
  if (!range->is_array() || range->size() != 2) card.wrong("pixel_range", *range, "must be two numbers [low, high]");
  info.pixel_low = static_cast<float>(card.finite("pixel_range", (*range)[0]));
  info.pixel_high = static_cast<float>(card.finite("pixel_range", (*range)[1]));
  if (!(info.pixel_low < info.pixel_high)) card.wrong("pixel_range", *range, "must be increasing");
}

void read_scaling(const Card& card, ModelInfo& info) {
  info.scaling = card.number("scaling_factor", 1.0);
  info.shift = card.number("shift_factor", 0.0);
  info.latent_std = card.number("latent_std", 1.0);
  info.latents_mean = card.numbers("latents_mean");
  info.latents_std = card.numbers("latents_std");
  if (const auto problem = latent_lists_problem(info); !problem.empty()) card.fail(problem);
  if (info.scaling == 0.0) card.fail("'scaling_factor' must not be 0");
  if (!(info.latent_std > 0.0)) card.fail("'latent_std' must be above 0");
}

ModelInfo read_info(const Card& card) {
  ModelInfo info;
  info.name = card.string("name");
  check_name(card, info.name);
  info.folder = card.folder().string();
  info.description = card.string("description", "");
  info.licence = card.string("licence", "");
  info.revision = card.string("revision", "");
  info.repository = card.string("repository", "");
  info.latent_channels = card.integer("latent_channels", 1, 1024);
  info.factor = card.integer("factor", 1, 64);
  read_pixel_range(card, info);
  read_scaling(card, info);
  info.encoder_kind = card.string("encoder.kind", "mean");
  if (info.encoder_kind != "mean" && info.encoder_kind != "moments") {
    card.fail("'encoder.kind' must be mean or moments; it is '" + info.encoder_kind + "'");
  }
  info.exact_decoder = card.flag("decoder.exact");
  info.default_recipe = card.string("default_recipe", default_recipe(info.name, info.latent_channels));
  info.card_json = card.text();
  return info;
}

}  // namespace

bool is_model_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= 100 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c < 128 && std::isalnum(c) != 0) || c == '-' || c == '_' || c == '.';
         });
}

Model read_card(const fs::path& folder) {
  const Card card(folder);
  check_format(card);
  Model model{read_info(card), read_if_there(card, "encoder"), read_graph(card, "decoder"),
              read_if_there(card, "gradient")};
  read_prior(card, model.info);
  model.info.encoder_path = model.encoder.path;
  model.info.decoder_path = model.decoder.path;
  model.info.gradient_path = model.gradient.path;
  model.info.hash = weights_hash(model.decoder);
  return model;
}

}  // namespace vaerans::models
