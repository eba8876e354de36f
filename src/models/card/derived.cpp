// What follows from a model's properties: its default recipe, how each channel of its latents is scaled, what errors
// say of it.
#include <algorithm>
#include <bit>
#include <cmath>

#include "models/model.hpp"

namespace vaerans::models {
namespace {

double at_or(const std::vector<double>& list, std::size_t channel, double otherwise) {
  return channel < list.size() ? list[channel] : otherwise;
}

}  // namespace

std::string default_recipe(std::string_view name, std::uint32_t channels) {
  const std::string rotation = std::has_single_bit(channels) ? " | hadamard4" : "";
  return "vae(" + std::string(name) + ")" + rotation + " | cdf53(levels=4) | quantize(step=1.0) | ans";
}

LatentScale latent_scale(const ModelInfo& info, std::size_t channel) {
  return {info.shift + at_or(info.latents_mean, channel, 0), info.scaling / at_or(info.latents_std, channel, 1)};
}

std::string latent_lists_problem(const ModelInfo& info) {
  const auto fits = [&](const auto& list) { return list.empty() || list.size() == info.latent_channels; };
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!fits(info.latents_mean) || !fits(info.latents_std))
    return "latents_mean and latents_std have one number for each of the " + std::to_string(info.latent_channels) +
           " channels";
  if (!std::ranges::all_of(info.latents_mean, finite)) return "latents_mean are finite numbers";
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  return std::ranges::all_of(info.latents_std, positive) ? "" : "latents_std are numbers above 0";
}

std::string other_weights(std::string_view wanted, const ModelInfo& found) {
  // A registered model has no folder; what its hash is made of says what may have changed.
  const std::string where = found.folder.empty() ? ", which this process registered (its hash is of its name, its "
                                                   "properties and its version),"
                                                 : " in " + found.folder;
  return "the latent was made with a model whose decoder has SHA-256 " + std::string(wanted) + "…, but model '" +
         found.name + "'" + where + " has " + found.hash.substr(0, wanted.size()) + "…";
}

std::string name_for_folder(std::string_view folder) {
  std::string name;
  for (const char c : folder) {
    if (is_model_name(std::string("x") + c))
      name += c;
    else if (!name.empty() && name.back() != '-')
      name += '-';
  }
  name.erase(0, std::min(name.find_first_not_of(".-"), name.size()));
  while (name.ends_with('-')) name.pop_back();
  name.resize(std::min<std::size_t>(name.size(), 100));
  return name.empty() ? "model" : name;
}

}  // namespace vaerans::models
