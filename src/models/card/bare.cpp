// Folders without a card: what people already have, such as the two graphs of a diffusers VAE. Sizes are read off the
// graphs, or found by running them once on a small grey picture where the graphs leave them open.
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "models/card/diffusers_config.hpp"
#include "models/known.hpp"
#include "models/model.hpp"
#include "onnx/graph/file.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::models {
namespace {

using onnx::ExternalFile;
using onnx::GraphFile;
using onnx::read_graph_file;
using onnx::Session;
using onnx::weights_hash;

namespace fs = std::filesystem;

constexpr std::uint64_t probe_side = 64;

std::string first_file(const fs::path& folder, std::initializer_list<const char*> names) {
  std::error_code error;
  for (const char* name : names) {
    if (fs::is_regular_file(folder / name, error)) return name;
  }
  return {};
}

[[noreturn]] void fail(const fs::path& folder, const std::string& problem) {
  throw Error(ErrorCode::model_invalid, folder.string() + ": " + problem +
                                            ". The folder has no model.json, so that its properties are read off "
                                            "the graphs; write a card if they cannot be.");
}

/// An extent that the graph fixes, or what to try where it does not.
std::uint64_t extent_or(const PlanesPort& port, std::size_t axis, std::uint64_t fallback) {
  return port.extents[axis] > 0 ? static_cast<std::uint64_t>(port.extents[axis]) : fallback;
}

struct Sizes {
  std::uint64_t encoder_channels, latent_channels, factor;
};

/// One run on a grey picture tells what the encoder makes of it.
Sizes probe_encoder(const Session& encoder, const fs::path& folder) {
  const Shape in{1, 3, extent_or(encoder.input(), 2, probe_side), extent_or(encoder.input(), 3, probe_side)};
  const Shape out = encoder.probe(in);
  const bool fits = out.rank() == 4 && out[0] == 1 && out[2] != 0 && in[2] % out[2] == 0 && out[3] != 0 &&
                    in[2] / out[2] == in[3] / out[3] && in[3] % out[3] == 0;
  if (!fits) fail(folder, "the encoder makes " + out.str() + " of a picture " + in.str() + ", which is no latent");
  return {out[1], 0, in[2] / out[2]};
}

bool decodes(const Session& decoder, std::uint64_t channels, std::uint64_t factor) {
  const std::uint64_t side = std::max<std::uint64_t>(1, probe_side / factor);
  const Shape in{1, channels, extent_or(decoder.input(), 2, side), extent_or(decoder.input(), 3, side)};
  try {
    return decoder.input().accepts(in) && decoder.probe(in) == Shape{1, 3, in[2] * factor, in[3] * factor};
  } catch (const Error& error) {
    if (error.code() == ErrorCode::inference) return false;  // the graph refuses this number of channels
    throw;
  }
}

/// A decoder takes as many channels as the encoder gives, or half of them if those are means and log-variances.
Sizes probe_decoder(const Session& decoder, Sizes sizes, const fs::path& folder) {
  for (const std::uint64_t channels : {sizes.encoder_channels, sizes.encoder_channels / 2}) {
    if (channels == 0 || !decodes(decoder, channels, sizes.factor)) continue;
    sizes.latent_channels = channels;
    return sizes;
  }
  fail(folder, "the decoder does not fit the encoder, which gives " + std::to_string(sizes.encoder_channels) +
                   " channels at 1/" + std::to_string(sizes.factor) + " of the size; it takes " +
                   decoder.input().str());
}

/// What somebody says about the model must be what the graphs are.
void require_equal(const std::string& who, const char* what, std::uint32_t said, std::uint32_t found) {
  if (said == found) return;
  throw Error(ErrorCode::model_invalid, who + " says " + std::to_string(said) + " for " + what +
                                            ", but the graphs have " + std::to_string(found) +
                                            ". They do not belong together: export the model again.");
}

void take_config(ModelInfo& info, const DiffusersConfig& config) {
  const std::string file = config.file.string();
  if (config.latent_channels) require_equal(file, "latent_channels", *config.latent_channels, info.latent_channels);
  if (config.factor) require_equal(file, "the factor (2^(blocks - 1))", *config.factor, info.factor);
  info.scaling = config.scaling;
  info.shift = config.shift;
  info.latents_mean = config.latents_mean;
  info.latents_std = config.latents_std;
  if (const auto problem = latent_lists_problem(info); !problem.empty())
    throw Error(ErrorCode::model_invalid, file + ": " + problem);
  info.description = "no card: " + config.class_name + " of diffusers, as its config.json says";
}

void take_known(ModelInfo& info, const KnownModel& known, bool with_config) {
  const std::string who = "what is published of the model '" + std::string(known.name) + "'";
  require_equal(who, "latent_channels", known.channels, info.latent_channels);
  require_equal(who, "the factor", known.factor, info.factor);
  info.licence = known.licence;
  if (info.repository.empty()) info.repository = known.repository;
  if (with_config) return;
  info.scaling = known.scaling;
  info.shift = known.shift;
  info.pixel_low = known.pixel_low;
  info.description = "no card: properties as published with the weights";
}

void fill(ModelInfo& info, const Sizes& sizes, const fs::path& folder) {
  info.latent_channels = static_cast<std::uint32_t>(sizes.latent_channels);
  info.factor = static_cast<std::uint32_t>(sizes.factor);
  info.encoder_kind = sizes.encoder_channels == sizes.latent_channels ? "mean" : "moments";
  info.description = "no card: properties were read off the graphs";
  const auto config = read_diffusers_config(folder);
  if (config) take_config(info, *config);
  if (const KnownModel* known = find_known_name(info.name)) take_known(info, *known, config.has_value());
  info.default_recipe = default_recipe(info.name, info.latent_channels);
}

/// A card like that of a model which has one, so that whoever shows cards needs no second case.
std::string card_of(const ModelInfo& info, const Model& model) {
  const fs::path folder = info.folder;
  const auto graph = [&](const GraphFile& file) {
    nlohmann::ordered_json part{{"file", fs::path(file.path).lexically_relative(folder).string()},
                                {"sha256", file.sha256},
                                {"input", file.input},
                                {"output", file.output}};
    for (const ExternalFile& external : file.external) part["external"][external.location] = external.sha256;
    return part;
  };
  nlohmann::ordered_json card{{"format", 1},
                              {"name", info.name},
                              {"description", info.description},
                              {"licence", info.licence},
                              {"repository", info.repository},
                              {"revision", info.revision},
                              {"latent_channels", info.latent_channels},
                              {"factor", info.factor},
                              {"pixel_range", {info.pixel_low, info.pixel_high}},
                              {"scaling_factor", info.scaling},
                              {"shift_factor", info.shift},
                              {"encoder", graph(model.encoder)},
                              {"decoder", graph(model.decoder)},
                              {"latent_std", info.latent_std},
                              {"default_recipe", info.default_recipe}};
  card["encoder"]["kind"] = info.encoder_kind;
  if (!info.latents_mean.empty()) card["latents_mean"] = info.latents_mean;
  if (!info.latents_std.empty()) card["latents_std"] = info.latents_std;
  return card.dump(2);
}

GraphFile graph_file(const fs::path& folder, const std::string& file, const char* what) {
  if (file.empty()) fail(folder, std::string("the ") + what + " is missing");
  return read_graph_file(folder / file);
}

/// Settles once which of several inputs and outputs are meant; from then on that is part of the card.
std::unique_ptr<const Session> load(GraphFile& graph) {
  auto session = Session::load(graph, {"cpu", {}, 1});
  graph.input = session->input().name;
  graph.output = session->output().name;
  return session;
}

}  // namespace

std::string usual_encoder(const fs::path& folder) {
  return first_file(folder,
                    {"encoder.onnx", "vae_encoder/model.onnx", "vae_encoder.onnx", "onnx/vae_encoder/model.onnx"});
}
std::string usual_decoder(const fs::path& folder) {
  return first_file(folder,
                    {"decoder.onnx", "vae_decoder/model.onnx", "vae_decoder.onnx", "onnx/vae_decoder/model.onnx"});
}

Model derive_card(const fs::path& folder, const Origin& origin) {
  Model model;
  model.encoder = graph_file(folder, usual_encoder(folder), "encoder (encoder.onnx or vae_encoder/model.onnx)");
  model.decoder = graph_file(folder, usual_decoder(folder), "decoder (decoder.onnx or vae_decoder/model.onnx)");
  const auto encoder = load(model.encoder), decoder = load(model.decoder);
  ModelInfo& info = model.info;
  info.folder = folder.string();
  info.name = origin.name.empty() ? name_for_folder(folder.filename().string()) : origin.name;
  info.repository = origin.repository;
  info.revision = origin.revision;
  fill(info, probe_decoder(*decoder, probe_encoder(*encoder, folder), folder), folder);
  info.encoder_path = model.encoder.path;
  info.decoder_path = model.decoder.path;
  info.hash = weights_hash(model.decoder);
  info.card_json = card_of(info, model);
  return model;
}

}  // namespace vaerans::models
