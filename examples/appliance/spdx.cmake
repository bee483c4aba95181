# Writes the SPDX document of a static command:
#
#   cmake -D command=... -D map=... -D document=... -D segjob_version=...
#     -D mbedtls=... -D jsmn=... -D libgcc_version=... -P spdx.cmake
#
# command and map (the linker's) are files, and so is jsmn, its header; mbedtls
# is a source tree. Equal files make an equal document, which is dated by
# SOURCE_DATE_EPOCH, or 1970.

file(STRINGS "${mbedtls}/include/mbedtls/build_info.h" line
     REGEX "^#define MBEDTLS_VERSION_STRING ")
string(REGEX MATCH "[0-9][0-9.]+" mbedtls_version "${line}")

# The libc.a that was linked has musl's version among its strings.
file(STRINGS "${map}" line REGEX "^LOAD .*/libc\\.a$")
list(GET line 0 line)
string(REGEX REPLACE "^LOAD " "" libc "${line}")
file(STRINGS "${libc}" musl_version
     REGEX "^[0-9]+\\.[0-9]+\\.[0-9]+(-git.*)?$")

foreach(name IN ITEMS segjob mbedtls musl libgcc)
  if(NOT ${name}_version MATCHES "^[0-9][^;]*$")
    message(FATAL_ERROR "no version of ${name}: '${${name}_version}'")
  endif()
endforeach()

file(SHA256 "${command}" command_sha256)
file(SHA256 "${jsmn}" jsmn_sha256)
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  set(ENV{SOURCE_DATE_EPOCH} 0)
endif()
string(TIMESTAMP created "%Y-%m-%dT%H:%M:%SZ" UTC)

# A document of other contents has another name.
set(template "${CMAKE_CURRENT_LIST_DIR}/spdx.json.in")
configure_file("${template}" "${document}" @ONLY)
file(SHA256 "${document}" contents)
string(UUID uuid NAMESPACE "6ba7b811-9dad-11d1-80b4-00c04fd430c8" # of URLs
       NAME "${contents}" TYPE SHA1)
configure_file("${template}" "${document}" @ONLY)
