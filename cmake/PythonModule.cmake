# _vaerans: the native module inside the package vaerans_ecs, with its generated stub.
#
# Two ways to install it: pip builds a wheel (pyproject.toml: component `python`, the .py files added by
# scikit-build-core), and `./dev build` installs the components `python` and `python_sources` of the release tree into
# .venv, so that the library is compiled once for the CLI, the tests and Python.

set(dev_python ${PROJECT_SOURCE_DIR}/.venv/bin/python)
if(NOT SKBUILD AND NOT Python_EXECUTABLE AND EXISTS ${dev_python})
  set(Python_EXECUTABLE ${dev_python})
endif()
set(module_component Development.Module)
find_package(Python 3.10 COMPONENTS Interpreter ${module_component} QUIET)
if(NOT Python_FOUND)
  message(FATAL_ERROR "vaerans needs a Python >= 3.10 with its headers. On Debian and Ubuntu: apt-get install python3-dev "
                      "(./dev setup does it); -DVAERANS_BUILD_PYTHON=OFF builds without")
endif()
execute_process(COMMAND ${Python_EXECUTABLE} -m nanobind --cmake_dir
                OUTPUT_VARIABLE nanobind_dir OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE nanobind_result ERROR_QUIET)
if(NOT nanobind_result EQUAL 0)
  message(FATAL_ERROR "vaerans needs nanobind in ${Python_EXECUTABLE}: "
                      "pip install -r requirements/build.txt (./dev setup does it for .venv)")
endif()
find_package(nanobind CONFIG REQUIRED PATHS ${nanobind_dir} NO_DEFAULT_PATH)

file(GLOB_RECURSE binding_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/python/bindings/*.cpp)
if(binding_sources)
  nanobind_add_module(_vaerans NB_STATIC ${binding_sources})
  vaerans_flags(_vaerans)
  # nanobind hides everything, and with it the library's classes that plugins derive from; the map below chooses instead.
  set_target_properties(_vaerans PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/python
    CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN OFF)
  target_compile_options(_vaerans PRIVATE -Wno-attributes) # classes hold members that nanobind does hide
  target_include_directories(_vaerans PRIVATE ${PROJECT_SOURCE_DIR}/python/bindings)
  target_link_libraries(_vaerans PRIVATE vaerans)
  vaerans_offers_plugins(_vaerans -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/plugin_symbols.map)
  nanobind_add_stub(_vaerans_stub MODULE _vaerans DEPENDS _vaerans INCLUDE_PRIVATE
    PATTERN_FILE ${PROJECT_SOURCE_DIR}/python/bindings/stub_patterns.txt
    PYTHON_PATH ${PROJECT_BINARY_DIR}/python OUTPUT ${PROJECT_BINARY_DIR}/python/_vaerans.pyi)

  install(TARGETS _vaerans LIBRARY DESTINATION vaerans_ecs COMPONENT python EXCLUDE_FROM_ALL)
  install(FILES ${PROJECT_BINARY_DIR}/python/_vaerans.pyi DESTINATION vaerans_ecs COMPONENT python EXCLUDE_FROM_ALL)
endif()
if(EXISTS ${PROJECT_SOURCE_DIR}/models)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/models DESTINATION vaerans_ecs COMPONENT python EXCLUDE_FROM_ALL)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/python/vaerans_ecs DESTINATION . COMPONENT python_sources EXCLUDE_FROM_ALL
        PATTERN __pycache__ EXCLUDE)
