// vaerans eval
#include <CLI/CLI.hpp>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "batch/originals.hpp"
#include "batch/summary.hpp"
#include "commands/commands.hpp"
#include "device.hpp"
#include "files/files.hpp"
#include "files/folders.hpp"
#include "report.hpp"
#include "vaerans/api.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::string original, file, device = "auto";
  FolderOptions folders;
  bool json = false, convert = false;
};

/// A file and the picture that it was made from.
struct Pair {
  std::string original, file;
};

/// What eval says of one pair.
struct Evaluation {
  std::uint64_t width = 0, height = 0, bytes = 0;
  Quality quality;

  [[nodiscard]] std::uint64_t pixels() const { return width * height; }
  [[nodiscard]] bool identical() const { return std::isinf(quality.psnr); }
};

Error with_name(const Error& error, const std::string& name) {
  const std::string text = error.what();
  return {error.code(), text.starts_with(name + ":") ? text : name + ": " + text};
}

Image read_picture(const std::string& name, const Bytes& bytes, bool convert) {
  return read_image(bytes, {.convert = convert, .any = !convert, .tolerant = false, .limits = {}}, display_name(name));
}

/// Whether the bytes are a .vrs file: by its name, or because they can be parsed as one.
bool is_vrs(const std::string& name, const Bytes& bytes) {
  if (name.ends_with(".vrs")) return true;
  try {
    (void)file_info(bytes);
    return true;
  } catch (const Error& error) {
    return error.code() == ErrorCode::unsupported_version;
  }
}

/// A file that is neither is refused from its first bytes.
void require_vrs_or_picture(const std::string& name, std::span<const std::uint8_t> front) try {
  require_vrs(front);
} catch (const Error&) {
  if (!name.ends_with(".vrs")) require_picture(front, display_name(name));
}

/// What reading a picture file of it gives: in sRGB, as the original is.
Image as_read(const Image& image, const std::string& name, bool convert) {
  if (image.metadata.icc.empty() && !convert) return image;
  const Bytes png = encode_image(image.view(), ".png", {.metadata = {image.metadata.icc, {}, {}}});
  return read_picture(name, png, convert);
}

Image decode(const Options& options, const std::string& name, const Bytes& bytes) {
  if (!is_vrs(name, bytes)) return read_picture(name, bytes, options.convert);
  Context context;
  context.device = options.device;
  try {
    return as_read(decompress(bytes, context), name, options.convert);
  } catch (const Error& error) {
    throw with_name(error, display_name(name));
  }
}

void require_same_size(const Image& original, const Image& test) {
  if (original.height == test.height && original.width == test.width) return;
  const auto size = [](const Image& image) {
    return std::to_string(image.width) + " x " + std::to_string(image.height);
  };
  throw Error(ErrorCode::shape, "the pictures differ in size: " + size(original) + " and " + size(test));
}

nlohmann::ordered_json to_json(const Pair& pair, const Evaluation& e) {
  nlohmann::ordered_json json = {{"original", pair.original},
                                 {"file", pair.file},
                                 {"width", e.width},
                                 {"height", e.height},
                                 {"bytes", e.bytes},
                                 {"bpp", static_cast<double>(e.bytes) * 8 / static_cast<double>(e.pixels())},
                                 {"psnr_db", e.quality.psnr},
                                 {"ssim", e.quality.ssim},
                                 {"ms_ssim", e.quality.ms_ssim},
                                 {"ms_ssim_scales", e.quality.ms_ssim_scales},
                                 {"ms_ssim_rgb", e.quality.ms_ssim_rgb},
                                 {"ssimulacra2", e.quality.ssimulacra2},
                                 {"identical", e.identical()}};
  if (e.identical()) json["psnr_db"] = nullptr;  // JSON has no infinity
  return json;
}

std::string to_text(const Pair& pair, const Evaluation& e) {
  // Below 176 pixels there are fewer scales than five, and the number means something else.
  const unsigned scales = e.quality.ms_ssim_scales;
  const std::string note = scales < 5 && scales > 0 ? " (" + std::to_string(scales) + " scales)" : "";
  return display_name(pair.file) + "  " + with_commas(e.bytes) + " bytes  " + bits_per_pixel(e.bytes, e.pixels()) +
         "  PSNR " + fixed(e.quality.psnr, 2) + " dB  SSIM " + fixed(e.quality.ssim, 4) + "  MS-SSIM " +
         fixed(e.quality.ms_ssim, 4) + note + "  SSIMULACRA2 " + fixed(e.quality.ssimulacra2, 1);
}

Evaluation evaluate(const Options& options, const Pair& pair) {
  const Image original = read_picture(pair.original, read_picture_input(pair.original, {}), options.convert);
  const Bytes file = read_input(pair.file, {}, [&](auto front) { require_vrs_or_picture(pair.file, front); });
  const Image test = decode(options, pair.file, file);
  require_same_size(original, test);
  return {original.width, original.height, file.size(), measure(original.view(), test.view())};
}

/// Sums over the files of a folder, for the means at the end.
class Means {
 public:
  void add(const Evaluation& e) {
    if (!e.identical()) psnr_ += e.quality.psnr, ++lossy_;
    if (!std::isnan(e.quality.ssim)) ssim_ += e.quality.ssim, ms_ssim_ += e.quality.ms_ssim, ++measured_;
    if (!std::isnan(e.quality.ssimulacra2)) ssimulacra2_ += e.quality.ssimulacra2, ++scored_;
    identical_ += e.identical() ? 1 : 0;
  }
  void tell(Summary& summary) const {
    if (lossy_ > 0) tell(summary, "mean_psnr_db", "mean PSNR", psnr_ / lossy_, 2, " dB");
    if (measured_ > 0) tell(summary, "mean_ssim", "SSIM", ssim_ / measured_, 4, "");
    if (measured_ > 0) tell(summary, "mean_ms_ssim", "MS-SSIM", ms_ssim_ / measured_, 4, "");
    if (scored_ > 0) tell(summary, "mean_ssimulacra2", "SSIMULACRA2", ssimulacra2_ / scored_, 1, "");
    if (identical_ > 0) tell(summary, "identical", "identical", identical_, 0, "");
  }

 private:
  static void tell(Summary& summary, const char* name, const char* label, double value, int digits, const char* unit) {
    summary.note(name, std::string(label) + " " + fixed(value, digits) + unit, value);
  }
  double psnr_ = 0, ssim_ = 0, ms_ssim_ = 0, ssimulacra2_ = 0;
  unsigned lossy_ = 0, measured_ = 0, scored_ = 0, identical_ = 0;
};

Exit run_folders(const Options& options) {
  const Originals originals(options.original);
  const auto files = plan_inputs({options.file}, options.folders,
                                 [](std::string_view name) { return is_vrs_name(name) || is_picture_name(name); });
  Report report(files.size(), false, false, true, options.json);
  Summary summary;
  Means means;
  for (const auto& [file, place, problem] : files) {
    try {
      if (!problem.empty()) throw Error(ErrorCode::io, problem);
      const Pair pair{originals.of(place), file};
      const Evaluation e = evaluate(options, pair);
      summary.add(e.bytes, e.pixels());
      means.add(e);
      report.done(to_text(pair, e), to_json(pair, e));
    } catch (const Error& error) {
      report.failed(file, error.code(), error.what(), exit_of_reading(error.code()));
    }
  }
  means.tell(summary);
  summary.print(report);
  return report.exit();
}

Exit run_pair(const Pair& pair, const Options& options) try {
  const Evaluation e = evaluate(options, pair);
  Report(1, false, false, true, options.json).done(to_text(pair, e), to_json(pair, e));
  return Exit::ok;
} catch (const Error& error) {
  print_error(error_name(error.code()), error.what());
  return exit_of_reading(error.code());
}

Exit run_eval(const Options& options) {
  if (options.folders.recursive) return run_folders(options);
  (void)plan_inputs({options.original, options.file}, options.folders, &is_picture_name);  // refuses folders
  if (options.original == "-" && options.file == "-") throw UsageError("only one of the two can be stdin");
  return run_pair({options.original, options.file}, options);
}

}  // namespace

void add_eval(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("eval", "Compare a .vrs file, or a picture, with the original: rate and quality");
  command->add_option("ORIGINAL", options->original, "Picture to compare with; - is stdin; with -r a folder")
      ->required();
  command->add_option("FILE", options->file, "A .vrs file or a picture in any format; - is stdin; with -r a folder")
      ->required();
  options->folders.add_reading_to(*command);
  add_device(*command, options->device);
  command->add_flag("--convert", options->convert,
                    "Make 8-bit RGB of the pictures first: alpha over white, the first of several pages");
  command->add_flag("--json", options->json,
                    "One JSON object per file and line; with -r a last one with means and sums");
  command->callback([options, &chosen] { chosen = [options] { return run_eval(*options); }; });
}

}  // namespace vaerans::cli
