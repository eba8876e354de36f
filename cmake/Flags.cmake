# Compile flags of our own sources, as the function vaerans_flags(target). They reach no consumer.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

function(vaerans_flags target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wconversion
    # A fused multiply-add rounds once where a product and a sum round twice: without this, results would depend on
    # whether the CPU the compiler aims at has one. Kernels that want FMA ask for it by name.
    -ffp-contract=off
    # GCC 12 warns of overlapping copies inside std::string's operator+ where there are none (GCC bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
  if(VAERANS_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(VAERANS_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${VAERANS_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PUBLIC -fsanitize=${VAERANS_SANITIZE})
    if(VAERANS_SANITIZE MATCHES thread) # each compiler has another way to tell
      target_compile_definitions(${target} PRIVATE VAERANS_SANITIZE_THREAD)
      # GCC 12 is wrong about optionals under it.
      target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    endif()
  endif()
endfunction()

# Programs of the build tree land together; the CLI is at build/<preset>/bin/vaerans.
if(PROJECT_IS_TOP_LEVEL)
  set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endif()
