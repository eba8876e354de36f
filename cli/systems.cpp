// vaerans systems: the registry, for those who write recipes.
#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans::cli {
namespace {

const char* type_name(const ParamValue& value) {
  constexpr std::array names = {"flag", "integer", "number", "text"};
  return names.at(value.index());
}

nlohmann::ordered_json to_json(const SystemEntry& entry) {
  nlohmann::ordered_json params = nlohmann::ordered_json::array();
  for (const ParamSpec& param : entry.params) {
    nlohmann::ordered_json fallback;
    std::visit([&](const auto& value) { fallback = value; }, param.fallback);
    params.push_back(
        {{"name", param.name}, {"type", type_name(param.fallback)}, {"default", fallback}, {"doc", param.doc}});
  }
  return {{"name", entry.name}, {"class", entry.class_name}, {"doc", entry.doc}, {"parameters", params}};
}

void print(const SystemEntry& entry) {
  std::printf("%s  (%s)\n    %s\n", entry.name.c_str(), entry.class_name.c_str(), entry.doc.c_str());
  for (const ParamSpec& param : entry.params) {
    std::printf("    %s=%s  %s\n", param.name.c_str(), to_string(param.fallback).c_str(), param.doc.c_str());
  }
}

Exit run_systems(bool json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const SystemEntry& entry : all_systems()) {
    if (json)
      all.push_back(to_json(entry));
    else
      print(entry);
  }
  if (json) std::printf("%s\n", all.dump(2).c_str());
  return Exit::ok;
}

}  // namespace

void add_systems(CLI::App& app, Chosen& chosen) {
  const auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("systems", "The systems that recipes are made of, with their parameters");
  command->add_flag("--json", *json, "As JSON");
  command->callback([json, &chosen] { chosen = [json] { return run_systems(*json); }; });
}

}  // namespace vaerans::cli
