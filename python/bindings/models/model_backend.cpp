// Models whose halves are Python functions.
#include "vaerans/model_backend.hpp"

#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "convert.hpp"
#include "core/system.hpp"
#include "error.hpp"

namespace vaerans::python {
namespace {

/// Names that Python registered. Their functions must be gone before the interpreter is. Guarded by the GIL.
std::set<std::string>& registered() {
  static auto* const names = new std::set<std::string>;
  return *names;
}

/// An (N, C, H, W) array over `values`, alive as long as `memory` is; a copy of its own where there is none.
WriteArray view_of(const Shape& shape, std::span<const float> values, const std::shared_ptr<void>& memory) {
  if (memory == nullptr) return own(std::vector<float>(values.begin(), values.end()), shape);
  const nb::capsule owner(new std::shared_ptr<void>(memory),
                          [](void* p) noexcept { delete static_cast<std::shared_ptr<void>*>(p); });
  const auto dims = shape.dims();
  const std::vector<std::size_t> extents(dims.begin(), dims.end());
  // Writable, though it is an input: frameworks do not take read-only memory without a copy or a warning.
  return {const_cast<float*>(values.data()),
          extents.size(),
          extents.data(),
          owner,
          nullptr,
          nb::dtype<float>(),
          nb::device::cpu::value,
          0,
          'C'};
}

class PythonHalf final : public ModelHalf {
 public:
  PythonHalf(nb::object function, std::string label, PlanesPort input, PlanesPort output)
      : function_(std::move(function)),
        label_(std::move(label)),
        input_(std::move(input)),
        output_(std::move(output)) {}

  [[nodiscard]] const PlanesPort& input() const noexcept override { return input_; }
  [[nodiscard]] const PlanesPort& output() const noexcept override { return output_; }
  [[nodiscard]] const std::string& label() const noexcept override { return label_; }

 private:
  void compute(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
               const std::shared_ptr<void>& memory) const override {
    const nb::gil_scoped_acquire gil;
    if (!gil) throw Error(ErrorCode::internal, label_ + ": the Python interpreter has ended");
    const PackedArray result = array_of(call(view_of(in_shape, in, memory)));
    check(result, out_shape);
    const nb::gil_scoped_release free;
    std::memcpy(out.data(), result.data(), out.size_bytes());
  }

  [[nodiscard]] nb::object call(WriteArray&& planes) const {
    try {
      return function_.get()(std::move(planes));
    } catch (nb::python_error& raised) {
      throw inference_error_of(raised, label_);
    }
  }

  [[nodiscard]] PackedArray array_of(const nb::object& result) const {
    try {
      return packed(result);
    } catch (const Error&) {
    } catch (const nb::python_error&) {
    }
    throw Error(ErrorCode::inference, label_ + ": it returned a " +
                                          nb::cast<std::string>(nb::handle(result.type()).attr("__name__")) +
                                          ", not an array in the CPU's memory; of a tensor on another device return "
                                          "tensor.cpu()");
  }

  void check(const PackedArray& result, const Shape& wanted) const {
    const Shape shape = shape_of(result);
    if (result.dtype() != nb::dtype<float>()) {
      throw Error(ErrorCode::inference,
                  label_ + ": it returned elements of type " + type_name(result) + " instead of float32; convert them");
    }
    if (shape == wanted) return;
    throw Error(ErrorCode::inference, label_ + ": it returned an array of shape " + shape.str() + ", but " +
                                          wanted.str() + " is expected: (pictures, " + output_.name + ")");
  }

  SharedObject function_;
  std::string label_;
  PlanesPort input_, output_;
};

/// The gradient of a decoder: one array holds the latents, and behind them the slopes by the pixels of each sample.
std::shared_ptr<const ModelHalf> gradient_of(nb::handle function, const ModelInfo& info, bool single) {
  if (function.is_none()) return nullptr;
  const std::int64_t batch = single ? 1 : -1, latent = info.latent_channels,
                     pixels = std::int64_t{info.factor} * info.factor;
  return std::make_shared<PythonHalf>(nb::borrow(function), "vjp of model '" + info.name + "'",
                                      PlanesPort{"latents and folded slopes", {batch, latent + 3 * pixels, -1, -1}},
                                      PlanesPort{"slopes by the latents", {batch, latent, -1, -1}});
}

/// nullptr for None.
std::shared_ptr<const ModelHalf> half_of(nb::handle function, const ModelInfo& info, bool encoder, bool single) {
  if (function.is_none()) return nullptr;
  const std::string part = encoder ? "encoder" : "decoder";
  const std::int64_t batch = single ? 1 : -1, latent = info.latent_channels;
  const std::int64_t given = encoder && info.encoder_kind == "moments" ? 2 * latent : latent;
  const PlanesPort pixels{"3 colours, height, width", {batch, 3, -1, -1}};
  const PlanesPort latents{given == latent ? "channels, height / factor, width / factor"
                                           : "means and log-variances, height / factor, width / factor",
                           {batch, given, -1, -1}};
  return std::make_shared<PythonHalf>(nb::borrow(function), part + " of model '" + info.name + "'",
                                      encoder ? pixels : latents, encoder ? latents : pixels);
}

ModelInfo register_python_model(const std::string& name, nb::handle encode, nb::handle decode, nb::handle gradient,
                                std::uint32_t channels, std::uint32_t factor, double scaling, double shift,
                                std::vector<double> mean, std::vector<double> deviation,
                                std::tuple<float, float> pixels, bool moments, double latent_std, bool single,
                                const std::string& hash, const std::string& recipe) {
  ModelInfo info;
  info.name = name;
  info.latent_channels = channels;
  info.factor = factor;
  info.scaling = scaling;
  info.shift = shift;
  info.latents_mean = std::move(mean);
  info.latents_std = std::move(deviation);
  std::tie(info.pixel_low, info.pixel_high) = pixels;
  info.encoder_kind = moments ? "moments" : "mean";
  info.latent_std = latent_std;
  info.hash = hash;
  info.default_recipe = recipe;
  info.description = "Python functions, registered by this process";
  auto made = register_model(info, half_of(encode, info, true, single), half_of(decode, info, false, single),
                             gradient_of(gradient, info, single));
  registered().insert(name);
  return made;
}

bool unregister_python_model(const std::string& name) {
  return registered().erase(name) != 0 && unregister_model(name);
}

}  // namespace

void unregister_models() {
  for (const auto& name : registered()) (void)unregister_model(name);
  registered().clear();
}

void export_model_backend(nb::module_& m) {
  m.def("_register_model", &register_python_model, "name"_a, "encode"_a.none(), "decode"_a.none(), "gradient"_a.none(),
        "channels"_a, "factor"_a, "scaling"_a, "shift"_a, "mean"_a, "deviation"_a, "pixels"_a, "moments"_a,
        "latent_std"_a, "single"_a, "hash"_a, "recipe"_a);
  m.def("_unregister_model", &unregister_python_model, "name"_a);
}

}  // namespace vaerans::python
