#[[
Find jsmn, a JSON tokenizer in one header, which names no version.

Imported target: Jsmn::jsmn. Variable: Jsmn_FOUND.
Hints: CMAKE_PREFIX_PATH or Jsmn_ROOT; the cache entry JSMN_INCLUDE_DIR holds
what was found.
]]

find_path(JSMN_INCLUDE_DIR jsmn.h)
mark_as_advanced(JSMN_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Jsmn REQUIRED_VARS JSMN_INCLUDE_DIR)

if(Jsmn_FOUND AND NOT TARGET Jsmn::jsmn)
  add_library(Jsmn::jsmn INTERFACE IMPORTED)
  set_target_properties(
    Jsmn::jsmn PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${JSMN_INCLUDE_DIR}")
endif()
