# vaerans_onnxruntime_headers: the headers of ONNX Runtime. The library itself is loaded at run time with dlopen
# (ORT_API_MANUAL_INIT), so nothing is linked and any library at least as new as the headers fits.
#
# Order: -DONNXRUNTIME_INCLUDE_DIR, an installed CMake package, the folder that `./dev setup` fills, and last that same
# script, run now (this is what `pip install .` in a fresh virtual environment meets).

set(ONNXRUNTIME_INCLUDE_DIR "" CACHE PATH "Folder of onnxruntime_cxx_api.h (found or provisioned when empty)")
set(ort_provisioned ${PROJECT_SOURCE_DIR}/build/deps/onnxruntime)
set(ort_script ${PROJECT_SOURCE_DIR}/tools/dev/onnxruntime_headers.sh)
set(ort_names onnxruntime_cxx_api.h)
set(ort_suffixes onnxruntime onnxruntime/core/session)

function(vaerans_find_onnxruntime_headers result)
  if(ONNXRUNTIME_INCLUDE_DIR)
    set(${result} ${ONNXRUNTIME_INCLUDE_DIR} PARENT_SCOPE)
    return()
  endif()
  find_package(onnxruntime CONFIG QUIET)
  if(TARGET onnxruntime::onnxruntime)
    get_target_property(package_dirs onnxruntime::onnxruntime INTERFACE_INCLUDE_DIRECTORIES)
  endif()
  find_path(found ${ort_names} PATH_SUFFIXES ${ort_suffixes} NO_CACHE
            HINTS ${package_dirs} ${ort_provisioned}/usr/include)
  if(NOT found)
    set(folder ${ort_provisioned})
    if(SKBUILD)
      set(folder ${PROJECT_BINARY_DIR}/deps/onnxruntime)
    endif()
    execute_process(COMMAND bash ${ort_script} ${folder} COMMAND_ERROR_IS_FATAL ANY)
    find_path(found ${ort_names} PATH_SUFFIXES ${ort_suffixes} NO_CACHE REQUIRED HINTS ${folder}/usr/include)
  endif()
  set(${result} ${found} PARENT_SCOPE)
endfunction()

vaerans_find_onnxruntime_headers(ort_include_dir)
file(STRINGS ${ort_include_dir}/onnxruntime_c_api.h ort_api_line REGEX "#define ORT_API_VERSION [0-9]+")
string(REGEX REPLACE "[^0-9]" "" ort_api_version "${ort_api_line}")
if(NOT ort_api_version OR ort_api_version LESS 17)
  message(FATAL_ERROR "The ONNX Runtime headers in ${ort_include_dir} are of API version '${ort_api_version}': "
                      "vaerans needs 17 (ONNX Runtime 1.17) or newer")
endif()
message(STATUS "ONNX Runtime headers: ${ort_include_dir} (API version ${ort_api_version})")

add_library(vaerans_onnxruntime_headers INTERFACE)
target_include_directories(vaerans_onnxruntime_headers SYSTEM INTERFACE ${ort_include_dir})
target_compile_definitions(vaerans_onnxruntime_headers INTERFACE ORT_API_MANUAL_INIT)
