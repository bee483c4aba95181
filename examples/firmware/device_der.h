/*
 * The device's certificate with its chain, and its key, in DER, from the files
 * that the build was given in SEGJOB_CERTIFICATE and SEGJOB_KEY: device.py
 * writes them.
 */
#ifndef FIRMWARE_DEVICE_DER_H
#define FIRMWARE_DEVICE_DER_H

#include <stddef.h>

extern const unsigned char device_chain[]; /* one after the other */
extern const size_t device_chain_len;
extern const unsigned char device_key[];
extern const size_t device_key_len;

#endif
