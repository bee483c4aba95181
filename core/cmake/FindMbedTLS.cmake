#[[
Find mbedTLS, whose line 2.28 ships neither a CMake package nor a .pc file.

Imported targets: MbedTLS::mbedtls, MbedTLS::mbedx509, MbedTLS::mbedcrypto.
Variables: MbedTLS_FOUND, MbedTLS_VERSION.
Hints: CMAKE_PREFIX_PATH or MbedTLS_ROOT; the cache entries MBEDTLS_INCLUDE_DIR,
MBEDTLS_LIBRARY, MBEDX509_LIBRARY, MBEDCRYPTO_LIBRARY hold what was found.
]]

find_path(MBEDTLS_INCLUDE_DIR mbedtls/ssl.h)
find_library(MBEDTLS_LIBRARY mbedtls)
find_library(MBEDX509_LIBRARY mbedx509)
find_library(MBEDCRYPTO_LIBRARY NAMES mbedcrypto tfpsacrypto
             NAMES_PER_DIR)
mark_as_advanced(MBEDTLS_INCLUDE_DIR MBEDTLS_LIBRARY MBEDX509_LIBRARY
                 MBEDCRYPTO_LIBRARY)

# From line 3 on the version is in build_info.h, before it in version.h.
unset(MbedTLS_VERSION)
foreach(header IN ITEMS build_info.h version.h)
  set(path "${MBEDTLS_INCLUDE_DIR}/mbedtls/${header}")
  set(define "^#define MBEDTLS_VERSION_STRING +\"([0-9.]+)\".*$")
  if(NOT MbedTLS_VERSION AND EXISTS "${path}")
    file(STRINGS "${path}" line REGEX "${define}")
    string(REGEX REPLACE "${define}" "\\1" MbedTLS_VERSION "${line}")
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  MbedTLS
  REQUIRED_VARS MBEDTLS_LIBRARY MBEDX509_LIBRARY MBEDCRYPTO_LIBRARY
                MBEDTLS_INCLUDE_DIR
  VERSION_VAR MbedTLS_VERSION)

function(segjob_import_mbedtls library file)
  if(TARGET MbedTLS::${library})
    return()
  endif()
  add_library(MbedTLS::${library} UNKNOWN IMPORTED)
  set_target_properties(
    MbedTLS::${library}
    PROPERTIES IMPORTED_LOCATION "${file}"
               INTERFACE_INCLUDE_DIRECTORIES "${MBEDTLS_INCLUDE_DIR}"
               INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

if(MbedTLS_FOUND)
  segjob_import_mbedtls(mbedcrypto "${MBEDCRYPTO_LIBRARY}")
  segjob_import_mbedtls(mbedx509 "${MBEDX509_LIBRARY}" MbedTLS::mbedcrypto)
  segjob_import_mbedtls(mbedtls "${MBEDTLS_LIBRARY}" MbedTLS::mbedx509)
endif()
