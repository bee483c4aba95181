# How every target of this project is compiled.

function(segjob_compile target)
  target_compile_features(${target} PRIVATE c_std_99)
  set_target_properties(${target} PROPERTIES C_STANDARD 99
                                             C_STANDARD_REQUIRED ON
                                             C_EXTENSIONS OFF)
  if(NOT CMAKE_C_COMPILER_ID MATCHES "GNU|Clang")
    return()
  endif()
  # What a program does not call is left out of it (-Wl,--gc-sections).
  target_compile_options(${target} PRIVATE -ffunction-sections -fdata-sections)
  if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(
      ${target}
      PRIVATE -Wall -Wextra -Wconversion -Wshadow -Wcast-qual
              -Wstrict-prototypes -Wswitch-enum -Wvla -pedantic
              $<$<BOOL:${SEGJOB_WERROR}>:-Werror>)
  endif()
endfunction()

# Public names only are visible in shared libraries, which find each other
# wherever they are moved together.
function(segjob_share target)
  set(exports "${PROJECT_SOURCE_DIR}/core/cmake/exports.map")
  target_link_options(${target} PRIVATE "LINKER:--version-script=${exports}")
  set_target_properties(${target} PROPERTIES LINK_DEPENDS "${exports}"
                                             INSTALL_RPATH "$ORIGIN")
endfunction()

# segjob_use_mbedtls(NAME LIBRARY): segjob_NAME uses this library of mbedTLS.
# Its name alone is exported ($<1:> keeps CMake from looking for what it is
# here): segjobConfig.cmake finds it.
function(segjob_use_mbedtls name library)
  target_link_libraries(
    segjob_${name} PUBLIC $<BUILD_INTERFACE:MbedTLS::${library}>
                          $<INSTALL_INTERFACE:$<1:MbedTLS::${library}>>)
endfunction()

# segjob_library(NAME HEADERS FILE... SOURCES FILE...): segjob_NAME, and its
# alias segjob::NAME. HEADERS are those that users include.
function(segjob_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "HEADERS;SOURCES")
  set(target segjob_${name})
  get_property(can_be_shared GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS)
  add_library(${target} ${arg_SOURCES})
  add_library(segjob::${name} ALIAS ${target})
  segjob_compile(${target})
  target_include_directories(
    ${target} PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  set_target_properties(
    ${target}
    PROPERTIES EXPORT_NAME ${name}
               VERSION ${PROJECT_VERSION}
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
               POSITION_INDEPENDENT_CODE ${can_be_shared})
  if(BUILD_SHARED_LIBS AND UNIX AND NOT APPLE)
    segjob_share(${target})
  endif()
  if(SEGJOB_INSTALL)
    install(TARGETS ${target} EXPORT segjobTargets COMPONENT development)
    install(
      FILES ${arg_HEADERS}
      TYPE INCLUDE
      COMPONENT development)
  endif()
endfunction()
