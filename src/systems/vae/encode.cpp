// RGB → Latent4.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <utility>

#include "base/parallel.hpp"
#include "kernels/pixels/pixels.hpp"
#include "models/verify.hpp"
#include "systems/system_base.hpp"
#include "systems/vae/device.hpp"
#include "systems/vae/vae_systems.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/components/latent.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::vae {
namespace {

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return a / b + (a % b != 0 ? 1 : 0); }

void require_rgb(const Spec& spec) {
  if (spec.dtype == DType::u8 && spec.shape.rank() == 3 && spec.shape[2] == 3) return;
  throw Error(ErrorCode::shape, "the VAE needs a picture of shape (H, W, 3) u8, this is " + spec.shape.str() + " " +
                                    std::string(dtype_name(spec.dtype)));
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

/// Draws from the posterior, whose mean and log-variance lie along the channels. The log-variance is clamped as in the
/// networks' training.
void draw(std::span<const float> moments, Normal normal, std::span<float> latent) {
  const auto mean = moments.first(latent.size()), log_variance = moments.subspan(latent.size());
  for (std::size_t i = 0; i < latent.size(); ++i) {
    latent[i] = mean[i] + std::exp(0.5F * std::clamp(log_variance[i], -30.0F, 20.0F)) * normal.next();
  }
}

/// One call of run(): the model, its encoder, and where its results are put together.
struct EncodeTask {
  Group& group;
  const models::Model& model;
  const ModelHalf& half;
  Spec latent;
  Tiling tiling;
  std::span<float> gathered;  ///< (N, kept, h, w) of the whole group: the latents, or all moments to draw from
  std::uint64_t kept;         ///< channels of what the graph gives
  Timing& timing;
  TensorRef latents = {};      ///< the same as `gathered`, where results may stay on the device
  std::vector<bool> bad = {};  ///< if they stayed there: whether each picture's hold NaN or infinite numbers

  [[nodiscard]] std::uint64_t given() const { return latent.shape[0] * (model.info.encoder_kind == "moments" ? 2 : 1); }
  [[nodiscard]] std::size_t windows() const { return group.size() * tiling.count(); }
  [[nodiscard]] Shape planes(std::uint64_t n) const {
    const std::uint64_t f = model.info.factor;
    return {n, 3, tiling.rows.length * f, tiling.columns.length * f};
  }
  [[nodiscard]] Shape values(std::uint64_t n) const { return {n, given(), tiling.rows.length, tiling.columns.length}; }
  [[nodiscard]] std::span<float> gathered_of(std::size_t first, std::size_t n) const {
    const std::size_t each = kept * latent.shape[1] * latent.shape[2];
    return gathered.subspan(first * each, n * each);
  }
};

/// The pixels under window `at` of all windows of the group; what lies beyond the picture repeats its edge.
void read_window(const EncodeTask& task, std::size_t at, std::span<float> planes) {
  const Shape& picture = task.group.spec().shape;
  const std::uint64_t f = task.model.info.factor, row_bytes = picture[1] * 3;
  const Shape padded = task.planes(1);
  const std::size_t tile = at % task.tiling.count();
  const std::uint64_t top = task.tiling.row(tile).begin * f, left = task.tiling.column(tile).begin * f;
  const kernels::ImageView view{
      task.group.item<std::uint8_t>(0, at / task.tiling.count()).data() + top * row_bytes + left * 3,
      std::min(padded[2], picture[0] - top), std::min(padded[3], picture[1] - left), 3, row_bytes};
  require_ok(
      kernels::to_planar(view, task.model.info.pixel_low, task.model.info.pixel_high, padded[2], padded[3], planes),
      "to_planar");
}

void read_pixels(const EncodeTask& task, std::size_t first, std::size_t n, std::span<float> planes) {
  const std::size_t each = planes.size() / n;
  parallel_for(task.group.context().threads, n,
               [&](std::size_t i, std::size_t) { read_window(task, first + i, planes.subspan(i * each, each)); });
}

/// Copies a window's core, or adds its share to those of its neighbours.
void keep_window(const EncodeTask& task, std::size_t at, std::span<const float> values) {
  const std::size_t tile = at % task.tiling.count();
  const Tile &row = task.tiling.row(tile), &column = task.tiling.column(tile);
  const std::uint64_t length = task.tiling.columns.length, window = task.tiling.rows.length * length;
  const std::uint64_t pitch = task.latent.shape[2], plane = task.latent.shape[1] * pitch;
  float* target = task.gathered_of(at / task.tiling.count(), 1).data();
  const Shares shares = task.tiling.blended ? Shares::of(task.tiling, tile, 1) : Shares{};
  for (std::uint64_t c = 0; c < task.kept; ++c, target += plane) {
    const auto from = values.subspan(c * window, window);
    if (task.tiling.blended) {
      shares.add(from, target + row.begin * pitch + column.begin, pitch);
      continue;
    }
    for (std::uint64_t y = row.core_begin; y < row.core_end; ++y) {
      std::copy_n(from.data() + (y - row.begin) * length + (column.core_begin - column.begin),
                  column.core_end - column.core_begin, target + y * pitch + column.core_begin);
    }
  }
}

/// Whether the part's latents are on the device now and their place in the arena waits for them.
bool left_on_device(EncodeTask& task, std::size_t first, std::size_t n, std::span<const float> planes) {
  if (!task.latents.valid()) return false;
  const auto bad = encode_to_device(task.half, task.planes(n), planes, task.group.arena(), task.latents, first);
  if (bad) task.bad.insert(task.bad.end(), bad->begin(), bad->end());
  return bad.has_value();
}

void encode_part(EncodeTask& task, std::size_t first, std::size_t n) {
  World& world = task.group.world();
  const TransferPlanes memory(task.group, task.half, task.planes(n));
  const auto planes = memory.values();
  task.timing.pixels([&] { read_pixels(task, first, n, planes); });
  const bool as_it_is = task.tiling.count() == 1 && task.kept == task.given();
  const auto values = as_it_is ? task.gathered_of(first, n)
                               : task.group.view<float>(world.scratch("vae.values", task.values(n), DType::f32));
  task.timing.session([&] {
    if (left_on_device(task, first, n, planes)) return;
    task.half.run(task.planes(n), planes, task.values(n), values, task.group.arena().keep_alive());
  });
  if (as_it_is) return;
  const std::size_t each = values.size() / n;
  for (std::size_t i = 0; i < n; ++i) keep_window(task, first + i, values.subspan(i * each, each));
}

/// Seeds differ by entity, not by position: the latent is the same in a batch and alone.
std::uint64_t seed_of(const Group& group, std::uint64_t seed, std::size_t i) {
  return seed + 0x9E3779B97F4A7C15ULL * group.entities()[i];
}

/// `latents`: (N, C, h, w).
void scale(std::span<float> latents, const ModelInfo& info, std::size_t items) {
  const std::size_t plane = latents.size() / (items * info.latent_channels);
  for (std::size_t i = 0; i < items * info.latent_channels; ++i) {
    const models::LatentScale how = models::latent_scale(info, i % info.latent_channels);
    if (how.scale == 1.0 && how.shift == 0.0) continue;
    const auto factor = static_cast<float>(how.scale), shift = static_cast<float>(how.shift);
    for (float& value : latents.subspan(i * plane, plane)) value = (value - shift) * factor;
  }
}

void finish_entity(const EncodeTask& task, const SideInfo& side_info, std::size_t i, std::span<const float> latent) {
  if (!(task.bad.empty() ? any_non_finite(latent) : task.bad[i])) return task.group.side_info(i, side_info.serialize());
  task.group.fail(i, Error(ErrorCode::non_finite,
                           "the encoder of model '" + task.model.info.name +
                               "' gave NaN or infinite latents: " + models::overflow_remedy(task.model.encoder)));
}

/// What files need to decode as it is done here: networks that are not local are blended in the same way.
SideInfo side_info_of(const EncodeTask& task, std::int64_t tile, bool fixed) {
  SideInfo side_info = SideInfo::of(task.model.info);
  const Footprint decoder = Footprint::of(task.model.decoder.receptive_field, false, task.model.info, fixed);
  side_info.grid = blending_grid(cut_request(task.group, decoder, task.latent.shape, task.model.info, tile), decoder);
  return side_info;
}

void check_sampling(const models::Model& model, bool sample) {
  if (sample && model.info.encoder_kind != "moments") {
    throw Error(ErrorCode::bad_parameter,
                "sample=true needs an encoder that gives mean and log-variance; that of model '" + model.info.name +
                    "' gives the mean only");
  }
}

/// From what was gathered to the latents, scaled and checked.
void finish(const EncodeTask& task, const VAEEncodeOptions& options, bool fixed, std::span<float> latents) {
  const std::size_t each = latents.size() / task.group.size();
  if (options.sample) {
    const std::uint64_t seed = options.seed >= 0 ? static_cast<std::uint64_t>(options.seed) : task.group.context().seed;
    task.group.trace().seed = seed;
    for (std::size_t i = 0; i < task.group.size(); ++i) {
      draw(task.gathered_of(i, 1), Normal(seed_of(task.group, seed, i)), latents.subspan(i * each, each));
    }
  }
  scale(latents, task.model.info, task.group.size());
  const SideInfo side_info = side_info_of(task, options.tile, fixed);
  for (std::size_t i = 0; i < task.group.size(); ++i)
    finish_entity(task, side_info, i, latents.subspan(i * each, each));
}

}  // namespace

Encode::Encode(const Settings<VAEEncodeOptions>& s)
    : DescribedSystem(s, {.inputs = {{Kind::image, ""}}, .outputs = {{Kind::planes, std::string(Latent4::key)}}}),
      options_(s.options),
      model_(std::make_shared<const ModelHandle>(options_.model)) {}

ParamList Encode::params() const {
  VAEEncodeOptions named = options_;
  named.model = model_->name();
  return encoder().shown(named);
}

std::shared_ptr<const System> Encode::inverse() const {
  const VAEDecodeOptions same{options_.model, options_.providers, options_.tile};
  return std::make_shared<Decode>(decoder().settings(same), model_);
}

Spec Encode::describe(const Spec& input, std::span<const std::byte> side_info, Arena&, const Limits& limits) const {
  require_rgb(input);
  const std::uint64_t height = input.shape[0], width = input.shape[1];
  if (height == 0 || width == 0) throw Error(ErrorCode::corrupt_stream, "a picture of " + input.shape.str());
  if (!limits.allow_extents(height, width)) {
    throw Error(ErrorCode::limit_exceeded, "a picture of " + input.shape.str() + " is over the limits in force");
  }
  const SideInfo parsed = SideInfo::parse(side_info, limits);
  const Spec latent = latent_spec(input.shape, parsed.channels, parsed.factor);
  if (parsed.grid && parsed.grid->tile >= std::max(latent.shape[1], latent.shape[2])) {
    throw Error(ErrorCode::corrupt_stream, "vae side information: a grid of tiles, " + parsed.grid->str() +
                                               ", that does not cut a latent " + latent.shape.str());
  }
  return latent;
}

void Encode::check_undo(const TrailStep& step, const Limits& limits) const {
  const auto model = model_->open();
  const SideInfo side_info = checked_side_info(step, model->info, limits);
  if (side_info.channels == model->info.latent_channels && side_info.factor == model->info.factor) return;
  throw Error(ErrorCode::corrupt_stream, "vae side information: " + std::to_string(side_info.channels) +
                                             " channels at 1/" + std::to_string(side_info.factor) + ", but model '" +
                                             model->info.name + "' has " + std::to_string(model->info.latent_channels) +
                                             " at 1/" + std::to_string(model->info.factor));
}

std::shared_ptr<const System> Encode::with_model(const std::string& name_or_folder) const {
  VAEEncodeOptions options = options_;
  options.model = name_or_folder;
  return encoder()(options);
}

std::vector<SideInfoField> Encode::describe_side_info(std::span<const std::byte> side_info) const {
  std::vector<SideInfoField> out{{"model", model_->name()}};
  try {
    const SideInfo parsed = SideInfo::parse(side_info, {});
    out.push_back({"model_hash", parsed.hash});
    if (parsed.grid) out.push_back({"tiles", parsed.grid->str()});
  } catch (const Error&) {  // what is broken is not shown; describe() will say what is wrong
  }
  return out;
}

void Encode::run(Group& group) const {
  require_rgb(group.spec());
  Timing timing;
  const auto model = timing.load([&] { return model_->open(); });
  check_sampling(*model, options_.sample);
  const auto half =
      timing.load([&] { return models::open_encoder(*model, execution(group.context(), options_.providers)); });
  const ModelInfo& info = model->info;
  const Spec latent = latent_spec(group.spec().shape, info.latent_channels, info.factor);
  const TensorRef output = group.output(latent);
  const auto latents = group.view<float>(output);
  const Footprint footprint = Footprint::of(model->encoder.receptive_field, true, info, is_fixed(*half));
  const Cut cut = cut_for(cut_request(group, footprint, latent.shape, info, options_.tile), footprint, {}, *half,
                          group.size(), group.context().limits);
  EncodeTask task{group, *model, *half, latent, cut.tiling, latents, latent.shape[0], timing};
  if (task.kept == task.given() && cut.tiling.count() == 1 && unscaled(info)) task.latents = output;
  if (options_.sample) {
    task.kept = task.given();
    const Shape moments{group.size(), task.kept, latent.shape[1], latent.shape[2]};
    task.gathered = group.view<float>(group.world().scratch("vae.moments", moments, DType::f32));
  }
  if (cut.tiling.blended) std::ranges::fill(task.gathered, 0.0F);
  for (std::size_t first = 0; first < task.windows(); first += cut.batch) {
    encode_part(task, first, std::min<std::size_t>(cut.batch, task.windows() - first));
  }
  finish(task, options_, footprint.fixed, latents);
  if (const std::string note = half->note(); !note.empty()) group.note(note);
  timing.write(group.trace(), cut.batch);
  cut.write(group.trace(), info.factor);
}

}  // namespace vaerans::vae
