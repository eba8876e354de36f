// The rotations of a Karhunen-Loève transform: choosing them for a covariance, and their side information in files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "kernels/klt/plane_rotation.hpp"

namespace vaerans::klt {

using Rotations = RecycledVector<kernels::PlaneRotation>;

/// The most that are chosen or accepted: four sweeps over all pairs of channels.
[[nodiscard]] std::size_t max_rotations(std::size_t channels) noexcept;

/// Jacobi's method, the rotation first that saves most bits, until none saves more than it takes in the side
/// information. With all of them the channels would be the covariance's eigenvectors (to the precision of the angles).
/// A rotation of channels of variances a, b and correlation r saves log2(1 / (1 - r²)) / 2 bits a sample (Gaussian,
/// high rate). `matrix`: channels², symmetric, with the variance of the accepted noise added to its diagonal;
/// diagonalised in place. `samples`: how many each channel has. Only + - * / and square roots are used: the same
/// rotations on every machine.
void choose_rotations(std::span<double> matrix, std::size_t channels, std::size_t samples, Rotations& out);

/// Bits, most significant first: Exp-Golomb of order 2: the number of rotations; for each: the pair (p, q), p < q, as
/// q (q - 1) / 2 + p in as many bits as the last pair's number takes · 1 bit: t below zero · 7 bits: |t| - 1.
/// The contents of `out` are dropped, and its memory is reused.
void write_side_info(std::span<const kernels::PlaneRotation> rotations, std::size_t channels, ByteBuffer& out);
/// Throws Error(corrupt_stream).
void read_side_info(std::span<const std::byte> side_info, std::size_t channels, Rotations& out);

}  // namespace vaerans::klt
