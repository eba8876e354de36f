// The fast tile coder: planes at once, each two rows behind the one before. Included once per instruction set like
// mixing/decide_each.hpp, behind fast_sample_each.hpp.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>

#include "kernels/fast/fast_tile.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

template <class Coder>
Coder& coder_in(FastPlaneRoom& room) {
  if constexpr (std::is_same_v<Coder, SymbolDecoder>) {
    return room.decoder;
  } else {
    return room.list;
  }
}

// A plane that is not coded, row by row, so that later ones see it.
class FastAdopted {
 public:
  FastAdopted(FastBuffers& buffers, std::size_t plane, const TilePlane<std::uint8_t>& target, bool copy, int width)
      : buffers_(buffers), plane_(plane), target_(target), copy_(copy), width_(width) {}

  void row(int y) {
    FastPlaneRoom& room = buffers_[plane_];
    room.values.begin_row(y);
    room.residuals.begin_row(y);
    std::uint8_t* const samples = target_.samples + y * target_.stride;
    if (copy_) std::copy_n(buffers_[0].values.row(y), width_, samples);
    std::copy_n(samples, width_, room.values.row(y));
    if (copy_) {
      std::copy_n(buffers_[0].residuals.row(y), width_, room.residuals.row(y));
    } else {
      std::fill_n(room.residuals.row(y), width_, std::int16_t{0});
    }
    room.values.end_row(y);
    room.residuals.end_row(y);
  }

 private:
  FastBuffers& buffers_;
  std::size_t plane_;
  TilePlane<std::uint8_t> target_;
  bool copy_;
  int width_;
};

// One plane of a tile, coded or not.
template <class V, int kPlane, class Coder>
class FastRows {
 public:
  FastRows(FastBuffers& buffers, const ByteTile& planes, const PlaneModes& modes, const TileShape& shape)
      : room_(buffers[kPlane]), height_(shape.height), width_(shape.width) {
    if (kPlane >= shape.planes) return;
    if (modes[kPlane] == PlaneMode::coded) {
      coded_.emplace(buffers, coder_in<Coder>(room_), planes[kPlane], shape);
    } else {
      adopted_.emplace(buffers, kPlane, planes[kPlane], modes[kPlane] == PlaneMode::copy, shape.width);
    }
  }
  // Planes follow each other at two rows.
  [[nodiscard]] bool has(int turn) const { return turn >= 2 * kPlane && turn < height_ + 2 * kPlane; }
  [[nodiscard]] bool codes(int turn) const { return coded_ && has(turn); }
  [[nodiscard]] FastPlane<V, kPlane, Coder>& coded() { return *coded_; }
  void begin(int turn) {
    if (codes(turn)) coded_->begin_row(turn - 2 * kPlane);
  }
  // A row of a plane that is not coded, or that no other one is coded beside.
  void run(int turn) {
    if (adopted_ && has(turn)) adopted_->row(turn - 2 * kPlane);
    if (!codes(turn)) return;
    typename FastPlane<V, kPlane, Coder>::Step step;
    for (int x = 0; x < width_; ++x) {
      coded_->look(x, step);
      coded_->choose(x, step);
      coded_->code(x, step);
      coded_->learn(x, step);
      coded_->adapt(step);
    }
  }
  [[nodiscard]] bool end(int turn) {
    if (!has(turn) || (!coded_ && !adopted_)) return true;
    const int y = turn - 2 * kPlane;
    if (coded_ && !coded_->end_row(y)) return false;
    if (y != height_ - 1) return true;
    room_.values.finish(height_);
    room_.residuals.finish(height_);
    return true;
  }
  [[nodiscard]] bool outside() const { return coded_ && coded_->outside(); }

 private:
  FastPlaneRoom& room_;
  int height_, width_;
  std::optional<FastPlane<V, kPlane, Coder>> coded_;
  std::optional<FastAdopted> adopted_;
};

template <class V, class Coder>
class FastTile {
 public:
  FastTile(const ByteTile& planes, const PlaneModes& modes, const TileShape& shape, FastBuffers& buffers)
      : shape_(shape),
        g_(prepared(buffers, shape), planes, modes, shape),
        r_(buffers, planes, modes, shape),
        b_(buffers, planes, modes, shape) {}

  // False: a sample outside of its range. Stops where a stream runs out.
  bool run() {
    const int turns = shape_.height + 2 * (shape_.planes - 1);
    for (int turn = 0; turn < turns; ++turn) {
      g_.begin(turn);
      r_.begin(turn);
      b_.begin(turn);
      if (g_.codes(turn) && r_.codes(turn) && b_.codes(turn)) {
        run_three();
      } else {
        g_.run(turn);
        r_.run(turn);
        b_.run(turn);
      }
      if (!g_.end(turn) || !r_.end(turn) || !b_.end(turn)) break;
    }
    return !g_.outside() && !r_.outside() && !b_.outside();
  }

 private:
  static FastBuffers& prepared(FastBuffers& buffers, const TileShape& shape) {
    for (FastPlaneRoom& room : std::span(buffers).first(static_cast<std::size_t>(shape.planes))) {
      room.values.reset(shape.width, shape.height, 128);
      room.residuals.reset(shape.width, shape.height, 0);
      room.list.clear();
    }
    return buffers;
  }
  // Three samples of one column, which know nothing of each other, at a time.
  void run_three() {
    auto& g = g_.coded();
    auto& r = r_.coded();
    auto& b = b_.coded();
    for (int x = 0; x < shape_.width; ++x) {
      typename FastPlane<V, 0, Coder>::Step of_g;
      typename FastPlane<V, 1, Coder>::Step of_r;
      typename FastPlane<V, 2, Coder>::Step of_b;
      g.look(x, of_g);
      r.look(x, of_r);
      b.look(x, of_b);
      g.choose(x, of_g);
      r.choose(x, of_r);
      b.choose(x, of_b);
      g.code(x, of_g);
      r.code(x, of_r);
      b.code(x, of_b);
      g.learn(x, of_g);
      r.learn(x, of_r);
      b.learn(x, of_b);
      g.adapt(of_g);
      r.adapt(of_r);
      b.adapt(of_b);
    }
  }

  TileShape shape_;
  FastRows<V, 0, Coder> g_;
  FastRows<V, 1, Coder> r_;
  FastRows<V, 2, Coder> b_;
};

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
