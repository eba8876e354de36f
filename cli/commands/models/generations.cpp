#include "commands/models/generations.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "report.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/model_sources.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::string hash, a, b, folder;
  FetchOptions fetch;
  bool json = false;
};

Exit fetch(const Options& options) {
  const ModelInfo model = fetch_model(options.hash, options.fetch);
  if (options.json) {
    print_json({{"name", model.name}, {"revision", model.revision}, {"hash", model.hash}, {"folder", model.folder}}, 2);
    return Exit::ok;
  }
  print_line(model.name + "@" + model.hash.substr(0, options.hash.size() < 16 ? 16 : options.hash.size()) +
             " is here: " + model.folder);
  return Exit::ok;
}

Exit index(const Options& options) {
  const std::size_t count = write_model_list(options.folder);
  print_line(options.folder + "/models.json: " + std::to_string(count) + (count == 1 ? " model" : " models"));
  return Exit::ok;
}

nlohmann::ordered_json value_of(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json::parse(text, nullptr, false);
}

std::string shortened(const std::string& text) {
  constexpr std::size_t most = 40;
  if (text.empty()) return "-";
  if (text.size() <= most) return text;
  std::size_t end = most - 1;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;  // not within a character
  return text.substr(0, end) + "…";
}

/// "+0.0356" where both are numbers.
std::string change(const ModelDifference& one) {
  const auto a = value_of(one.a), b = value_of(one.b);
  if (!a.is_number() || !b.is_number()) return {};
  char text[32];
  std::snprintf(text, sizeof text, "%+.6g", b.get<double>() - a.get<double>());
  return text;
}

Exit diff(const Options& options) {
  const auto differences = diff_models(options.a, options.b);
  if (options.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const ModelDifference& one : differences)
      json.push_back({{"field", one.field}, {"a", value_of(one.a)}, {"b", value_of(one.b)}});
    print_json(json, 2);
    return Exit::ok;
  }
  if (differences.empty()) print_line("no difference");
  std::size_t width = 0;
  for (const ModelDifference& one : differences) width = std::max(width, one.field.size());
  for (const ModelDifference& one : differences) {
    std::string line =
        one.field + std::string(width - one.field.size() + 2, ' ') + shortened(one.a) + "  ->  " + shortened(one.b);
    if (const std::string by = change(one); !by.empty()) line += "  (" + by + ")";
    print_line(line);
  }
  return Exit::ok;
}

}  // namespace

void add_generation_commands(CLI::App& models, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* fetcher = models.add_subcommand("fetch", "Get the model with a decoder's hash into the user's folder");
  fetcher->add_option("HASH", options->hash, "16 to 64 hex digits, as files and errors say it")->required();
  fetcher
      ->add_option("--from", options->fetch.sources,
                   "Folder of models, or http, https or file URL of one; several are tried in order. Without it those "
                   "in VAERANS_MODEL_SOURCES, separated by ';'")
      ->type_name("PLACE");
  fetcher->add_flag("--encoder", options->fetch.encoder, "With the encoder, to compress by it as well");
  fetcher->add_flag("--json", options->json, "As JSON");
  fetcher->callback([options, &chosen] { chosen = [options] { return fetch(*options); }; });
  auto* lister =
      models.add_subcommand("index", "Write a folder's models.json, by which fetch finds its models on the web");
  lister->add_option("FOLDER", options->folder, "A folder of model folders")->required();
  lister->callback([options, &chosen] { chosen = [options] { return index(*options); }; });
  auto* teller = models.add_subcommand("diff", "What two models differ in: cards, hashes, sizes, measured quality");
  teller->add_option("A", options->a, "Name, NAME@HASH or folder")->required();
  teller->add_option("B", options->b, "Likewise")->required();
  teller->add_flag("--json", options->json, "As JSON");
  teller->callback([options, &chosen] { chosen = [options] { return diff(*options); }; });
}

}  // namespace vaerans::cli
