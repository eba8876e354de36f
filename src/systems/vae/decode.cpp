// Latent4 → ReconRGB.
#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/parallel.hpp"
#include "kernels/pixels/pixels.hpp"
#include "models/generations/reference.hpp"
#include "models/verify.hpp"
#include "systems/system_base.hpp"
#include "systems/vae/device.hpp"
#include "systems/vae/strip.hpp"
#include "systems/vae/vae_systems.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans::vae {
namespace {

using ModelPtr = std::shared_ptr<const models::Model>;

void require_latent(const Shape& shape, const ModelInfo& info) {
  if (shape.rank() == 3 && shape[0] == info.latent_channels) return;
  throw Error(ErrorCode::shape, "model '" + info.name + "' decodes latents of shape (" +
                                    std::to_string(info.latent_channels) + ", h, w), this is " + shape.str());
}

/// The picture that is to come out: as large as what was encoded, or all that the decoder makes.
Shape picture_shape(const Shape& latent, std::uint64_t factor, const TrailStep* encoding) {
  const Shape full{latent[1] * factor, latent[2] * factor, 3};
  if (encoding == nullptr) return full;
  const Shape& picture = encoding->input.shape;
  if (picture.rank() == 3 && picture[2] == 3 && picture[0] <= full[0] && picture[1] <= full[1]) return picture;
  throw Error(ErrorCode::corrupt_stream, "a latent " + latent.str() + " cannot come from a picture " + picture.str());
}

/// Neighbours in the group that share a model and a grid, and what they are decoded with.
struct DecodeTask {
  Group& group;
  const models::Model& model;
  const ModelHalf& half;
  const Tiling& tiling;
  std::size_t first;  ///< entity of window 0
  Shape picture;
  std::span<std::uint8_t> pixels;  ///< pixels of the whole group
  Timing& timing;

  [[nodiscard]] std::size_t entity(std::size_t window) const { return first + window / tiling.count(); }
  [[nodiscard]] Shape latents(std::uint64_t n) const {
    return {n, model.info.latent_channels, tiling.rows.length, tiling.columns.length};
  }
  [[nodiscard]] Shape planes(std::uint64_t n) const {
    return {n, 3, tiling.rows.length * model.info.factor, tiling.columns.length * model.info.factor};
  }
  [[nodiscard]] std::span<std::uint8_t> pixels_of(std::size_t i) const {
    return pixels.subspan(i * picture.elements(), picture.elements());
  }
};

/// The latent under a window, as the network wants it.
void read_window(const DecodeTask& task, std::size_t window, std::span<float> out) {
  const Shape& latent = task.group.spec().shape;
  const std::size_t tile = window % task.tiling.count();
  const std::uint64_t length = task.tiling.columns.length, rows = task.tiling.rows.length;
  const float* const from = task.group.item<float>(0, task.entity(window)).data() + task.tiling.column(tile).begin;
  float* to = out.data();
  for (std::uint64_t y = 0; y < latent[0] * rows; ++y, to += length) {
    const models::LatentScale how = models::latent_scale(task.model.info, y / rows);
    const auto factor = static_cast<float>(1.0 / how.scale), shift = static_cast<float>(how.shift);
    const std::uint64_t row = y / rows * latent[1] + task.tiling.row(tile).begin + y % rows;
    std::transform(from + row * latent[2], from + row * latent[2] + length, to,
                   [&](float value) { return value * factor + shift; });
  }
}

/// The pixels of a window's core.
void write_core(const DecodeTask& task, std::size_t window, std::span<const float> planes) {
  const std::uint64_t f = task.model.info.factor, row_bytes = task.picture[1] * 3;
  const std::size_t tile = window % task.tiling.count();
  const Tile &row = task.tiling.row(tile), &column = task.tiling.column(tile);
  const Shape padded = task.planes(1);
  const std::uint64_t top = row.core_begin * f, bottom = std::min(row.core_end * f, task.picture[0]);
  const std::uint64_t left = column.core_begin * f, right = std::min(column.core_end * f, task.picture[1]);
  if (top >= bottom || left >= right) return;  // beyond a picture that is smaller than what the decoder makes
  const auto from = planes.subspan((top - row.begin * f) * padded[3] + left - column.begin * f);
  const kernels::MutableImageView out{task.pixels_of(task.entity(window)).data() + top * row_bytes + left * 3,
                                      bottom - top, right - left, 3, row_bytes};
  require_ok(
      kernels::from_planar(from, padded[2], padded[3], task.model.info.pixel_low, task.model.info.pixel_high, out),
      "from_planar");
}

/// Marks the entities of windows that hold something else than numbers.
void check_planes(const DecodeTask& task, std::size_t first, std::size_t n, std::span<const float> planes) {
  std::vector<char> bad(n);
  const std::size_t each = planes.size() / n;
  parallel_for(task.group.context().threads, n,
               [&](std::size_t i, std::size_t) { bad[i] = any_non_finite(planes.subspan(i * each, each)) ? 1 : 0; });
  for (std::size_t i = 0; i < n; ++i) {
    if (bad[i] == 0) continue;
    task.group.fail(task.entity(first + i),
                    Error(ErrorCode::non_finite, "the decoder of model '" + task.model.info.name +
                                                     "' gave NaN or infinite pixels: the latent is not one of this "
                                                     "model, or " +
                                                     models::overflow_remedy(task.model.decoder)));
  }
}

void write_pixels(const DecodeTask& task, Strip* strip, std::size_t first, std::size_t n,
                  std::span<const float> planes) {
  check_planes(task, first, n, planes);
  const std::size_t each = planes.size() / n;
  const auto window = [&](std::size_t i) { return planes.subspan(i * each, each); };
  if (strip == nullptr) {
    parallel_for(task.group.context().threads, n, [&](std::size_t i, std::size_t) {
      if (!task.group.failed(task.entity(first + i))) write_core(task, first + i, window(i));
    });
    return;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t entity = task.entity(first + i);
    strip->add((first + i) % task.tiling.count(), window(i), task.pixels_of(entity));
  }
}

/// Whether the windows' latents were on the device still, so that the host need not read them.
bool decoded_there(const DecodeTask& task, std::size_t first, std::size_t n, std::span<float> planes) {
  if (task.tiling.count() != 1 || !unscaled(task.model.info)) return false;
  std::vector<TensorRef> items;
  for (std::size_t i = 0; i < n; ++i) items.push_back(task.group.input(0, task.entity(first + i)).data);
  const auto left = left_on_device(task.group.arena(), items);
  if (left == nullptr) return false;
  return task.timing.session([&] { return task.half.run_from_device(task.latents(n), *left, task.planes(n), planes); });
}

void decode_windows(const DecodeTask& task, std::size_t first, std::size_t n, std::span<float> planes) {
  if (decoded_there(task, first, n, planes)) return;
  const Shape in = task.latents(n);
  const auto latents = task.group.view<float>(task.group.world().scratch("vae.latents", in, DType::f32));
  const std::size_t each = latents.size() / n;
  for (std::size_t i = 0; i < n; ++i) read_window(task, first + i, latents.subspan(i * each, each));
  const auto memory = task.group.arena().keep_alive();
  task.timing.session([&] { task.half.run(in, latents, task.planes(n), planes, memory); });
}

void decode_part(const DecodeTask& task, Strip* strip, std::size_t first, std::size_t n) {
  const TransferPlanes memory(task.group, task.half, task.planes(n));
  const auto planes = memory.values();
  decode_windows(task, first, n, planes);
  task.timing.pixels([&] { write_pixels(task, strip, first, n, planes); });
}

/// An entity's model, and how its latent says that tiles are to be blended.
struct DecodeSetup {
  ModelPtr model;  ///< nullptr: the entity failed
  std::optional<Grid> grid;
  bool made = false;  ///< by an encoder, whose side information says how it is decoded
  bool operator==(const DecodeSetup&) const = default;
};

struct Options {
  const std::string& providers;
  std::int64_t tile;
};

/// Entities [first, last) share their means. Returns how they were cut.
Cut decode_run(Group& group, const DecodeSetup& setup, const Options& options, const Shape& picture,
               std::span<std::uint8_t> pixels, std::size_t first, std::size_t last, Timing& timing) {
  const models::Model& model = *setup.model;
  const auto half =
      timing.load([&] { return models::open_decoder(model, execution(group.context(), options.providers)); });
  const Footprint footprint = Footprint::of(model.decoder.receptive_field, false, model.info, is_fixed(*half));
  // A network that is not local gives other pixels in tiles, so it is cut as the encoder recorded, if at all.
  const std::int64_t tile = options.tile < 0 && setup.made && !footprint.local ? 0 : options.tile;
  Cut cut = cut_for(cut_request(group, footprint, group.spec().shape, model.info, tile), footprint, setup.grid, *half,
                    last - first, group.context().limits);
  const DecodeTask task{group, model, *half, cut.tiling, first, picture, pixels, timing};
  std::optional<Strip> strip;
  if (cut.tiling.blended) strip.emplace(group, cut.tiling, model.info, picture);
  const std::size_t windows = (last - first) * cut.tiling.count();
  for (std::size_t at = 0; at < windows; at += cut.batch) {
    decode_part(task, strip ? &*strip : nullptr, at, std::min<std::size_t>(cut.batch, windows - at));
  }
  if (const std::string note = half->note(); !note.empty()) group.note(note);
  cut.exact = model.info.exact_decoder && half->sums_as_written();
  return cut;
}

}  // namespace

Decode::Decode(const Settings<VAEDecodeOptions>& s)
    : Decode(s, s.options.model.empty() ? nullptr : std::make_shared<const ModelHandle>(s.options.model)) {
  named_ = model_ != nullptr;
}

Decode::Decode(const Settings<VAEDecodeOptions>& s, std::shared_ptr<const ModelHandle> model)
    : DescribedSystem(s, {.inputs = {{Kind::planes, ""}},
                          .outputs = {{Kind::image, std::string(ReconRGB::key)}},
                          .inverse_of = "vae",
                          .optional_trail = true}),
      options_(s.options),
      model_(std::move(model)),
      named_(false) {}

ParamList Decode::params() const {
  VAEDecodeOptions named = options_;
  if (model_) named.model = model_->name();
  return decoder().shown(named);
}

std::shared_ptr<const models::Model> Decode::named_model(const TrailStep* encoding, const Limits& limits) const {
  auto model = model_->open();
  if (encoding == nullptr || models::means_folder(model_->text())) return model;
  const std::string hash = SideInfo::parse(encoding->side_info, limits).hash;
  if (model->info.hash.starts_with(hash)) return model;
  // A name means all generations of a model: the latent knows which.
  auto made_it = models::open_model(models::reference_to(model_->name(), hash));
  return made_it->info.name == model->info.name ? made_it : model;
}

std::shared_ptr<const models::Model> Decode::model_of(const TrailStep* encoding, const Limits& limits) const {
  if (named_) return named_model(encoding, limits);
  const auto* encoder = encoding == nullptr ? nullptr : dynamic_cast<const Encode*>(encoding->system);
  if (encoder != nullptr) return encoder->handle()->open();
  return model_ ? model_->open() : models::open_model(default_model);
}

void Decode::run(Group& group) const {
  Timing timing;
  std::vector<DecodeSetup> setup(group.size());
  for (std::size_t i = 0; i < group.size(); ++i) {
    try {
      const TrailStep* encoding = group.undone_step(i);
      ModelPtr model = timing.load([&] { return model_of(encoding, group.context().limits); });
      if (encoding != nullptr) {
        setup[i].grid = checked_side_info(*encoding, model->info, group.context().limits).grid;
        setup[i].made = true;
      }
      require_latent(group.spec().shape, model->info);
      setup[i].model = std::move(model);
    } catch (const Error& error) {
      group.fail(i, error);
    }
  }
  const auto any = std::find_if(setup.begin(), setup.end(), [](const DecodeSetup& m) { return m.model != nullptr; });
  if (any == setup.end()) return;
  // What was encoded, and so the picture's shape and the factor, is the same in all of a group.
  const Shape picture = picture_shape(group.spec().shape, any->model->info.factor, group.undone_step(0));
  const auto pixels = group.view<std::uint8_t>(group.output({Kind::image, DType::u8, picture, {}}));
  Cut largest;
  bool exact = true;
  for (std::size_t first = 0, last = 0; first < group.size(); first = last) {
    const auto same = [&](const DecodeSetup& m) { return m == setup[first]; };
    last = static_cast<std::size_t>(
        std::find_if_not(setup.begin() + static_cast<std::ptrdiff_t>(first), setup.end(), same) - setup.begin());
    if (!setup[first].model) continue;
    Cut cut =
        decode_run(group, setup[first], {options_.providers, options_.tile}, picture, pixels, first, last, timing);
    exact = exact && cut.exact;
    if (cut.run_bytes() >= largest.run_bytes()) largest = std::move(cut);
  }
  timing.write(group.trace(), largest.batch);
  largest.write(group.trace(), any->model->info.factor);
  group.trace().values.emplace_back("exact", exact ? 1 : 0);
}

}  // namespace vaerans::vae
