# The command line program: build/<preset>/bin/vaerans.

file(GLOB_RECURSE cli_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/cli/*.cpp)
if(cli_sources AND TARGET vaerans_image_io)
  require(CLI11 libcli11-dev CONFIG)
  file(RELATIVE_PATH cli_to_lib /${CMAKE_INSTALL_BINDIR} /)
  string(REGEX REPLACE "/$" "" cli_to_lib ${cli_to_lib})
  add_executable(vaerans_cli ${cli_sources})
  vaerans_flags(vaerans_cli)
  target_include_directories(vaerans_cli PRIVATE ${PROJECT_SOURCE_DIR}/cli)
  set_target_properties(vaerans_cli PROPERTIES OUTPUT_NAME vaerans
    INSTALL_RPATH "$ORIGIN/${cli_to_lib}/${CMAKE_INSTALL_LIBDIR}") # a shared libvaerans beside bin
  # CLI11 is one big header that every command reads; most of the time of compiling it goes there.
  # The program computes nothing itself, so more optimisation would cost time and gain nothing.
  target_compile_options(vaerans_cli PRIVATE $<$<CONFIG:Release>:-O1>)
  target_precompile_headers(vaerans_cli PRIVATE <CLI/CLI.hpp>)
  vaerans_offers_plugins(vaerans_cli)
  target_link_libraries(vaerans_cli PRIVATE vaerans vaerans_image_io CLI11::CLI11 nlohmann_json::nlohmann_json)
endif()
