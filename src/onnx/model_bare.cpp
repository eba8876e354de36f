// Folders without a card: what people already have, such as the two graphs of a diffusers VAE. Sizes are read off the
// graphs, or found by running them once on a small grey picture where the graphs leave them open.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>

#include "onnx/hash.hpp"
#include "onnx/model.hpp"
#include "vaerans/core/error.hpp"

namespace vaerans::onnx {
namespace {

namespace fs = std::filesystem;

/// Scaling factors as published with the weights; latents are kept scaled, so that their spread is about 1.
struct KnownModel {
  std::string_view name;
  double scaling;
};
constexpr std::array<KnownModel, 2> known_models{{{"sdxl-vae", 0.13025}, {"sd-vae", 0.18215}}};

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
std::uint64_t extent_or(const GraphPort& port, std::size_t axis, std::uint64_t fallback) {
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

void fill(ModelInfo& info, const Sizes& sizes) {
  info.latent_channels = static_cast<std::uint32_t>(sizes.latent_channels);
  info.factor = static_cast<std::uint32_t>(sizes.factor);
  info.encoder_kind = sizes.encoder_channels == sizes.latent_channels ? "mean" : "moments";
  for (const KnownModel& known : known_models) {
    if (info.name == known.name) info.scaling = known.scaling;
  }
  info.description = "no card: properties were read off the graphs";
  info.default_recipe = "vae(" + info.name + ") | hadamard4 | cdf53(levels=4) | quantize(step=1.0) | ans";
}

/// A card like that of a model which has one, so that whoever shows cards needs no second case.
std::string card_of(const ModelInfo& info, const Model& model) {
  const fs::path folder = info.folder;
  const auto graph = [&](const GraphFile& file) {
    return nlohmann::ordered_json{{"file", fs::path(file.path).lexically_relative(folder).string()},
                                  {"sha256", file.sha256}};
  };
  nlohmann::ordered_json card{{"format", 1},
                              {"name", info.name},
                              {"description", info.description},
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
  return card.dump(2);
}

GraphFile graph_file(const fs::path& folder, const std::string& file, const char* what) {
  if (file.empty()) fail(folder, std::string("the ") + what + " is missing");
  const fs::path path = folder / file;
  return {path.string(), file_sha256(path), {}, {}};
}

}  // namespace

std::string usual_encoder(const fs::path& folder) {
  return first_file(folder, {"encoder.onnx", "vae_encoder/model.onnx"});
}
std::string usual_decoder(const fs::path& folder) {
  return first_file(folder, {"decoder.onnx", "vae_decoder/model.onnx"});
}

Model derive_card(const fs::path& folder) {
  Model model;
  model.encoder = graph_file(folder, usual_encoder(folder), "encoder (encoder.onnx or vae_encoder/model.onnx)");
  model.decoder = graph_file(folder, usual_decoder(folder), "decoder (decoder.onnx or vae_decoder/model.onnx)");
  const Execution on_cpu{"cpu", {}, 1};
  const auto encoder = Session::load(model.encoder, on_cpu), decoder = Session::load(model.decoder, on_cpu);
  ModelInfo& info = model.info;
  info.folder = folder.string();
  info.name = folder.filename().string();
  fill(info, probe_decoder(*decoder, probe_encoder(*encoder, folder), folder));
  info.encoder_path = model.encoder.path;
  info.decoder_path = model.decoder.path;
  info.hash = model.decoder.sha256;
  info.card_json = card_of(info, model);
  return model;
}

}  // namespace vaerans::onnx
