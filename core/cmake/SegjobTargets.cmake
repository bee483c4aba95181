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

# segjob_library(NAME HEADERS FILE... SOURCES FILE... LINK TARGET...
#                PRIVATE_LINK TARGET... DEFINITIONS NAME...)
# makes segjob_NAME, and its alias segjob::NAME. HEADERS are those that users
# include. LINK is seen by users, too; PRIVATE_LINK and DEFINITIONS are not.
# All sources of core and ports are named in calls of this function, and
# nowhere else.
function(segjob_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ""
                        "HEADERS;SOURCES;LINK;PRIVATE_LINK;DEFINITIONS")
  set(target segjob_${name})
  if(SEGJOB_INTERFACE)
    # The program that links it compiles it, with its own flags.
    set(public INTERFACE)
    set(private INTERFACE)
    add_library(${target} INTERFACE)
    list(TRANSFORM arg_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
    target_sources(${target} INTERFACE ${arg_SOURCES})
  else()
    set(public PUBLIC)
    set(private PRIVATE)
    add_library(${target} ${arg_SOURCES})
    segjob_compile(${target})
    segjob_install(${target} ${name} ${arg_HEADERS})
  endif()
  add_library(segjob::${name} ALIAS ${target})
  target_include_directories(
    ${target} ${public} $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${public} ${arg_LINK})
  target_link_libraries(${target} ${private} ${arg_PRIVATE_LINK})
  target_compile_definitions(${target} ${private} ${arg_DEFINITIONS})
endfunction()

# segjob_install(TARGET NAME HEADER...)
function(segjob_install target name)
  get_property(can_be_shared GLOBAL PROPERTY TARGET_SUPPORTS_SHARED_LIBS)
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
      FILES ${ARGN}
      TYPE INCLUDE
      COMPONENT development)
  elseif(NOT PROJECT_IS_TOP_LEVEL)
    # The surrounding project builds what it links.
    set_target_properties(${target} PROPERTIES EXCLUDE_FROM_ALL ON)
  endif()
endfunction()
