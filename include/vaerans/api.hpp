// compress() and decompress(): the whole chain in one call, for one picture or many.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vaerans/base/effort.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"
#include "vaerans/models.hpp"

namespace vaerans {

/// Pixels that own themselves: h rows of w pixels.
struct Image {
  std::uint64_t height = 0, width = 0;
  std::vector<std::uint8_t> rgb;  ///< the samples, pixel by pixel; those of 16 bits as two bytes in the machine's order
  /// Whether these pixels have the digest that the decoded file holds; empty where it holds none. Exact models always
  /// give equal pixels.
  std::optional<bool> digest_matches = {};
  PictureMetadata metadata = {};  ///< what the picture's file says besides the pixels
  std::uint32_t channels = 3;     ///< grey, grey and alpha, RGB, RGB and alpha: 1 to 4
  DType dtype = DType::u8;        ///< or u16
  [[nodiscard]] ImageView view() const noexcept { return {rgb.data(), height, width, channels, 0, dtype}; }
};

/// At most one of quality, step, bpp, target_bytes, psnr, ssimulacra2, ms_ssim, max_error; none means quality 75.
struct CompressOptions {
  /// 1…100; higher is better and larger. Up to 85 about the SSIMULACRA2 of the result, 95 looks like the source, 100 is
  /// lossless. In mode "model" a scale of the quantiser alone.
  std::optional<double> quality = {};
  std::optional<double> step = {};  ///< step of the quantiser, > 0
  std::optional<double> bpp = {};   ///< whole file, bits per pixel: the best quality that does not exceed it
  std::optional<std::uint64_t> target_bytes = {};  ///< whole file, likewise
  std::optional<double> psnr = {};                 ///< dB: the smallest file that has it; of the wavelet coder, as are:
  std::optional<double> ssimulacra2 = {};          ///< up to 100, the smallest file that has it
  std::optional<double> ms_ssim = {};              ///< 0…1, of luma, the smallest file that has it
  /// Which coder: "auto", the dial: the wavelet coder, or the model where that looks better at no more bytes (which is
  /// tried at low rates), lossless at quality 100 or where a target allows it; "model", its chain (or the recipe);
  /// "wavelet", ycocg | restore | cdf97 | quantize_bands | ans(coder=mixing); "pixel", lossless. Empty: "auto", or
  /// "model" where `model` or `recipe` names one.
  std::string mode = {};
  /// What the wavelet coder, and efforts that refine a model's latents, are to be good at: "visual", what is seen (for
  /// latents also squared errors); "psnr", squared errors alone, as with a target psnr.
  std::string tune = "visual";
  /// 1…9: how much time the encoder takes; higher is smaller at the same quality, or better at the same size
  /// (docs/effort.md).
  std::int64_t effort = default_effort;
  std::string model =
      {};  ///< a name or a folder; empty: default_model_at(effort), and "auto" does without it where it is not there
  /// Empty: the model's default recipe. Rates need a quantize(step=…) in it; its steps that say no model run `model`.
  std::string recipe = {};
  /// The file is bit-exact. Alone, by the pixel coder (predict | ans(coder=mixing)), which needs no model; with a
  /// quality, a step or a recipe, by a residual stream on top of that.
  bool lossless = false;
  /// 0…100: the pixel coder with this largest error of any sample, in grey levels; 0 is lossless.
  std::optional<std::int64_t> max_error = {};
  bool digest = false;  ///< adds a digest of the decoded picture (8 bytes, the time of a decoding); a residual has it
  std::optional<std::int64_t> residual_step = {};  ///< ≥ 1: adds a coarser residual stream; 1 is lossless
  /// Adds a preview of at most so many bytes (vaerans/preview.hpp), which counts for bpp and target_bytes.
  std::optional<std::uint64_t> preview_bytes = {};
  /// What goes into the files besides the pixels: nothing, or one for each picture. It counts for bpp and target_bytes.
  std::vector<PictureMetadata> metadata = {};
};

/// Whether these options take grey and 16-bit pictures, as the pixel and the wavelet coder do. A model, and a residual
/// stream, take 8-bit RGB. All keep the alpha of a picture exactly beside it. Throws Error(bad_parameter), and what
/// Pipeline::parse() throws.
[[nodiscard]] bool takes_any_picture(const CompressOptions& options);
/// Whether these options ask for every sample as it is, or within a largest error, of the pixel coder alone, which need
/// not see the whole picture. Throws Error(bad_parameter).
[[nodiscard]] bool is_by_pixels(const CompressOptions& options);

/// Throws Error(limit_exceeded) for a picture that is larger than allowed: what is written must be readable, so the
/// limits of reading hold there, too. compress() asks this, and so may whoever has to copy a picture for it.
void require_extents(std::uint64_t height, std::uint64_t width, const Limits& limits);

/// Encodes pictures; those of one shape share each call of the model. Failed pictures leave an empty Bytes and a
/// Failure whose `entity` is the index of the picture (OnError::collect), or throw (OnError::raise): the error of one
/// of several pictures begins with its place, from 0 on: "picture 2 of the list: …".
std::vector<Bytes> compress(std::span<const ImageView> images, const CompressOptions& options = {},
                            const Context& context = {}, std::vector<Failure>* failures = nullptr);
Bytes compress(const ImageView& image, const CompressOptions& options = {}, const Context& context = {});

/// Decodes files; nothing but their bytes and the model is needed. Throws Error(contract), which names
/// decompress_latent, for a file that holds a latent. Under OnError::raise the error of one of several files begins
/// with its place, from 0 on: "file 2 of the list: …".
std::vector<Image> decompress(std::span<const std::span<const std::uint8_t>> files, const Context& context = {},
                              std::vector<Failure>* failures = nullptr);
Image decompress(std::span<const std::uint8_t> file, const Context& context = {});

/// Latents of shape (C, h, w) without any VAE. The recipe must not contain one, as in
/// "hadamard4 | cdf53 | quantize(step=0.1) | ans".
struct Latent {
  Shape shape;
  std::vector<float> values;
};
Bytes compress_latent(const Latent& latent, const std::string& recipe, const Context& context = {});
Latent decompress_latent(std::span<const std::uint8_t> file, const Context& context = {});

/// The quantiser step that a quality stands for, given the latents' standard deviation. It halves every 12.5 points.
[[nodiscard]] double step_of_quality(double quality, double latent_std);

/// The numbers of `vaerans eval`: PSNR in dB, SSIM (Gaussian window), MS-SSIM of luma and of R, G, B, SSIMULACRA2. NaN
/// where a picture is too small: below 11 pixels, SSIMULACRA2 below 8.
struct Quality {
  double psnr = 0, ssim = 0, ms_ssim = 0, ms_ssim_rgb = 0, ssimulacra2 = 0;
  /// Scales that MS-SSIM was measured on: 5, fewer below 176 pixels, 0 where there is no MS-SSIM.
  unsigned ms_ssim_scales = 0;
};
/// The pictures have one size. Grey counts as three equal channels; samples of 16 bits are rounded to 8, but for PSNR.
/// Throws Error(image_unsupported) for pictures with alpha, Error(shape).
[[nodiscard]] Quality measure(const ImageView& reference, const ImageView& test);

}  // namespace vaerans
