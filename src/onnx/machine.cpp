#include "onnx/machine.hpp"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

#include <cstdint>
#elif defined(__linux__)
#include <sys/auxv.h>
#include <sys/utsname.h>
#endif

namespace vaerans::onnx {

#if defined(__x86_64__) || defined(__i386__)

namespace {

/// Registers of a leaf that say what the processor is and can do; ebx of leaf 1 differs from core to core.
std::string leaf(unsigned number, unsigned subleaf, bool with_ebx) {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid_count(number, subleaf, &eax, &ebx, &ecx, &edx) == 0) return "-";
  return std::to_string(eax) + "," + std::to_string(with_ebx ? ebx : 0) + "," + std::to_string(ecx) + "," +
         std::to_string(edx) + ";";
}

}  // namespace

std::string processor_features() {
  // CPUID says what the processor has, __builtin_cpu_supports what the system lets programs use.
  __builtin_cpu_init();
  std::string text = "x86;" + leaf(1, 0, false) + leaf(7, 0, true) + leaf(7, 1, true);
  text += __builtin_cpu_supports("avx") != 0 ? "avx;" : "";
  text += __builtin_cpu_supports("avx2") != 0 ? "avx2;" : "";
  text += __builtin_cpu_supports("fma") != 0 ? "fma;" : "";
  text += __builtin_cpu_supports("avx512f") != 0 ? "avx512f;" : "";
  return text;
}

#elif defined(__linux__)

std::string processor_features() {
  utsname names{};
  if (uname(&names) != 0) return {};
  return std::string(names.machine) + ";" + std::to_string(getauxval(AT_HWCAP)) + ";" +
         std::to_string(getauxval(AT_HWCAP2));
}

#else

std::string processor_features() { return {}; }

#endif

}  // namespace vaerans::onnx
