// What all backends share: the check of sizes and shapes before anything runs.
#include "vaerans/model_half.hpp"

#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

[[noreturn]] void refuse(const std::string& label, const std::string& what) {
  throw Error(ErrorCode::model_invalid, label + ": " + what);
}

void require_sizes(bool right) {
  if (!right) throw Error(ErrorCode::internal, "ModelHalf::run: spans do not have the size of their shapes");
}

}  // namespace

bool PlanesPort::accepts(const Shape& shape) const {
  if (shape.rank() != extents.size()) return false;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    if (extents[axis] >= 0 && static_cast<std::uint64_t>(extents[axis]) != shape[axis]) return false;
  }
  return true;
}

std::string PlanesPort::str() const {
  std::string text = name + " (";
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    text += (axis == 0 ? "" : ", ") + (extents[axis] < 0 ? "?" : std::to_string(extents[axis]));
  }
  return text + ")";
}

void ModelHalf::check(const Shape& in_shape, const Shape& out_shape) const {
  if (!input().accepts(in_shape)) {
    refuse(label(), "the input is " + input().str() + ", which does not take " + in_shape.str());
  }
  if (!output().accepts(out_shape)) {
    refuse(label(), "the output is " + output().str() + ", but " + out_shape.str() + " is expected of it");
  }
}

void ModelHalf::run(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
                    const std::shared_ptr<void>& memory) const {
  require_sizes(in_shape.elements() == in.size() && out_shape.elements() == out.size());
  check(in_shape, out_shape);
  compute(in_shape, in, out_shape, out, memory);
}

std::shared_ptr<const DevicePlanes> ModelHalf::run_to_device(const Shape& in_shape, std::span<const float> in,
                                                             const Shape& out_shape) const {
  require_sizes(in_shape.elements() == in.size());
  check(in_shape, out_shape);
  return compute_to_device(in_shape, in, out_shape);
}

bool ModelHalf::run_from_device(const Shape& in_shape, const DevicePlanes& in, const Shape& out_shape,
                                std::span<float> out) const {
  require_sizes(out_shape.elements() == out.size());
  check(in_shape, out_shape);
  return compute_from_device(in_shape, in, out_shape, out);
}

}  // namespace vaerans
