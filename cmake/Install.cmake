# The installed tree: headers, libraries, CLI, models, a CMake package and a pkg-config file.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/vaerans)

install(TARGETS vaerans vaerans_plugin EXPORT vaerans_targets)
if(TARGET vaerans_image_io)
  install(TARGETS vaerans_image_io EXPORT vaerans_targets)
endif()
if(TARGET vaerans_cli)
  install(TARGETS vaerans_cli)
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/vaerans DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(EXISTS ${PROJECT_SOURCE_DIR}/models)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/vaerans)
endif()

# What desktops and file(1) know .vrs files by. A package runs update-mime-database, as for any other MIME type.
install(FILES ${PROJECT_SOURCE_DIR}/cmake/mime/vaerans.xml DESTINATION ${CMAKE_INSTALL_DATADIR}/mime/packages)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/mime/vaerans.magic DESTINATION ${CMAKE_INSTALL_DATADIR}/vaerans)

# The static library hands its private libraries on; a shared one keeps them to itself.
get_target_property(library_type vaerans TYPE)
set(VAERANS_STATIC OFF)
set(pc_requires "")
set(pc_requires_private "libhwy, tbb, libcrypto, libdeflate")
set(pc_libs_private "-ldl -pthread")
set(pc_libs "")
if(library_type STREQUAL "STATIC_LIBRARY")
  set(VAERANS_STATIC ON)
  # Without a shared library, plain `pkg-config --libs` must be enough to link.
  set(pc_requires "${pc_requires_private}")
  set(pc_libs " ${pc_libs_private}")
  set(pc_requires_private "")
  set(pc_libs_private "")
endif()

install(EXPORT vaerans_targets NAMESPACE vaerans:: DESTINATION ${package_dir} FILE vaeransTargets.cmake)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/vaeransConfig.cmake.in
  ${PROJECT_BINARY_DIR}/vaeransConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vaeransConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vaeransConfig.cmake ${PROJECT_BINARY_DIR}/vaeransConfigVersion.cmake
        DESTINATION ${package_dir})

# Relative to the file itself, so that `cmake --install --prefix` and a moved tree work.
file(RELATIVE_PATH pc_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
configure_file(${PROJECT_SOURCE_DIR}/cmake/vaerans.pc.in ${PROJECT_BINARY_DIR}/vaerans.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vaerans.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(TARGET vaerans_image_io)
  set(pc_image_io_requires "")
  if(VAERANS_STATIC)
    set(pc_image_io_requires ", vips-cpp")
  endif()
  configure_file(${PROJECT_SOURCE_DIR}/cmake/vaerans_image_io.pc.in ${PROJECT_BINARY_DIR}/vaerans_image_io.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/vaerans_image_io.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
