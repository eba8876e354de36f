#include "image_io/vips_support.hpp"

#include <vips/vips.h>
#include <algorithm>
#include <mutex>

#include "vaerans/base/error.hpp"

namespace vaerans::image_io {
namespace {

void swallow(const gchar* /*domain*/, GLogLevelFlags /*level*/, const gchar* /*text*/, gpointer /*data*/) {}

void start_once() {
  // Before vips_init: a plugin that cannot be loaded is worth a warning to libvips, but the library never prints.
  // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): GLib defines its masks as sums of flags
  constexpr auto everything = static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK | G_LOG_FLAG_RECURSION);
  g_log_set_handler("VIPS", everything, swallow, nullptr);
  if (vips_init("vaerans") != 0) throw Error(ErrorCode::internal, "libvips does not start: " + take_vips_error());
  // Pictures are read once: cached operations would only keep files open and pixels in memory.
  vips_cache_set_max(0);
}

}  // namespace

void start_vips() {
  static std::once_flag once;
  std::call_once(once, start_once);
}

std::string take_vips_error() {
  char* buffer = vips_error_buffer_copy();
  std::string text = buffer;
  g_free(buffer);
  // An error that passes through several operations can be reported by each of them, one per line.
  text.resize(std::min(text.size(), text.find('\n')));
  return text.empty() ? "no reason given" : text;
}

}  // namespace vaerans::image_io
