#include "models/registered.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/hash.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/model_backend.hpp"

namespace vaerans {
namespace models {
namespace {

constexpr std::size_t hash_digits = 64;

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<const Model>, std::less<>> models;
};

Registry& registry() {
  static auto& instance = *new Registry;
  return instance;
}

void require(bool good, const ModelInfo& info, const std::string& what) {
  if (!good) throw Error(ErrorCode::invalid_argument, "model '" + info.name + "': " + what);
}

void check(const ModelInfo& info) {
  require(is_model_name(info.name), info, "a name is made of letters, digits, '-', '_' and '.'");
  require(info.latent_channels >= 1 && info.latent_channels <= 1024, info, "channels are 1 to 1024");
  require(info.factor >= 1 && info.factor <= 64, info, "the factor is 1 to 64");
  require(std::isfinite(info.pixel_low) && std::isfinite(info.pixel_high) && info.pixel_low < info.pixel_high, info,
          "the pixel range is two numbers, the lower one first");
  require(std::isfinite(info.scaling) && info.scaling != 0 && std::isfinite(info.shift), info,
          "scaling and shift are numbers, and scaling is not 0");
  const std::string lists = latent_lists_problem(info);
  require(lists.empty(), info, lists);
  require(std::isfinite(info.latent_std) && info.latent_std > 0, info, "latent_std is above 0");
  require(info.encoder_kind == "mean" || info.encoder_kind == "moments", info, "encoder_kind is mean or moments");
  const bool hex =
      std::ranges::all_of(info.hash, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  require(info.hash.empty() || (info.hash.size() == hash_digits && hex), info,
          "a hash has 64 hexadecimal digits in lower case");
}

std::string card_of(const ModelInfo& info) {
  nlohmann::ordered_json card{{"format", 1},
                              {"name", info.name},
                              {"description", info.description},
                              {"latent_channels", info.latent_channels},
                              {"factor", info.factor},
                              {"pixel_range", {info.pixel_low, info.pixel_high}},
                              {"scaling_factor", info.scaling},
                              {"shift_factor", info.shift},
                              {"encoder", {{"kind", info.encoder_kind}}},
                              {"latent_std", info.latent_std},
                              {"default_recipe", info.default_recipe}};
  if (!info.latents_mean.empty()) card["latents_mean"] = info.latents_mean;
  if (!info.latents_std.empty()) card["latents_std"] = info.latents_std;
  return card.dump(2);
}

void complete(ModelInfo& info) {
  if (info.default_recipe.empty()) info.default_recipe = default_recipe(info.name, info.latent_channels);
  if (info.description.empty()) info.description = "registered by this process; it has no files";
  info.card_json = card_of(info);
  if (info.hash.empty()) info.hash = text_sha256(info.card_json);
}

}  // namespace

std::shared_ptr<const Model> find_registered(std::string_view name) {
  const std::scoped_lock lock(registry().mutex);
  const auto found = registry().models.find(name);
  return found == registry().models.end() ? nullptr : found->second;
}

std::shared_ptr<const Model> find_registered_by_hash(std::string_view hash) {
  const std::scoped_lock lock(registry().mutex);
  const auto found = std::ranges::find_if(registry().models,
                                          [&](const auto& entry) { return entry.second->info.hash.starts_with(hash); });
  return found == registry().models.end() ? nullptr : found->second;
}

std::vector<std::string> registered_names() {
  const std::scoped_lock lock(registry().mutex);
  std::vector<std::string> names;
  for (const auto& [name, model] : registry().models) names.push_back(name);
  return names;
}

}  // namespace models

ModelInfo register_model(ModelInfo info, std::shared_ptr<const ModelHalf> encoder,
                         std::shared_ptr<const ModelHalf> decoder, std::shared_ptr<const ModelHalf> gradient) {
  models::check(info);
  models::require(encoder != nullptr || decoder != nullptr, info, "it has neither an encoder nor a decoder");
  models::complete(info);
  auto model = std::make_shared<models::Model>();
  model->info = std::move(info);
  model->given_encoder = std::move(encoder);
  model->given_decoder = std::move(decoder);
  model->given_gradient = std::move(gradient);
  const std::scoped_lock lock(models::registry().mutex);
  const auto [at, added] = models::registry().models.emplace(model->info.name, model);
  if (added) return model->info;
  throw Error(ErrorCode::exists,
              "a model '" + model->info.name + "' is registered already; unregister it first, or give another name");
}

bool unregister_model(std::string_view name) {
  std::shared_ptr<const models::Model> gone;  // destroyed without the lock: its destructor may be anybody's
  const std::scoped_lock lock(models::registry().mutex);
  const auto found = models::registry().models.find(name);
  if (found == models::registry().models.end()) return false;
  gone = std::move(found->second);
  models::registry().models.erase(found);
  return true;
}

}  // namespace vaerans
