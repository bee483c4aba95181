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
        core/cmake/FindMbedTLS.cmake core/cmake/SegjobMbedcrypto.cmake
  DESTINATION "${package_dir}"
  COMPONENT development)
install(
  EXPORT segjobTargets
  NAMESPACE segjob::
  DESTINATION "${package_dir}"
  COMPONENT development)
install(
  FILES LICENSE
  DESTINATION "${CMAKE_INSTALL_DATADIR}/doc/segjob"
  COMPONENT licence)

# The .pc file names no absolute place of its own, unless the user gave one, so
# `cmake --install --prefix` keeps it true.
cmake_path(IS_ABSOLUTE CMAKE_INSTALL_LIBDIR is_fixed)
set(pc_prefix "${CMAKE_INSTALL_PREFIX}")
if(NOT is_fixed)
  file(RELATIVE_PATH pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig"
       "${CMAKE_INSTALL_PREFIX}")
  string(PREPEND pc_prefix "\${pcfiledir}/")
endif()
set(pc_libdir "\${prefix}")
set(pc_includedir "\${prefix}")
cmake_path(APPEND pc_libdir "${CMAKE_INSTALL_LIBDIR}") # if absolute, that alone
cmake_path(APPEND pc_includedir "${CMAKE_INSTALL_INCLUDEDIR}")

# An mbedTLS that was found where the compiler does not look is named. One that
# was built here is installed beside, or by the project around this one.
set(mbedtls_cflags "")
set(mbedtls_libs " -lmbedtls -lmbedx509 -lmbedcrypto")
if(MBEDTLS_LIBRARY AND NOT TARGET mbedtls)
  if(NOT MBEDTLS_INCLUDE_DIR IN_LIST CMAKE_C_IMPLICIT_INCLUDE_DIRECTORIES)
    set(mbedtls_cflags " -I${MBEDTLS_INCLUDE_DIR}")
  endif()
  cmake_path(GET MBEDTLS_LIBRARY PARENT_PATH mbedtls_dir)
  if(NOT mbedtls_dir IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
    string(PREPEND mbedtls_libs " -L${mbedtls_dir}")
  endif()
endif()

# No .pc file can carry the configuration that mbedTLS's structs were made with.
if(NOT MBEDTLS_CONFIG_FILE AND NOT MBEDTLS_USER_CONFIG_FILE
   AND NOT TF_PSA_CRYPTO_CONFIG_FILE AND NOT TF_PSA_CRYPTO_USER_CONFIG_FILE)
  configure_file(core/cmake/segjob.pc.in segjob.pc @ONLY)
  install(
    FILES "${CMAKE_CURRENT_BINARY_DIR}/segjob.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig"
    COMPONENT development)
endif()
