# Fuzz targets: fuzz/<name>_fuzzer.cpp becomes build/fuzz/bin/fuzz_<name>. The library is compiled with the same
# instrumentation (preset fuzz); `./dev fuzz` starts them on fuzz/corpus/<name>.

if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  message(FATAL_ERROR "VAERANS_BUILD_FUZZ needs clang (libFuzzer): ./dev fuzz takes care of it")
endif()
target_compile_options(vaerans PRIVATE -fsanitize=fuzzer-no-link)

file(GLOB fuzz_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*_fuzzer.cpp)
foreach(source IN LISTS fuzz_sources)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzzer$" "" name ${name})
  add_executable(fuzz_${name} ${source})
  vaerans_flags(fuzz_${name})
  target_compile_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  target_compile_definitions(fuzz_${name} PRIVATE VAERANS_LIBFUZZER) # mutators of our own call libFuzzer's
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests/support
    ${PROJECT_SOURCE_DIR}/fuzz)
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(fuzz_${name} PRIVATE vaerans)
endforeach()
