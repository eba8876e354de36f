#include "image_io/raw_formats.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "vaerans/base/error.hpp"
#include "vaerans/base/npy.hpp"

namespace vaerans::image_io {
namespace {

std::string npy_header_of(const ImageView& image) {
  const char* const deep = std::endian::native == std::endian::little ? "<u2" : ">u2";
  const std::array<std::uint64_t, 3> shape{image.height, image.width, image.channels};
  return npy_header(image.dtype == DType::u16 ? deep : "|u1", std::span(shape).first(image.channels == 1 ? 2 : 3));
}

std::string pnm_header(const ImageView& image, const std::string& most) {
  if (image.has_alpha()) {
    throw Error(ErrorCode::image_unsupported, "this format holds no alpha; .png, .tif and .pam do");
  }
  return (image.channels == 1 ? "P5\n" : "P6\n") + std::to_string(image.width) + " " + std::to_string(image.height) +
         "\n" + most + "\n";
}

std::string pam_header(const ImageView& image, const std::string& most) {
  constexpr const char* kTypes[] = {"GRAYSCALE", "GRAYSCALE_ALPHA", "RGB", "RGB_ALPHA"};
  return "P7\nWIDTH " + std::to_string(image.width) + "\nHEIGHT " + std::to_string(image.height) + "\nDEPTH " +
         std::to_string(image.channels) + "\nMAXVAL " + most + "\nTUPLTYPE " + kTypes[image.channels - 1] +
         "\nENDHDR\n";
}

}  // namespace

bool is_raw(std::string_view suffix) {
  return suffix == ".ppm" || suffix == ".pgm" || suffix == ".pnm" || suffix == ".pam" || suffix == ".npy";
}

std::string raw_header(std::string_view suffix, const ImageView& image) {
  if (suffix == ".npy") return npy_header_of(image);
  const std::string most = image.dtype == DType::u16 ? "65535" : "255";
  if (suffix == ".pgm" && image.channels > 2) {
    throw Error(ErrorCode::image_unsupported, "this format holds grey pictures only; .ppm and .pam hold RGB");
  }
  return suffix == ".pam" ? pam_header(image, most) : pnm_header(image, most);
}

bool is_big_endian(std::string_view suffix) { return suffix != ".npy"; }

}  // namespace vaerans::image_io
