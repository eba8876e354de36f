// vaerans systems: the registry, for those who write recipes.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "report.hpp"
#include "vaerans/core/names.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans::cli {
namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }
Json number_of(std::uint16_t wire_id) { return wire_id == 0 ? Json() : Json(wire_id); }

Json to_json(const ParamSpec& param) {
  Json out = {{"name", param.name}, {"type", param.type()}};
  std::visit([&](const auto& value) { out["default"] = value; }, param.fallback);
  out["range"] = param.range.str();
  if (param.fallback.index() == ParamValue(std::string()).index()) out["text"] = text_name(param.range.text);
  if (!param.range.choices.empty()) out["choices"] = param.range.choices;
  out["doc"] = param.doc;
  out["wire_id"] = number_of(param.numbered() ? param.wire_id : 0);
  return out;
}

Json to_json(const SystemEntry& entry) {
  Json params = Json::array();
  for (const ParamSpec& param : entry.params) params.push_back(to_json(param));
  return {{"name", entry.name},
          {"class", entry.class_name},
          {"topic", entry.topic},
          {"role", role_name(entry.role)},
          {"inverse", or_null(entry.inverse)},
          {"wire_id", number_of(entry.wire_id)},
          {"doc", entry.doc},
          {"parameters", params}};
}

// "levels=4  integer, 0 to 32: decompositions"
void print(const ParamSpec& param) {
  const std::string range = param.range.str();
  std::printf("    %s=%s  %s%s%s: %s\n", param.name.c_str(), to_string(param.fallback).c_str(), param.type(),
              range.empty() ? "" : ", ", range.c_str(), param.doc.c_str());
}

void print(const SystemEntry& entry, bool whole) {
  const std::string doc = whole ? entry.doc : std::string(entry.summary());
  std::printf("%s  (%s, %s)\n", entry.name.c_str(), entry.class_name.c_str(),
              std::string(role_name(entry.role)).c_str());
  for (std::size_t begin = 0; begin < doc.size();) {
    const std::size_t end = std::min(doc.find('\n', begin), doc.size());
    std::printf("    %s\n", doc.substr(begin, end - begin).c_str());
    begin = end + 1;
  }
  for (const ParamSpec& param : entry.params) print(param);
}

Exit run_systems(const std::vector<std::string>& names, bool json) {
  std::vector<SystemEntry> entries;
  for (const std::string& name : names) entries.push_back(find_system(name));
  if (names.empty()) entries = all_systems();
  Json all = Json::array();
  for (const SystemEntry& entry : entries) {
    if (json)
      all.push_back(to_json(entry));
    else
      print(entry, !names.empty());
  }
  if (json) print_json(all, 2);
  return Exit::ok;
}

}  // namespace

void add_systems(CLI::App& app, Chosen& chosen) {
  struct Options {
    std::vector<std::string> names;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("systems", "The systems that recipes are made of, with their parameters");
  command->add_option("NAME", options->names, "Of which all is said; none: all systems in brief");
  command->add_flag("--json", options->json, "As JSON");
  command->callback([options, &chosen] { chosen = [options] { return run_systems(options->names, options->json); }; });
}

}  // namespace vaerans::cli
