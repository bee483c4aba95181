# For cpack: the time in packages is that of the changelog's newest entry, so
# that two builds of a version are equal.
find_program(dpkg_shlibdeps dpkg-shlibdeps REQUIRED) # else no dependencies
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(
    COMMAND dpkg-parsechangelog -S Timestamp -l
            "${CMAKE_CURRENT_LIST_DIR}/debian/changelog"
    OUTPUT_VARIABLE time
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(ENV{SOURCE_DATE_EPOCH} "${time}")
endif()
