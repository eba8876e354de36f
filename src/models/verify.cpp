// The self-check: one picture through encoder and decoder. It is drawn here, so that nothing need be shipped or read:
// smooth shading in all three colours from dark to bright, a disc, and fine stripes.
#include "models/verify.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "models/card/diffusers_config.hpp"
#include "models/known.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace models {
namespace {

using onnx::GraphFile;
using onnx::Session;

constexpr std::uint64_t side = 256, max_side = 4096;
constexpr double least_psnr_db = 15;    // below it pictures are not recognisable: something is mixed up
constexpr double range_gain_db = 3;     // by so much another pixel range must do better to be the right one
constexpr double slight_gain_db = 0.1;  // the same if mid-grey speaks for it, too
constexpr double grey_margin = 0.15;
constexpr double spread_factor = 4;  // accepted ratio between the picture's latents and what the card says of photos

struct Range {
  float low, high;
  [[nodiscard]] std::string str() const {
    std::array<char, 48> text{};
    (void)std::snprintf(text.data(), text.size(), "[%g, %g]", static_cast<double>(low), static_cast<double>(high));
    return text.data();
  }
  bool operator==(const Range&) const = default;
};

std::string decimals(double value) {
  std::array<char, 48> text{};
  (void)std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

/// A sample of the picture, 0…1, at coordinates 0…1.
double sample(std::size_t color, double y, double x) {
  static constexpr std::array<double, 3> speed{3.1, 4.3, 5.2}, phase{0.2, 1.9, 3.7};
  double value = 0.5 + 0.42 * std::sin(speed[color] * x + phase[color]) * std::cos(speed[2 - color] * y);
  if (std::hypot(x - 0.65, y - 0.4) < 0.2) value = 0.15 + 0.3 * static_cast<double>(color);
  if (y > 0.85) value += 0.03 * std::sin(400 * x);
  return std::clamp(value, 0.0, 1.0);
}

std::vector<float> picture(std::uint64_t height, std::uint64_t width) {
  std::vector<float> planes;
  planes.reserve(3 * height * width);
  for (std::size_t color = 0; color < 3; ++color) {
    for (std::uint64_t y = 0; y < height; ++y) {
      for (std::uint64_t x = 0; x < width; ++x) {
        planes.push_back(static_cast<float>(sample(color, (static_cast<double>(y) + 0.5) / static_cast<double>(height),
                                                   (static_cast<double>(x) + 0.5) / static_cast<double>(width))));
      }
    }
  }
  return planes;
}

bool finite(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

double spread(const std::vector<float>& values) {
  double sum = 0, squares = 0;
  for (const float value : values) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(values.size());
  for (const float value : values) squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

double psnr(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - std::clamp(static_cast<double>(b[i]), 0.0, 1.0);
    sum += difference * difference;
  }
  return -10 * std::log10(std::max(sum / static_cast<double>(a.size()), 1e-10));
}

double norm(const std::vector<float>& values) {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(squares);
}

std::vector<float> repeated(const std::vector<float>& values, std::size_t n) {
  std::vector<float> out;
  for (std::size_t i = 0; i < n; ++i) out.insert(out.end(), values.begin(), values.end());
  return out;
}

/// What one trip gave: the encoder's means as they come, and the picture as 0…1.
struct Trip {
  std::vector<float> latents, picture;
};

class Check {
 public:
  explicit Check(const Model& model) : model_(model), info_(model.info) { report_.model = info_; }

  ModelReport run() {
    try {
      if (!model_.given_encoder && info_.encoder_path.empty()) {
        decoder_alone();
      } else {
        both();
      }
    } catch (const Error& error) {
      // What is wrong with the machine is not for a report on the model.
      if (error.code() != ErrorCode::model_invalid && error.code() != ErrorCode::inference) throw;
      say("shapes", false, error.what());
    }
    return std::move(report_);
  }

 private:
  void say(const char* what, bool passed, std::string detail) {
    report_.checks.push_back({what, passed, std::move(detail)});
  }

  /// What the graph fixes, or the fallback.
  static std::uint64_t extent(const PlanesPort& port, std::size_t axis, std::uint64_t fallback) {
    if (port.extents[axis] <= 0) return fallback;
    return std::min(max_side, static_cast<std::uint64_t>(port.extents[axis]));
  }

  static std::shared_ptr<const ModelHalf> half(const std::shared_ptr<const ModelHalf>& given, const GraphFile& graph) {
    return given ? given : Session::load(graph, {"cpu", {}, 0});
  }

  void decoder_alone() {
    decoder_ = half(model_.given_decoder, model_.decoder);
    const std::uint64_t small = std::max<std::uint64_t>(1, side / info_.factor);
    latent_ = Shape{1, info_.latent_channels, extent(decoder_->input(), 2, small), extent(decoder_->input(), 3, small)};
    planes_ = Shape{1, 3, latent_[2] * info_.factor, latent_[3] * info_.factor};
    const auto decoded = decode(middle(), {0, 1});
    say("shapes", true, latent_.str() + " → " + planes_.str());
    say("values", finite(decoded),
        finite(decoded) ? "finite" : std::string("NaN or infinite; ") + overflow_remedy(model_.decoder));
    say("round trip", true, "not made: this copy of the model has no encoder");
  }

  void both() {
    encoder_ = half(model_.given_encoder, model_.encoder);
    decoder_ = half(model_.given_decoder, model_.decoder);
    const std::uint64_t whole = (side + info_.factor - 1) / info_.factor * info_.factor;
    planes_ = Shape{1, 3, extent(encoder_->input(), 2, whole), extent(encoder_->input(), 3, whole)};
    latent_ = Shape{1, info_.latent_channels, planes_[2] / info_.factor, planes_[3] / info_.factor};
    picture_ = picture(planes_[2], planes_[3]);
    const Range range{info_.pixel_low, info_.pixel_high};
    const Trip trip = travel(range);
    say("shapes", true, planes_.str() + " → " + latent_.str() + " → " + planes_.str());
    if (!values(trip)) return;
    report_.psnr_db = psnr(picture_, trip.picture);
    pixel_range(range);
    round_trip();
    scaling(trip);
    exactness(trip.latents);
    gradient(trip);
  }

  Trip travel(Range range) const {
    std::vector<float> in = picture_;
    for (float& value : in) value = range.low + value * (range.high - range.low);
    const bool moments = info_.encoder_kind == "moments";
    const Shape out{1, latent_[1] * (moments ? 2 : 1), latent_[2], latent_[3]};
    Trip trip;
    trip.latents.resize(out.elements());
    encoder_->run(planes_, in, out, trip.latents);
    trip.latents.resize(latent_.elements());  // the means come first
    trip.picture = decode(trip.latents, range);
    return trip;
  }

  [[nodiscard]] std::vector<float> decode(const std::vector<float>& latents, Range range) const {
    std::vector<float> out(planes_.elements());
    decoder_->run(latent_, latents, planes_, out);
    for (float& value : out) value = (value - range.low) / (range.high - range.low);
    return out;
  }

  bool values(const Trip& trip) {
    const bool encoded = finite(trip.latents), good = encoded && finite(trip.picture);
    std::string text = "finite";
    if (!good) {
      text = std::string(encoded ? "the decoder" : "the encoder") + " gave NaN or infinity; " +
             overflow_remedy(encoded ? model_.decoder : model_.encoder);
    }
    say("values", good, text);
    return good;
  }

  /// A network does best in the range that it was trained for: using a part of it doubles the errors, and what lies
  /// outside is clipped or unknown. Networks that tolerate the wrong range are recognised by another sign: in their own
  /// range, they decode the latents' mean to something near mid-grey.
  void pixel_range(Range said) {
    std::string text = said.str();
    bool good = true;
    for (const Range other : {Range{-1, 1}, Range{0, 1}}) {
      if (other == said) continue;
      const double db = psnr(picture_, travel(other).picture), gain = db - report_.psnr_db;
      const bool greyer = std::abs(grey(other) - 0.5) + grey_margin < std::abs(grey(said) - 0.5);
      if (gain <= (greyer ? slight_gain_db : range_gain_db)) continue;
      good = false;
      text = "the card says " + said.str() + ", where the picture comes back at " + decimals(report_.psnr_db) +
             " dB, but with " + other.str() + " at " + decimals(db) + " dB: pixel_range should be " + other.str();
    }
    const auto config = read_diffusers_config(info_.folder);
    if (good && config && said != Range{-1, 1}) {
      good = false;
      text = "the card says " + said.str() + ", but " + config->class_name + " of diffusers (" + config->file.string() +
             ") takes and gives [-1, 1]";
    }
    say("pixel range", good, text);
  }

  /// Unscaled latents that are 0 when they are scaled.
  [[nodiscard]] std::vector<float> middle() const {
    const std::size_t plane = latent_[2] * latent_[3];
    std::vector<float> out;
    for (std::size_t c = 0; c < latent_[1]; ++c)
      out.insert(out.end(), plane, static_cast<float>(latent_scale(info_, c).shift));
    return out;
  }

  [[nodiscard]] std::vector<float> scaled(std::vector<float> latents) const {
    const std::size_t plane = latent_[2] * latent_[3];
    for (std::size_t i = 0; i < latents.size(); ++i) {
      const LatentScale how = latent_scale(info_, i / plane);
      latents[i] = static_cast<float>((static_cast<double>(latents[i]) - how.shift) * how.scale);
    }
    return latents;
  }

  /// Where the middle of the latents lies in a range, 0…1.
  [[nodiscard]] double grey(Range range) const {
    const auto planes = decode(middle(), range);
    double sum = 0;
    for (const float value : planes) sum += static_cast<double>(value);
    return sum / static_cast<double>(planes.size());
  }

  void round_trip() {
    const std::string measured = decimals(report_.psnr_db) + " dB";
    const bool good = report_.psnr_db >= least_psnr_db;
    say("round trip", good,
        good ? measured
             : measured + ", less than " + decimals(least_psnr_db) +
                   ": the decoder does not undo the encoder. Are they of one model, and is encoder.kind ('" +
                   info_.encoder_kind + "') right?");
  }

  /// A round trip undoes scaling and shift, so they are compared with the published values instead.
  void scaling(const Trip& trip) {
    report_.latent_std = spread(scaled(trip.latents));
    std::string text;
    const auto compare = [&](const std::string& who, double scaling, double shift) {
      if (std::abs(scaling - info_.scaling) <= 1e-4 * std::abs(scaling) && std::abs(shift - info_.shift) <= 1e-4)
        return;
      text += "scaling_factor " + decimals(info_.scaling) + " and shift_factor " + decimals(info_.shift) +
              " differ from " + decimals(scaling) + " and " + decimals(shift) + ", which " + who + " says. ";
    };
    if (const auto config = read_diffusers_config(info_.folder)) {
      compare(config->file.string(), config->scaling, config->shift);
      if (config->latents_mean != info_.latents_mean || config->latents_std != info_.latents_std)
        text += "latents_mean and latents_std differ from those in " + config->file.string() + ". ";
    } else if (const KnownModel* known = find_known_name(info_.name)) {
      compare("the publisher", known->scaling, known->shift);
    }
    const double ratio = report_.latent_std / info_.latent_std;
    if (ratio > spread_factor || ratio < 1 / spread_factor) {
      text += "the latents' standard deviation is " + decimals(report_.latent_std) + ", far from the " +
              decimals(info_.latent_std) + " that is expected: scaling_factor is wrong, or latent_std is to be set. ";
    }
    say("scaling", text.empty(), text.empty() ? "standard deviation " + decimals(report_.latent_std) : text);
  }

  /// The promise of a card that says "exact": one and several threads, alone and in a batch, the same bits.
  void exactness(const std::vector<float>& latents) {
    if (!info_.exact_decoder) return;
    const std::size_t each = planes_.elements();
    std::vector<float> first(each);
    decoder_->run(latent_, latents, planes_, first);
    bool same = true;
    for (const unsigned threads : {1U, 2U, 3U}) {
      const std::size_t batch = decoder_->single() ? 1 : threads;
      const auto session = Session::load(model_.decoder, {"cpu", {}, threads});
      std::vector<float> out(batch * each);
      session->run(latent_.item().batched(batch), repeated(latents, batch), planes_.item().batched(batch), out);
      same = same && out == repeated(first, batch);
    }
    say("exactness", same,
        same ? "the same bits on 1 to 3 threads and in batches"
             : "the card promises an exact decoder, but its pixels change with threads or batch: 'decoder.exact' is "
               "wrong");
  }

  /// What a gradient graph is for: a small move of the latents against its slopes brings the decoded picture nearer to
  /// its source.
  void gradient(const Trip& trip) {
    if (!has_gradient(model_)) return;
    const std::uint64_t pixels = std::uint64_t{info_.factor} * info_.factor;
    const Shape in{1, latent_[1] + 3 * pixels, latent_[2], latent_[3]};
    std::vector<float> both = trip.latents, slopes(trip.latents.size());
    append_folded(trip.picture, both);
    half(model_.given_gradient, model_.gradient)->run(in, both, latent_, slopes);
    const double move = 0.01 * norm(trip.latents) / std::max(norm(slopes), 1e-12);
    std::vector<float> moved = trip.latents;
    for (std::size_t i = 0; i < moved.size(); ++i) moved[i] -= static_cast<float>(move) * slopes[i];
    const double before = psnr(picture_, trip.picture);
    const double gain = psnr(picture_, decode(moved, {info_.pixel_low, info_.pixel_high})) - before;
    say("gradient", gain > 0,
        gain > 0 ? "its slopes lead to a better picture"
                 : "a small move against its slopes gives no better picture: it is not that of this decoder");
  }

  /// The picture's errors, the pixels of each latent sample as channels: (colour, row, column).
  void append_folded(const std::vector<float>& picture, std::vector<float>& out) const {
    const std::uint64_t f = info_.factor;
    for (std::uint64_t c = 0; c < 3 * f * f; ++c) {
      for (std::uint64_t i = 0; i < latent_[2] * latent_[3]; ++i) {
        const std::uint64_t y = i / latent_[3] * f + c / f % f, x = i % latent_[3] * f + c % f;
        const std::size_t at = (c / (f * f) * planes_[2] + y) * planes_[3] + x;
        out.push_back(picture[at] - picture_[at]);
      }
    }
  }

  const Model& model_;
  const ModelInfo& info_;
  ModelReport report_;
  std::shared_ptr<const ModelHalf> encoder_, decoder_;
  Shape planes_, latent_;
  std::vector<float> picture_;
};

}  // namespace

ModelReport verify(const Model& model) { return Check(model).run(); }

std::string failures(const ModelReport& report) {
  std::string text;
  for (const ModelCheck& check : report.checks) {
    if (!check.passed) text += (text.empty() ? "" : "\n") + check.what + ": " + check.detail;
  }
  return text;
}

bool scaling_is_stated(const ModelInfo& info) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::path(info.folder) / "model.json", error) ||
         find_known_name(info.name) != nullptr || read_diffusers_config(info.folder).has_value();
}

const char* overflow_remedy(const GraphFile& graph) noexcept {
  if (graph.half) {
    return "its weights are float16, whose largest number is 65504: activations overflow. Export it in float32, or use "
           "weights made for float16 (madebyollin/sdxl-vae-fp16-fix for SDXL)";
  }
  return "its weights are damaged, or overflow in the precision they run in";
}

}  // namespace models

bool ModelReport::passed() const noexcept {
  return std::all_of(checks.begin(), checks.end(), [](const ModelCheck& check) { return check.passed; });
}

ModelReport verify_model(std::string_view name_or_folder) {
  return models::verify(*models::open_model(name_or_folder));
}

}  // namespace vaerans
