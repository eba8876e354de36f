#include "numbers.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>

#include "report.hpp"

namespace vaerans::cli {
namespace {

std::string plain(double number) {
  char text[32];
  char* const end = std::to_chars(text, text + sizeof text, number).ptr;
  return {text, end};
}

/// What "k", "Mi", "GB" multiply by; 0 if that is no unit.
double unit_of(std::string_view unit) {
  if (unit.ends_with('B') || unit.ends_with('b')) unit.remove_suffix(1);
  if (unit.empty()) return 1;
  const bool binary = unit.size() == 2 && unit[1] == 'i';
  if (unit.size() != 1 && !binary) return 0;
  const double base = binary ? 1024 : 1000;
  switch (std::tolower(static_cast<unsigned char>(unit[0]))) {
    case 'k': return base;
    case 'm': return base * base;
    case 'g': return base * base * base;
    default: return 0;
  }
}

}  // namespace

std::uint64_t parse_size(const std::string& option, const std::string& text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const double bytes = error == std::errc{} ? number * unit_of({end, text.data() + text.size()}) : 0;
  if (bytes >= 1 && bytes < 1e18) return static_cast<std::uint64_t>(bytes);
  throw UsageError(option + ": a size such as 20000, 20k, 1.5M or 64Ki is needed, not '" + text + "'");
}

void require_between(const std::string& option, double number, double low, double high) {
  if (number >= low && number <= high) return;
  throw UsageError(option + ": must be between " + plain(low) + " and " + plain(high) + ", not " + plain(number));
}

void require_positive(const std::string& option, double number) {
  if (number > 0 && std::isfinite(number)) return;
  throw UsageError(option + ": must be a number greater than 0, not " + plain(number));
}

}  // namespace vaerans::cli
