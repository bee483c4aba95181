# Toolchain for an appliance: the command as one static file, on musl, with an
# mbedTLS that is built from source and holds what the command needs.
#
#   cmake -S . -B build/appliance \
#     -DCMAKE_TOOLCHAIN_FILE=$PWD/examples/appliance/musl.cmake \
#     -DFETCHCONTENT_SOURCE_DIR_MBEDTLS=... -DBUILD_TESTING=OFF \
#     -DFETCHCONTENT_SOURCE_DIR_JSMN=...
#   cmake --build build/appliance --target segjob
#
# That is for this machine, by musl-gcc. For 32-bit ARM, SEGJOB_MUSL is a folder
# in which Debian's musl-dev for armhf was unpacked (dpkg-deb -x).

set(SEGJOB_MUSL "" CACHE PATH "Where musl-dev for armhf was unpacked")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SEGJOB_MUSL)

# Nothing unwinds the stack.
set(flags "-ffunction-sections -fdata-sections")
string(APPEND flags " -fno-unwind-tables -fno-asynchronous-unwind-tables")
if(SEGJOB_MUSL)
  set(CMAKE_SYSTEM_NAME Linux)
  set(CMAKE_SYSTEM_PROCESSOR arm)
  set(CMAKE_C_COMPILER arm-linux-gnueabihf-gcc)
  file(READ "${SEGJOB_MUSL}/usr/lib/arm-linux-musleabihf/musl-gcc.specs" specs)
  string(REPLACE "/usr/" "${SEGJOB_MUSL}/usr/" specs "${specs}")
  file(WRITE "${CMAKE_BINARY_DIR}/musl.specs" "${specs}")
  string(APPEND flags " -specs=${CMAKE_BINARY_DIR}/musl.specs")
else()
  set(CMAKE_C_COMPILER musl-gcc)
endif()
set(CMAKE_BUILD_TYPE MinSizeRel CACHE STRING "")
set(CMAKE_C_FLAGS_INIT "${flags}")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-static -s -Wl,--gc-sections")
set(MBEDTLS_CONFIG_FILE "${CMAKE_CURRENT_LIST_DIR}/mbedtls_config.h"
    CACHE FILEPATH "What there is of mbedTLS")
set(TF_PSA_CRYPTO_CONFIG_FILE "${CMAKE_CURRENT_LIST_DIR}/crypto_config.h"
    CACHE FILEPATH "What mbedTLS 4 computes with")
