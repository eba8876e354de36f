// vaerans info
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "batch/each_file.hpp"
#include "commands/commands.hpp"
#include "vaerans/image_io.hpp"
#include "vaerans/preview.hpp"

namespace vaerans::cli {
namespace {

nlohmann::ordered_json to_json(const std::string& name, const FileInfo& info) {
  nlohmann::ordered_json parts = nlohmann::ordered_json::array(), details = nlohmann::ordered_json::array();
  nlohmann::ordered_json chunks = nlohmann::ordered_json::array();
  for (const auto& part : info.parts) parts.push_back({{"name", part.name}, {"bytes", part.bytes}});
  for (const auto& c : info.chunks) {
    chunks.push_back({{"name", c.name}, {"needed", c.needed}, {"offset", c.offset}, {"bytes", c.bytes}});
  }
  for (const auto& d : info.details) details.push_back({{"step", d.step}, {"name", d.name}, {"text", d.text}});
  return {
      {"file", name},
      {"bytes", info.file_bytes},
      {"version", info.version},
      {"source", info.source_key},
      {"shape", info.source_shape},
      {"recipe", info.recipe},
      {"model", info.model},
      {"model_hash", info.model_hash},
      {"details", details},
      {"has_residual", info.has_residual},
      {"lossless", info.lossless},
      {"residual_recipe", info.residual_recipe},
      {"base_hash", info.base_hash},
      {"source_hash", info.source_hash},
      {"samples", info.sample_type},
      {"chunks", chunks},
      {"parts", parts},
  };
}

std::string shape_text(const FileInfo& info) {
  const auto& s = info.source_shape;
  if (info.source_key == "RGB" && s.size() == 3) return std::to_string(s[1]) + " x " + std::to_string(s[0]) + " pixels";
  std::string text = info.source_key;
  for (const std::uint64_t extent : s) text += (text == info.source_key ? " " : " x ") + std::to_string(extent);
  return text;
}

/// 0 for a file that holds no picture.
std::uint64_t pixels_of(const FileInfo& info) {
  const auto& s = info.source_shape;
  return info.source_key == "RGB" && s.size() == 3 ? s[0] * s[1] : 0;
}

void print_text(const std::string& name, const FileInfo& info) {
  print_line(name);
  std::string size = with_commas(info.file_bytes) + " bytes";
  if (const std::uint64_t pixels = pixels_of(info); pixels > 0) size += ", " + bits_per_pixel(info.file_bytes, pixels);
  print_row("picture", shape_text(info));
  print_row("size", size);
  print_row("format", info.version == 0 ? "from before 1.0" : "version " + std::to_string(info.version));
  print_row("recipe", info.recipe);
  print_row("model", info.model.empty() ? "" : info.model + " (" + info.model_hash + ")");
  for (const auto& d : info.details) {
    const bool shown = d.name == "model" || d.name == "model_hash";  // in a row of their own
    if (!shown) print_row(d.name.c_str(), d.text + " (" + d.step + ")");
  }
  if (info.has_residual) print_row("residual", info.residual_recipe + (info.lossless ? " (lossless)" : " (lossy)"));
  print_row("base", info.base_hash);
  print_row("source", info.source_hash);
  std::string chunks;
  for (const auto& c : info.chunks) chunks += (chunks.empty() ? "" : " · ") + c.name + " " + with_commas(c.bytes);
  print_row("chunks", chunks);
  for (const auto& part : info.parts)
    std::printf("  %12s bytes  %s\n", with_commas(part.bytes).c_str(), part.name.c_str());
}

struct InfoOptions : ReadingOptions {
  std::string preview;
  bool force = false;
};

void write_preview(const Bytes& file, const InfoOptions& options) {
  require_free(options.preview, options.force);
  const auto preview = preview_of(file);
  if (!preview) throw Error(ErrorCode::invalid_argument, "the file has no preview; compress --preview adds one");
  const std::string suffix = std::filesystem::path(options.preview).extension().string();
  const Bytes picture = encode_image(preview->view(), suffix.empty() ? ".png" : suffix);
  write_output(options.preview, picture, options.force);
}

Exit run_info(const InfoOptions& options) {
  if (!options.preview.empty() && (options.inputs.size() > 1 || options.folders.recursive))
    throw UsageError("--preview writes one picture, so it goes with one file");
  if (options.preview == "-") throw UsageError("--preview - and what info says would mix on stdout; name a file");
  return for_each_file(options, &is_vrs_name, [&](const std::string& input, Summary& summary) {
    const Bytes file = read_vrs_input(input, {});
    const FileInfo info = file_info(file);
    if (!options.preview.empty()) write_preview(file, options);
    if (options.json)
      print_json(to_json(display_name(input), info), -1);
    else
      print_text(display_name(input), info);
    summary.add(info.file_bytes, pixels_of(info));
  });
}

}  // namespace

void add_info(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<InfoOptions>();
  auto* command = app.add_subcommand("info", "Say what is in .vrs files, without decoding them");
  options->add_to(*command);
  command->add_option("--preview", options->preview, "Write the file's preview to this picture, by its suffix")
      ->type_name("OUT.png");
  command->add_flag("-f,--force", options->force, "Replace a picture that exists");
  command->callback([options, &chosen] { chosen = [options] { return run_info(*options); }; });
}

}  // namespace vaerans::cli
