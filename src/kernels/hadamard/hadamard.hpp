// Walsh-Hadamard transform across the channel planes of an image or a latent.
//
// For every position p the vector (in[0][p], ..., in[channels-1][p]) is multiplied by the Hadamard matrix in natural
// (Sylvester) order, H1 = [1], H2n = [[Hn, Hn], [Hn, -Hn]], scaled by channels^(-1/2). So H * H^T = I: energy is kept,
// a quantiser step means the same before and after, and the transform is its own inverse. For four channels the factor
// is exactly 1/2 and row 0 is (a + b + c + d) / 2.
#pragma once

#include <cstddef>

namespace vaerans::kernels {

// Largest channel count (a stack-free bound; every VAE in use has 4 to 128 channels).
inline constexpr std::size_t kMaxHadamardChannels = std::size_t{1} << 16U;

// True for 1, 2, 4, ... up to kMaxHadamardChannels.
[[nodiscard]] bool is_hadamard_size(std::size_t channels) noexcept;

// in, out: `channels` planes of `plane` floats, one after the other. in == out is allowed, partial overlap is not.
// Requires is_hadamard_size(channels).
void hadamard(const float* in, float* out, std::size_t channels, std::size_t plane) noexcept;

// The scalar twin: the same bits. Tests compare with it.
void hadamard_ref(const float* in, float* out, std::size_t channels, std::size_t plane) noexcept;

}  // namespace vaerans::kernels
