// RGB → Latent4.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <utility>

#include "core/parallel.hpp"
#include "kernels/pixels.hpp"
#include "onnx/verify.hpp"
#include "systems/system_base.hpp"
#include "systems/vae_systems.hpp"
#include "vaerans/components/latent.hpp"
#include "vaerans/core/error.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::vae {
namespace {

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0 ? 1 : 0); }

void require_rgb(const Shape& shape) {
  if (shape.rank() == 3 && shape[2] == 3) return;
  throw Error(ErrorCode::shape, "the VAE needs a picture of shape (H, W, 3), this is " + shape.str());
}

Spec latent_spec(const Shape& picture, std::uint64_t channels, std::uint64_t factor) {
  return {Kind::planes, DType::f32, Shape{channels, divide_up(picture[0], factor), divide_up(picture[1], factor)}, {}};
}

/// Normal deviates that are the same on every platform, which std::normal_distribution does not promise (Box–Muller).
class Normal {
 public:
  explicit Normal(std::uint64_t seed) : bits_(seed) {}
  float next() {
    if (have_) return have_ = false, spare_;
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));  // 1 − u is in (0, 1]
    const double angle = 2.0 * std::numbers::pi * uniform();
    spare_ = static_cast<float>(radius * std::sin(angle));
    have_ = true;
    return static_cast<float>(radius * std::cos(angle));
  }

 private:
  double uniform() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
  std::mt19937_64 bits_;
  float spare_ = 0;
  bool have_ = false;
};

/// Mean and log-variance along the channels become one latent; `normal` is nullptr for the mean. The log-variance is
/// clamped as the networks were trained with.
void take(std::span<const float> moments, Normal* normal, std::span<float> latent) {
  const auto mean = moments.first(latent.size()), log_variance = moments.subspan(latent.size());
  for (std::size_t i = 0; i < latent.size(); ++i) {
    latent[i] = mean[i];
    if (normal != nullptr) latent[i] += std::exp(0.5F * std::clamp(log_variance[i], -30.0F, 20.0F)) * normal->next();
  }
}

/// One call of run(): the model, its encoder, and the latents of the group.
struct Job {
  Group& group;
  const onnx::Model& model;
  const ModelHalf& half;
  Spec latent;
  std::span<float> latents;
  bool sample;
  std::uint64_t seed;
  Timing& timing;

  [[nodiscard]] std::shared_ptr<void> memory() const { return group.arena().keep_alive(); }
  [[nodiscard]] bool moments() const { return model.info.encoder_kind == "moments"; }
  [[nodiscard]] Shape planes(std::uint64_t n) const {
    const std::uint64_t f = model.info.factor;
    return {n, 3, latent.shape[1] * f, latent.shape[2] * f};
  }
  [[nodiscard]] std::span<float> latents_of(std::size_t first, std::size_t n) const {
    const std::size_t each = latent.shape.elements();
    return latents.subspan(first * each, n * each);
  }
};

void read_pixels(const Job& job, std::size_t first, std::size_t n, std::span<float> planes) {
  const Shape& picture = job.group.spec().shape;
  const Shape padded = job.planes(n);
  const std::size_t each = planes.size() / n;
  parallel_for(job.group.context().threads, n, [&](std::size_t i, std::size_t) {
    const auto pixels = job.group.item<std::uint8_t>(0, first + i);
    const kernels::ImageView view{pixels.data(), picture[0], picture[1], 3, picture[1] * 3};
    require_ok(kernels::to_planar(view, job.model.info.pixel_low, job.model.info.pixel_high, padded[2], padded[3],
                                  planes.subspan(i * each, each)),
               "to_planar");
  });
}

/// Seeds differ by entity, not by position: the latent is the same in a batch and alone.
std::uint64_t seed_of(const Job& job, std::size_t i) {
  return job.seed + 0x9E3779B97F4A7C15ULL * job.group.entities()[i];
}

void run_moments(const Job& job, std::size_t first, std::size_t n, std::span<const float> planes) {
  const Shape shape{n, 2 * job.latent.shape[0], job.latent.shape[1], job.latent.shape[2]};
  const auto moments = job.group.view<float>(job.group.world().scratch("vae.moments", shape, DType::f32));
  job.timing.session([&] { job.half.run(job.planes(n), planes, shape, moments, job.memory()); });
  const std::size_t each = moments.size() / n;
  for (std::size_t i = 0; i < n; ++i) {
    Normal normal(seed_of(job, first + i));
    take(moments.subspan(i * each, each), job.sample ? &normal : nullptr, job.latents_of(first + i, 1));
  }
}

void encode_part(const Job& job, std::size_t first, std::size_t n) {
  const auto planes = job.group.view<float>(job.group.world().scratch("vae.planes", job.planes(n), DType::f32));
  job.timing.pixels([&] { read_pixels(job, first, n, planes); });
  if (job.moments()) return run_moments(job, first, n, planes);
  job.timing.session([&] {
    job.half.run(job.planes(n), planes, job.latent.shape.batched(n), job.latents_of(first, n), job.memory());
  });
}

void scale(std::span<float> latents, const ModelInfo& info) {
  if (info.scaling == 1.0 && info.shift == 0.0) return;
  const auto factor = static_cast<float>(info.scaling), shift = static_cast<float>(info.shift);
  for (float& value : latents) value = (value - shift) * factor;
}

void finish_entity(const Job& job, std::size_t i) {
  if (any_non_finite(job.latents_of(i, 1))) {
    job.group.fail(i, Error(ErrorCode::non_finite,
                            "the encoder of model '" + job.model.info.name +
                                "' gave NaN or infinite latents: " + onnx::overflow_remedy(job.model.encoder)));
    return;
  }
  job.group.record(i, Record::of(job.model.info).serialise());
}

void check_sampling(const onnx::Model& model, bool sample) {
  if (sample && model.info.encoder_kind != "moments") {
    throw Error(ErrorCode::bad_parameter,
                "sample=true needs an encoder that gives mean and log-variance; that of model '" + model.info.name +
                    "' gives the mean only");
  }
}

}  // namespace

Encode::Encode(const VAEOptions& options)
    : Encode(std::make_shared<const ModelHandle>(options.model.empty() ? std::string(default_model) : options.model),
             options) {}

Encode::Encode(std::shared_ptr<const ModelHandle> model, const VAEOptions& options)
    : model_(std::move(model)), options_(options) {}

const Contract& Encode::contract() const {
  static const Contract contract = [] {
    Contract c;
    c.name = "vae";
    c.role = Role::forward;
    c.inputs = {{Kind::image, ""}};
    c.outputs = {{Kind::planes, std::string(Latent4::key)}};
    return c;
  }();
  return contract;
}

ParamList Encode::params() const {
  // Always with the model: a recipe, and a file, must not change its meaning with the default.
  ParamList list{{"model", model_->name()}};
  if (!options_.providers.empty()) list.emplace_back("providers", options_.providers);
  if (options_.sample) list.emplace_back("sample", true);
  if (options_.seed >= 0) list.emplace_back("seed", options_.seed);
  return list;
}

std::shared_ptr<const System> Encode::inverse() const { return std::make_shared<Decode>(model_, options_.providers); }

Spec Encode::describe(const Spec& input, std::span<const std::byte> record, Arena&, const Limits& limits) const {
  require_rgb(input.shape);
  const std::uint64_t height = input.shape[0], width = input.shape[1];
  if (height == 0 || width == 0) throw Error(ErrorCode::corrupt_stream, "a picture of " + input.shape.str());
  if (height > limits.max_side || width > limits.max_side || height > limits.max_pixels / width) {
    throw Error(ErrorCode::limit_exceeded, "a picture of " + input.shape.str() + " is over the limits in force");
  }
  const Record parsed = Record::parse(record, limits);
  return latent_spec(input.shape, parsed.channels, parsed.factor);
}

void Encode::run(Group& group) const {
  require_rgb(group.spec().shape);
  Timing timing;
  const auto model = timing.load([&] { return model_->open(); });
  check_sampling(*model, options_.sample);
  const auto half =
      timing.load([&] { return onnx::open_encoder(*model, execution(group.context(), options_.providers)); });
  const Spec latent = latent_spec(group.spec().shape, model->info.latent_channels, model->info.factor);
  const std::uint64_t seed = options_.seed >= 0 ? static_cast<std::uint64_t>(options_.seed) : group.context().seed;
  const Job job{group, *model, *half, latent, group.view<float>(group.output(latent)), options_.sample, seed, timing};

  const std::uint64_t batch = batch_size(group, *half, job.planes(1).elements() * sizeof(float));
  for (std::size_t first = 0; first < group.size(); first += batch) {
    encode_part(job, first, std::min<std::size_t>(batch, group.size() - first));
  }
  scale(job.latents, model->info);
  for (std::size_t i = 0; i < group.size(); ++i) finish_entity(job, i);
  if (options_.sample) group.trace().seed = seed;
  if (const std::string note = half->note(); !note.empty()) group.note(note);
  timing.write(group.trace(), batch);
}

}  // namespace vaerans::vae
