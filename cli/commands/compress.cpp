// vaerans compress
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>

#include "batch/batch_run.hpp"
#include "batch/each_file.hpp"
#include "batch/streamed.hpp"
#include "commands/commands.hpp"
#include "numbers.hpp"
#include "vaerans/api.hpp"
#include "vaerans/image_io.hpp"
#include "vaerans/models.hpp"
#include "vaerans/palette_png.hpp"
#include "vaerans/preview.hpp"

namespace vaerans::cli {
namespace {

struct Options : RunOptions {
  double quality = 75, step = 1, bpp = 1, psnr = 40, ssimulacra2 = 80, ms_ssim = 0.99;
  std::string target_size;
  std::int64_t residual_step = 1, max_error = 0;
  CompressOptions api;
  bool convert = false, tolerant = false, strip = false, stream = false;
  CLI::Option *quality_set = nullptr, *step_set = nullptr, *bpp_set = nullptr;
  CLI::Option *size_set = nullptr, *psnr_set = nullptr, *ssimulacra2_set = nullptr, *ms_ssim_set = nullptr;
  CLI::Option *residual_set = nullptr, *error_set = nullptr, *preview_set = nullptr;
  std::uint64_t preview_bytes = usual_preview_bytes;
};

/// Checks what CLI11 cannot check; the errors say what would be right.
void take_rates(Options& o) {
  std::size_t rates = 0;
  for (const CLI::Option* option :
       {o.quality_set, o.step_set, o.bpp_set, o.size_set, o.psnr_set, o.ssimulacra2_set, o.ms_ssim_set})
    rates += option->count();
  if (rates > 1)
    throw UsageError("give at most one of -q, --step, --bpp, --target-size, --psnr, --ssimulacra2 and --ms-ssim, once");
  if (*o.quality_set) {
    require_between("-q/--quality", o.quality, 1, 100);
    o.api.quality = o.quality;
  }
  if (*o.step_set) {
    require_positive("--step", o.step);
    o.api.step = o.step;
  }
  if (*o.bpp_set) {
    require_positive("--bpp", o.bpp);
    o.api.bpp = o.bpp;
  }
  if (*o.psnr_set) {
    require_positive("--psnr", o.psnr);
    o.api.psnr = o.psnr;
  }
  if (*o.ssimulacra2_set) o.api.ssimulacra2 = o.ssimulacra2;
  if (*o.ms_ssim_set) {
    require_between("--ms-ssim", o.ms_ssim, 0, 1);
    o.api.ms_ssim = o.ms_ssim;
  }
  if (*o.size_set) o.api.target_bytes = parse_size("--target-size", o.target_size);
  if (*o.residual_set) {
    require_positive("--residual-step", static_cast<double>(o.residual_step));
    o.api.residual_step = o.residual_step;
  }
  if (*o.preview_set) o.api.preview_bytes = o.preview_bytes;
  if (*o.error_set) {
    if (rates > 0 || *o.residual_set || !o.api.recipe.empty())
      throw UsageError("--max-error goes without a rate, a residual step and a recipe");
    require_between("--max-error", static_cast<double>(o.max_error), 0, 100);
    o.api.max_error = o.max_error;
  }
}

class CompressRun final : public BatchRun<Image> {
 public:
  CompressRun(const Options& options, const FolderPlan& plan) : BatchRun(options, plan), options_(options) {}

 private:
  void read(const FileTask& task) override {
    Image image;
    try {
      require_free(task.output, options_.force);
      const ReadImageOptions how{.convert = options_.convert,
                                 .alpha = true,
                                 .any = any_,
                                 .metadata = !options_.strip,
                                 .tolerant = options_.tolerant,
                                 .limits = context_.limits};
      image = task.input == "-" ? read_image(read_picture_input("-", context_.limits), how, display_name("-"))
                                : read_image(task.input, how);
    } catch (const Error& error) {
      const bool about_output = error.code() == ErrorCode::exists;
      report_.failed(about_output ? task.output : display_name(task.input), error.code(), error.what(),
                     exit_of(error.code()));
      return;
    }
    take_palette(task, image);
    const std::uint64_t pixels = image.height * image.width;
    add(task, std::move(image), pixels);
  }

  /// Rates that are searched for leave no room for it.
  void take_palette(const FileTask& task, const Image& image) {
    if (options_.strip || options_.api.bpp || options_.api.target_bytes || !is_regular(task.input)) return;
    auto palette = read_palette(task.input);
    if (palette && holds_picture(*palette, image.view())) palettes_[task.input] = std::move(*palette);
  }
  /// Pixels that are not the source's are of no palette.
  [[nodiscard]] Bytes with_own_palette(const FileTask& task, const Bytes& file) const {
    const auto palette = palettes_.find(task.input);
    if (palette == palettes_.end() || !file_info(file, context_.limits).lossless) return file;
    return with_palette(file, palette->second, context_.limits);
  }

  void work(Items& items) override {
    std::vector<ImageView> views;
    views.reserve(items.size());
    for (const auto& item : items) views.push_back(item.payload.view());
    CompressOptions api = options_.api;
    for (auto& item : items) api.metadata.push_back(std::move(item.payload.metadata));
    std::vector<Failure> failures;
    const std::vector<Bytes> files = compress(views, api, context_, &failures);
    report_failures(failures, items, &exit_of);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!files[i].empty()) write(items[i], with_own_palette(items[i].task, files[i]));
    }
  }

  void write(const Batch<Image>::Item& item, const Bytes& file) {
    const FileTask& task = item.task;
    try {
      write_output(task.output, file, options_.force);
    } catch (const Error& error) {
      report_.failed(output_name(task), error.code(), error.what(), exit_of(error.code()));
      return;
    }
    const Image& image = item.payload;
    const std::uint64_t pixels = image.height * image.width;
    summary_.add(file.size(), pixels);
    report_.done(display_name(task.input) + " -> " + output_name(task) + "  " + with_commas(file.size()) + " bytes  " +
                     bits_per_pixel(file.size(), pixels),
                 {{"input", display_name(task.input)},
                  {"output", output_name(task)},
                  {"width", image.width},
                  {"height", image.height},
                  {"bytes", file.size()},
                  {"bpp", static_cast<double>(file.size()) * 8 / static_cast<double>(pixels)}});
  }

  const Options& options_;
  std::map<std::string, Palette> palettes_;     ///< those of the inputs
  bool any_ = takes_any_picture(options_.api);  ///< also says at once what is wrong with the options
};

/// A .vrs file under the name of a picture would be opened by nothing.
void require_honest_name(const std::string& output) {
  if (is_folder(output) || !is_picture_name(output)) return;
  throw UsageError(output + ": compress writes .vrs files, whatever their name says; use " +
                   std::filesystem::path(output).replace_extension(".vrs").string());
}

/// Whether a model is named, which has to be there, or the default one's chain is run for sure: the pixel coder has
/// none, a recipe names its own.
bool needs_model(const Options& o) {
  if (!o.api.model.empty()) return o.api.recipe.empty();
  if (o.api.mode != "model") return false;
  const bool on_a_base = *o.quality_set || *o.step_set || *o.residual_set;
  return o.api.recipe.empty() && !o.api.max_error && (!o.api.lossless || on_a_base);
}

/// Whether it is a quality for the wavelet coder, and nothing beside it.
bool is_by_quality(const Options& o) {
  const bool plain = o.api.recipe.empty() && o.api.model.empty() && !o.api.residual_step && !o.api.lossless;
  return *o.quality_set && plain && !o.api.digest && o.api.tune == "visual" && o.api.mode != "model";
}

Exit run_streamed(const Options& options, const FolderPlan& plan) {
  const bool by_pixels = is_by_pixels(options.api);
  if (!by_pixels && !is_by_quality(options))
    throw UsageError("--stream goes with --lossless, --max-error or -q, whose files need little memory");
  if (options.api.preview_bytes) throw UsageError("--stream makes no preview: that would need the whole picture first");
  const bool other_mode =
      !options.api.mode.empty() && options.api.mode != (by_pixels ? "pixel" : "wavelet") && options.api.mode != "auto";
  if (options.convert || options.tolerant || options.api.digest || other_mode)
    throw UsageError("--stream goes without --convert, --tolerant, --digest and other modes");
  RowOptions how;
  how.max_error = options.api.max_error.value_or(0);
  how.effort = options.api.effort;
  if (!by_pixels) how.quality = options.api.quality;
  const auto work = [&](const FileTask& task, const Context& context, Report& report, Summary& summary) {
    stream_in(task, how, context, options.force, report, summary);
  };
  return for_each_task(options, plan, &exit_of, work);
}

Exit run_compress(Options& options) {
  take_rates(options);
  require_honest_name(options.output);
  const FolderPlan plan = plan_outputs(options.inputs, options.output, ".vrs", options.folders, &is_picture_name);
  guard_terminal(plan.tasks, options.force);
  // A recipe that is wrong for one picture is wrong for all: said once, before any picture is read.
  if (!options.api.recipe.empty()) (void)Pipeline::parse(options.api.recipe);
  if (needs_model(options))
    (void)find_model(options.api.model.empty() ? std::string(default_model_at(options.api.effort)) : options.api.model);
  if (!options.trace_path.empty()) require_free(options.trace_path, options.force);
  make_folders(plan, options.output, options.folders);
  if (options.stream) return run_streamed(options, plan);
  return CompressRun(options, plan).run(plan.tasks);
}

void add_rates(CLI::App& command, Options& o) {
  auto* rate = command.add_option_group("Rate", "At most one of these; none means -q 75");
  o.quality_set = rate->add_option("-q,--quality", o.quality, "1 (smallest) to 100 (best)")->type_name("N");
  o.step_set = rate->add_option("--step", o.step, "Step of the quantiser")->type_name("X");
  o.bpp_set =
      rate->add_option("--bpp", o.bpp, "The best quality in so many bits per pixel, whole file")->type_name("X");
  o.size_set = rate->add_option("--target-size", o.target_size, "The best quality in so many bytes (20000, 20k, 1M)")
                   ->type_name("SIZE");
  o.psnr_set = rate->add_option("--psnr", o.psnr, "The smallest file with so many dB; --mode wavelet or auto");
  o.psnr_set->type_name("X");
  o.ssimulacra2_set = rate->add_option("--ssimulacra2", o.ssimulacra2, "Likewise with that SSIMULACRA2, up to 100");
  o.ssimulacra2_set->type_name("X");
  o.ms_ssim_set = rate->add_option("--ms-ssim", o.ms_ssim, "Likewise with that MS-SSIM of luma, up to 1");
  o.ms_ssim_set->type_name("X");
}

}  // namespace

void add_compress(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* command = app.add_subcommand("compress", "Make small files of pictures: photo.png becomes photo.vrs beside it");
  options->add_to(*command, "File to write, - for stdout, or a folder; several inputs go to a folder");
  add_rates(*command, *options);
  command->add_option("-m,--model", options->api.model, "Name or folder of a model; without --mode, it is used");
  command->add_option("--mode", options->api.mode,
                      "Coder: auto (the default): wavelet, or the model where that looks better at no more bytes, "
                      "lossless at -q 100; model (a VAE), wavelet, pixel (lossless)");
  command
      ->add_option("--tune", options->api.tune,
                   "What the wavelet coder and refined latents are to be good at: visual or psnr")
      ->capture_default_str();
  command
      ->add_option("-e,--effort", options->api.effort,
                   "1 (fastest) to 9 (smallest or best): the time that encoders take; models need much from 6 on")
      ->type_name("N")
      ->capture_default_str();
  command->add_option(
      "--recipe", options->api.recipe,
      "Chain of systems instead of the model's, run by --model where it says none; see `vaerans systems`");
  auto* lossless =
      command->add_flag("--lossless", options->api.lossless,
                        "Bit-exact, without a model; with -q, --step or --recipe by a second stream on top of that");
  options->error_set = command->add_option("--max-error", options->max_error,
                                           "No sample differs by more than N grey levels, 0 to 100; without a model");
  options->error_set->type_name("N")->excludes(lossless);
  options->residual_set = command->add_option("--residual-step", options->residual_step,
                                              "Add a coarser second stream with this step; 1 is lossless");
  options->residual_set->type_name("N")->excludes(lossless);
  command->add_flag("--digest", options->api.digest,
                    "Add a digest of the decoded picture, so that decoders can tell whether they give the same pixels");
  options->preview_set =
      command
          ->add_option("--preview", options->preview_bytes,
                       "Add a picture of at most 64 pixels that decodes without a model, in at most BYTES (100 to "
                       "65536) of the file")
          ->type_name("BYTES")
          ->expected(0, 1)
          ->default_str(std::to_string(usual_preview_bytes));
  command->add_flag("--stream", options->stream,
                    "Read a raw PGM, PPM or PAM row by row, from a file or stdin, within some hundred rows of memory; "
                    "with --lossless, --max-error, or -q, which is then the wavelet coder's");
  command->add_flag("--strip", options->strip,
                    "Keep no ICC profile, EXIF and XMP; colours become sRGB. (The orientation is applied either way)");
  command->add_flag(
      "--convert", options->convert,
      "Convert grey, alpha (over white) and 16-bit pictures to 8-bit RGB. Without it they are kept as they "
      "are, but by models and recipes, which take RGB");
  command->add_flag("--tolerant", options->tolerant,
                    "Take what is left of damaged pictures, the rest being black or grey, instead of refusing them");
  command->callback([options, &chosen] { chosen = [options] { return run_compress(*options); }; });
}

}  // namespace vaerans::cli
