/* What lwIP does not know of this host; its own asserts print and abort. */
#ifndef SJ_TEST_CC_H
#define SJ_TEST_CC_H

#endif
