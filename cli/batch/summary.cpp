#include "batch/summary.hpp"

namespace vaerans::cli {

void Summary::add(std::uint64_t bytes, std::uint64_t pixels) {
  ++files_;
  bytes_ += bytes;
  pixels_ += pixels;
}

void Summary::note(const std::string& name, const std::string& text, double value) {
  notes_ += ", " + text;
  values_[name] = value;
}

double Summary::megapixels_per_second() const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  return static_cast<double>(pixels_) / 1e6 / seconds;
}

std::string Summary::text(std::size_t failed) const {
  std::string line = with_commas(files_) + " files, " + with_commas(bytes_) + " bytes";
  if (pixels_ > 0) line += ", " + bits_per_pixel(bytes_, pixels_);
  line += notes_ + ", " + with_commas(skipped) + " skipped, " + with_commas(failed) + " failed";
  if (timed) line += ", " + fixed(megapixels_per_second(), 2) + " MP/s";
  return line;
}

nlohmann::ordered_json Summary::json(const Report& report) const {
  nlohmann::ordered_json failures = nlohmann::ordered_json::array();
  for (const Report::Failed& f : report.failures())
    failures.push_back({{"input", f.name}, {"error", f.code}, {"message", f.text}});
  nlohmann::ordered_json out{{"files", files_}, {"bytes", bytes_}, {"pixels", pixels_}};
  if (pixels_ > 0) out["bpp"] = static_cast<double>(bytes_) * 8 / static_cast<double>(pixels_);
  out.update(values_);
  out["skipped"] = skipped;
  out["failed"] = failures.size();
  if (timed) out["megapixels_per_second"] = megapixels_per_second();
  out["failures"] = std::move(failures);
  return {{"summary", std::move(out)}};
}

void Summary::print(Report& report) const {
  report.line(text(report.failures().size()), json(report));
  report.failed_table();
}

}  // namespace vaerans::cli
