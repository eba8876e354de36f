# The ctest `consumer`: installs into a temporary prefix, builds main.cpp against it through find_package and through
# pkg-config, and runs both.  cmake -D BUILD_DIR= -D SOURCE_DIR= -D CONFIG= -D CXX= -D LIBDIR= -P run.cmake

set(work ${BUILD_DIR}/consumer)
set(prefix ${work}/prefix)
set(here ${SOURCE_DIR}/tests/consumer)
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(REPLACE ";" " " command "${ARGN}")
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --config ${CONFIG} --prefix ${prefix})

run(${CMAKE_COMMAND} -S ${here} -B ${work}/cmake -G Ninja
    -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${work}/cmake)
run(${work}/cmake/consumer)
message(STATUS "find_package: ${output}")

set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIBDIR}/pkgconfig)
run(pkg-config --cflags --libs vaerans)
separate_arguments(flags UNIX_COMMAND "${output}")
run(${CXX} -std=c++20 ${here}/main.cpp -o ${work}/consumer_pkgconfig ${flags} -Wl,-rpath,${prefix}/${LIBDIR})
run(${work}/consumer_pkgconfig)
message(STATUS "pkg-config: ${output}")

if(EXISTS ${prefix}/bin/vaerans)
  run(${prefix}/bin/vaerans --version)
  message(STATUS "installed CLI: ${output}")
endif()
