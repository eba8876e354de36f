// vaerans models list|info|add|remove|verify|fetch|index|diff
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands/commands.hpp"
#include "commands/models/generations.hpp"
#include "report.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/model_sources.hpp"
#include "vaerans/models.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::string name, as;
  bool json = false;
};

nlohmann::ordered_json summary(const ModelInfo& model) {
  return {{"name", model.name},
          {"folder", model.folder},
          {"description", model.description},
          {"licence", model.licence},
          {"revision", model.revision},
          {"repository", model.repository},
          {"latent_channels", model.latent_channels},
          {"factor", model.factor},
          {"encodes", !model.encoder_path.empty()},
          {"decodes", !model.decoder_path.empty()},
          {"refines", !model.gradient_path.empty()},
          {"default_recipe", model.default_recipe},
          {"hash", model.hash}};
}

/// How a recipe, --model and `models info` name one of several generations.
std::string generation_name(const ModelGeneration& one) { return one.name + "@" + one.hash.substr(0, 16); }

nlohmann::ordered_json of_json(const ModelGeneration& one) {
  return {{"name", generation_name(one)}, {"revision", one.revision}, {"hash", one.hash},
          {"folder", one.folder},         {"encodes", one.encodes},   {"newest", one.newest}};
}

/// Those that the model's own line does not stand for.
void print_others(const ModelInfo& model, const std::vector<ModelGeneration>& generations) {
  for (const ModelGeneration& one : generations) {
    if (one.name != model.name || one.folder == model.folder) continue;
    print_line("  " + generation_name(one) + "  revision " + (one.revision.empty() ? "unknown" : one.revision) +
               (one.encodes ? "" : ", decodes only") + (one.hash == model.hash ? ", the same weights" : ""));
  }
}

Exit list(const Options& options) {
  std::vector<BrokenModel> broken;
  const auto models = list_models(&broken);
  const auto generations = list_generations();
  for (const BrokenModel& model : broken) {
    std::fprintf(stderr, "left out: %s: %s\n", printable(model.name).c_str(), printable(model.problem).c_str());
  }
  if (options.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const ModelInfo& model : models) {
      json.push_back(summary(model));
      auto& all = json.back()["generations"] = nlohmann::ordered_json::array();
      for (const ModelGeneration& one : generations) {
        if (one.name == model.name) all.push_back(of_json(one));
      }
    }
    print_json(json, 2);
    return Exit::ok;
  }
  for (const ModelInfo& model : models) {
    std::printf("%-20s %2u channels, 1/%u  ", printable(model.name).c_str(), model.latent_channels, model.factor);
    print_line(model.description);
    print_others(model, generations);
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
    print_json(json, 2);
    return Exit::ok;
  }
  print_line(model.name);
  print_row("about", model.description);
  print_row("licence", model.licence);
  print_row("revision", model.revision);
  print_row("from", model.repository);
  print_row("latents", std::to_string(model.latent_channels) + " channels, 1/" + std::to_string(model.factor) +
                           " in each direction");
  print_row("recipe", model.default_recipe);
  print_row("encoder", model.encoder_path);
  print_row("decoder", model.decoder_path);
  print_row("gradient", model.gradient_path);
  print_row("hash", model.hash);
  return Exit::ok;
}

Exit add(const Options& options) {
  const ModelInfo model = add_model(options.name, options.as);
  print_line(model.name + " added: " + model.folder);
  return Exit::ok;
}

Exit remove(const Options& options) {
  remove_model(options.name);
  print_line(options.name + " removed");
  return Exit::ok;
}

Exit verify(const Options& options) {
  const ModelReport report = verify_model(options.name);
  const Exit exit = report.passed() ? Exit::ok : exit_of(ErrorCode::model_invalid);
  if (options.json) {
    nlohmann::ordered_json json{{"name", report.model.name},
                                {"passed", report.passed()},
                                {"psnr_db", report.psnr_db},
                                {"latent_std", report.latent_std},
                                {"checks", nlohmann::ordered_json::array()}};
    for (const ModelCheck& check : report.checks) {
      json["checks"].push_back({{"what", check.what}, {"passed", check.passed}, {"detail", check.detail}});
    }
    print_json(json, 2);
    return exit;
  }
  print_line(report.model.name);
  for (const ModelCheck& check : report.checks) {
    std::printf("  %-6s %-12s %s\n", check.passed ? "ok" : "WRONG", check.what.c_str(),
                printable(check.detail).c_str());
  }
  return exit;
}

/// A subcommand that takes a name or folder.
CLI::App* named(CLI::App& models, const char* name, const char* about, const std::shared_ptr<Options>& options,
                Chosen& chosen, Exit (*run)(const Options&)) {
  auto* command = models.add_subcommand(name, about);
  command->add_option("NAME", options->name, "Name, NAME@HASH, folder, or repository in the Hugging Face cache")
      ->required();
  command->callback([options, &chosen, run] { chosen = [options, run] { return run(*options); }; });
  return command;
}

}  // namespace

void add_models(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* models = app.add_subcommand("models", "The models that are installed; alone, their list");
  models->require_subcommand(0, 1);
  models->callback([options, models, &chosen] {
    if (models->get_subcommands().empty()) chosen = [options] { return list(*options); };
  });
  auto* lister = models->add_subcommand("list", "All models on the path, and what else has their names");
  lister->add_flag("--json", options->json, "As JSON");
  lister->callback([options, &chosen] { chosen = [options] { return list(*options); }; });
  auto* teller = named(*models, "info", "What the card of one model says", options, chosen, &info);
  teller->add_flag("--json", options->json, "As JSON, with the whole card");
  auto* adder =
      named(*models, "add", "Copy a model that passes its check into the user's folder", options, chosen, &add);
  adder->add_option("--name", options->as, "The name it gets there");
  named(*models, "remove", "Remove a model from the user's folder", options, chosen, &remove);
  auto* checker =
      named(*models, "verify", "Run a built-in picture through a model and judge the result", options, chosen, &verify);
  checker->add_flag("--json", options->json, "As JSON");
  add_generation_commands(*models, chosen);
}

}  // namespace vaerans::cli
