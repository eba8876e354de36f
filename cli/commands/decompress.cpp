// vaerans decompress
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "batch/batch_run.hpp"
#include "batch/each_file.hpp"
#include "batch/streamed.hpp"
#include "commands/commands.hpp"
#include "vaerans/api.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/image_io.hpp"
#include "vaerans/palette_png.hpp"
#include "vaerans/partial.hpp"
#include "vaerans/raw_rows.hpp"
#include "vaerans/rows.hpp"

namespace vaerans::cli {
namespace {

struct Options : RunOptions {
  std::string format = "png";
  int quality = 90;
  bool strip = false, allow_partial = false, stream = false;
  std::string region_text;
  std::optional<Region> region;
  CLI::Option *format_set = nullptr, *quality_set = nullptr;

  [[nodiscard]] WriteImageOptions writing(const PictureMetadata& metadata = {}) const {
    WriteImageOptions how;
    if (*quality_set) how.quality = quality;
    if (!strip) how.metadata = metadata;
    return how;
  }

  /// A name's own suffix decides; --format is used where there is none (stdout, `-o picture`, /dev/null).
  [[nodiscard]] std::string suffix_of(const std::string& output) const {
    const std::string suffix = std::filesystem::path(output).extension().string();
    return suffix.empty() ? "." + format : suffix;
  }
};

/// The pixels that decoding will give, from the header.
std::uint64_t pixels_of(const FileInfo& info) {
  std::uint64_t pixels = 1;
  for (const std::uint64_t extent : info.source_shape) pixels *= extent;
  return info.source_key == "RGB" ? pixels / info.source_shape[2] : pixels;
}

/// What a written picture says besides its pixels, and what its format could not hold of that.
class Said {
 public:
  Said(const PictureMetadata& metadata, const std::string& suffix)
      : suffix_(suffix), kept_(kinds_of(metadata)), dropped_(dropped_metadata(metadata, suffix)) {
    std::erase_if(kept_, [&](const std::string& kind) { return std::ranges::find(dropped_, kind) != dropped_.end(); });
  }
  [[nodiscard]] std::string kept_text() const { return kept_.empty() ? "" : "  with " + listed(kept_); }
  [[nodiscard]] std::string dropped_text() const {
    return dropped_.empty() ? "" : "  without " + listed(dropped_) + ", which " + suffix_ + " does not hold";
  }
  void add_to(nlohmann::ordered_json& json) const {
    if (!kept_.empty()) json["kept"] = kept_;
    if (!dropped_.empty()) json["dropped"] = dropped_;
  }

 private:
  /// A format without a name holds nothing.
  static std::vector<std::string> kinds_of(const PictureMetadata& metadata) { return dropped_metadata(metadata, ""); }
  static std::string listed(const std::vector<std::string>& kinds) {
    std::string text;
    for (const std::string& kind : kinds) text += (text.empty() ? "" : ", ") + kind;
    return text;
  }

  std::string suffix_;
  std::vector<std::string> kept_, dropped_;
};

class DecompressRun final : public BatchRun<Bytes> {
 public:
  DecompressRun(const Options& options, const FolderPlan& plan) : BatchRun(options, plan), options_(options) {}

 private:
  void read(const FileTask& task) override {
    Bytes file;
    std::uint64_t pixels = 0;
    try {
      require_free(task.output, options_.force);
      file = read_vrs_input(task.input, context_.limits);
      pixels = pixels_of(file_info(file, context_.limits));
    } catch (const Error& error) {
      const bool about_output = error.code() == ErrorCode::exists;
      report_.failed(about_output ? task.output : display_name(task.input), error.code(), error.what(),
                     exit_of_reading(error.code()));
      return;
    }
    add(task, std::move(file), pixels);
  }

  void work(Items& items) override {
    std::vector<std::span<const std::uint8_t>> files;
    files.reserve(items.size());
    for (const auto& item : items) files.emplace_back(item.payload);
    std::vector<Failure> failures;
    const std::vector<Image> images = decompress(files, context_, &failures);
    report_failures(failures, items, &exit_of_reading);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!images[i].rgb.empty()) write(items[i], images[i]);
    }
  }

  void write(const Batch<Bytes>::Item& item, const Image& image) {
    const FileTask& task = item.task;
    const std::string name = output_name(task);
    const std::string suffix = options_.suffix_of(task.output);
    const WriteImageOptions how = options_.writing(image.metadata);
    try {
      write_output(task.output, encoded(item.payload, image, suffix, how), options_.force);
    } catch (const Error& error) {
      report_.failed(name, error.code(), error.what(), exit_of(error.code()));
      return;
    }
    summary_.add(item.payload.size(), image.height * image.width);
    nlohmann::ordered_json json = {{"input", display_name(task.input)},
                                   {"output", name},
                                   {"width", image.width},
                                   {"height", image.height},
                                   {"bytes", item.payload.size()}};
    const Said said(how.metadata, suffix);
    said.add_to(json);
    if (image.digest_matches) json["digest_matches"] = *image.digest_matches;
    report_.done(display_name(task.input) + " -> " + name + "  " + std::to_string(image.width) + " x " +
                     std::to_string(image.height) + std::string(digest_text(image)) + said.dropped_text(),
                 json);
  }

  /// A PNG comes back in the palette that it had.
  [[nodiscard]] Bytes encoded(const Bytes& file, const Image& image, const std::string& suffix,
                              const WriteImageOptions& how) const {
    const auto palette = lower_case(suffix) == ".png" && !options_.strip ? file_palette(file, context_.limits)
                                                                         : std::optional<Palette>();
    auto in_palette = palette ? encode_in_palette(image.view(), *palette, how.metadata) : std::optional<Bytes>();
    return in_palette ? std::move(*in_palette) : encode_image(image.view(), suffix, how);
  }

  static std::string_view digest_text(const Image& image) {
    if (!image.digest_matches) return "";
    return *image.digest_matches ? "  the encoder's very pixels" : "  close to, but not the encoder's pixels";
  }

  const Options& options_;
};

void require_known_formats(const Options& options, const std::vector<FileTask>& tasks) {
  static const Image probe{1, 1, {0}, {}, {}, 1};  // grey, which every format holds
  std::set<std::string> known;
  for (const FileTask& task : tasks) {
    const std::string suffix = std::filesystem::path(task.output).extension().string();
    if (!known.insert(suffix).second) continue;
    (void)encode_image(probe.view(), options.suffix_of(task.output), options.writing());
    if (*options.format_set && !suffix.empty() && suffix != "." + options.format) {
      throw UsageError("--format " + options.format + " and the name " + task.output + " contradict each other");
    }
  }
}

/// "x,y,w,h".
Region parse_region(const std::string& text) {
  Region out;
  std::array<std::uint64_t*, 4> fields{&out.x, &out.y, &out.width, &out.height};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, *fields[i]);
    const bool separated = i + 1 == fields.size() ? next == end : next != end && *next == ',';
    if (error != std::errc() || !separated) {
      throw UsageError("--region is X,Y,WIDTH,HEIGHT in pixels, such as 0,0,256,256, not '" + text + "'");
    }
    at = next + 1;
  }
  return out;
}

// ---- parts of pictures, or what is left of damaged ones: of each file only what is needed is read ------------------

void tell(const FileTask& task, const PicturePart& part, std::uint64_t bytes, const Options& options, Report& report) {
  const Said said(options.writing(part.image.metadata).metadata, options.suffix_of(task.output));
  std::string text = display_name(task.input) + " -> " + output_name(task) + "  " + std::to_string(part.image.width) +
                     " x " + std::to_string(part.image.height) + "  " + with_commas(part.bytes_read) + " of " +
                     with_commas(bytes) + " bytes read" + said.kept_text() + said.dropped_text();
  nlohmann::ordered_json missing = nlohmann::ordered_json::array();
  std::vector<std::string> lost;
  for (const Region& r : part.missing) {
    missing.push_back({r.x, r.y, r.width, r.height});
    lost.push_back("missing: " + std::to_string(r.width) + " x " + std::to_string(r.height) + " at " +
                   std::to_string(r.x) + "," + std::to_string(r.y));
  }
  lost.insert(lost.end(), part.problems.begin(), part.problems.end());
  nlohmann::ordered_json json = {{"input", display_name(task.input)},
                                 {"output", output_name(task)},
                                 {"width", part.image.width},
                                 {"height", part.image.height},
                                 {"bytes_read", part.bytes_read},
                                 {"bytes", bytes},
                                 {"missing", missing},
                                 {"problems", part.problems}};
  said.add_to(json);
  report.done(text, json, lost);
}

void decode_part(const FileTask& task, const Options& options, const Context& context, Report& report,
                 Summary& summary) {
  const bool piped = !is_regular(task.input);
  const Bytes all = piped ? read_vrs_input(task.input, context.limits) : Bytes{};
  const auto source = piped ? memory_source(all) : file_source(task.input);
  const PicturePart part = decompress_part(*source, {options.region, options.allow_partial}, context);
  const Bytes encoded =
      encode_image(part.image.view(), options.suffix_of(task.output), options.writing(part.image.metadata));
  write_output(task.output, encoded, options.force);
  summary.add(source->size(), part.image.height * part.image.width);
  tell(task, part, source->size(), options, report);
}

Exit run_parts(const Options& options, const FolderPlan& plan) {
  const auto work = [&](const FileTask& task, const Context& context, Report& report, Summary& summary) {
    decode_part(task, options, context, report, summary);
  };
  return for_each_task(options, plan, &exit_of_reading, work);
}

/// Before any file is read.
void require_formats_of_rows(const Options& options, const std::vector<FileTask>& tasks) {
  struct Nowhere final : ByteSink {
    void write(std::span<const std::uint8_t>) override {}
  } nowhere;
  for (const FileTask& task : tasks) RawRowWriter(nowhere, {1, 1, 1}, options.suffix_of(task.output));
}

Exit run_streamed(const Options& options, const FolderPlan& plan) {
  if (options.region || options.allow_partial)
    throw UsageError("--stream goes without --region and --allow-partial, which read but a part anyway");
  require_formats_of_rows(options, plan.tasks);
  const auto work = [&](const FileTask& task, const Context& context, Report& report, Summary& summary) {
    stream_out(task, options.suffix_of(task.output), context, options.force, report, summary);
  };
  return for_each_task(options, plan, &exit_of_reading, work);
}

Exit run_decompress(Options& options) {
  if (options.format.starts_with('.')) options.format.erase(0, 1);
  const FolderPlan plan =
      plan_outputs(options.inputs, options.output, "." + options.format, options.folders, &is_vrs_name);
  guard_terminal(plan.tasks, options.force);
  require_known_formats(options, plan.tasks);
  if (!options.trace_path.empty()) require_free(options.trace_path, options.force);
  if (!options.region_text.empty()) options.region = parse_region(options.region_text);
  make_folders(plan, options.output, options.folders);
  if (options.stream) return run_streamed(options, plan);
  if (options.region || options.allow_partial) return run_parts(options, plan);
  return DecompressRun(options, plan).run(plan.tasks);
}

}  // namespace

void add_decompress(CLI::App& app, Chosen& chosen) {
  const auto options = std::make_shared<Options>();
  auto* command =
      app.add_subcommand("decompress", "Make pictures of .vrs files: photo.vrs becomes photo.png beside it");
  options->add_to(*command, "File to write (its suffix is its format), - for stdout, or a folder");
  options->format_set =
      command
          ->add_option("--format", options->format, "Format where no name says it: png, tif, webp, jpg, ppm, pam, npy…")
          ->capture_default_str();
  options->quality_set = command->add_option("--output-quality", options->quality,
                                             "1 to 100, for JPEG, AVIF and HEIC, and for WebP, JPEG XL and JPEG 2000, "
                                             "which are lossless without it");
  options->quality_set->type_name("N");
  command
      ->add_option("--region", options->region_text,
                   "Only this part: pixels from the left and the top, width, height. Of pictures in tiles (from "
                   "769 pixels a side on where they are lossless, from 1537 by the wavelet) only those it needs are "
                   "read; of others the whole is decoded and cut")
      ->type_name("X,Y,W,H");
  command->add_flag("--allow-partial", options->allow_partial,
                    "Take what is there of damaged and cut files; what is missing is black or grey, and said");
  command->add_flag("--stream", options->stream,
                    "Write .ppm, .pgm, .pam or .npy row by row, to a file or stdout; of pictures in tiles memory holds "
                    "some hundred rows, of others the whole picture");
  command->add_flag("--strip", options->strip, "Write no ICC profile, EXIF and XMP");
  command->callback([options, &chosen] { chosen = [options] { return run_decompress(*options); }; });
}

}  // namespace vaerans::cli
