// One function a topic; each registers its systems. builtin.cpp calls them all.
#pragma once

namespace vaerans {

void register_ans();
void register_blur();
void register_color();
void register_hadamard();
void register_klt();
void register_metrics();
void register_quantize();
void register_residual();
void register_vae();
void register_wavelet();

}  // namespace vaerans
