#include "systems/builtin.hpp"

#include "core/builtin.hpp"

namespace vaerans {

// In the order of the chain. A new system: a new file, a line in builtin.hpp, a line here.
void register_builtin_systems() {
  register_vae();
  register_hadamard();
  register_klt();
  register_wavelet();
  register_quantize();
  register_ans();
  register_residual();
  register_color();
  register_blur();
  register_metrics();
}

}  // namespace vaerans
