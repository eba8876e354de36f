// The tile coder: plane by plane, for both depths of samples and both strengths of the model. Included once per
// instruction set like mixing/decide_each.hpp, behind sample_coder_each.hpp.
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "kernels/predict/sample_depth.hpp"
#include "kernels/predict/tile_coder.hpp"
#include "kernels/predict/tile_planes.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

template <typename Sample>
using DepthOf = std::conditional_t<std::is_same_v<Sample, std::uint8_t>, EightBits, DeepBits>;

inline void reset_planes(TileBuffers& buffers, const TileShape& shape) {
  const auto planes = static_cast<std::size_t>(shape.planes);
  for (auto& plane : std::span(buffers.values).first(planes)) {
    plane.reset(shape.width, shape.height, 1 << (shape.bits - 1));
  }
  for (auto& plane : std::span(buffers.residuals).first(planes)) plane.reset(shape.width, shape.height, 0);
}

template <class V, class Strength, typename Sample>
bool encode_tile_of(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,
                    TileBuffers& buffers) {
  reset_planes(buffers, shape);
  buffers.decisions.clear();
  for (int c = 0; c < shape.planes; ++c) {
    const auto p = static_cast<std::size_t>(c);
    if (modes[p] != PlaneMode::coded) {
      adopt_plane(planes[p], modes[p], shape, buffers, c);
      continue;
    }
    PlaneCoder<V, DepthOf<Sample>, Strength, DecisionList> coder(buffers, buffers.decisions, c, shape);
    if (!coder.run(planes[p])) return false;
    finish_plane(buffers, c, shape.height);
  }
  return true;
}

template <class V, class Strength, typename Sample>
void decode_tile_of(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,
                    TileBuffers& buffers, DecisionDecoder& decoder) {
  reset_planes(buffers, shape);
  for (int c = 0; c < shape.planes; ++c) {
    const auto p = static_cast<std::size_t>(c);
    if (modes[p] != PlaneMode::coded) {
      if (modes[p] == PlaneMode::copy) copy_samples(planes[0], planes[p], shape);
      adopt_plane(planes[p], modes[p], shape, buffers, c);
      continue;
    }
    PlaneCoder<V, DepthOf<Sample>, Strength, DecisionDecoder> coder(buffers, decoder, c, shape);
    if (!coder.run(planes[p])) return;
    finish_plane(buffers, c, shape.height);
  }
}

template <class V, class Strength, typename Sample>
void quantize_plane(const TilePlane<Sample>& plane, int number, const TileShape& shape, TileBuffers& buffers) {
  PaddedPlane& values = buffers.values[static_cast<std::size_t>(number)];
  const DepthOf<Sample> depth(shape.bits);
  Predictor<V, DepthOf<Sample>, Strength> predictor(buffers, predict_tables(), depth, number, shape.width);
  for (int y = 0; y < shape.height; ++y) {
    values.begin_row(y);
    predictor.begin_row(y);
    Sample* const samples = plane.samples + y * plane.stride;
    for (int x = 0; x < shape.width; ++x) {
      predictor.look(x);
      const Grid grid(predictor.mean(), shape.max_error, depth.top);
      const int value = grid.value(grid.nearest(samples[x]));
      samples[x] = static_cast<Sample>(value);
      values.row(y)[x] = value;
      predictor.learn(x, value);
    }
    predictor.end_row();
    values.end_row(y);
  }
  values.finish(shape.height);
}

// The predictor alone: what it predicts depends on nothing that the coder of decisions learns.
template <class V, class Strength, typename Sample>
void quantize_tile_of(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,
                      TileBuffers& buffers) {
  reset_planes(buffers, shape);
  for (int c = 0; c < shape.planes; ++c) {
    const auto p = static_cast<std::size_t>(c);
    if (modes[p] == PlaneMode::coded) {
      quantize_plane<V, Strength>(planes[p], c, shape, buffers);
      continue;
    }
    if (modes[p] == PlaneMode::copy) copy_samples(planes[0], planes[p], shape);
    adopt_plane(planes[p], modes[p], shape, buffers, c);
  }
}

// Calls f with the strength of a tile's model; deep samples have one alone.
template <typename Sample, class F>
auto with_strength(const TileShape& shape, F f) {
  if constexpr (!DepthOf<Sample>::kDeep) {
    if (shape.model == PixelModel::dense) return f(Dense());
  }
  return f(Balanced());
}

template <class V, typename Sample>
bool encode_tile_on(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,
                    TileBuffers& buffers) {
  return with_strength<Sample>(
      shape, [&]<class Strength>(Strength) { return encode_tile_of<V, Strength>(planes, modes, shape, buffers); });
}
template <class V, typename Sample>
void decode_tile_on(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,
                    TileBuffers& buffers, DecisionDecoder& decoder) {
  with_strength<Sample>(
      shape, [&]<class Strength>(Strength) { decode_tile_of<V, Strength>(planes, modes, shape, buffers, decoder); });
}
template <class V, typename Sample>
void quantize_tile_on(const TilePlanes<Sample>& planes, const PlaneModes& modes, const TileShape& shape,
                      TileBuffers& buffers) {
  with_strength<Sample>(
      shape, [&]<class Strength>(Strength) { quantize_tile_of<V, Strength>(planes, modes, shape, buffers); });
}

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
