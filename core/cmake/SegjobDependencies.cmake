# mbedTLS and jsmn: those of a project around this one, a source tree
# (FETCHCONTENT_SOURCE_DIR_MBEDTLS, FETCHCONTENT_SOURCE_DIR_JSMN: the variables
# of CMake's FetchContent), or the system's.
#
# lwIP, if it is wanted: the target `lwipcore` of a project around this one, or
# made here from FETCHCONTENT_SOURCE_DIR_LWIP. Either way that project sets
# LWIP_INCLUDE_DIRS (the folders of its lwipopts.h and arch/cc.h, then lwIP's
# src/include) and LWIP_DEFINITIONS, as lwIP's own Filelists.cmake takes them.

function(segjob_mbedtls_from_source)
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW) # options obey the variables below
  set(ENABLE_PROGRAMS OFF)
  set(ENABLE_TESTING OFF)
  set(MBEDTLS_FATAL_WARNINGS OFF)
  # What is installed needs the mbedTLS that it was built with.
  if(SEGJOB_INSTALL)
    set(DISABLE_PACKAGE_CONFIG_AND_INSTALL OFF)
    set(scope "")
  else()
    set(scope EXCLUDE_FROM_ALL)
  endif()
  if(BUILD_SHARED_LIBS)
    set(USE_SHARED_MBEDTLS_LIBRARY ON)
    set(USE_STATIC_MBEDTLS_LIBRARY OFF)
    set(CMAKE_INSTALL_RPATH "$ORIGIN")
  endif()
  add_subdirectory("${FETCHCONTENT_SOURCE_DIR_MBEDTLS}"
                   "${CMAKE_BINARY_DIR}/_deps/mbedtls-build" ${scope})
endfunction()

if(FETCHCONTENT_SOURCE_DIR_MBEDTLS AND NOT TARGET mbedtls)
  segjob_mbedtls_from_source()
endif()
if(TARGET mbedtls)
  set(mbedtls_targets mbedtls mbedx509 mbedcrypto)
  if(TARGET tfpsacrypto) # version 4's name of mbedcrypto
    set(mbedtls_targets mbedtls mbedx509 tfpsacrypto)
    if(NOT TARGET MbedTLS::mbedcrypto)
      add_library(MbedTLS::mbedcrypto ALIAS tfpsacrypto)
    endif()
  endif()
  foreach(library IN LISTS mbedtls_targets)
    if(NOT TARGET MbedTLS::${library}) # 2.28 has no such names
      add_library(MbedTLS::${library} ALIAS ${library})
    endif()
    # Our warnings are not meant for its headers.
    get_target_property(folders ${library} INTERFACE_INCLUDE_DIRECTORIES)
    set_property(TARGET ${library} APPEND
                 PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${folders}")
  endforeach()
endif()

if(FETCHCONTENT_SOURCE_DIR_LWIP AND NOT TARGET lwipcore)
  set(LWIP_DIR "${FETCHCONTENT_SOURCE_DIR_LWIP}")
  include("${LWIP_DIR}/src/Filelists.cmake")
endif()

if(FETCHCONTENT_SOURCE_DIR_JSMN)
  set(JSMN_INCLUDE_DIR "${FETCHCONTENT_SOURCE_DIR_JSMN}")
endif()

list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
if(NOT TARGET MbedTLS::mbedtls)
  find_package(MbedTLS 2.28 MODULE)
endif()
if(NOT TARGET Jsmn::jsmn)
  find_package(Jsmn MODULE)
endif()
list(POP_FRONT CMAKE_MODULE_PATH)

if(NOT TARGET MbedTLS::mbedtls)
  message(FATAL_ERROR "segjob needs mbedTLS, 2.28 or newer: install it "
                      "(Debian: libmbedtls-dev), or let "
                      "FETCHCONTENT_SOURCE_DIR_MBEDTLS be the folder of its "
                      "sources.")
endif()
if(NOT TARGET Jsmn::jsmn
   OR (FETCHCONTENT_SOURCE_DIR_JSMN
       AND NOT EXISTS "${FETCHCONTENT_SOURCE_DIR_JSMN}/jsmn.h"))
  message(FATAL_ERROR "segjob needs jsmn.h: install it (Debian: libjsmn-dev), "
                      "or let FETCHCONTENT_SOURCE_DIR_JSMN be its folder.")
endif()

include("${CMAKE_CURRENT_LIST_DIR}/SegjobMbedcrypto.cmake")

# mbedTLS 4 keeps its SHA-256 to itself: the way to it is the PSA Crypto API.
get_target_property(folders MbedTLS::mbedtls INTERFACE_INCLUDE_DIRECTORIES)
string(REGEX REPLACE "\\$<BUILD_INTERFACE:([^>]*)>" "\\1" folders "${folders}")
set(only_psa FALSE)
foreach(folder IN LISTS folders)
  if(EXISTS "${folder}/mbedtls/ssl.h")
    set(only_psa TRUE)
  endif()
endforeach()
foreach(folder IN LISTS folders)
  if(EXISTS "${folder}/mbedtls/sha256.h")
    set(only_psa FALSE)
  endif()
endforeach()
if(only_psa)
  set(SEGJOB_PSA ON)
else()
  option(SEGJOB_PSA "Take SHA-256 from the PSA Crypto API" OFF)
endif()
