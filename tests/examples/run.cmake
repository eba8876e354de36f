# The ctest `examples_installed`: installs into a temporary prefix, builds examples/ against it as a project of its own, and runs it.
#   cmake -D BUILD_DIR= -D SOURCE_DIR= -D CONFIG= -D CXX= -P run.cmake

set(work ${BUILD_DIR}/examples_installed)
set(prefix ${work}/prefix)
set(pictures ${SOURCE_DIR}/examples/pictures)
file(REMOVE_RECURSE ${work})

function(run expected)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REPLACE ";" " " command "${ARGN}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${command}\n${output}")
  elseif(NOT output MATCHES "${expected}")
    message(FATAL_ERROR "${command}: expected \"${expected}\", got\n${output}")
  endif()
  message(STATUS "${output}")
endfunction()

run("" ${CMAKE_COMMAND} --install ${BUILD_DIR} --config ${CONFIG} --prefix ${prefix})
run("" ${CMAKE_COMMAND} -S ${SOURCE_DIR}/examples -B ${work}/build -G Ninja
    -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix}
    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wconversion -Werror")
run("" ${CMAKE_COMMAND} --build ${work}/build)

set(ENV{VAERANS_MODEL_PATH} ${SOURCE_DIR}/models)
run("PSNR" ${work}/build/quickstart ${pictures}/lake.png ${work}/lake.vrs ${work}/back.png)
run("in memory and from the file: equal" ${work}/build/plugin_dct ${pictures}/crop.png)
