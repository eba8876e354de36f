// vaerans eval
#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands/commands.hpp"
#include "files.hpp"
#include "report.hpp"
#include "vaerans/api.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::string original, file, device = "auto";
  bool json = false, convert = false;
};

Error with_name(const Error& error, const std::string& name) {
  const std::string text = error.what();
  return {error.code(), text.starts_with(name + ":") ? text : name + ": " + text};
}

Image read_picture(const std::string& name, const Bytes& bytes, bool convert) {
  try {
    return read_image(bytes, {.convert = convert, .tolerant = false, .limits = {}});
  } catch (const Error& error) {
    throw with_name(error, display_name(name));
  }
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

Image decode(const Options& options, const Bytes& bytes) {
  if (!is_vrs(options.file, bytes)) return read_picture(options.file, bytes, options.convert);
  Context context;
  context.device = options.device;
  try {
    return decompress(bytes, context);
  } catch (const Error& error) {
    throw with_name(error, display_name(options.file));
  }
}

void require_same_size(const Image& original, const Image& test) {
  if (original.height == test.height && original.width == test.width) return;
  const auto size = [](const Image& image) {
    return std::to_string(image.width) + " x " + std::to_string(image.height);
  };
  throw Error(ErrorCode::shape, "the pictures differ in size: " + size(original) + " and " + size(test));
}

void print_as_json(const Options& options, const Image& original, std::uint64_t bytes, const Quality& quality) {
  const bool identical = std::isinf(quality.psnr);
  nlohmann::ordered_json json = {
      {"original", options.original},
      {"file", options.file},
      {"width", original.width},
      {"height", original.height},
      {"bytes", bytes},
      {"bpp", static_cast<double>(bytes) * 8 / static_cast<double>(original.height * original.width)},
      {"psnr_db", quality.psnr},
      {"ssim", quality.ssim},
      {"ms_ssim", quality.ms_ssim},
      {"ms_ssim_scales", quality.ms_ssim_scales},
      {"identical", identical}};
  if (identical) json["psnr_db"] = nullptr;  // JSON has no infinity
  print_json(json, -1);
}

Exit run_eval(const Options& options) {
  if (options.original == "-" && options.file == "-") throw UsageError("only one of the two can be stdin");
  const Image original = read_picture(options.original, read_input(options.original, {}), options.convert);
  const Bytes file = read_input(options.file, {});
  const Image test = decode(options, file);
  require_same_size(original, test);
  const Quality quality = measure(original.view(), test.view());
  if (options.json) {
    print_as_json(options, original, file.size(), quality);
    return Exit::ok;
  }
  // Below 176 pixels there are fewer scales than five, and the number means something else.
  const std::string scales = quality.ms_ssim_scales < 5 && quality.ms_ssim_scales > 0
                                 ? " (" + std::to_string(quality.ms_ssim_scales) + " scales)"
                                 : "";
  std::printf("%s  %s bytes  %s  PSNR %s dB  SSIM %s  MS-SSIM %s%s\n", printable(display_name(options.file)).c_str(),
              with_commas(file.size()).c_str(), bits_per_pixel(file.size(), original.height * original.width).c_str(),
              fixed(quality.psnr, 2).c_str(), fixed(quality.ssim, 4).c_str(), fixed(quality.ms_ssim, 4).c_str(),
              scales.c_str());
  return Exit::ok;
}

}  // namespace

void add_eval(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("eval", "Compare a .vrs file, or a picture, with the original: rate and quality");
  command->add_option("ORIGINAL", options->original, "Picture to compare with; - is stdin")->required();
  command->add_option("FILE", options->file, "A .vrs file or a picture in any format; - is stdin")->required();
  command->add_option("--device", options->device, "Where models run: auto, cpu or cuda")
      ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  command->add_flag("--convert", options->convert, "Convert grey, alpha and 16-bit pictures instead of refusing them");
  command->add_flag("--json", options->json, "As a JSON object");
  command->callback([options, &chosen] { chosen = [options] { return run_eval(*options); }; });
}

}  // namespace vaerans::cli
