# Benchmarks: build/<preset>/bin/vaerans_bench, one file per topic in bench/. `./dev bench` (bench/run.py) compares what
# it measures with other libraries; htscodecs is one of them and is left out where it is not installed.

file(GLOB_RECURSE bench_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cpp)
if(bench_sources)
  require(benchmark libbenchmark-dev CONFIG)
  find_path(HTSCODECS_INCLUDE_DIR htscodecs/rANS_static4x16.h)
  find_library(HTSCODECS_LIBRARY htscodecs)
  mark_as_advanced(HTSCODECS_INCLUDE_DIR HTSCODECS_LIBRARY)
  if(NOT HTSCODECS_INCLUDE_DIR OR NOT HTSCODECS_LIBRARY)
    list(FILTER bench_sources EXCLUDE REGEX "/htscodecs_bench\\.cpp$")
  endif()

  add_executable(vaerans_bench ${bench_sources})
  vaerans_flags(vaerans_bench)
  target_include_directories(vaerans_bench PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(vaerans_bench PRIVATE
    VAERANS_BENCH_COMPILER="${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}")
  target_link_libraries(vaerans_bench PRIVATE vaerans benchmark::benchmark benchmark::benchmark_main)
  if(HTSCODECS_INCLUDE_DIR AND HTSCODECS_LIBRARY)
    target_include_directories(vaerans_bench SYSTEM PRIVATE ${HTSCODECS_INCLUDE_DIR})
    target_link_libraries(vaerans_bench PRIVATE ${HTSCODECS_LIBRARY})
  endif()
endif()

# What tools/cuda/check.py asks on a machine with a GPU; tools/cuda/pack.sh takes it there.
add_executable(vaerans_cuda_probe ${PROJECT_SOURCE_DIR}/tools/cuda/probe.cpp)
vaerans_flags(vaerans_cuda_probe)
set_target_properties(vaerans_cuda_probe PROPERTIES BUILD_RPATH "$ORIGIN/lib")
target_include_directories(vaerans_cuda_probe PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_link_libraries(vaerans_cuda_probe PRIVATE vaerans vaerans_onnxruntime_headers nlohmann_json::nlohmann_json)
