#include "commands/latents/npy.hpp"

#include <charconv>
#include <string>
#include <string_view>

#include "vaerans/base/error.hpp"
#include "vaerans/base/npy.hpp"

namespace vaerans::cli {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kFront = 10, kMaxHeader = 4096;

[[noreturn]] void corrupt(const char* what) {
  throw Error(ErrorCode::corrupt_stream, std::string("not a sound .npy file: ") + what);
}

/// The text behind 'name':, from its first character that is not a space.
std::string_view value_of(std::string_view header, std::string_view name) {
  const std::size_t at = header.find("'" + std::string(name) + "':");
  if (at == std::string_view::npos) corrupt("a field of its header is missing");
  const std::size_t begin = header.find_first_not_of(' ', at + name.size() + 3);
  return begin == std::string_view::npos ? std::string_view() : header.substr(begin);
}

std::string type_name(std::string_view descr) {
  if (!descr.starts_with('\'')) return "structures of several fields";
  return std::string(descr.substr(0, descr.find('\'', 1) + 1));
}

std::vector<std::uint64_t> shape_of(std::string_view text) {
  const std::size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) corrupt("its shape");
  text = text.substr(1, end - 1);
  std::vector<std::uint64_t> shape;
  while (!text.empty()) {
    const std::size_t digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) break;
    std::uint64_t n = 0;
    const auto parsed = std::from_chars(text.data() + digit, text.data() + text.size(), n);
    if (parsed.ec != std::errc()) corrupt("its shape");
    shape.push_back(n);
    text = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
  }
  return shape;
}

}  // namespace

NpyArray parse_npy(std::span<const std::uint8_t> file) {
  const std::string_view bytes(reinterpret_cast<const char*>(file.data()), file.size());
  if (!bytes.starts_with(kMagic) || bytes.size() < kFront + 2) corrupt("it does not begin like one");
  const bool old = file[6] == 1;
  const std::size_t start = old ? kFront : kFront + 2;
  std::size_t length = file[8] + std::size_t{file[9]} * 256;
  if (!old) length += (file[10] + std::size_t{file[11]} * 256) << 16U;
  if (length > kMaxHeader || start + length > file.size()) corrupt("its header is cut short");
  const std::string_view header = bytes.substr(start, length);
  NpyArray out;
  const std::string_view descr = value_of(header, "descr");
  if (!descr.starts_with("'<f2'") && !descr.starts_with("'<f4'"))
    throw Error(ErrorCode::dtype, "its numbers are " + type_name(descr) + "; float16 and float32 can be stored");
  if (!value_of(header, "fortran_order").starts_with("False"))
    throw Error(ErrorCode::shape, "it is in Fortran's order; save numpy.ascontiguousarray() of it");
  out.type = descr.starts_with("'<f2'") ? NumberType::f16 : NumberType::f32;
  out.shape = shape_of(value_of(header, "shape"));
  std::uint64_t count = 1;
  for (const std::uint64_t n : out.shape) {
    if (n != 0 && count > file.size() / n) corrupt("it is cut short");
    count *= n;
  }
  const auto data = std::as_bytes(file.subspan(start + length));
  if (data.size() != count * number_size(out.type)) corrupt("its size is not that of its shape");
  out.data.assign(data.begin(), data.end());
  return out;
}

Bytes make_npy(const NpyArray& array) {
  const std::string header = npy_header(array.type == NumberType::f16 ? "<f2" : "<f4", array.shape);
  Bytes out(header.begin(), header.end());
  const auto* const first = reinterpret_cast<const std::uint8_t*>(array.data.data());
  out.insert(out.end(), first, first + array.data.size());
  return out;
}

}  // namespace vaerans::cli
