# mbedTLS, jsmn and lwIP.
#
# mbedTLS is the target that SEGJOB_MBEDTLS_TARGET names, or the target mbedtls
# of a project around this one, or made here from the source tree in
# FETCHCONTENT_SOURCE_DIR_MBEDTLS (a variable of CMake's FetchContent), or the
# system's.
#
# jsmn is a target Jsmn::jsmn of a project around this one, or jsmn.h in the
# folder FETCHCONTENT_SOURCE_DIR_JSMN, or the system's.
#
# lwIP, if it is wanted, is the target that SEGJOB_LWIP_TARGET names, with its
# folders of headers and its definitions as usage requirements. By default that
# is lwipcore, as lwIP's own Filelists.cmake calls it; without one around this
# project it is made here from FETCHCONTENT_SOURCE_DIR_LWIP. lwipcore hides what
# it was made with, so the project around sets LWIP_INCLUDE_DIRS (the folders of
# its lwipopts.h and arch/cc.h, then lwIP's src/include) and LWIP_DEFINITIONS,
# as Filelists.cmake takes them.

# ---------------------------------------------------------------- mbedTLS

set(SEGJOB_MBEDTLS_TARGET
    ""
    CACHE STRING "A target of a project around this one that has all of mbedTLS"
)

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

# The targets of mbedTLS's own CMake files, by the names of its package.
function(segjob_name_mbedtls)
  set(libraries mbedtls mbedx509 mbedcrypto)
  if(TARGET tfpsacrypto) # version 4's name of mbedcrypto
    set(libraries mbedtls mbedx509 tfpsacrypto)
    if(NOT TARGET MbedTLS::mbedcrypto)
      add_library(MbedTLS::mbedcrypto ALIAS tfpsacrypto)
    endif()
  endif()
  foreach(library IN LISTS libraries)
    if(NOT TARGET MbedTLS::${library}) # 2.28 has no such names
      add_library(MbedTLS::${library} ALIAS ${library})
    endif()
    # Our warnings are not meant for its headers.
    get_target_property(folders ${library} INTERFACE_INCLUDE_DIRECTORIES)
    set_property(TARGET ${library} APPEND
                 PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${folders}")
  endforeach()
endfunction()

if(SEGJOB_MBEDTLS_TARGET)
  if(NOT TARGET ${SEGJOB_MBEDTLS_TARGET})
    message(FATAL_ERROR "SEGJOB_MBEDTLS_TARGET: no target is called "
                        "'${SEGJOB_MBEDTLS_TARGET}' as yet.")
  endif()
  set(tls ${SEGJOB_MBEDTLS_TARGET})
  set(crypto ${SEGJOB_MBEDTLS_TARGET})
else()
  if(FETCHCONTENT_SOURCE_DIR_MBEDTLS AND NOT TARGET mbedtls)
    segjob_mbedtls_from_source()
  endif()
  if(TARGET mbedtls)
    segjob_name_mbedtls()
  elseif(NOT TARGET MbedTLS::mbedtls)
    list(PREPEND CMAKE_MODULE_PATH "${CMAKE_CURRENT_LIST_DIR}")
    find_package(MbedTLS 2.28 MODULE)
    list(POP_FRONT CMAKE_MODULE_PATH)
  endif()
  if(NOT TARGET MbedTLS::mbedtls)
    message(FATAL_ERROR "segjob needs mbedTLS, 2.28 or newer: install it "
                        "(Debian: libmbedtls-dev), let "
                        "FETCHCONTENT_SOURCE_DIR_MBEDTLS be the folder of its "
                        "sources, or name your target of it in "
                        "SEGJOB_MBEDTLS_TARGET.")
  endif()
  include("${CMAKE_CURRENT_LIST_DIR}/SegjobMbedcrypto.cmake")
  set(tls MbedTLS::mbedtls)
  set(crypto MbedTLS::mbedcrypto)
endif()

# What libraries link. Installed, they have the names alone ($<1:> keeps CMake
# from looking for what they are here): segjobConfig.cmake finds them.
set(SEGJOB_MBEDTLS $<BUILD_INTERFACE:${tls}>
                   $<INSTALL_INTERFACE:$<1:MbedTLS::mbedtls>>)
set(SEGJOB_MBEDCRYPTO $<BUILD_INTERFACE:${crypto}>
                      $<INSTALL_INTERFACE:$<1:MbedTLS::mbedcrypto>>)

get_target_property(type ${tls} TYPE)
if(type STREQUAL "INTERFACE_LIBRARY" AND NOT PROJECT_IS_TOP_LEVEL)
  set(is_interface ON)
else()
  set(is_interface OFF)
endif()
option(SEGJOB_INTERFACE
       "INTERFACE libraries: each program that links them compiles them"
       ${is_interface})
if(SEGJOB_INTERFACE AND (PROJECT_IS_TOP_LEVEL OR SEGJOB_INSTALL))
  message(FATAL_ERROR "SEGJOB_INTERFACE is for use inside another project, and "
                      "leaves nothing to install.")
endif()

option(SEGJOB_PSA "Take SHA-256 from the PSA Crypto API, as with mbedTLS 4" OFF)

# ------------------------------------------------------------------- jsmn

if(NOT TARGET Jsmn::jsmn)
  if(FETCHCONTENT_SOURCE_DIR_JSMN)
    set(JSMN_INCLUDE_DIR "${FETCHCONTENT_SOURCE_DIR_JSMN}")
  endif()
  # The host's is right for any machine.
  find_path(JSMN_INCLUDE_DIR jsmn.h PATHS /usr/include)
  mark_as_advanced(JSMN_INCLUDE_DIR)
  if(NOT EXISTS "${JSMN_INCLUDE_DIR}/jsmn.h")
    message(FATAL_ERROR "segjob needs jsmn.h: install it (Debian: "
                        "libjsmn-dev), or let FETCHCONTENT_SOURCE_DIR_JSMN be "
                        "its folder.")
  endif()
  # In a folder of its own: the host's has other headers, which a cross build
  # must not see.
  configure_file("${JSMN_INCLUDE_DIR}/jsmn.h"
                 "${CMAKE_CURRENT_BINARY_DIR}/jsmn/jsmn.h" COPYONLY)
  add_library(Jsmn::jsmn INTERFACE IMPORTED)
  set_target_properties(
    Jsmn::jsmn PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
                          "${CMAKE_CURRENT_BINARY_DIR}/jsmn")
endif()

# ------------------------------------------------------------------- lwIP

set(SEGJOB_LWIP_TARGET
    lwipcore
    CACHE STRING "A target of a project around this one that has lwIP")

if(FETCHCONTENT_SOURCE_DIR_LWIP AND NOT TARGET ${SEGJOB_LWIP_TARGET})
  set(LWIP_DIR "${FETCHCONTENT_SOURCE_DIR_LWIP}")
  include("${LWIP_DIR}/src/Filelists.cmake")
endif()
if(SEGJOB_LWIP_TARGET STREQUAL "lwipcore")
  if(TARGET lwipcore AND LWIP_INCLUDE_DIRS)
    target_include_directories(lwipcore SYSTEM INTERFACE ${LWIP_INCLUDE_DIRS})
    target_compile_definitions(lwipcore INTERFACE ${LWIP_DEFINITIONS})
  endif()
elseif(NOT TARGET ${SEGJOB_LWIP_TARGET})
  message(FATAL_ERROR "SEGJOB_LWIP_TARGET: no target is called "
                      "'${SEGJOB_LWIP_TARGET}' as yet.")
endif()

# ------------------------------------------------------------------ POSIX

# Some bare-metal toolchains and SDKs have CMake call their system UNIX.
include(CheckIncludeFiles)
check_include_files("netdb.h;spawn.h;sys/random.h;sys/socket.h"
                    SEGJOB_HAS_POSIX)
