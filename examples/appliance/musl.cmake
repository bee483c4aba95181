# Toolchain for an appliance: the command as one static file, on musl, with an
# mbedTLS that is built from source and holds what the command needs. How to use
# it is in README.md beside this file.
#
# Without SEGJOB_MUSL it is for this machine, by musl-gcc. SEGJOB_MUSL is a
# folder in which Debian's musl-dev for another machine was unpacked
# (dpkg-deb -x), or a musl with the same paths was installed; the machine and
# its compiler follow from what is in it.

set(SEGJOB_MUSL "" CACHE PATH "Where musl-dev for another machine was unpacked")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SEGJOB_MUSL)
set(SEGJOB_APPLIANCE ON) # for examples/CMakeLists.txt

# Nothing unwinds the stack.
set(flags "-ffunction-sections -fdata-sections")
string(APPEND flags " -fno-unwind-tables -fno-asynchronous-unwind-tables")
if(SEGJOB_MUSL)
  file(GLOB specs_file "${SEGJOB_MUSL}/usr/lib/*-linux-musl*/musl-gcc.specs")
  if(NOT specs_file)
    message(FATAL_ERROR "no usr/lib/*-linux-musl*/musl-gcc.specs in "
                        "SEGJOB_MUSL, ${SEGJOB_MUSL}")
  endif()
  cmake_path(GET specs_file PARENT_PATH triple)
  cmake_path(GET triple FILENAME triple)
  string(REPLACE "-musl" "-gnu" triple "${triple}")
  string(REGEX MATCH "^[^-]*" CMAKE_SYSTEM_PROCESSOR "${triple}")
  set(CMAKE_SYSTEM_NAME Linux)
  set(CMAKE_C_COMPILER "${triple}-gcc")
  file(READ "${specs_file}" specs)
  string(REPLACE "/usr/" "${SEGJOB_MUSL}/usr/" specs "${specs}")
  # gcc 14 for MIPS adds -EL or -EB, and refuses it unless the linker takes it.
  string(REPLACE "-nostdlib" "-nostdlib %{EL} %{EB}" specs "${specs}")
  file(WRITE "${CMAKE_BINARY_DIR}/musl.specs" "${specs}")
  string(APPEND flags " -specs=${CMAKE_BINARY_DIR}/musl.specs")
  # Code for MIPS is larger: direct calls, one optimization of all files (LTO),
  # and no unrolled SHA-256.
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^mips")
    string(APPEND flags " -mno-shared -mplt -DMBEDTLS_SHA256_SMALLER")
    set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
    set(CMAKE_POLICY_DEFAULT_CMP0069 NEW) # in mbedTLS too
    set(link_flags "-flto-partition=one ")
  endif()
else()
  set(CMAKE_C_COMPILER musl-gcc)
endif()
# The program's address is fixed, also where a library asks for -fPIC: this
# comes after it.
add_compile_options(-fno-pie)

set(CMAKE_BUILD_TYPE MinSizeRel CACHE STRING "")
set(CMAKE_C_FLAGS_INIT "${flags}")
# Without RELRO, which costs up to a page of 64 KiB: musl heeds it in dynamic
# programs only. And data does not begin at a page of 4 KiB in the file.
set(CMAKE_EXE_LINKER_FLAGS_INIT "${link_flags}-static -s -Wl,--gc-sections")
string(APPEND CMAKE_EXE_LINKER_FLAGS_INIT
       " -Wl,-z,norelro -Wl,-z,common-page-size=256")
set(MBEDTLS_CONFIG_FILE "${CMAKE_CURRENT_LIST_DIR}/mbedtls_config.h"
    CACHE FILEPATH "What there is of mbedTLS")
set(TF_PSA_CRYPTO_CONFIG_FILE "${CMAKE_CURRENT_LIST_DIR}/crypto_config.h"
    CACHE FILEPATH "What mbedTLS 4 computes with")
