# The stored fuzz inputs as tests of every build, without libFuzzer: fuzz/<name>_fuzzer.cpp and fuzz/replay.cpp become
# fuzz_replay_<name>, which runs over fuzz/corpus/<name> (seeds) and fuzz/crashes/<name> (inputs that once failed).

file(GLOB fuzz_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*_fuzzer.cpp)
foreach(source IN LISTS fuzz_sources)
  get_filename_component(name ${source} NAME_WE)
  string(REGEX REPLACE "_fuzzer$" "" name ${name})
  add_executable(fuzz_replay_${name} ${source} ${PROJECT_SOURCE_DIR}/fuzz/replay.cpp)
  vaerans_flags(fuzz_replay_${name})
  target_compile_options(fuzz_replay_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_include_directories(fuzz_replay_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests/support
    ${PROJECT_SOURCE_DIR}/fuzz)
  target_link_libraries(fuzz_replay_${name} PRIVATE vaerans)
  add_test(NAME fuzz_replay_${name} COMMAND fuzz_replay_${name}
    ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name} ${PROJECT_SOURCE_DIR}/fuzz/crashes/${name})
  set_tests_properties(fuzz_replay_${name} PROPERTIES TIMEOUT 120)
endforeach()
