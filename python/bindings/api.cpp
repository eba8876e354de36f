// compress() and decompress(); vaerans_ecs/api.py gives them their Python face.
#include "vaerans/api.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <tuple>

#include "convert.hpp"
#include "core/context.hpp"
#include "error.hpp"
#include "paths.hpp"
#include "pictures/image_arrays.hpp"
#include "pictures/picture.hpp"
#include "pictures/source.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/partial.hpp"
#include "vaerans/preview.hpp"

namespace vaerans::python {
namespace {

nb::bytes bytes_of(const Bytes& bytes) { return nb::bytes(bytes.data(), bytes.size()); }

/// Puts the exceptions of what failed in the places of the results they stand for.
void place(nb::list& results, const std::vector<Failure>& failures) {
  for (const auto& failure : failures) results[failure.entity] = exception_of(failure);
}

/// Raises the failure of the first item of a list that has one; its `entity` is the item's place.
[[noreturn]] void raise_first(const std::vector<Failure>& failures) {
  raise_failure(*std::ranges::min_element(failures, {}, &Failure::entity));
}

/// Three bytes objects or None: ICC, EXIF, XMP.
PictureMetadata metadata_of(const nb::tuple& said) {
  const auto bytes = [&](std::size_t i) {
    if (said[i].is_none()) return Bytes{};
    const auto data = nb::cast<nb::bytes>(said[i]);
    return Bytes(span_of(data).begin(), span_of(data).end());
  };
  return {bytes(0), bytes(1), bytes(2)};
}

/// `metadata`: a tuple for each picture, or nothing.
nb::list compress_all(nb::handle images, const CompressOptions& given, const ContextPtr& context,
                      const std::vector<nb::tuple>& metadata) {
  Context policy = context_of(context);
  const Pictures pictures = pictures_of(images, within(policy.limits), policy.on_error, takes_any_picture(given));
  const bool raising = policy.on_error == OnError::raise;
  if (pictures.count > 1) policy.on_error = OnError::collect;
  CompressOptions options = given;
  for (const std::size_t place : pictures.places) {
    if (!metadata.empty()) options.metadata.push_back(metadata_of(metadata.at(place)));
  }
  const auto views = views_of(pictures.taken);
  std::vector<Failure> failures;
  std::vector<Bytes> files;
  {
    const nb::gil_scoped_release no_gil;
    files = compress(views, options, policy, &failures);
  }
  for (auto& failure : failures) {
    failure.entity = pictures.places[failure.entity];
    if (raising) failure.message = of_the_list("picture", failure.entity, failure.message);
  }
  if (raising && !failures.empty()) raise_first(failures);
  nb::list results;
  for (std::size_t i = 0; i < pictures.count; ++i) results.append(nb::none());
  for (std::size_t i = 0; i < files.size(); ++i) results[pictures.places[i]] = bytes_of(files[i]);
  place(results, failures);
  place(results, pictures.failures);
  return results;
}

/// Python's own warning: filters can turn it into an exception, which then arrives here.
void warn_of_deviation() {
  const char* const text =
      "the decoded pixels are not the encoder's: the model's arithmetic is floating point and came out differently "
      "on this machine, or the decoder is not the one that the file was made with";
  if (PyErr_WarnEx(PyExc_RuntimeWarning, text, 1) != 0) throw nb::python_error();
}

/// `names`: how messages name each file; nothing for a single one.
nb::list decompress_all(const std::vector<nb::bytes>& data, const ContextPtr& context,
                        const std::vector<std::string>& names) {
  std::vector<std::span<const std::uint8_t>> files;
  for (const auto& file : data) files.push_back(span_of(file));
  Context policy = context_of(context);
  const bool raising = policy.on_error == OnError::raise;
  if (!names.empty()) policy.on_error = OnError::collect;
  std::vector<Failure> failures;
  std::vector<Image> images;
  {
    const nb::gil_scoped_release no_gil;
    images = decompress(files, policy, &failures);
  }
  for (Failure& f : failures) {
    if (!names.empty()) f.message = names.at(f.entity) + ": " + f.message;
  }
  if (raising && !failures.empty()) raise_first(failures);
  nb::list results;
  const auto deviates = [](const Image& image) { return image.digest_matches == false; };
  if (std::any_of(images.begin(), images.end(), deviates)) warn_of_deviation();
  for (auto& image : images) {
    if (image.rgb.empty())
      results.append(nb::none());
    else
      results.append(array_of(std::move(image)));
  }
  place(results, failures);
  return results;
}

/// `data`: bytes, the text of a path, or an open file, of which the front is read. None where there is no preview.
nb::object decode_preview(nb::handle data, const ContextPtr& context) {
  const auto source = source_of(data);
  const Context policy = context_of(context);
  std::optional<Image> image;
  {
    const nb::gil_scoped_release no_gil;
    image = preview_of(*source, policy);
  }
  if (!image) return nb::none();
  return nb::cast(array_of(std::move(*image)));
}

using RegionTuple = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

/// `data`: bytes, the text of a path, or an open file. Gives (picture, missing regions, problems, bytes read,
/// (icc, exif, xmp)).
nb::tuple decompress_a_part(nb::handle data, const std::optional<RegionTuple>& region, bool allow_partial,
                            const ContextPtr& context) {
  const Context policy = context_of(context);
  const auto source = source_of(data);
  PartOptions options{.allow_partial = allow_partial};
  if (region) options.region = std::make_from_tuple<Region>(*region);
  PicturePart part;
  {
    const nb::gil_scoped_release no_gil;
    part = decompress_part(*source, options, policy);
  }
  nb::list missing;
  for (const Region& r : part.missing) missing.append(nb::make_tuple(r.x, r.y, r.width, r.height));
  const nb::tuple said = tuple_of(part.image.metadata);
  nb::list problems;
  for (const std::string& problem : part.problems) problems.append(shown(problem));
  return nb::make_tuple(array_of(std::move(part.image)), missing, problems, part.bytes_read, said);
}

/// A latent has at most four elements for each pixel that is allowed, as in files.
BeforeCopy within_elements(const Limits& limits) {
  return [limits](const Shape& shape, std::uint64_t) {
    if (shape.elements() / 4 <= limits.max_pixels) return;
    throw Error(ErrorCode::limit_exceeded, "the latent has " + shape.str() +
                                               " elements, more than four for each of the " +
                                               std::to_string(limits.max_pixels) + " pixels allowed");
  };
}

nb::bytes compress_one_latent(nb::handle array, const std::string& recipe, const ContextPtr& context) {
  const Context policy = context_of(context);
  const LatentView view = latent_of(array, within_elements(policy.limits));
  const Latent latent{view.shape, {view.values.begin(), view.values.end()}};
  Bytes file;
  {
    const nb::gil_scoped_release no_gil;
    file = compress_latent(latent, recipe, policy);
  }
  return bytes_of(file);
}

WriteArray decompress_one_latent(const nb::bytes& data, const ContextPtr& context) {
  const Context policy = context_of(context);
  Latent latent;
  {
    const nb::gil_scoped_release no_gil;
    latent = decompress_latent(span_of(data), policy);
  }
  return own(std::move(latent.values), latent.shape);
}

double step_of(nb::handle quality, nb::handle latent_std) {
  return step_of_quality(value_as<double>(quality, "quality is a number"),
                         value_as<double>(latent_std, "latent_std is a number"));
}

nb::dict measure_pair(nb::handle reference, nb::handle test) {
  const BeforeCopy check = within(Limits{});
  const Picture a = picture_of(reference, check, true), b = picture_of(test, check, true);
  Quality quality;
  {
    const nb::gil_scoped_release no_gil;
    quality = measure(a.view, b.view);
  }
  nb::dict numbers;
  numbers["psnr"] = quality.psnr;
  numbers["ssim"] = quality.ssim;
  numbers["ms_ssim"] = quality.ms_ssim;
  numbers["ms_ssim_rgb"] = quality.ms_ssim_rgb;
  numbers["ssimulacra2"] = quality.ssimulacra2;
  numbers["ms_ssim_scales"] = quality.ms_ssim_scales;
  return numbers;
}

void export_options(nb::module_& m) {
  nb::class_<CompressOptions>(m, "CompressOptions",
                              "At most one of quality, step, bpp, target_bytes, psnr, ssimulacra2, ms_ssim.")
      .def(nb::init<>())
      .def_rw("quality", &CompressOptions::quality, nb::arg().none())
      .def_rw("step", &CompressOptions::step, nb::arg().none())
      .def_rw("bpp", &CompressOptions::bpp, nb::arg().none())
      .def_rw("target_bytes", &CompressOptions::target_bytes, nb::arg().none())
      .def_rw("psnr", &CompressOptions::psnr, nb::arg().none())
      .def_rw("ssimulacra2", &CompressOptions::ssimulacra2, nb::arg().none())
      .def_rw("ms_ssim", &CompressOptions::ms_ssim, nb::arg().none())
      .def_rw("mode", &CompressOptions::mode)
      .def_rw("tune", &CompressOptions::tune)
      .def_rw("effort", &CompressOptions::effort)
      .def_prop_rw(
          "model", [](const CompressOptions& o) { return PathText{o.model}; },
          [](CompressOptions& o, PathText model) { o.model = std::move(model.bytes); })
      .def_rw("recipe", &CompressOptions::recipe)
      .def_rw("lossless", &CompressOptions::lossless)
      .def_rw("max_error", &CompressOptions::max_error, nb::arg().none())
      .def_rw("digest", &CompressOptions::digest)
      .def_rw("preview_bytes", &CompressOptions::preview_bytes, nb::arg().none())
      .def_rw("residual_step", &CompressOptions::residual_step, nb::arg().none());
}

}  // namespace

WriteArray array_of(Image&& image) {
  const Shape shape =
      image.channels == 1 ? Shape{image.height, image.width} : Shape{image.height, image.width, image.channels};
  if (image.dtype != DType::u16) return own(std::move(image.rgb), shape);
  std::vector<std::uint16_t> samples(image.rgb.size() / 2);
  std::memcpy(samples.data(), image.rgb.data(), image.rgb.size());
  return own(std::move(samples), shape);
}

void export_api(nb::module_& m) {
  export_options(m);
  m.def("compress_all", &compress_all, "images"_a, "options"_a, "context"_a.none() = nb::none(),
        "metadata"_a = std::vector<nb::tuple>{});
  m.def(
      "file_metadata",
      [](const nb::bytes& data, const ContextPtr& context) {
        return tuple_of(file_metadata(span_of(data), context_of(context).limits));
      },
      "data"_a, "context"_a.none() = nb::none());
  m.def(
      "with_metadata",
      [](const nb::bytes& data, const nb::tuple& said, const ContextPtr& context) {
        return bytes_of(with_metadata(span_of(data), metadata_of(said), context_of(context).limits));
      },
      "data"_a, "metadata"_a, "context"_a.none() = nb::none());
  m.def("decompress_all", &decompress_all, "files"_a, "context"_a.none() = nb::none(),
        "names"_a = std::vector<std::string>{});
  m.def(
      "begins_as_vrs",
      [](const nb::bytes& front) {
        try {
          require_vrs(span_of(front));
          return true;
        } catch (const Error&) {
          return false;
        }
      },
      "front"_a, "Whether bytes begin as a .vrs file does; the first four tell.");
  m.attr("USUAL_PREVIEW_BYTES") = usual_preview_bytes;
  m.def("preview", &decode_preview, "data"_a, "context"_a.none() = nb::none());
  m.def("decompress_part", &decompress_a_part, "data"_a, "region"_a.none(), "allow_partial"_a,
        "context"_a.none() = nb::none());
  m.def("compress_latent", &compress_one_latent, "latent"_a.none(), "recipe"_a, "context"_a.none() = nb::none());
  m.def("decompress_latent", &decompress_one_latent, "data"_a, "context"_a.none() = nb::none());
  m.def("step_of_quality", &step_of, "quality"_a.none(), "latent_std"_a.none(),
        nb::sig("def step_of_quality(quality: float, latent_std: float) -> float"),
        "The quantiser step of a quality for latents of this standard deviation: halves every 12.5 points.");
  m.def("measure", &measure_pair, "reference"_a.none(), "test"_a.none(),
        "PSNR in dB, SSIM (Gaussian window), MS-SSIM of luma and of R, G, B, and SSIMULACRA2 of two pictures of "
        "one shape: (H, W, 3) or grey, uint8 or uint16, as arrays, PIL images or paths. {psnr, ssim, ms_ssim, "
        "ms_ssim_rgb, ssimulacra2, ms_ssim_scales}. MS-SSIM is over 5 scales, or fewer "
        "below 176 pixels. Pictures below 11 pixels have no SSIM, those below 8 no SSIMULACRA2: nan. Raises "
        "LimitExceeded for files, and for arrays that have to be copied, beyond the usual Limits.");
}

}  // namespace vaerans::python
