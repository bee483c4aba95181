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
  add_subdirectory("${FETCHCONTENT_SOURCE_DIR_MBEDTLS}"
                   "${CMAKE_BINARY_DIR}/_deps/mbedtls-build" EXCLUDE_FROM_ALL)
endfunction()

if(FETCHCONTENT_SOURCE_DIR_MBEDTLS AND NOT TARGET mbedtls)
  segjob_mbedtls_from_source()
endif()
if(TARGET mbedtls)
  foreach(library IN ITEMS mbedtls mbedx509 mbedcrypto)
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
  find_package(MbedTLS 2.28 REQUIRED MODULE)
endif()
if(NOT TARGET Jsmn::jsmn)
  find_package(Jsmn REQUIRED MODULE)
endif()
list(POP_FRONT CMAKE_MODULE_PATH)
