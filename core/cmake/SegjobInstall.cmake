# The installed package: find_package(segjob), and segjob.pc for pkg-config.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/segjob")
configure_package_config_file(
  core/cmake/segjobConfig.cmake.in segjobConfig.cmake
  INSTALL_DESTINATION "${package_dir}" NO_SET_AND_CHECK_MACRO
  NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(segjobConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES "${CMAKE_CURRENT_BINARY_DIR}/segjobConfig.cmake"
        "${CMAKE_CURRENT_BINARY_DIR}/segjobConfigVersion.cmake"
        core/cmake/FindMbedTLS.cmake core/cmake/FindJsmn.cmake
  DESTINATION "${package_dir}")
install(EXPORT segjobTargets NAMESPACE segjob:: DESTINATION "${package_dir}")

# The .pc file names no absolute place of its own, so `cmake --install --prefix`
# keeps it true; an mbedTLS that the compiler does not find by itself is named.
file(RELATIVE_PATH prefix_from_pc
     "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
set(mbedtls_cflags "")
if(NOT MBEDTLS_INCLUDE_DIR IN_LIST CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES)
  set(mbedtls_cflags " -I${MBEDTLS_INCLUDE_DIR}")
endif()
set(mbedtls_libs " -lmbedtls -lmbedx509 -lmbedcrypto")
cmake_path(GET MBEDTLS_LIBRARY PARENT_PATH mbedtls_dir)
if(NOT mbedtls_dir IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
  set(mbedtls_libs " -L${mbedtls_dir}${mbedtls_libs}")
endif()
configure_file(core/cmake/segjob.pc.in segjob.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/segjob.pc"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
