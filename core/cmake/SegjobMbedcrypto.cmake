# MbedTLS::mbedcrypto where mbedTLS has no such target: version 4, in which that
# library is called tfpsacrypto.
if(NOT TARGET MbedTLS::mbedcrypto)
  add_library(MbedTLS::mbedcrypto INTERFACE IMPORTED)
  target_link_libraries(MbedTLS::mbedcrypto INTERFACE MbedTLS::tfpsacrypto)
endif()
