# vaerans_image_io: image files through libvips, apart from the library so that a consumer without files needs no libvips.

file(GLOB_RECURSE image_io_sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/image_io/*.cpp)
if(image_io_sources)
  pkg_check_modules(VIPS IMPORTED_TARGET vips-cpp)
  if(NOT VIPS_FOUND)
    message(FATAL_ERROR "vaerans_image_io needs libvips. On Debian and Ubuntu: apt-get install libvips-dev "
                        "(./dev setup does it); -DVAERANS_BUILD_IMAGE_IO=OFF -DVAERANS_BUILD_CLI=OFF builds without")
  endif()
  add_library(vaerans_image_io ${image_io_sources})
  add_library(vaerans::image_io ALIAS vaerans_image_io)
  vaerans_flags(vaerans_image_io)
  set_target_properties(vaerans_image_io PROPERTIES EXPORT_NAME image_io
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  target_include_directories(vaerans_image_io PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(vaerans_image_io PUBLIC vaerans PRIVATE PkgConfig::VIPS)
endif()
