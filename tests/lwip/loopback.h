/* lwIP in a thread of its own, with loopback at 127.0.0.1 to 127.0.0.3. */
#ifndef SJ_TEST_LOOPBACK_H
#define SJ_TEST_LOOPBACK_H

/* Call it once. */
void loopback_start(void);

#endif
