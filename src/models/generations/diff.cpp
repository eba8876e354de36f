// What two models differ in.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "models/model.hpp"
#include "vaerans/model_sources.hpp"

namespace vaerans {
namespace models {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using Fields = std::map<std::string, std::string>;

void flatten(Fields& out, const std::string& name, const json& value);

/// Lists of measurements are known by what they were measured at, others are one value.
void flatten_list(Fields& out, const std::string& name, const json& list) {
  for (const json& item : list) {
    if (!item.is_object() || !item.contains("step")) {
      out[name] = list.dump();
      return;
    }
  }
  for (const json& item : list) flatten(out, name + "[step=" + item["step"].dump() + "]", item);
}

void flatten(Fields& out, const std::string& name, const json& value) {
  if (value.is_object()) {
    for (const auto& [key, part] : value.items()) flatten(out, name.empty() ? key : name + "." + key, part);
  } else if (value.is_array() && !value.empty()) {
    flatten_list(out, name, value);
  } else {
    out[name] = value.dump();
  }
}

void add_bytes(Fields& out, const std::string& what, const std::string& path) {
  std::error_code error;
  const auto bytes = path.empty() ? 0 : fs::file_size(path, error);
  if (!path.empty() && !error) out["bytes." + what] = std::to_string(bytes);
}

Fields fields_of(const ModelInfo& info) {
  Fields out;
  flatten(out, "", json::parse(info.card_json, nullptr, false));
  out["hash"] = json(info.hash).dump();
  add_bytes(out, "encoder", info.encoder_path);
  add_bytes(out, "decoder", info.decoder_path);
  add_bytes(out, "gradient", info.gradient_path);
  add_bytes(out, "prior", info.prior_path);
  return out;
}

}  // namespace
}  // namespace models

std::vector<ModelDifference> diff_models(std::string_view a, std::string_view b) {
  const models::Fields of_a = models::fields_of(find_model(a)), of_b = models::fields_of(find_model(b));
  models::Fields all = of_a;
  all.insert(of_b.begin(), of_b.end());
  std::vector<ModelDifference> out;
  const auto value = [](const models::Fields& fields, const std::string& name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string() : found->second;
  };
  for (const auto& [name, ignored] : all) {
    if (value(of_a, name) != value(of_b, name)) out.push_back({name, value(of_a, name), value(of_b, name)});
  }
  return out;
}

}  // namespace vaerans
