# Benchmarks: build/<preset>/bin/vaerans_bench, one file per topic in bench/.

file(GLOB_RECURSE bench_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.cpp)
if(bench_sources)
  require(benchmark libbenchmark-dev CONFIG)
  add_executable(vaerans_bench ${bench_sources})
  vaerans_flags(vaerans_bench)
  target_include_directories(vaerans_bench PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(vaerans_bench PRIVATE vaerans benchmark::benchmark benchmark::benchmark_main)
endif()
