// Numbers on the command line.
#pragma once

#include <cstdint>
#include <string>

namespace vaerans::cli {

/// "20000", "20k", "1.5M", "64Ki", "20kB" → bytes; k, M, G are powers of 1000, Ki, Mi, Gi of 1024. Throws UsageError.
[[nodiscard]] std::uint64_t parse_size(const std::string& option, const std::string& text);

/// Throws UsageError, which begins with `option`, unless low ≤ number ≤ high.
void require_between(const std::string& option, double number, double low, double high);
/// Throws UsageError unless number is positive and finite.
void require_positive(const std::string& option, double number);

}  // namespace vaerans::cli
