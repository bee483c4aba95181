# Toolchain for a Cortex-M without an operating system: GNU Arm Embedded, with
# newlib's small variant. Any of them: -DSEGJOB_CPU=cortex-m33.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # no program links as yet

set(SEGJOB_CPU cortex-m3 CACHE STRING "The processor, as gcc's -mcpu has it")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SEGJOB_CPU)

set(CMAKE_C_FLAGS_INIT
    "-mcpu=${SEGJOB_CPU} -mthumb -ffunction-sections -fdata-sections")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "--specs=nano.specs -nostartfiles -Wl,--gc-sections")
