# For cpack, before it packs: what Debian Policy wants of the files. Manual
# pages and changelogs are compressed, without name and time inside (12.1 and
# 12.7), and the modes are the usual ones (10.9).
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
file(GLOB_RECURSE files "${CPACK_TEMPORARY_DIRECTORY}/*.1"
     "${CPACK_TEMPORARY_DIRECTORY}/changelog")
execute_process(COMMAND gzip -9n ${files} COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND chmod -R u=rwX,go=rX "${CPACK_TEMPORARY_DIRECTORY}"
                        COMMAND_ERROR_IS_FATAL ANY)
