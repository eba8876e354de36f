// The prior that lies in a model's folder: what coders may know beforehand of its latents.
#include <map>
#include <mutex>
#include <string>

#include "base/files/small_file.hpp"
#include "coding/context/context_prior.hpp"
#include "systems/vae/vae_systems.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::vae {
namespace {

constexpr std::uint64_t max_prior_bytes = 16U << 20;

std::shared_ptr<const ContextPrior> load(const std::string& path) {
  const SmallFile file = read_small_file(path, max_prior_bytes);
  if (!file.problem.empty()) throw Error(ErrorCode::model_invalid, path + ": " + file.problem);
  try {
    return std::make_shared<const ContextPrior>(parse_prior(std::as_bytes(std::span(file.bytes))));
  } catch (const Error& error) {
    throw Error(ErrorCode::model_invalid, path + ": " + error.what());
  }
}

// Priors are small and few; one that was read stays for the life of the program. The key holds the file's hash.
std::shared_ptr<const ContextPrior> remembered(const ModelInfo& info) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const ContextPrior>> known;
  const std::scoped_lock lock(mutex);
  auto& prior = known[info.prior_path + "|" + info.prior_sha256];
  if (!prior) prior = load(info.prior_path);
  return prior;
}

}  // namespace

std::shared_ptr<const EntropyPrior> Encode::prior() const {
  const auto model = model_->open();
  return model->info.prior_path.empty() ? nullptr : remembered(model->info);
}

}  // namespace vaerans::vae
