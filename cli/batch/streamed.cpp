#include "batch/streamed.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "interrupt.hpp"
#include "vaerans/raw_rows.hpp"

namespace vaerans::cli {
namespace {

constexpr std::uint64_t kRows = 256;  ///< that go through at once

/// An input that is read from front to end.
class Input {
 public:
  explicit Input(const std::string& name)
      : name_(display_name(name)), file_(name == "-" ? stdin : std::fopen(name.c_str(), "rb"), &close) {
    if (file_ == nullptr) fail();
  }
  std::size_t more(std::span<std::uint8_t> out) {
    const std::size_t got = std::fread(out.data(), 1, out.size(), file_.get());
    if (got == 0 && std::ferror(file_.get()) != 0) fail();
    return got;
  }

 private:
  [[noreturn]] void fail() const { throw Error(ErrorCode::io, name_ + ": cannot be read: " + std::strerror(errno)); }
  static int close(std::FILE* file) { return file == nullptr || file == stdin ? 0 : std::fclose(file); }

  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

class Stdout final : public ByteSink {
 public:
  void write(std::span<const std::uint8_t> bytes) override { write_output("-", bytes, true); }
};

void with_output(const std::string& output, bool force, const std::function<void(ByteSink&)>& work) {
  Stdout out;
  output == "-" ? work(out) : write_pieces(output, force, work);
}

std::string size_text(const PictureKind& kind) {
  return std::to_string(kind.width) + " x " + std::to_string(kind.height);
}

nlohmann::ordered_json names_and_size(const FileTask& task, const PictureKind& kind) {
  return {{"input", display_name(task.input)},
          {"output", output_name(task)},
          {"width", kind.width},
          {"height", kind.height}};
}

std::string arrow(const FileTask& task) { return display_name(task.input) + " -> " + output_name(task) + "  "; }

}  // namespace

void stream_in(const FileTask& task, const RowOptions& how, const Context& context, bool force, Report& report,
               Summary& summary) {
  Input input(task.input);
  RawRowReader rows([&](std::span<std::uint8_t> out) { return input.more(out); }, context.limits);
  const PictureKind kind = rows.kind();
  RowWriter writer(kind, how, context);
  while (writer.rows_missing() != 0) writer.write(rows.read(std::min(kRows, writer.rows_missing())).view());
  rows.expect_end();
  std::uint64_t bytes = 0;
  {
    const UninterruptedWrite guard;
    with_output(task.output, force, [&](ByteSink& out) { bytes = writer.finish(out); });
  }
  nlohmann::ordered_json json = names_and_size(task, kind);
  json["bytes"] = bytes;
  json["bpp"] = static_cast<double>(bytes) * 8 / static_cast<double>(kind.width * kind.height);
  summary.add(bytes, kind.width * kind.height);
  report.done(arrow(task) + with_commas(bytes) + " bytes  " + bits_per_pixel(bytes, kind.width * kind.height), json);
}

void stream_out(const FileTask& task, const std::string& suffix, const Context& context, bool force, Report& report,
                Summary& summary) {
  std::unique_ptr<ByteSource> source;
  if (!is_regular(task.input)) {
    Input input(task.input);
    source = spooled_source([&](std::span<std::uint8_t> out) { return input.more(out); }, context.limits);
  } else {
    source = file_source(task.input);
  }
  RowReader rows(*source, context);
  with_output(task.output, force, [&](ByteSink& out) {
    RawRowWriter writer(out, rows.kind(), suffix);
    while (rows.rows_left() != 0) writer.write(rows.read(kRows));
  });
  nlohmann::ordered_json json = names_and_size(task, rows.kind());
  json["bytes"] = source->size();
  summary.add(source->size(), rows.kind().width * rows.kind().height);
  report.done(arrow(task) + size_text(rows.kind()) + (rows.bounded() ? "" : "  decoded as a whole"), json);
}

}  // namespace vaerans::cli
