// vaerans models list|info
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "report.hpp"
#include "vaerans/models.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::string name;
  bool json = false;
};

nlohmann::ordered_json summary(const ModelInfo& model) {
  return {{"name", model.name},
          {"folder", model.folder},
          {"description", model.description},
          {"licence", model.licence},
          {"revision", model.revision},
          {"latent_channels", model.latent_channels},
          {"factor", model.factor},
          {"encodes", !model.encoder_path.empty()},
          {"decodes", !model.decoder_path.empty()},
          {"default_recipe", model.default_recipe},
          {"hash", model.hash}};
}

Exit list(const Options& options) {
  const auto models = list_models();
  if (options.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const ModelInfo& model : models) json.push_back(summary(model));
    std::printf("%s\n", json.dump(2).c_str());
    return Exit::ok;
  }
  for (const ModelInfo& model : models) {
    std::printf("%-20s %2u channels, 1/%u  %s\n", model.name.c_str(), model.latent_channels, model.factor,
                model.description.c_str());
  }
  if (models.empty()) {
    std::string text = "No models. Looked in:\n";
    for (const std::string& path : model_paths()) text += "  " + path + "\n";
    std::fputs(text.c_str(), stderr);
  }
  return Exit::ok;
}

Exit info(const Options& options) {
  const ModelInfo model = find_model(options.name);
  if (options.json) {
    nlohmann::ordered_json json = summary(model);
    json["card"] = nlohmann::ordered_json::parse(model.card_json, nullptr, false);
    std::printf("%s\n", json.dump(2).c_str());
    return Exit::ok;
  }
  const auto row = [](const char* label, const std::string& text) {
    if (!text.empty()) std::printf("  %-10s %s\n", label, text.c_str());
  };
  std::printf("%s\n", model.name.c_str());
  row("about", model.description);
  row("licence", model.licence);
  row("revision", model.revision);
  row("latents",
      std::to_string(model.latent_channels) + " channels, 1/" + std::to_string(model.factor) + " in each direction");
  row("recipe", model.default_recipe);
  row("encoder", model.encoder_path);
  row("decoder", model.decoder_path);
  row("hash", model.hash);
  return Exit::ok;
}

}  // namespace

void add_models(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* models = app.add_subcommand("models", "The models that are installed");
  models->require_subcommand(1);
  auto* lister = models->add_subcommand("list", "All models on the path");
  lister->add_flag("--json", options->json, "As JSON");
  lister->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
  auto* teller = models->add_subcommand("info", "What the card of one model says");
  teller->add_option("NAME", options->name, "Name or folder")->required();
  teller->add_flag("--json", options->json, "As JSON, with the whole card");
  teller->callback([options, &chosen] { chosen = [options] { return info(*options); }; });
}

}  // namespace vaerans::cli
