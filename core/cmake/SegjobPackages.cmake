# Debian packages, which cpack makes of a build for /usr:
#
#   cmake -S . -B build/packages -DCMAKE_INSTALL_PREFIX=/usr
#   cmake --build build/packages --target package
#
# `segjob` is the command; `libsegjob-dev` has static libraries and headers.
# cpack needs Debian's dpkg-dev and file.

set(debian "${CMAKE_CURRENT_LIST_DIR}/debian")
foreach(package IN ITEMS segjob libsegjob-dev)
  set(component development)
  if(package STREQUAL "segjob")
    set(component command)
  endif()
  install(
    FILES "${debian}/copyright" "${debian}/changelog"
    DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/doc/${package}"
    COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()

# The structs of an installed mbedTLS are those of its release line.
string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" line "${MbedTLS_VERSION}")
math(EXPR next "${CMAKE_MATCH_2} + 1")
string(CONCAT mbedtls "libmbedtls-dev (>= ${MbedTLS_VERSION}), "
                      "libmbedtls-dev (<< ${CMAKE_MATCH_1}.${next}~)")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT
    "segjob authors <maintainers@segjob.invalid>"
    CACHE STRING "Who maintains the packages: NAME <ADDRESS>")
set(CPACK_PACKAGE_VENDOR "segjob authors")
set(CPACK_COMPONENTS_ALL command development)
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE
    "${CMAKE_CURRENT_LIST_DIR}/SegjobChangelogTime.cmake")
set(CPACK_PRE_BUILD_SCRIPTS "${CMAKE_CURRENT_LIST_DIR}/SegjobPolish.cmake")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME segjob)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_COMMAND_DESCRIPTION
    "create Amazon Personalize batch segment jobs
Creates batch segment jobs over verified TLS, follows them to completion,
describes and lists them. A job is never created twice: after every failure
the command says whether the job exists, or that this is unknown.
.
It takes the command lines of the AWS CLI for these jobs, with --query and
--output, and reads its configuration and credentials.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libsegjob-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libc6-dev, ${mbedtls}")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
    "Amazon Personalize batch segment jobs from small devices
A C99 library that creates batch segment jobs and follows them to
completion: a core without heap or I/O, TLS by mbedTLS, sockets of POSIX,
and sources of AWS credentials.
.
Static libraries and headers, for CMake (segjob::posix) and pkg-config.")
include(CPack)
