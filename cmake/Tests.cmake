# GoogleTest programs, one per folder of tests/unit, which mirrors src (tools/lint/test_mirror.py checks it):
# tests/unit/core/*_test.cpp -> unit_core. What goes through several layers stands in tests/integration.

require(GTest libgtest-dev)
require(ZLIB zlib1g-dev)  # what checksums and deflated data are compared with
include(GoogleTest)

# vaerans_add_tests(<name> <sources>): one program; helpers in tests/support are seen by all.
function(vaerans_add_tests name)
  add_executable(${name} ${ARGN})
  vaerans_flags(${name})
  # Tests are compiled for the sake of one run: gtest is read once, and optimised no more than needed.
  target_precompile_headers(${name} PRIVATE <gtest/gtest.h>)
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests/support)
  target_compile_definitions(${name} PRIVATE VAERANS_TEST_DATA="${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE vaerans GTest::gtest_main
    hwy::hwy TBB::tbb OpenSSL::Crypto ZLIB::ZLIB PkgConfig::LIBDEFLATE nlohmann_json::nlohmann_json vaerans_onnxruntime_headers)
  if(TARGET vaerans_image_io)
    target_link_libraries(${name} PRIVATE vaerans_image_io)
  endif()
  set(seconds 300)
  if(VAERANS_SANITIZE)
    set(seconds 1200) # they take up to ten times as long
  endif()
  # Tests leave nothing in the user's cache; those of the cache itself name a folder of their own.
  gtest_discover_tests(${name} TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${seconds} ENVIRONMENT VAERANS_GRAPH_CACHE=off)
endfunction()

file(GLOB_RECURSE unit_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/*_test.cpp)
# Programs with a main() of their own.
file(GLOB_RECURSE unit_mains CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/*/main.cpp)
list(APPEND unit_sources ${unit_mains})
set(unit_folders "")
foreach(source IN LISTS unit_sources)
  file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR}/tests/unit ${source})
  string(REGEX REPLACE "/.*|[^/]*\\.cpp$" "" folder ${relative})
  if(NOT folder)
    set(folder all)
  endif()
  list(APPEND unit_folders ${folder})
  list(APPEND unit_sources_${folder} ${source})
endforeach()
list(REMOVE_DUPLICATES unit_folders)
foreach(folder IN LISTS unit_folders)
  if(NOT folder STREQUAL "image_io" OR TARGET vaerans_image_io)
    vaerans_add_tests(unit_${folder} ${unit_sources_${folder}})
  endif()
endforeach()
if(TARGET unit_image_io)
  target_link_libraries(unit_image_io PRIVATE PkgConfig::VIPS)
endif()

# The steady state is a program of its own because it replaces operator new.
file(GLOB integration_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/integration/*_test.cpp)
list(FILTER integration_sources EXCLUDE REGEX steady_state)
vaerans_add_tests(integration ${integration_sources})
vaerans_add_tests(integration_steady_state ${PROJECT_SOURCE_DIR}/tests/integration/steady_state_test.cpp)

# A tiny project built against the installed tree, once through CMake and once through pkg-config.
if(VAERANS_INSTALL AND NOT VAERANS_SANITIZE)
  add_test(NAME consumer
    COMMAND ${CMAKE_COMMAND} -D BUILD_DIR=${PROJECT_BINARY_DIR} -D SOURCE_DIR=${PROJECT_SOURCE_DIR}
            -D CONFIG=$<CONFIG> -D CXX=${CMAKE_CXX_COMPILER} -D LIBDIR=${CMAKE_INSTALL_LIBDIR}
            -P ${PROJECT_SOURCE_DIR}/tests/consumer/run.cmake)
  set_tests_properties(consumer PROPERTIES TIMEOUT 300 RESOURCE_LOCK install)
endif()
