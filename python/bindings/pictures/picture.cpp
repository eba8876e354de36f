#include "pictures/picture.hpp"

#include <nanobind/stl/string.h>

#include <string>
#include <string_view>
#include <utility>

#include "convert.hpp"
#include "error.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/base/text.hpp"

namespace vaerans::python {
namespace {

using PictureArray = nb::ndarray<nb::ro, nb::device::cpu>;

[[noreturn]] void refuse(const std::string& what) { throw Error(ErrorCode::image_unsupported, what); }

std::string type_of(nb::handle value) { return nb::cast<std::string>(value.type().attr("__name__")); }

/// Pillow is not imported for this: whoever passes one of its images has done so.
bool is_pil_image(nb::handle value) { return nb::hasattr(value, "getbands") && nb::hasattr(value, "mode"); }

void require_known_pil(nb::handle image, bool keep_kind) {
  const std::string mode = printed(image.attr("mode"));
  if (mode == "RGB" || mode == "RGBA") return;
  if (keep_kind && (mode == "L" || mode == "LA" || mode.starts_with("I;16"))) return;
  std::string text =
      "a PIL image of mode " + mode +
      "; vaerans takes modes RGB and RGBA, where no model or residual is asked for L, LA and I;16, too: ";
  if (mode.starts_with("I;16")) refuse(text + "leave these out, or scale it to 0...255");
  if (mode == "RGBa" || mode == "La") refuse(text + "undo the multiplication by alpha with img.convert('RGBA')");
  if (mode.starts_with('I') || mode == "F") refuse(text + "scale it to 0...255, then convert it to uint8 and RGB");
  if (mode == "LAB") refuse(text + "convert it by its profile with PIL.ImageCms.profileToProfile");
  refuse(text + "img.convert('RGB')");
}

[[noreturn]] void refuse_type(nb::handle value) {
  std::string text =
      "a picture is an array (height, width, channels) of uint8 or uint16, a PIL image, a path or a file, not " +
      type_of(value);
  if (value.is_none()) text += " (which cv2.imread gives for a file that it cannot read)";
  if (nb::isinstance<nb::bytes>(value)) text += "; for the bytes of a picture file: io.BytesIO(data)";
  if (nb::hasattr(value, "__next__")) text += "; give a list of pictures";
  refuse(text);
}

/// vaerans_ecs.pictures, whose errors are typed already.
template <typename... Values>
nb::object ask_pictures(const char* question, Values... values) {
  try {
    return nb::module_::import_("vaerans_ecs.pictures").attr(question)(values...);
  } catch (nb::python_error& raised) {
    const nb::object base = nb::module_::import_("vaerans_ecs.errors").attr("VaeransError");
    if (!nb::isinstance(raised.value(), base)) throw;
    throw Error(static_cast<ErrorCode>(nb::cast<int>(raised.value().attr("value"))), printed(raised.value()));
  }
}

nb::object as_array(nb::handle value, bool keep_kind) {
  if (is_pil_image(value)) {
    nb::object image = nb::borrow(value);
    try {
      image = ask_pictures(keep_kind ? "as_own_kind" : "as_rgb", value);
    } catch (const nb::python_error& raised) {
      if (!raised.matches(PyExc_Exception)) throw;  // a file that cannot be decoded: asarray says so
    }
    require_known_pil(image, keep_kind);
    return made_array(image, ErrorCode::image_unreadable);  // it may run the decoder of a file
  }
  if (nb::isinstance<nb::bytes>(value)) refuse_type(value);  // a flat buffer would pass for an array
  if (is_array(value)) return nb::borrow(value);
  if (nb::cast<bool>(ask_pictures("is_file", value))) return as_array(ask_pictures("open_image", value), keep_kind);
  const bool rows = nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value);
  const bool memory = PyObject_CheckBuffer(value.ptr()) != 0;
  if (rows || memory || nb::hasattr(value, "__array__") || nb::hasattr(value, "__array_interface__"))
    return made_array(value, ErrorCode::image_unsupported);
  refuse_type(value);
}

/// How to make uint8 of another element type.
std::string_view remedy_of(const std::string& dtype) {
  if (dtype == "bool") return "; convert it: array.astype('uint8') * 255";
  if (dtype.starts_with("float"))
    return "; where it goes from 0 to 1: (array * 255).round().clip(0, 255).astype('uint8')";
  if (dtype.starts_with("torch.float") || dtype == "torch.bfloat16")
    return "; where it goes from 0 to 1: (tensor * 255).round().clip(0, 255).to(torch.uint8)";
  if (dtype == ">u2" || dtype == "<u2") return "; in this machine's byte order: array.astype('uint16')";
  if (dtype.find("int") == std::string::npos) return "";  // objects, structures, texts, numbers of another byte order
  return "; where it goes from 0 to 255: array.clip(0, 255).astype('uint8')";
}

[[noreturn]] void refuse_dtype(nb::handle array) {
  const std::string dtype = nb::hasattr(array, "dtype") ? printed(array.attr("dtype")) : type_of(array);
  refuse("a picture has elements of type uint8 or uint16, not " + dtype + std::string(remedy_of(dtype)));
}

/// Whether an array of NumPy is of a picture's types, in this machine's byte order.
bool holds_samples(nb::handle array) {
  const nb::module_ numpy = nb::module_::import_("numpy");
  if (!nb::isinstance(array, numpy.attr("ndarray"))) return false;
  const nb::object dtype = array.attr("dtype");
  return dtype.equal(numpy.attr("dtype")("uint8")) || dtype.equal(numpy.attr("dtype")("uint16"));
}

PictureArray view_of(nb::handle array) {
  PictureArray view;
  if (nb::try_cast(array, view)) return view;
  // Fields of a structure may lie at distances that are no multiple of their size, which no view can tell.
  const nb::object numpy = nb::module_::import_("numpy");
  if (holds_samples(array) && nb::try_cast(numpy.attr("ascontiguousarray")(array), view)) return view;
  const bool elsewhere = nb::hasattr(array, "device") && printed(array.attr("device")) != "cpu";
  if (elsewhere) refuse("a picture on the device " + printed(array.attr("device")) + "; bring it to the CPU first");
  refuse_dtype(array);
}

std::string shape_text(const PictureArray& array) {
  std::string text = "(";
  for (std::size_t i = 0; i < array.ndim(); ++i) text += (i == 0 ? "" : ", ") + std::to_string(array.shape(i));
  return text + ")";
}

void check_picture(const PictureArray& array, nb::handle object) {
  if (array.ndim() != 3 && array.ndim() != 2) {
    refuse("a picture is (height, width, 3), not " + shape_text(array) + "; give a list or spawn_batch_rgb() several");
  }
  if (array.dtype() != nb::dtype<std::uint8_t>() && array.dtype() != nb::dtype<std::uint16_t>()) refuse_dtype(object);
  if (array.ndim() == 3 && array.shape(2) > 4 && (array.shape(0) == 3 || array.shape(0) == 4)) {
    refuse("a picture is (height, width, 3), not " + shape_text(array) +
           "; if its channels come first: array.transpose(1, 2, 0)");
  }
}

bool packed_rows(const PictureArray& array, std::uint32_t channels) {
  const bool pixels = array.ndim() == 2 || (array.stride(2) == 1 && array.stride(1) == channels);
  const bool columns = array.ndim() == 3 || array.stride(1) == 1;
  return pixels && columns && array.stride(0) >= static_cast<std::int64_t>(array.shape(1) * channels);
}

std::vector<std::uint8_t> gather(const PictureArray& array) {
  const auto* data = static_cast<const std::uint8_t*>(array.data());
  const std::size_t size = array.itemsize();
  std::vector<std::uint8_t> out;
  out.reserve(array.size() * size);
  const std::size_t channels = array.ndim() == 3 ? array.shape(2) : 1;
  const auto offset = [&](std::size_t i, std::size_t axis) {
    return static_cast<std::int64_t>(i * size) * array.stride(axis);
  };
  for (std::size_t y = 0; y < array.shape(0); ++y) {
    for (std::size_t x = 0; x < array.shape(1); ++x) {
      const auto* pixel = data + offset(y, 0) + offset(x, 1);
      for (std::size_t c = 0; c < channels; ++c) {
        const auto* sample = pixel + (channels > 1 ? offset(c, 2) : 0);
        out.insert(out.end(), sample, sample + size);
      }
    }
  }
  return out;
}

/// In the place of a picture its error may stand, which whoever made it ran into (vaerans_ecs.pictures.made_or_error).
void require_no_error(nb::handle value) {
  if (PyExceptionInstance_Check(value.ptr()) == 0) return;
  const nb::object base = nb::module_::import_("vaerans_ecs.errors").attr("VaeransError");
  if (nb::isinstance(value, base))
    throw Error(static_cast<ErrorCode>(nb::cast<int>(value.attr("value"))), printed(value));
}

/// What the object's own code raised.
Error error_of_picture(nb::python_error& raised, nb::handle image) {
  const Error error = error_of(raised, "no picture can be made of this " + type_of(image));
  return {error.code() == ErrorCode::invalid_argument ? ErrorCode::image_unsupported : error.code(), error.what()};
}

/// An array that is one picture would otherwise be taken for as many pictures as it has rows.
void require_several(nb::handle images) {
  const bool iterable = nb::hasattr(images, "__iter__") && !nb::isinstance<nb::str>(images);
  if (!iterable || is_pil_image(images)) refuse("pictures are a list of them, not " + type_of(images));
  if (!nb::hasattr(images, "ndim") || nb::cast<int>(images.attr("ndim")) == 4) return;
  refuse("several pictures are a list or an array (N, height, width, 3), not " + printed(images.attr("shape")) +
         "; for one picture: [picture]");
}

}  // namespace

Picture picture_of(nb::handle image, const BeforeCopy& check, bool keep_kind) {
  require_no_error(image);
  const nb::object object = as_array(image, keep_kind);
  Picture picture{view_of(object), {}, {}};
  const auto& array = picture.array;
  check_picture(array, object);
  const auto channels = static_cast<std::uint32_t>(array.ndim() == 3 ? array.shape(2) : 1);
  picture.view = {static_cast<const std::uint8_t*>(array.data()), array.shape(0), array.shape(1), channels, 0,
                  array.itemsize() == 2 ? DType::u16 : DType::u8};
  if (array.size() == 0) return picture;  // refused by the library
  if (packed_rows(array, channels)) {
    picture.view.row_bytes = static_cast<std::uint64_t>(array.stride(0)) * array.itemsize();
  } else {
    check(shape_of(array), array.nbytes());
    picture.copy = gather(array);
    picture.view.data = picture.copy.data();
  }
  return picture;
}

Picture picture_from_range(nb::handle image, nb::handle value_range, const BeforeCopy& check) {
  return picture_of(ask_pictures("from_range", image, value_range), check);
}

Pictures pictures_of(nb::handle images, const BeforeCopy& check, OnError on_error, bool keep_kind) {
  require_several(images);
  Pictures all;
  const bool several = PyObject_LengthHint(images.ptr(), 2) > 1;
  const auto fail = [&](std::size_t place, const Error& error) {
    if (on_error == OnError::collect) return all.failures.push_back({place, "", error.code(), error.what()});
    if (!several) throw error;
    raise_failure({place, "", error.code(), of_the_list("picture", place, error.what())});
  };
  for (const nb::handle image : images) {
    const std::size_t place = all.count++;
    try {
      all.taken.push_back(picture_of(image, check, keep_kind));
      all.places.push_back(place);
    } catch (const Error& error) {
      fail(place, error);
    } catch (nb::python_error& raised) {
      fail(place, error_of_picture(raised, image));
    }
  }
  return all;
}

std::vector<ImageView> views_of(std::span<const Picture> pictures) {
  std::vector<ImageView> views;
  for (const auto& picture : pictures) views.push_back(picture.view);
  return views;
}

}  // namespace vaerans::python
