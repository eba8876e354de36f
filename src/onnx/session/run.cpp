// Sessions: how planes get into graphs and out of them, by I/O binding.
#include <onnxruntime_run_options_config_keys.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/half.hpp"
#include "onnx/kept_runs.hpp"
#include "onnx/session.hpp"
#include "onnx/session/impl.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::onnx {
namespace {

Ort::Value tensor_over(const Shape& shape, const void* values, ONNXTensorElementDataType element) {
  const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  const std::size_t each = element == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 ? 2 : 4;
  std::vector<std::int64_t> extents;
  for (const std::uint64_t extent : shape.dims()) extents.push_back(static_cast<std::int64_t>(extent));
  // The API has one type for inputs and outputs, so it takes no const; inputs are not written to.
  return Ort::Value::CreateTensor(memory, const_cast<void*>(values), shape.elements() * each, extents.data(),
                                  extents.size(), element);
}

/// A tensor on the caller's memory, or on halves made of it.
class Bound {
 public:
  Bound(const GraphPort& port, const Shape& shape, std::span<const float> values)
      : halves_(port.half ? values.size() : 0),
        tensor_(port.half ? tensor_over(shape, halves_.data(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16)
                          : tensor_over(shape, values.data(), ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT)) {}

  [[nodiscard]] const Ort::Value& tensor() const { return tensor_; }
  void load(std::span<const float> values) {
    if (!halves_.empty()) std::transform(values.begin(), values.end(), halves_.begin(), to_half);
  }
  void store(std::span<float> values) const {
    std::transform(halves_.begin(), halves_.end(), values.begin(), from_half);
  }

 private:
  std::vector<std::uint16_t> halves_;
  Ort::Value tensor_;
};

/// Bytes that the pool may keep for several runs: an encoder's and a decoder's of 16 pictures of 768 × 512.
constexpr double kept_bytes = 768 << 20;

/// How a run treats the pool of memory that all sessions share.
Ort::RunOptions run_options(const void* graph, const Shape& shape, double alive) {
  static auto& kept = *new KeptRuns(kept_bytes);  // never destroyed, see ort.hpp
  const auto samples = static_cast<double>(shape[0] * shape[2] * shape[3]);
  Ort::RunOptions options;
  if (kept.give_back_after(graph, shape, alive * samples)) {
    options.AddConfigEntry(kOrtRunOptionsConfigEnableMemoryArenaShrinkage, "cpu:0");
  }
  return options;
}

Shape shape_of(const Ort::Value& tensor) {
  const auto made = tensor.GetTensorTypeAndShapeInfo().GetShape();
  const std::vector<std::uint64_t> extents(made.begin(), made.end());
  return Shape(std::span(extents));
}

void run_bound(Ort::Session& session, Ort::IoBinding& binding, const Ort::RunOptions& options) {
  session.Run(options, binding);
  binding.SynchronizeOutputs();
}

}  // namespace

void Session::fail(const Shape& in_shape, const Shape& out_shape, const char* what) const {
  throw Error(ErrorCode::inference,
              path_ + ": running " + in_shape.str() + " → " + out_shape.str() + " failed: " + what);
}

void Session::compute(const Shape& in_shape, std::span<const float> in, const Shape& out_shape, std::span<float> out,
                      const std::shared_ptr<void>&) const try {
  Bound from(input_, in_shape, in);
  const Bound to(output_, out_shape, out);
  from.load(in);
  Ort::IoBinding binding(impl_->session);
  binding.BindInput(input_.name.c_str(), from.tensor());
  // With a bound output of a given shape, ONNX Runtime refuses to write a result of any other shape.
  binding.BindOutput(output_.name.c_str(), to.tensor());
  run_bound(impl_->session, binding, run_options(this, in_shape, alive_));
  to.store(out);
} catch (const Ort::Exception& error) {
  fail(in_shape, out_shape, error.what());
}

std::shared_ptr<const DevicePlanes> Session::compute_to_device(const Shape& in_shape, std::span<const float> in,
                                                               const Shape& out_shape) const try {
  if (!impl_->device || output_.half) return nullptr;
  Bound from(input_, in_shape, in);
  from.load(in);
  Ort::IoBinding binding(impl_->session);
  binding.BindInput(input_.name.c_str(), from.tensor());
  binding.BindOutput(output_.name.c_str(), impl_->device->info());
  run_bound(impl_->session, binding, run_options(this, in_shape, alive_));
  Ort::Value made = std::move(binding.GetOutputValues().at(0));
  if (shape_of(made) != out_shape) fail(in_shape, out_shape, ("it made " + shape_of(made).str()).c_str());
  return std::make_shared<const DeviceTensor>(std::move(made), impl_->reader());
} catch (const Ort::Exception& error) {
  fail(in_shape, out_shape, error.what());
}

bool Session::compute_from_device(const Shape& in_shape, const DevicePlanes& in, const Shape& out_shape,
                                  std::span<float> out) const try {
  const auto* const from = dynamic_cast<const DeviceTensor*>(&in);
  if (from == nullptr || input_.half || from->memory() != impl_->device || shape_of(from->tensor()) != in_shape)
    return false;
  const Bound to(output_, out_shape, out);
  Ort::IoBinding binding(impl_->session);
  binding.BindInput(input_.name.c_str(), from->tensor());
  binding.BindOutput(output_.name.c_str(), to.tensor());
  run_bound(impl_->session, binding, run_options(this, in_shape, alive_));
  to.store(out);
  return true;
} catch (const Ort::Exception& error) {
  fail(in_shape, out_shape, error.what());
}

std::shared_ptr<void> Session::transfer_memory(std::size_t bytes) const try {
  if (!impl_->device || input_.half || output_.half) return nullptr;
  const auto pool = impl_->pinned();
  return {pool->Alloc(bytes), [pool](void* memory) { pool->Free(memory); }};
} catch (const Ort::Exception&) {
  return nullptr;  // there is little of it on some machines, and any other memory does
}

Shape Session::probe(const Shape& in_shape) const {
  const std::vector<float> zeros(in_shape.elements());
  try {
    const Bound from(input_, in_shape, zeros);  // halves of nothing are zeros, too
    Ort::IoBinding binding(impl_->session);
    binding.BindInput(input_.name.c_str(), from.tensor());
    binding.BindOutput(output_.name.c_str(), Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault));
    impl_->session.Run(Ort::RunOptions{nullptr}, binding);
    return shape_of(binding.GetOutputValues().at(0));
  } catch (const Ort::Exception& error) {
    throw Error(ErrorCode::inference, path_ + ": running it on " + in_shape.str() + " failed: " + error.what());
  }
}

}  // namespace vaerans::onnx
