# Toolchain for a 32-bit RISC-V without an operating system: GNU, with picolibc.
# Another instruction set: -DSEGJOB_ISA=rv32imc.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc) # it is for 32 bits too
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # no program links as yet

set(SEGJOB_ISA rv32imac
    CACHE STRING "The instruction set, as gcc's -march has it")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SEGJOB_ISA)

set(CMAKE_C_FLAGS_INIT
    "-march=${SEGJOB_ISA} -mabi=ilp32 --specs=picolibc.specs -msave-restore \
-ffunction-sections -fdata-sections")
# picolibc's heap begins at sbrk, and not at newlib's _sbrk (memory.c).
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-nostartfiles -Wl,--gc-sections -Wl,--defsym=sbrk=_sbrk")
