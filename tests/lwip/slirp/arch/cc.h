/* What lwIP does not know of this host; its own asserts print and abort. */
#ifndef SJ_TEST_CC_H
#define SJ_TEST_CC_H

/* <netinet/in.h> has them: libslirp's header includes it. */
#define LWIP_DONT_PROVIDE_BYTEORDER_FUNCTIONS 1

#endif
