# vaerans: the library. Every src/**.cpp belongs to it, except src/image_io, which has a target of its own.

file(GLOB_RECURSE library_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.cpp)
list(FILTER library_sources EXCLUDE REGEX "^${PROJECT_SOURCE_DIR}/src/image_io/")

add_library(vaerans ${library_sources})
add_library(vaerans::vaerans ALIAS vaerans)
vaerans_flags(vaerans)
set_target_properties(vaerans PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
target_include_directories(vaerans
  PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE ${PROJECT_SOURCE_DIR}/src)
# What plugins are linked with: the headers, since the program that loads them has the library (vaerans/core/plugin.hpp).
add_library(vaerans_plugin INTERFACE)
add_library(vaerans::plugin ALIAS vaerans_plugin)
set_target_properties(vaerans_plugin PROPERTIES EXPORT_NAME plugin)
target_compile_features(vaerans_plugin INTERFACE cxx_std_20)
target_include_directories(vaerans_plugin INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# vaerans_offers_plugins(<program or module>): it has all of the library, and its symbols are there for plugins to use.
function(vaerans_offers_plugins target)
  get_target_property(kind vaerans TYPE)
  if(kind STREQUAL "STATIC_LIBRARY")
    target_link_options(${target} PRIVATE "SHELL:-Wl,--whole-archive $<TARGET_FILE:vaerans> -Wl,--no-whole-archive")
  endif()
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/plugin_symbols.map ENABLE_EXPORTS ON)
  target_link_options(${target} PRIVATE ${ARGN})
endfunction()

# Only headers of the last two are used, so a consumer of the static library need not have them.
target_link_libraries(vaerans PRIVATE
  hwy::hwy TBB::tbb OpenSSL::Crypto PkgConfig::LIBDEFLATE Threads::Threads ${CMAKE_DL_LIBS}
  $<BUILD_INTERFACE:nlohmann_json::nlohmann_json> $<BUILD_INTERFACE:vaerans_onnxruntime_headers>)

# Folders that are looked into last, ';'-separated: models of the installed package, and in dev builds those of the
# source tree; likewise folders that may hold libonnxruntime.so (in dev builds the one of .venv). A wheel has neither:
# its models lie beside the module, and pip's install prefix is a temporary folder.
set(model_dirs "")
set(ort_dirs "")
if(NOT SKBUILD)
  set(model_dirs ${CMAKE_INSTALL_FULL_DATADIR}/vaerans/models)
  # From the folders of programs and libraries to the models, so that a tree may be moved.
  file(RELATIVE_PATH bin_to_models /${CMAKE_INSTALL_BINDIR} /${CMAKE_INSTALL_DATADIR}/vaerans/models)
  file(RELATIVE_PATH lib_to_models /${CMAKE_INSTALL_LIBDIR} /${CMAKE_INSTALL_DATADIR}/vaerans/models)
  file(RELATIVE_PATH include_to_models /${CMAKE_INSTALL_INCLUDEDIR}/vaerans /${CMAKE_INSTALL_DATADIR}/vaerans/models)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/src/models/installed.cpp PROPERTIES COMPILE_DEFINITIONS
    "VAERANS_BIN_TO_MODELS=\"${bin_to_models}\";VAERANS_LIB_TO_MODELS=\"${lib_to_models}\";VAERANS_INCLUDE_TO_MODELS=\"${include_to_models}\"")
endif()
if(VAERANS_DEV_PATHS)
  list(PREPEND model_dirs ${PROJECT_SOURCE_DIR}/models)
  file(GLOB ort_dirs ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/onnxruntime/capi)
endif()
# "\073" is the C escape of ';', which CMake would take for its own list separator.
list(JOIN model_dirs "\\073" model_dirs)
list(JOIN ort_dirs "\\073" ort_dirs)
# Told to the two sources that read them alone: a compiler cache then serves a clone in another folder.
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/models/paths.cpp PROPERTIES COMPILE_DEFINITIONS
  "VAERANS_DEFAULT_MODEL_DIRS=\"${model_dirs}\"")
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/onnx/library.cpp PROPERTIES COMPILE_DEFINITIONS
  "VAERANS_DEFAULT_ORT_DIRS=\"${ort_dirs}\"")
