# The ctest `consumer`: installs into a temporary prefix, moves it, builds main.cpp and pictures.cpp against it through
# find_package and through pkg-config, and runs them. From the sources (add_subdirectory, FetchContent) it configures
# the consumer and looks that no tests, benchmarks and programs come with it; with BUILD_SOURCES=ON it builds and runs
# that, too (tests/cli/program/test_consumers.py, marked long).  cmake -D BUILD_DIR= -D SOURCE_DIR= -D CONFIG= -D CXX= -D LIBDIR= -P run.cmake

set(work ${BUILD_DIR}/consumer)
set(prefix ${work}/prefix)
set(here ${SOURCE_DIR}/tests/consumer)
file(REMOVE_RECURSE ${work})

# What is installed for this user would be found first.
set(ENV{VAERANS_MODEL_PATH} "")
set(ENV{HOME} ${work})
unset(ENV{XDG_DATA_HOME})
# With it ccache makes paths relative, also that of the header by which a program finds its tree.
unset(ENV{CCACHE_BASEDIR})

# finds_models(<folder>): the program that ran last found the models there, if the sources have any.
function(finds_models folder)
  if(EXISTS ${SOURCE_DIR}/models/photo-f8c32 AND NOT output MATCHES "model ${folder}/photo-f8c32")
    message(FATAL_ERROR "a program does not find the models in ${folder}: ${output}")
  endif()
endfunction()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    string(REPLACE ";" " " command "${ARGN}")
    message(FATAL_ERROR "${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --config ${CONFIG} --prefix ${work}/elsewhere)
file(RENAME ${work}/elsewhere ${prefix})

run(${CMAKE_COMMAND} -S ${here} -B ${work}/cmake -G Ninja
    -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${prefix})
run(${CMAKE_COMMAND} --build ${work}/cmake)
run(${work}/cmake/consumer)
message(STATUS "find_package: ${output}")
finds_models(${prefix}/share/vaerans/models)

set(ENV{PKG_CONFIG_PATH} ${prefix}/${LIBDIR}/pkgconfig)
run(pkg-config --cflags --libs vaerans)
separate_arguments(flags UNIX_COMMAND "${output}")
run(${CXX} -std=c++20 ${here}/main.cpp -o ${work}/consumer_pkgconfig ${flags} -Wl,-rpath,${prefix}/${LIBDIR})
run(${work}/consumer_pkgconfig)
message(STATUS "pkg-config: ${output}")
finds_models(${prefix}/share/vaerans/models)

if(EXISTS ${prefix}/${LIBDIR}/pkgconfig/vaerans_image_io.pc)
  set(picture ${SOURCE_DIR}/examples/pictures/crop.png)
  run(${work}/cmake/pictures ${picture})
  run(pkg-config --cflags --libs vaerans_image_io)
  separate_arguments(flags UNIX_COMMAND "${output}")
  run(${CXX} -std=c++20 ${here}/pictures.cpp -o ${work}/pictures_pkgconfig ${flags} -Wl,-rpath,${prefix}/${LIBDIR})
  run(${work}/pictures_pkgconfig ${picture})
  message(STATUS "pkg-config, image_io: ${output}")
endif()

if(EXISTS ${prefix}/bin/vaerans)
  run(${prefix}/bin/vaerans --version)
  message(STATUS "installed CLI: ${output}")
  # The tree was moved: its own models are found, and messages name where they were looked for.
  run(${prefix}/bin/vaerans models info photo-f8c32 --json)
  if(NOT output MATCHES "${prefix}/share/vaerans/models/photo-f8c32")
    message(FATAL_ERROR "a moved tree does not find its own models: ${output}")
  endif()
  run(${prefix}/bin/vaerans compress ${SOURCE_DIR}/examples/pictures/crop.png -m photo-f8c4 -o ${work}/moved.vrs)
  run(${prefix}/bin/vaerans decompress ${work}/moved.vrs -o ${work}/moved.png)
  execute_process(COMMAND ${prefix}/bin/vaerans models info nonesuch ERROR_VARIABLE text)
  if(NOT text MATCHES "${prefix}/share/vaerans/models")
    message(FATAL_ERROR "the message does not say where models were looked for: ${text}")
  endif()
endif()

foreach(way add_subdirectory FetchContent)
  run(${CMAKE_COMMAND} -S ${here} -B ${work}/${way} -G Ninja -DWAY=${way} -DVAERANS_SOURCES=${SOURCE_DIR}
      -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_CXX_COMPILER=${CXX})
  run(${CMAKE_COMMAND} --build ${work}/${way} --target help)
  if(output MATCHES "unit_|fuzz_|_bench|vaerans_cli|quickstart|_vaerans|GTest")
    message(FATAL_ERROR "${way} brings what a consumer does not want: ${output}")
  endif()
  if(BUILD_SOURCES)
    run(${CMAKE_COMMAND} --build ${work}/${way})
    run(${work}/${way}/consumer)
    message(STATUS "${way}: ${output}")
    finds_models(${SOURCE_DIR}/models)
  endif()
endforeach()
