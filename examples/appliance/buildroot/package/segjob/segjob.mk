################################################################################
#
# segjob
#
################################################################################

SEGJOB_VERSION = 0.1.0
# There is no download address: the sources are those around this folder.
SEGJOB_SITE = $(BR2_EXTERNAL_SEGJOB_PATH)/../../..
SEGJOB_SITE_METHOD = local
SEGJOB_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
SEGJOB_LICENSE = MIT
SEGJOB_LICENSE_FILES = LICENSE
SEGJOB_INSTALL_STAGING = YES
SEGJOB_DEPENDENCIES = jsmn mbedtls

# Static libraries, so that the device gets one file and only what it calls.
SEGJOB_CONF_OPTS = \
	-DBUILD_SHARED_LIBS=OFF \
	-DCMAKE_EXE_LINKER_FLAGS="$(TARGET_LDFLAGS) -Wl,--gc-sections"

# Libraries and headers go to staging alone.
define SEGJOB_INSTALL_TARGET_CMDS
	$(INSTALL) -D -m 0755 $(@D)/segjob $(TARGET_DIR)/usr/bin/segjob
endef

$(eval $(cmake-package))
