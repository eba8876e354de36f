// Latent4 → ReconRGB.
#include <algorithm>
#include <utility>
#include <vector>

#include "core/parallel.hpp"
#include "kernels/pixels.hpp"
#include "onnx/verify.hpp"
#include "systems/system_base.hpp"
#include "systems/vae_systems.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/core/error.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::vae {
namespace {

using ModelPtr = std::shared_ptr<const onnx::Model>;

void require_latent(const Shape& shape, const ModelInfo& info) {
  if (shape.rank() == 3 && shape[0] == info.latent_channels) return;
  throw Error(ErrorCode::shape, "model '" + info.name + "' decodes latents of shape (" +
                                    std::to_string(info.latent_channels) + ", h, w), this is " + shape.str());
}

/// Whether these weights are those the latent was made with.
void require_same_weights(const TrailNode& made_by, const ModelInfo& info, const Limits& limits) {
  const Record record = Record::parse(made_by.record, limits);
  const std::string found = info.hash.substr(0, record.hash.size());
  if (record.hash == found) return;
  throw Error(ErrorCode::model_mismatch, "the latent was made with a model whose decoder has SHA-256 " + record.hash +
                                             "…, but model '" + info.name + "' in " + info.folder + " has " + found +
                                             "…; find the right version of the model, or name it");
}

/// The picture that is to come out: as large as what was encoded, or all that the decoder makes.
Shape picture_shape(const Shape& latent, std::uint64_t factor, const TrailNode* made_by) {
  const Shape full{latent[1] * factor, latent[2] * factor, 3};
  if (made_by == nullptr) return full;
  const Shape& picture = made_by->input.shape;
  if (picture.rank() == 3 && picture[2] == 3 && picture[0] <= full[0] && picture[1] <= full[1]) return picture;
  throw Error(ErrorCode::corrupt_stream, "a latent " + latent.str() + " cannot come from a picture " + picture.str());
}

/// Neighbours in the group that share a model, and what they are decoded with.
struct Job {
  Group& group;
  const ModelInfo& info;
  const onnx::GraphFile& graph;
  const ModelHalf& half;
  Shape picture;
  std::span<std::uint8_t> pixels;  ///< of the whole group
  Timing& timing;

  [[nodiscard]] Shape planes(std::uint64_t n) const {
    const Shape& latent = group.spec().shape;
    return {n, 3, latent[1] * info.factor, latent[2] * info.factor};
  }
};

void read_latents(const Job& job, std::size_t first, std::span<float> out) {
  const auto factor = static_cast<float>(1.0 / job.info.scaling), shift = static_cast<float>(job.info.shift);
  const std::size_t each = job.group.spec().shape.elements();
  for (std::size_t i = 0; i * each < out.size(); ++i) {
    const auto latent = job.group.item<float>(0, first + i);
    std::transform(latent.begin(), latent.end(), out.begin() + static_cast<std::ptrdiff_t>(i * each),
                   [&](float value) { return value * factor + shift; });
  }
}

void write_picture(const Job& job, std::size_t i, std::span<const float> planes) {
  if (any_non_finite(planes)) {
    job.group.fail(
        i, Error(ErrorCode::non_finite, "the decoder of model '" + job.info.name +
                                            "' gave NaN or infinite pixels: the latent is not one of this model, or " +
                                            onnx::overflow_remedy(job.graph)));
    return;
  }
  const Shape padded = job.planes(1);
  const std::size_t each = job.picture.elements();
  const kernels::MutableImageView out{job.pixels.data() + i * each, job.picture[0], job.picture[1], 3,
                                      job.picture[1] * 3};
  require_ok(kernels::from_planar(planes, padded[2], padded[3], job.info.pixel_low, job.info.pixel_high, out),
             "from_planar");
}

void decode_part(const Job& job, std::size_t first, std::size_t n) {
  World& world = job.group.world();
  const Shape in = job.group.spec().shape.batched(n), out = job.planes(n);
  const auto latents = job.group.view<float>(world.scratch("vae.latents", in, DType::f32));
  const auto planes = job.group.view<float>(world.scratch("vae.planes", out, DType::f32));
  read_latents(job, first, latents);
  job.timing.session([&] { job.half.run(in, latents, out, planes, job.group.arena().keep_alive()); });
  const std::size_t each = planes.size() / n;
  job.timing.pixels([&] {
    parallel_for(job.group.context().threads, n,
                 [&](std::size_t i, std::size_t) { write_picture(job, first + i, planes.subspan(i * each, each)); });
  });
}

/// Entities [first, last) share a model. Returns the size of the batches they were cut into.
std::uint64_t decode_run(Group& group, const onnx::Model& model, const std::string& providers, const Shape& picture,
                         std::span<std::uint8_t> pixels, std::size_t first, std::size_t last, Timing& timing) {
  const auto half = timing.load([&] { return onnx::open_decoder(model, execution(group.context(), providers)); });
  const Job job{group, model.info, model.decoder, *half, picture, pixels, timing};
  const std::uint64_t batch = batch_size(group, *half, job.planes(1).elements() * sizeof(float));
  for (std::size_t at = first; at < last; at += batch) decode_part(job, at, std::min<std::size_t>(batch, last - at));
  if (const std::string note = half->note(); !note.empty()) group.note(note);
  return std::min<std::uint64_t>(batch, last - first);
}

}  // namespace

Decode::Decode(const VAEOptions& options)
    : Decode(options.model.empty() ? nullptr : std::make_shared<const ModelHandle>(options.model), options.providers) {}

Decode::Decode(std::shared_ptr<const ModelHandle> model, std::string providers)
    : model_(std::move(model)), providers_(std::move(providers)) {}

const Contract& Decode::contract() const {
  static const Contract contract = [] {
    Contract c;
    c.name = "vae_decode";
    c.role = Role::inverse;
    c.inputs = {{Kind::planes, ""}};
    c.outputs = {{Kind::image, std::string(ReconRGB::key)}};
    c.inverse_of = "vae";
    c.optional_trail = true;
    return c;
  }();
  return contract;
}

ParamList Decode::params() const {
  ParamList list;
  if (model_) list.emplace_back("model", model_->name());
  if (!providers_.empty()) list.emplace_back("providers", providers_);
  return list;
}

ModelPtr Decode::model_for(const Group& group, std::size_t i) const {
  const TrailNode* made_by = group.undoing(i);
  const auto* encoder = made_by == nullptr ? nullptr : dynamic_cast<const Encode*>(made_by->system);
  const auto handle = model_ ? model_ : encoder != nullptr ? encoder->model() : nullptr;
  ModelPtr model = handle ? handle->open() : onnx::open_model(default_model);
  if (made_by != nullptr) require_same_weights(*made_by, model->info, group.context().limits);
  require_latent(group.spec().shape, model->info);
  return model;
}

void Decode::run(Group& group) const {
  Timing timing;
  std::vector<ModelPtr> models(group.size());  // nullptr: the entity failed
  for (std::size_t i = 0; i < group.size(); ++i) {
    try {
      models[i] = timing.load([&] { return model_for(group, i); });
    } catch (const Error& error) {
      group.fail(i, error);
    }
  }
  const auto any = std::find_if(models.begin(), models.end(), [](const ModelPtr& model) { return model != nullptr; });
  if (any == models.end()) return;
  // What was encoded, and so the picture's shape and the factor, is the same in all of a group.
  const Shape picture = picture_shape(group.spec().shape, (*any)->info.factor, group.undoing(0));
  const auto pixels = group.view<std::uint8_t>(group.output({Kind::image, DType::u8, picture, {}}));
  std::uint64_t batch = 0;
  for (std::size_t first = 0, last = 0; first < group.size(); first = last) {
    const auto same = [&](const ModelPtr& model) { return model == models[first]; };
    last = static_cast<std::size_t>(
        std::find_if_not(models.begin() + static_cast<std::ptrdiff_t>(first), models.end(), same) - models.begin());
    if (!models[first]) continue;
    batch = std::max(batch, decode_run(group, *models[first], providers_, picture, pixels, first, last, timing));
  }
  timing.write(group.trace(), batch);
}

}  // namespace vaerans::vae
